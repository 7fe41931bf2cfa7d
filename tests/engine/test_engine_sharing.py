"""What fields of one operation share: the loaders that a field which writes leaves behind, and futures."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
import strawberry

from engine.relation import Load, lookup
from loaders.core.batch_loader import LoaderGroup
from tests.support.engine_schema import AUTHOR_BY_ID, Author, World, author, book, run, told, world_of

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])


@strawberry.type
class Mutation:
    read: Author | None = lookup(lambda context, id: Load(AUTHOR_BY_ID, id), parameters={"id": int}, description="")

    @strawberry.mutation
    async def publish(self, info: strawberry.Info, id: int) -> Author:
        world = world_of(info)
        world.answers["books_by_author_id"] = {id: [book(99)]}
        info.context.loaders = LoaderGroup(world)
        return cast(Author, author(id))

    @strawberry.mutation
    def publish_now(self, info: strawberry.Info, id: int) -> Author:
        world = world_of(info)
        world.answers["books_by_author_id"] = {id: [book(99)]}
        info.context.loaders = LoaderGroup(world)
        return cast(Author, author(id))


@strawberry.type
class Query:
    @strawberry.field
    def item(self) -> Item | None:
        return Item(id=1)


@strawberry.type
class Item:
    id: int

    @strawberry.field
    def shared(self, info: strawberry.Info) -> str:
        return cast(str, cast(Any, world_of(info)).word)

    @strawberry.field
    def some(self, info: strawberry.Info) -> list[str] | None:
        return [cast(Any, ValueError("torn")), cast(Any, world_of(info)).word]


SCHEMA = strawberry.Schema(Query, mutation=Mutation)._schema


@ENGINES
@pytest.mark.parametrize("name", ["publish", "publishNow"])
async def test_what_stands_below_a_field_that_has_written_is_read_anew(name: str, compiled: bool) -> None:
    text = f"mutation {{ before: read(id: 1) {{ books {{ id }} }} {name}(id: 1) {{ books {{ id }} }} }}"
    result = await run(text, World(), compiled=compiled, schema=SCHEMA)
    assert result.data == {"before": {"books": [{"id": 11}, {"id": 12}]}, name: {"books": [{"id": 99}]}}


@ENGINES
async def test_a_future_behind_an_error_in_a_list_is_not_cancelled(compiled: bool) -> None:
    world: Any = World()
    world.word = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.01, lambda: world.word.done() or world.word.set_result("shared"))
    result = await run("{ a: item { some } b: item { shared } }", world, compiled=compiled, schema=SCHEMA)
    assert result.data == {"a": {"some": None}, "b": {"shared": "shared"}}
    assert told(result) == [("torn", ["a", "some", 0])]
