"""A library made of arithmetic, for tests of the engine: real loaders over rows that are computed from their ids.

Author n has the books 10 n + 1 and 10 n + 2; book n is translated by author n + 1000 and marked with the tags n % 3
and n % 5. Authors with even ids have no mentor, the others n + 100; author n lives in city n % 4."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import strawberry
from graphql import ExecutionResult

from domain.viewer import UNRESTRICTED
from engine.documents.document import read
from engine.executor import Engine
from engine.limits import Limits
from engine.relation import Declaration, Load, declared, lookup, relation
from loaders.core.batch_loader import LoaderGroup, LoaderRef
from loaders.core.load_stats import LoadStats
from loaders.core.read_session import ReadSession
from schema.core.context import Context

LIMITS = Limits(nodes=10**9, depth=50)


@dataclass(frozen=True, slots=True)
class AuthorRow:
    id: int
    name: str
    mentor_id: int | None
    city_id: int


@dataclass(frozen=True, slots=True)
class BookRow:
    id: int
    title: str
    author_id: int
    translator_id: int


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A tag or a city."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Key:
    """The attribute of a row that is the key of a relation."""

    name: str


def author(id: int) -> AuthorRow:
    return AuthorRow(id, f"author {id}", id + 100 if id % 2 else None, id % 4)


def book(id: int) -> BookRow:
    return BookRow(id, f"book {id}", id // 10, id + 1000)


def tag(id: int) -> NamedRow:
    return NamedRow(id, f"tag {id}")


def city(id: int) -> NamedRow:
    return NamedRow(id, f"city {id}")


class Ref(LoaderRef[Any, Any]):
    """A loader that answers each key by a function, once the world lets it."""

    def __init__(self, name: str, answer: Callable[[Any], Any]) -> None:
        self.name = name
        self.answer = answer

    async def batch(self, reader: ReadSession, keys: list[Any], arguments: Any) -> list[Any]:
        world = cast(World, reader)
        world.batches.append((self.name, keys))
        if (wait := world.waits.get(self.name)) is not None:
            try:
                await wait()
            except asyncio.CancelledError:
                world.cancelled.append(self.name)
                raise
        if (error := world.failing.get(self.name)) is not None:
            raise error
        answers: Mapping[Any, Any] = world.answers.get(self.name, {})
        return [answers[key] if key in answers else self.answer(key) for key in keys]


AUTHORS = Ref("authors", lambda key: [author(id) for id in (1, 2, 3)])
BOOKS = Ref("books", lambda key: [book(id) for id in (51, 52)])
AUTHOR_BY_ID = Ref("author_by_id", author)
BOOKS_BY_AUTHOR_ID = Ref("books_by_author_id", lambda id: [book(10 * id + 1), book(10 * id + 2)])
TAGS_BY_BOOK_ID = Ref("tags_by_book_id", lambda id: [tag(one) for one in sorted({id % 3, id % 5})])
TAG_BY_ID = Ref("tag_by_id", tag)
CITY_BY_ID = Ref("city_by_id", city)


class World(ReadSession):
    """What one execution finds, and what it did there.

    answers: by loader and key in place of the computed ones; failing: loaders whose batches end in an error; waits:
    what a loader waits for before it answers; late: what a late resolver waits for, which gets the id of its row.
    batches: loaders and their keys in the order in which they were sent; cancelled: loaders and resolvers that were;
    noted: what resolvers have done."""

    def __init__(self, *, observed: bool = False) -> None:
        super().__init__(cast(Any, None), UNRESTRICTED, stats=LoadStats() if observed else None)
        self.batches: list[tuple[str, list[Any]]] = []
        self.answers: dict[str, Mapping[Any, Any]] = {}
        self.failing: dict[str, Exception] = {}
        self.waits: dict[str, Callable[[], Awaitable[Any]]] = {}
        self.late: Callable[[int], Awaitable[Any]] = turns
        self.cancelled: list[str] = []
        self.noted: list[str] = []

    @property
    def sent(self) -> list[str]:
        """The names of the loaders in the order of their batches."""
        return [name for name, _ in self.batches]


async def turns(number: int) -> None:
    """Some turns of the event loop."""
    for _ in range(number):
        await asyncio.sleep(0)


def world_of(info: strawberry.Info) -> World:
    return cast(World, info.context.loaders.reader)


@strawberry.type
class City:
    id: int
    name: str


@strawberry.type
class Tag:
    id: int
    name: str


@strawberry.type
class Author:
    id: int
    name: str
    books: list[Book] = relation(BOOKS_BY_AUTHOR_ID, key=Key("id"), bound=2, description="Books.")
    mentor: Author | None = relation(AUTHOR_BY_ID, key=Key("mentor_id"), description="Who taught them, if anybody.")
    city: City = relation(CITY_BY_ID, key=Key("city_id"), required=True, description="Where they live.")
    home: City | None = relation(CITY_BY_ID, key=Key("city_id"), required=True, description="The same, or null.")

    @strawberry.field
    async def late(self, info: strawberry.Info) -> Author:
        """Themselves, those with odd ids after `world.late`."""
        if self.id % 2:
            await world_of(info).late(self.id)
        return self

    @strawberry.field
    async def forever(self, info: strawberry.Info) -> str:
        """Never answers."""
        return await never(info, f"forever {self.id}")

    @strawberry.field
    def broken(self) -> str:
        """Fails, and with it the author."""
        raise ValueError(f"author {self.id} is broken")

    @strawberry.field
    async def broken_late(self, info: strawberry.Info) -> str:
        """Fails after `world.late`."""
        await world_of(info).late(self.id)
        raise ValueError(f"author {self.id} is broken")


@strawberry.type
class Book:
    id: int
    title: str
    author: Author | None = relation(AUTHOR_BY_ID, key=Key("author_id"), description="Who wrote it.")
    translator: Author | None = relation(AUTHOR_BY_ID, key=Key("translator_id"), description="Who translated it.")
    tags: list[Tag] = relation(TAGS_BY_BOOK_ID, key=Key("id"), bound=2, description="Its tags.")


async def never(info: strawberry.Info, name: str) -> str:
    """Waits for ever and notes that it was cancelled."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        world_of(info).cancelled.append(name)
        raise
    return name


