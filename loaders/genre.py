"""Genres, read like tags (loaders/tag.py explains the parts)."""

from __future__ import annotations

from loaders.batch_loader import LoaderGroup, Many, One
from loaders.count import Counts
from loaders.keyset import SortKey
from loaders.page import Pages
from loaders.row import Column, Row
from loaders.source import Source
from loaders.statement import Batch, aliases, kept_media_count


class GenreRow(Row):
    """Of table genre. media_count, a kept number, and aliases are read only where an operation names them."""

    id = Column[int]()
    name = Column[str]()
    slug = Column[str]()
    aliases = Column[list[str]](aliases("genre"))
    media_count = Column[int](kept_media_count("genre"))


# Genres by id.
GENRE_BY_ID = Batch(GenreRow, "SELECT g.id AS key, {columns:g} FROM genre g WHERE g.id = {keys}")

# Genres by folded name or alias.
GENRE_BY_NAME = Batch(
    GenreRow,
    "SELECT n.folded AS key, {columns:g} FROM genre_name n JOIN genre g ON g.id = n.genre_id WHERE n.folded = {keys}",
    key_type="text",
)

# The genres of media, by name; at most 64 a media.
GENRES_BY_MEDIA_ID = Batch(
    GenreRow,
    """SELECT j.media_id AS key, {columns:g} FROM media_genre j JOIN genre g ON g.id = j.genre_id
    WHERE j.media_id = {keys}{visible:j.library_id} ORDER BY j.media_id, g.folded_name, g.id""",
)

# All genres; by name from an index, by media count by looking at every genre.
GENRES = Source(
    GenreRow,
    alias="g",
    table="genre g",
    id_sql="g.id",
    sort={
        "NAME": SortKey("g.folded_name", "text"),
        "MEDIA_COUNT": SortKey(kept_media_count("genre", "g"), "bigint"),
    },
)


class GenreLoaders(LoaderGroup):
    """Loaders of genres: the name says what they answer and by which key."""

    genre_by_id = One[int, GenreRow](GENRE_BY_ID)
    genre_by_name = One[str, GenreRow](GENRE_BY_NAME)
    genres_by_media_id = Many[int, GenreRow](GENRES_BY_MEDIA_ID)
    genre_count = Counts(GENRES)
    genre_pages = Pages(genre_count)
