"""The schema of the plain Strawberry peer: Marquee's, as far as the queries of the benchmark need it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from bench.peers.statements import read_statements

SQL = read_statements("sql")
Row = Any


@strawberry.type
class Tag:
    id: strawberry.ID
    name: str


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.federation.type(keys=["id"])
class Media:
    id: strawberry.ID
    kind: str
    title: str
    original_title: str | None
    sort_title: str
    year: int | None
    overview: str | None
    rating: float | None
    runtime_minutes: int | None
    added_at: datetime
    updated_at: datetime

    @strawberry.field
    async def tags(self, info: strawberry.Info) -> list[Tag]:
        return await info.context["tags"].load(int(self.id))  # type: ignore[no-any-return]

    @strawberry.field
    async def genres(self, info: strawberry.Info) -> list[Genre]:
        return await info.context["genres"].load(int(self.id))  # type: ignore[no-any-return]

    @strawberry.field
    async def credits(self, info: strawberry.Info, first: int = 20) -> CreditConnection:
        return CreditConnection(nodes=await info.context["credits"].load((int(self.id), first)))

    @classmethod
    async def resolve_reference(cls, info: strawberry.Info, id: strawberry.ID) -> Media | None:
        return await info.context["media"].load(int(id))  # type: ignore[no-any-return]


@strawberry.type
class MediaEdge:
    cursor: str
    node: Media


@strawberry.type
class MediaConnection:
    edges: list[MediaEdge]
    nodes: list[Media]
    page_info: PageInfo


@strawberry.type
class Genre:
    id: strawberry.ID
    name: str

    @strawberry.field
    async def media(self, info: strawberry.Info, first: int = 20) -> MediaConnection:
        return connection(await info.context["genre_media"].load((int(self.id), first)), first)


@strawberry.type
class GenreConnection:
    nodes: list[Genre]


@strawberry.type
class Person:
    id: strawberry.ID
    name: str

    @strawberry.field
    async def media(self, info: strawberry.Info, first: int = 20) -> MediaConnection:
        return connection(await info.context["person_media"].load((int(self.id), first)), first)


@strawberry.type
class Credit:
    id: strawberry.ID
    role: str
    character: str | None
    position: int
    person_id: strawberry.Private[int]

    @strawberry.field
    async def person(self, info: strawberry.Info) -> Person:
        return await info.context["people"].load(self.person_id)  # type: ignore[no-any-return]


@strawberry.type
class CreditConnection:
    nodes: list[Credit]


@strawberry.enum
class SortDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum
class MediaOrderField(Enum):
    RATING = "RATING"


@strawberry.input
class NameOrId:
    name: str


@strawberry.input
class RelationFilter:
    any: list[NameOrId]


@strawberry.input
class IntRange:
    min: int
    max: int


@strawberry.input
class FloatRange:
    min: float


@strawberry.input
class MediaFilter:
    genres: RelationFilter
    year: IntRange
    rating: FloatRange


@strawberry.input
class MediaOrder:
    field: MediaOrderField
    direction: SortDirection = SortDirection.ASC


@strawberry.type
class Query:
    @strawberry.field
    async def media_item(self, info: strawberry.Info, id: strawberry.ID) -> Media | None:
        row = await info.context["pool"].fetchrow(SQL["media_by_id"], int(id))
        return None if row is None else media(row)

    @strawberry.field
    async def media(
        self,
        info: strawberry.Info,
        first: int = 20,
        after: str | None = None,
        filter: MediaFilter | None = None,
        order_by: list[MediaOrder] | None = None,
    ) -> MediaConnection:
        pool = info.context["pool"]
        if filter is None:
            rows = await pool.fetch(SQL["media_page"], number(after), first + 1)
        else:
            genre, years, lowest = filter.genres.any[0].name, filter.year, round(filter.rating.min * 10)
            rows = await pool.fetch(SQL["media_filtered"], genre, years.min, years.max, lowest, first + 1)
        return connection([media(row) for row in rows], first)

    @strawberry.field
    async def genres(self, info: strawberry.Info, first: int = 20) -> GenreConnection:
        rows = await info.context["pool"].fetch(SQL["genre_page"], 0, first)
        return GenreConnection(nodes=[Genre(id=row["id"], name=row["name"]) for row in rows])


def cursor(item: Media) -> str:
    return b64encode(str(item.id).encode()).decode()


def number(after: str | None) -> int:
    return int(b64decode(after)) if after else 0


def media(row: Row) -> Media:
    return Media(
        id=row["id"],
        kind=row["kind"],
        title=row["title"],
        original_title=row["originalTitle"],
        sort_title=row["sortTitle"],
        year=row["year"],
        overview=row["overview"],
        rating=row["rating"],
        runtime_minutes=row["runtimeMinutes"],
        added_at=row["addedAt"],
        updated_at=row["updatedAt"],
    )


def connection(found: list[Media], first: int) -> MediaConnection:
    """The page of at most `first` out of rows of which one more was asked for."""
    edges = [MediaEdge(cursor=cursor(item), node=item) for item in found[:first]]
    return MediaConnection(
        edges=edges,
        nodes=found[:first],
        page_info=PageInfo(
            has_next_page=len(found) > first,
            has_previous_page=False,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )


schema = strawberry.federation.Schema(query=Query, types=[Media])
