"""Batches by rank: what is asked, with which keys, in which order, however late its parts come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from app.service.report import verdict
from tests.support.engine_schema import World, author, run, turns

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])

EVERYTHING = """{
  authors { id books { tags { name } translator { id books { title } } } mentor { name } late { city { name } } }
  books { tags { name } author { mentor { name } } }
  lateAuthors { books { tags { name } } home { name } }
}"""


def random_wait(random: Random) -> Callable[[], Awaitable[Any]]:
    """Some turns of the loop, or some time."""
    number, seconds = random.randrange(6), random.choice((0.0, 0.0003, 0.001))

    async def wait() -> None:
        await turns(number)
        if seconds:
            await asyncio.sleep(seconds)

    return wait


@ENGINES
async def test_a_list_and_its_relations_are_a_batch_each(compiled: bool) -> None:
    world = World()

    result = await run("{ authors { name books { title } } }", world, compiled=compiled)

    assert result.data is not None
    assert result.data["authors"][1] == {
        "name": "author 2",
        "books": [{"title": "book 21"}, {"title": "book 22"}],
    }
    assert world.batches == [("authors", [0]), ("books_by_author_id", [1, 2, 3])]


async def test_a_loader_reached_at_different_depths_is_one_batch() -> None:
    world = World()

    await run("{ books { tags { name } } authors { books { tags { name } } } }", world)

    assert world.batches == [
        ("books", [0]),
        ("authors", [0]),
        ("books_by_author_id", [1, 2, 3]),
        ("tags_by_book_id", [51, 52, 11, 12, 21, 22, 31, 32]),
    ]


@pytest.mark.parametrize("slow", ["authors", "books", "books_by_author_id"])
async def test_a_loader_reached_over_branches_of_different_speed_is_one_batch(slow: str) -> None:
    world = World()
    world.waits[slow] = lambda: asyncio.sleep(0.01)

    await run("{ books { tags { name } } authors { books { tags { name } } } }", world)

    assert world.sent == ["books", "authors", "books_by_author_id", "tags_by_book_id"]


@pytest.mark.parametrize("seed", range(20))
async def test_the_speed_of_loaders_changes_no_batch(seed: int) -> None:
    quick, delayed, random = World(), World(), Random(seed)
    for name in ("authors", "books", "books_by_author_id", "author_by_id", "tags_by_book_id", "city_by_id"):
        delayed.waits[name] = random_wait(random)

    expected = await run(EVERYTHING, quick)
    result = await run(EVERYTHING, delayed)

    assert [(name, sorted(keys)) for name, keys in delayed.batches] == [
        (name, sorted(keys)) for name, keys in quick.batches
    ]
    assert (result.data, result.errors) == (expected.data, None)


@pytest.mark.parametrize("late_by", [1, 2, 3])
@pytest.mark.parametrize("slow", [None, "books_by_author_id", "tags_by_book_id"])
async def test_resolvers_that_are_some_turns_late_split_no_batch(late_by: int, slow: str | None) -> None:
    world = World(observed=True)
    world.late = lambda number: turns(late_by * (number + 1))
    if slow is not None:
        world.waits[slow] = lambda: asyncio.sleep(0.005)

    await run("{ authors { late { books { tags { name } } } } books { tags { name } } }", world)

    assert [(name, sorted(keys)) for name, keys in world.batches] == [
        ("authors", [0]),
        ("books", [0]),
        ("books_by_author_id", [1, 2, 3]),
        ("tags_by_book_id", [11, 12, 21, 22, 31, 32, 51, 52]),
    ]
    assert verdict_of(world) == "ok"


class Outside:
    """Resolvers that are late read a byte from a socket: it comes once a loader was asked, or in a while."""

    def __init__(self, world: World, answers_to: str | None = None) -> None:
        self._far: list[socket.socket] = []
        self._in_a_while = answers_to is None
        world.late = self._read
        if answers_to is not None:
            world.waits[answers_to] = self._answer

    async def _read(self, number: int) -> None:
        near, far = socket.socketpair()
        near.setblocking(False)
        self._far.append(far)
        loop = asyncio.get_running_loop()
        if self._in_a_while:
            loop.call_later(0.01, far.send, b"!")
        with near, far:
            await loop.sock_recv(near, 1)

    async def _answer(self) -> None:
        while self._far:
            self._far.pop().send(b"!")


BESIDE = "{ authors { late { books { title } } } }"


@pytest.mark.parametrize("batch_wait", [0.0, 0.01])
async def test_a_resolver_that_waits_for_something_outside_splits_a_batch_and_is_named(batch_wait: float) -> None:
    world = World(observed=True)
    Outside(world, answers_to="books_by_author_id")

    result = await run(BESIDE, world, batch_wait=batch_wait)

    assert result.errors is None
    assert world.batches == [("authors", [0]), ("books_by_author_id", [2]), ("books_by_author_id", [1, 3])]
    assert verdict_of(world).startswith("Author.books came apart into 2 batches: 2 loads came ")


async def test_a_batch_that_came_apart_over_two_branches_is_named() -> None:
    world = World(observed=True)
    Outside(world, answers_to="tags_by_book_id")

    await run("{ books { tags { name } } lateAuthors { books { tags { name } } } }", world)

    assert world.batches == [
        ("books", [0]),
        ("tags_by_book_id", [51, 52]),
        ("books_by_author_id", [3, 4]),
        ("tags_by_book_id", [31, 32, 41, 42]),
    ]
    assert verdict_of(world).startswith("Book.tags came apart into 2 batches: 4 loads came ")


async def test_a_resolver_that_waits_for_something_outside_holds_its_loaders_up_for_the_time_it_is_given() -> None:
    world = World(observed=True)
    Outside(world)

    result = await run(BESIDE, world, batch_wait=60)

    assert result.errors is None
    assert world.batches == [("authors", [0]), ("books_by_author_id", [2, 1, 3])]
    assert verdict_of(world) == "ok"


async def test_two_loaders_that_wait_for_one_resolver_wait_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    wait, times = asyncio.wait, []

    async def noted(tasks: Any, *, timeout: float | None = None, return_when: str) -> Any:
        times.extend([] if timeout is None else [timeout])
        return await wait(tasks, timeout=timeout, return_when=return_when)

    monkeypatch.setattr(asyncio, "wait", noted)
    Outside(world, answers_to="city_by_id")

    text = "{ authors { late { books { id } city { name } } books { id } city { name } } }"
    await run(text, world, batch_wait=0.02)

    assert world.sent == ["authors", "books_by_author_id", "city_by_id"]
    assert len(times) == 1


async def test_loaders_that_a_waiting_resolver_leads_to_through_others_are_held_up_as_well() -> None:
    world = World()
    Outside(world)

    await run("{ books { tags { name } } lateAuthors { books { tags { name } } } }", world, batch_wait=60)

    assert world.batches == [
        ("books", [0]),
        ("books_by_author_id", [3, 4]),
        ("tags_by_book_id", [51, 52, 31, 32, 41, 42]),
    ]


async def test_what_a_resolver_cannot_lead_to_does_not_wait_for_it() -> None:
    world = World()
    is_sent = asyncio.Event()

    async def sent() -> None:
        is_sent.set()

    async def wait(number: int) -> None:
        await is_sent.wait()

    world.waits["books_by_author_id"], world.late = sent, wait

    await run("{ authors { books { title } late { city { name } } } }", world, batch_wait=60)

    assert world.batches == [("authors", [0]), ("books_by_author_id", [1, 2, 3]), ("city_by_id", [1, 2, 3])]


async def test_two_operations_at_once_do_not_mix() -> None:
    alone, worlds = World(), [World(), World(), World()]
    for place, world in enumerate(worlds):
        random = Random(place)
        for name in ("authors", "books", "books_by_author_id", "author_by_id"):
            world.waits[name] = random_wait(random)

    expected = await run(EVERYTHING, alone)
    results = await asyncio.gather(*(run(EVERYTHING, world) for world in worlds))

    assert [result.data for result in results] == [expected.data] * 3
    assert [world.sent for world in worlds] == [alone.sent] * 3


@ENGINES
@pytest.mark.parametrize("number", [1, 10, 1000])
async def test_the_number_of_batches_does_not_depend_on_the_rows(number: int, compiled: bool) -> None:
    world = World()
    world.answers["authors"] = {0: [author(id) for id in range(1, number + 1)]}

    result = await run("{ authors { books { tags { name } } } }", world, compiled=compiled)

    assert result.data is not None
    assert len(result.data["authors"]) == number
    assert [(name, len(keys)) for name, keys in world.batches] == [
        ("authors", 1),
        ("books_by_author_id", number),
        ("tags_by_book_id", 2 * number),
    ]


def verdict_of(world: World) -> str:
    assert world.stats is not None
    return verdict(world.stats)
