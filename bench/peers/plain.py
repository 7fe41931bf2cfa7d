"""Plain Strawberry with aiodataloader on asyncpg's own pool, as their documentation shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from aiodataloader import DataLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from bench.peers.plain_schema import SQL, Credit, Genre, Person, Row, Tag, media, schema
from bench.peers.statements import open_pool

Pool = asyncpg.Pool
Batch = Callable[[list[Any]], Coroutine[Any, Any, list[Any]]]


def credit(row: Row) -> Credit:
    return Credit(
        id=row["id"],
        role=row["role"],
        character=row["character"],
        position=row["position"],
        person_id=row["person_id"],
    )


def by_parent(pool: Pool, statement: str, make: Callable[[Row], Any]) -> Batch:
    """Lists of children; keys are ids of parents."""

    async def load(keys: list[int]) -> list[Any]:
        found = defaultdict(list)
        for row in await pool.fetch(SQL[statement], keys):
            found[row["parent"]].append(make(row))
        return [found[key] for key in keys]

    return load


def pages_by_parent(pool: Pool, statement: str, make: Callable[[Row], Any], extra: int) -> Batch:
    """The first children of each parent and `extra` more; keys are (parent, first), with one first a request."""

    async def load(keys: list[tuple[int, int]]) -> list[Any]:
        found = defaultdict(list)
        for row in await pool.fetch(SQL[statement], [parent for parent, _ in keys], keys[0][1] + extra):
            found[row["parent"]].append(make(row))
        return [found[parent] for parent, _ in keys]

    return load


def by_id(pool: Pool, statement: str, make: Callable[[Row], Any]) -> Batch:
    async def load(keys: list[int]) -> list[Any]:
        found = {row["id"]: make(row) for row in await pool.fetch(SQL[statement], keys)}
        return [found.get(key) for key in keys]

    return load


def loaders(pool: Pool) -> dict[str, Any]:
    """The context of a request."""
    batches = {
        "media": by_id(pool, "media_by_ids", media),
        "people": by_id(pool, "people_by_ids", lambda row: Person(id=row["id"], name=row["name"])),
        "tags": by_parent(pool, "tags_by_media", lambda row: Tag(id=row["id"], name=row["name"])),
        "genres": by_parent(pool, "genres_by_media", lambda row: Genre(id=row["id"], name=row["name"])),
        "credits": pages_by_parent(pool, "credits_by_media", credit, 0),
        "genre_media": pages_by_parent(pool, "media_by_genres", media, 1),
        "person_media": pages_by_parent(pool, "media_by_people", media, 1),
    }
    return {"pool": pool, **{name: DataLoader(batch) for name, batch in batches.items()}}


class View(GraphQL[dict[str, Any], None]):
    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> dict[str, Any]:
        return loaders(request.app.state.pool)


@asynccontextmanager
async def lifespan(application: Starlette) -> AsyncIterator[None]:
    application.state.pool = await open_pool()
    yield
    await application.state.pool.close()


app = Starlette(routes=[Route("/graphql", View(schema, graphql_ide=None))], lifespan=lifespan)