def load_tags(context: Any, ids: list[int]) -> list[Load | Exception]:
    """Tags by their ids; there are none below zero."""
    return [Load(TAG_BY_ID, id) if id >= 0 else ValueError(f"{id} is no tag") for id in ids]


AUTHOR = lookup(lambda context, id: Load(AUTHOR_BY_ID, id), parameters={"id": int}, description="An author.")


def tags_by_ids() -> Any:
    return lookup(load_tags, parameters={"ids": list[int]}, sized_by="ids", description="Tags.")


@strawberry.type
class Query:
    authors: list[Author | None] = declared(Declaration("many", AUTHORS, bound=3), {}, "Some authors.")
    books: list[Book] = declared(Declaration("many", BOOKS, bound=2), {}, "Some books.")
    author: Author | None = AUTHOR
    tags: list[Tag | None] = tags_by_ids()
    sure_tags: list[Tag] | None = tags_by_ids()

    @strawberry.field
    async def late_authors(self, info: strawberry.Info) -> list[Author]:
        """Authors 3 and 4 after `world.late`."""
        await world_of(info).late(0)
        return cast("list[Author]", [author(3), author(4)])

    @strawberry.field
    async def forever(self, info: strawberry.Info) -> str:
        return await never(info, "forever")

    @strawberry.field
    async def must(self, info: strawberry.Info) -> str:
        """Fails after `world.late`, and with it the whole answer."""
        await world_of(info).late(0)
        raise ValueError("nothing is left")


schema = strawberry.Schema(Query)._schema


def context_of(world: World) -> Context:
    return Context(cast(Any, LoaderGroup(world)), cast(Any, None))


async def run(
    text: str,
    world: World,
    variables: Mapping[str, Any] | None = None,
    *,
    compiled: bool = True,
    batch_wait: float = 0.0,
    schema: Any = schema,
) -> ExecutionResult:
    """Executes an operation in a world."""
    engine = Engine(schema, compiled=compiled, batch_wait=batch_wait)
    document = read(schema, text, LIMITS)
    result = await engine.execute(document.choose(None), variables or {}, context_of(world))
    assert (engine.statistics.compiled == 1) is compiled
    return result


def told(result: ExecutionResult) -> list[tuple[str, list[Any] | None]]:
    """The errors' words and paths."""
    return [(error.message, error.path) for error in result.errors or ()]
