"""Genres and their connection."""

from __future__ import annotations

import strawberry

from loaders.genre import GenreRow
from loaders.registry import Loaders
from schema.core.named import NamedNode, all_named, by_id_or_name
from schema.core.node import node_type
from schema.core.paging import Connection, connection
from schema.filter.media_filter import MEDIA_SELECTORS
from schema.media import Media


@node_type(GenreRow, "genre", Loaders.genre_by_id, description="A genre of media.")
class Genre(NamedNode):
    media: Connection[Media] = connection(
        Loaders.media_pages_by_genre_id, MEDIA_SELECTORS, key=GenreRow.id, description="The media of this genre."
    )


@strawberry.type
class GenreQuery:
    """Root fields of genres."""

    genre: Genre | None = by_id_or_name(Loaders.genre_by_id, Loaders.genre_by_name, "genre")
    genres: Connection[Genre] | None = all_named(Loaders.genre_pages, "genres")
