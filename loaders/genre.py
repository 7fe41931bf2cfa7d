"""Genres, read like tags (loaders/tag.py explains the parts)."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many, One
from loaders.sql.count import Counts
from loaders.sql.named import NamedNoun
from loaders.sql.page import Pages
from loaders.sql.statement import aliases, kept_media_count


class GenreRow(Row):
    """Of table genre. media_count, a kept number, and aliases are read only where an operation names them."""

    id = Column[int]()
    name = Column[str]()
    slug = Column[str]()
    aliases = Column[list[str]](aliases("genre"))
    version = Column[int]()
    media_count = Column[int](kept_media_count("genre"))


GENRES = NamedNoun(GenreRow, "genre")


class GenreLoaders(LoaderGroup):
    """Loaders of genres: the name says what they answer and by which key."""

    genre_by_id = One[int, GenreRow](GENRES.by_id())
    genre_by_name = One[str, GenreRow](GENRES.by_name())
    genres_by_media_id = Many[int, GenreRow](GENRES.by_media_id())
    genre_count = Counts(GENRES.source())
    genre_pages = Pages(genre_count)
