"""Mutations: root fields one strictly after the other, everything below them, then the next."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
import strawberry

from engine.relation import Load, lookup
from loaders.core.batch_loader import LoaderGroup
from tests.support.engine_schema import (
    AUTHOR,
    AUTHOR_BY_ID,
    Author,
    AuthorRow,
    World,
    author,
    run,
    told,
    turns,
    world_of,
)

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])


@strawberry.type
class Written:
    id: int

    @strawberry.field
    async def author(self, info: strawberry.Info) -> Author:
        """Takes longer, the lower the id."""
        await turns(20 - self.id)
        world_of(info).noted.append(f"{self.id} has its author")
        return cast(Author, author(self.id))


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def write(self, info: strawberry.Info, id: int) -> Written:
        noted = world_of(info).noted
        noted.append(f"{id} begins")
        await asyncio.sleep(0.002 / id)
        noted.append(f"{id} is written")
        return Written(id=id)

    @strawberry.mutation
    def write_now(self, info: strawberry.Info, id: int) -> Written:
        world_of(info).noted.append(f"{id} is written at once")
        return Written(id=id)

    @strawberry.mutation
    async def rename(self, info: strawberry.Info, id: int, name: str) -> Author:
        """Leaves new loaders to the fields that follow, which are to find the new name."""
        world = world_of(info)
        world.answers["author_by_id"] = {id: AuthorRow(id, name, None, 0)}
        info.context.loaders = LoaderGroup(world)
        return cast(Author, author(id))

    read: Author | None = lookup(lambda context, id: Load(AUTHOR_BY_ID, id), parameters={"id": int}, description="")

    @strawberry.mutation
    async def fail(self, info: strawberry.Info) -> Written | None:
        await turns(2)
        world_of(info).noted.append("failed")
        raise ValueError("not written")

    @strawberry.mutation
    async def fail_wholly(self, info: strawberry.Info) -> Written:
        await turns(2)
        world_of(info).noted.append("failed wholly")
        raise ValueError("not written")


@strawberry.type
class Query:
    author: Author | None = AUTHOR


schema = strawberry.Schema(Query, mutation=Mutation)._schema


@ENGINES
async def test_the_fields_of_a_mutation_run_one_after_the_other(compiled: bool) -> None:
    world = World()
    text = "mutation { a: write(id: 1) { id author { name } } b: writeNow(id: 2) { id } c: write(id: 3) { id } }"

    result = await run(text, world, compiled=compiled, schema=schema)

    assert result.data == {"a": {"id": 1, "author": {"name": "author 1"}}, "b": {"id": 2}, "c": {"id": 3}}
    assert world.noted == [
        "1 begins",
        "1 is written",
        "1 has its author",
        "2 is written at once",
        "3 begins",
        "3 is written",
    ]


@ENGINES
async def test_the_batches_of_a_field_are_sent_before_the_next_one_begins(compiled: bool) -> None:
    world = World()

    async def asked() -> None:
        world.noted.append("asked for books")

    world.waits["books_by_author_id"] = asked
    text = "mutation { a: write(id: 1) { author { books { id } } } b: write(id: 2) { author { books { id } } } }"

    await run(text, world, compiled=compiled, schema=schema)

    assert world.batches == [("books_by_author_id", [1]), ("books_by_author_id", [2])]
    assert world.noted[2:5] == ["1 has its author", "asked for books", "2 begins"]


@ENGINES
async def test_a_field_reads_by_the_loaders_that_the_one_before_it_has_left(compiled: bool) -> None:
    world = World()
    text = """mutation { before: read(id: 1) { name } again: read(id: 1) { name }
      rename(id: 1, name: "new") { id } after: read(id: 1) { name } }"""

    result = await run(text, world, compiled=compiled, schema=schema)

    assert result.data == {
        "before": {"name": "author 1"},
        "again": {"name": "author 1"},
        "rename": {"id": 1},
        "after": {"name": "new"},
    }
    assert world.batches == [("author_by_id", [1]), ("author_by_id", [1])]


@ENGINES
async def test_a_mutation_that_fails_does_not_stop_the_next_one(compiled: bool) -> None:
    world = World()

    result = await run("mutation { fail { id } write(id: 1) { id } }", world, compiled=compiled, schema=schema)

    assert result.data == {"fail": None, "write": {"id": 1}}
    assert told(result) == [("not written", ["fail"])]
    assert world.noted == ["failed", "1 begins", "1 is written"]


@ENGINES
async def test_a_mutation_that_leaves_nothing_of_the_answer_is_the_last_one(compiled: bool) -> None:
    world = World()
    text = "mutation { a: write(id: 1) { id } failWholly { id } b: writeNow(id: 2) { id } }"

    result = await run(text, world, compiled=compiled, schema=schema)

    assert result.data is None
    assert told(result) == [("not written", ["failWholly"])]
    assert world.noted == ["1 begins", "1 is written", "failed wholly"]


async def test_a_cancelled_mutation_begins_no_other_field() -> None:
    world = World()

    task = asyncio.ensure_future(
        run("mutation { a: write(id: 1) { id } b: write(id: 2) { id } }", world, schema=schema)
    )
    while not world.noted:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert world.noted == ["1 begins"]
