"""Cancellation: nothing is awaited in vain, and nothing is left running."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from tests.engine_schema import World, run, told, turns

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])


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
    world = World()
    is_under_way = asyncio.Event()

    async def answer() -> None:
        is_under_way.set()
        await asyncio.Event().wait()

    async def wait(id: int) -> None:
        await is_under_way.wait()

    world.waits["books_by_author_id"], world.late = answer, wait

    text = "{ authors { books { title } brokenLate } after: author(id: 9) { name } }"
    result = await asyncio.wait_for(run(text, world), 10)

    assert result.data == {"authors": [None, None, None], "after": {"name": "author 9"}}
    assert world.sent == ["authors", "author_by_id", "books_by_author_id"]
    assert world.cancelled == ["books_by_author_id"]


async def test_a_batch_under_way_goes_on_where_somebody_needs_it_still() -> None:
    world = World()
    is_under_way = asyncio.Event()

    async def answer() -> None:
        is_under_way.set()
        await turns(20)

    async def wait(id: int) -> None:
        await is_under_way.wait()

    world.waits["books_by_author_id"], world.late = answer, wait

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
    world = World()
    is_under_way = asyncio.Event()

    async def answer() -> None:
        is_under_way.set()
        await asyncio.Event().wait()

    async def wait(id: int) -> None:
        await is_under_way.wait()

    world.waits["authors"], world.late = answer, wait

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
