"""Thumbnails: frames of a media at some offset."""

from __future__ import annotations

from datetime import datetime

from database.row import Column, Row
from domain.enums import ThumbnailState
from loaders.core.batch_loader import LoaderGroup, Many, One
from loaders.sql.attribute import Attributes, Word
from loaders.sql.count import Counts
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement, rows_by_media_id
from loaders.sql.stored_file import THUMBNAIL_FILES


class ThumbnailRow(Row):
    """Of table thumbnail; width and height in pixels."""

    id = Column[int]()
    media_id = Column[int]()
    state = Column[str]()
    offset_seconds = Column[float]("({t}.offset_ms / 1000.0)::float8")
    path = Column["str | None"]()
    width = Column["int | None"]()
    height = Column["int | None"]()
    error = Column["str | None"]()
    files = Column[str](THUMBNAIL_FILES)
    updated_at = Column[datetime]()


class ThumbnailAttributes(Attributes, table="thumbnail"):
    """What thumbnails can be chosen by."""

    state = Word(ThumbnailState)


# Thumbnails by id.
THUMBNAIL_BY_ID = BatchStatement(
    ThumbnailRow,
    """SELECT t.id AS key, {columns:t} FROM thumbnail t JOIN media m ON m.id = t.media_id
    WHERE t.id = {keys}{visible:m.library_id}""",
)

# The thumbnails of media, by offset.
THUMBNAILS_BY_MEDIA_ID = rows_by_media_id(ThumbnailRow, "thumbnail t", "t.offset_ms, t.id")

# All thumbnails; those in one state from an index.
THUMBNAILS = Source(
    ThumbnailRow,
    alias="t",
    table="thumbnail t JOIN media m ON m.id = t.media_id",
    id_sql="t.id",
    visible="m.library_id",
    sort={},
)


class ThumbnailLoaders(LoaderGroup):
    """Loaders of thumbnails."""

    thumbnail_by_id = One[int, ThumbnailRow](THUMBNAIL_BY_ID)
    thumbnails_by_media_id = Many[int, ThumbnailRow](THUMBNAILS_BY_MEDIA_ID)
    thumbnail_count = Counts(THUMBNAILS)
    thumbnail_pages = Pages(thumbnail_count)
