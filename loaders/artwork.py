"""Artwork: pictures of a media by URL, and the state of their download."""

from __future__ import annotations

from datetime import datetime

from database.row import Column, Row
from domain.enums import ArtworkType, DownloadState
from loaders.core.batch_loader import LoaderGroup, Many, One
from loaders.sql.attribute import Attributes, Number, Word
from loaders.sql.count import Counts
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement, rows_by_media_id
from loaders.sql.stored_file import FILE


class ArtworkRow(Row):
    """Of table artwork; width and height in pixels; no state if no download is wanted."""

    id = Column[int]()
    media_id = Column[int]()
    type = Column[str]()
    url = Column[str]()
    width = Column["int | None"]()
    height = Column["int | None"]()
    state = Column["str | None"]()
    path = Column["str | None"]()
    error = Column["str | None"]()
    file = Column["str | None"](FILE)
    updated_at = Column[datetime]()


class ArtworkAttributes(Attributes, table="artwork"):
    """What pictures can be chosen by."""

    type = Word(ArtworkType)
    state = Word(DownloadState)
    width = Number()
    height = Number()


# Artwork by id.
ARTWORK_BY_ID = BatchStatement(
    ArtworkRow,
    """SELECT a.id AS key, {columns:a} FROM artwork a JOIN media m ON m.id = a.media_id
    WHERE a.id = {keys}{visible:m.library_id}""",
)

# The artwork of media, by type.
ARTWORK_BY_MEDIA_ID = rows_by_media_id(ArtworkRow, "artwork a", "a.type, a.id")

# All artwork.
ARTWORK = Source(
    ArtworkRow,
    alias="a",
    table="artwork a JOIN media m ON m.id = a.media_id",
    id_sql="a.id",
    visible="m.library_id",
    sort={},
)


class ArtworkLoaders(LoaderGroup):
    """Loaders of artwork."""

    artwork_by_id = One[int, ArtworkRow](ARTWORK_BY_ID)
    artwork_by_media_id = Many[int, ArtworkRow](ARTWORK_BY_MEDIA_ID)
    artwork_count = Counts(ARTWORK)
    artwork_pages = Pages(artwork_count)
