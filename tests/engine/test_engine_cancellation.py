"""Cancellation: nothing is awaited in vain, and nothing is left running."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import cast

import pytest
import strawberry

from tests.support.engine_schema import World, run, told, turns, world_of

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])


class Shared(World):
    """A world with a word that comes late, which all rows wait for."""

    def __init__(self) -> None:
        super().__init__()
        loop = asyncio.get_running_loop()
        self.word: asyncio.Future[str] = loop.create_future()
        loop.call_later(0.01, self._come)

    def _come(self) -> None:
        if not self.word.done():
            self.word.set_result("shared")


def world_with_a_batch_under_way(loader: str, for_turns: int | None = None) -> World:
    """What is late comes once this loader's batch is under way, which takes so many turns of the loop, or for ever."""
    world = World()
    is_under_way = asyncio.Event()

    async def answer() -> None:
        is_under_way.set()
        if for_turns is None:
            await asyncio.Event().wait()
        else:
            await turns(for_turns)

    async def wait(id: int) -> None:
        await is_under_way.wait()

    world.waits[loader], world.late = answer, wait
    return world


@strawberry.type
class Item:
    id: int

    @strawberry.field
    async def slow_to_end(self, info: strawberry.Info) -> str:
        """Takes some turns of the loop to end once it was cancelled."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await turns(5)
            world_of(info).cancelled.append("ended")
            raise
        return ""

    @strawberry.field
    async def fails(self) -> str:
        await turns(1)
        raise ValueError("failed")

    @strawberry.field
    def shared(self, info: strawberry.Info) -> str:
        return cast(str, cast(Shared, world_of(info)).word)


@strawberry.type
class Query:
    @strawberry.field
    def item(self) -> Item | None:
        return Item(id=1)


items = strawberry.Schema(Query)._schema


@pytest.fixture(autouse=True)
async def clean(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Each test must leave no task behind, and no error that nobody has seen."""
    yield
    await turns(1)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    gc.collect()
    assert [record.message for record in caplog.get_records("call") + caplog.records] == []


@ENGINES
async def test_a_resolver_beside_one_that_nulls_its_parent_is_cancelled(compiled: bool) -> None:
    world = World()

    result = await asyncio.wait_for(run("{ author(id: 1) { brokenLate forever } }", world, compiled=compiled), 10)

    assert result.data == {"author": None}
    assert told(result) == [("author 1 is broken", ["author", "brokenLate"])]
    assert world.cancelled == ["forever 1"]


@ENGINES
async def test_resolvers_of_rows_that_stay_are_not_cancelled(compiled: bool) -> None:
    world = World()

    text = "{ a: author(id: 3) { late { name } } b: author(id: 1) { brokenLate forever } }"
    result = await asyncio.wait_for(run(text, world, compiled=compiled), 10)

    assert result.data == {"a": {"late": {"name": "author 3"}}, "b": None}
    assert world.cancelled == ["forever 1"]


@ENGINES
async def test_a_cancelled_resolver_has_ended_when_the_answer_is_there(compiled: bool) -> None:
    world = World()

    result = await run("{ item { slowToEnd fails } }", world, compiled=compiled, schema=items)

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert result.data == {"item": None}
    assert told(result) == [("failed", ["item", "fails"])]
    assert world.cancelled == ["ended"]


# graphql-core cancels the future, and with it the whole execution.
@pytest.mark.parametrize(
    "text", ["{ a: item { fails shared } b: item { shared } }", "{ b: item { shared } a: item { shared fails } }"]
)
async def test_a_future_that_another_row_waits_for_as_well_is_not_cancelled(text: str) -> None:
    result = await run(text, Shared(), schema=items)

    assert result.data == {"a": None, "b": {"shared": "shared"}}
    assert told(result) == [("failed", ["a", "fails"])]


async def test_keys_of_rows_that_were_nulled_by_a_batch_are_not_asked_for() -> None:
    world = World()
    world.answers["city_by_id"] = {2: None}

    result = await run("{ authors { city { name } books { id } } }", world)

    assert result.data is not None
    assert result.data["authors"][1] is None
    assert world.batches == [("authors", [0]), ("city_by_id", [1, 2, 3]), ("books_by_author_id", [1, 3])]


