"""Genres and their connection."""

from __future__ import annotations

import strawberry

from engine.relation import lookup
from loaders.genre import GenreRow
from loaders.registry import Loaders
from schema.media import MediaConnection
from schema.media_filter import MEDIA_SELECTORS
from schema.name_filter import ID_OR_NAME, load_by_id_or_name, name_selectors
from schema.node import Node, node_type
from schema.paging import PageInfo, connection, total_count


@node_type(GenreRow, "genre", Loaders.genre_by_id, description="What sort of work a media is.")
class Genre(Node):
    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="Its name as one word for an address.")
    media_count: int = strawberry.field(description="Number of media of it.")
    media: MediaConnection = connection(
        Loaders.media_pages_by_genre_id, MEDIA_SELECTORS, key=GenreRow.id, description="The media of it."
    )


@strawberry.type(description="A genre and its place in a list.")
class GenreEdge:
    cursor: str = strawberry.field(description="Its place: pass it as `after` or `before`.")
    node: Genre = strawberry.field(description="The genre.")


@strawberry.type(description="A page of genres.")
class GenreConnection:
    edges: list[GenreEdge] = strawberry.field(description="The genres, each with its cursor.")
    nodes: list[Genre] = strawberry.field(description="The genres.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")
    total_count: int | None = total_count()


@strawberry.type
class GenreQuery:
    """Root fields of genres."""

    genre: Genre | None = lookup(
        load_by_id_or_name(Loaders.genre_by_id, Loaders.genre_by_name, "genre"),
        parameters=ID_OR_NAME,
        description="A genre by exactly one of id and name.",
    )
    genres: GenreConnection = connection(
        Loaders.genre_pages, name_selectors("g.folded_name"), description="All genres."
    )
