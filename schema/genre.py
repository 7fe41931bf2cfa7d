"""Genres and their connection."""

from __future__ import annotations

import strawberry

from engine.relation import lookup
from loaders.genre import GenreRow
from loaders.registry import Loaders
from schema.media import Media
from schema.media_filter import MEDIA_SELECTORS
from schema.name_filter import ID_OR_NAME, load_by_id_or_name, name_selectors
from schema.node import Node, node_type
from schema.paging import Connection, connection


@node_type(GenreRow, "genre", Loaders.genre_by_id, description="What sort of work a media is.")
class Genre(Node):
    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="Its name as one word for an address.")
    aliases: list[str] = strawberry.field(description="Its other names, in lower case without accents, by name.")
    media_count: int = strawberry.field(description="Number of media of it.")
    media: Connection[Media] = connection(
        Loaders.media_pages_by_genre_id, MEDIA_SELECTORS, key=GenreRow.id, description="The media of it."
    )


@strawberry.type
class GenreQuery:
    """Root fields of genres."""

    genre: Genre | None = lookup(
        load_by_id_or_name(Loaders.genre_by_id, Loaders.genre_by_name, "genre"),
        parameters=ID_OR_NAME,
        description="A genre by exactly one of id and name.",
    )
    genres: Connection[Genre] = connection(
        Loaders.genre_pages, name_selectors("g.folded_name"), description="All genres."
    )