async def test_relations_of_rows_that_were_nulled_at_once_are_not_asked_for() -> None:
    world = World()

    result = await run("{ authors { books { title } broken mentor { id } } }", world)

    assert result.data == {"authors": [None, None, None]}
    assert world.sent == ["authors"]


async def test_relations_of_rows_that_were_nulled_while_they_waited_are_not_asked_for() -> None:
    world = World()

    result = await run("{ authors { books { title tags { name } } late { books { id } } brokenLate } }", world)

    assert result.data == {"authors": [None, None, None]}
    assert world.sent == ["authors"]


async def test_a_batch_under_way_for_rows_that_were_nulled_is_cancelled() -> None:
    world = world_with_a_batch_under_way("books_by_author_id")

    text = "{ authors { books { title } brokenLate } after: author(id: 9) { name } }"
    result = await asyncio.wait_for(run(text, world), 10)

    assert result.data == {"authors": [None, None, None], "after": {"name": "author 9"}}
    assert world.sent == ["authors", "author_by_id", "books_by_author_id"]
    assert world.cancelled == ["books_by_author_id"]


async def test_what_hangs_on_a_batch_under_way_for_a_row_that_was_nulled_is_not_asked_for() -> None:
    world = world_with_a_batch_under_way("books_by_author_id", for_turns=20)

    text = "{ a: author(id: 1) { books { tags { name } } brokenLate } b: author(id: 2) { books { id } } }"
    result = await run(text, world)

    assert result.data == {"a": None, "b": {"books": [{"id": 21}, {"id": 22}]}}
    assert world.batches == [("author_by_id", [1, 2]), ("books_by_author_id", [1, 2])]


async def test_a_batch_under_way_goes_on_where_somebody_needs_it_still() -> None:
    world = world_with_a_batch_under_way("books_by_author_id", for_turns=20)

    result = await run("{ a: author(id: 1) { books { id } brokenLate } b: author(id: 2) { books { id } } }", world)

    assert result.data == {"a": None, "b": {"books": [{"id": 21}, {"id": 22}]}}
    assert (world.sent, world.cancelled) == (["author_by_id", "books_by_author_id"], [])


@ENGINES
async def test_an_answer_of_which_nothing_is_left_ends_at_once(compiled: bool) -> None:
    world = World()

    text = "{ forever must author(id: 1) { forever } }"
    result = await asyncio.wait_for(run(text, world, compiled=compiled), 10)

    assert result.data is None
    assert told(result) == [("nothing is left", ["must"])]
    assert "forever" in world.cancelled


async def test_an_answer_of_which_nothing_is_left_waits_for_no_batch() -> None:
    world = world_with_a_batch_under_way("authors")

    result = await asyncio.wait_for(run("{ must authors { name } books { title } }", world), 10)

    assert result.data is None
    assert (world.sent, world.cancelled) == (["authors"], ["authors"])


async def test_who_cancels_the_execution_cancels_resolvers_and_the_batch_under_way() -> None:
    world = World()
    is_under_way = asyncio.Event()

    async def answer() -> None:
        is_under_way.set()
        await asyncio.Event().wait()

    world.waits["books_by_author_id"] = answer

    task = asyncio.ensure_future(run("{ authors { id forever books { title } } forever }", world))
    await is_under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert sorted(world.cancelled) == ["books_by_author_id", "forever", "forever 1", "forever 2", "forever 3"]


@pytest.mark.parametrize("after", range(12))
async def test_an_execution_may_be_cancelled_at_every_turn(after: int) -> None:
    world = World()
    for name in ("authors", "books_by_author_id", "tags_by_book_id"):
        world.waits[name] = lambda: turns(1)
    text = "{ authors { late { books { tags { name } } } forever } lateAuthors { id brokenLate } }"

    task = asyncio.ensure_future(run(text, world))
    await turns(after)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert asyncio.all_tasks() == {asyncio.current_task()}
