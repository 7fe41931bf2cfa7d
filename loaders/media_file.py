"""Files of media: by id, of a media, and in pages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from database.row import Column, Row
from domain.bounds import MEGABYTES, MILLISECONDS
from loaders.core.batch_loader import LoaderGroup, Many, One
from loaders.sql.attribute import Attributes, Exact, Number, Scaled, Time
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement, rows_by_media_id


class MediaFileRow(Row):
    """Of table media_file; size in bytes, width and height in pixels."""

    id = Column[int]()
    media_id = Column[int]()
    path = Column[str]()
    name = Column[str]()
    size = Column[int]()
    modified_at = Column[datetime]()
    hash = Column["str | None"]()
    container = Column["str | None"]()
    codecs = Column[list[str]]()
    width = Column["int | None"]()
    height = Column["int | None"]()
    duration_ms = Column["int | None"]()
    manufacturer = Column["str | None"]()
    collection = Column["str | None"]()
    created_at = Column[datetime]()


class MediaFileAttributes(Attributes, table="media_file"):
    """What files can be chosen by."""

    path = Exact()
    name = Exact()
    container = Exact()
    manufacturer = Exact()
    collection = Exact()
    megabytes = Scaled(MEGABYTES, "size")
    modified_at = Time()
    width = Number()
    height = Number()
    duration_seconds = Scaled(MILLISECONDS, "duration_ms")


class MediaFileOrderField(StrEnum):
    """What files can be ordered by."""

    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


# Files by id.
MEDIA_FILE_BY_ID = BatchStatement(
    MediaFileRow,
    """SELECT f.id AS key, {columns:f} FROM media_file f JOIN media m ON m.id = f.media_id
    WHERE f.id = {keys}{visible:m.library_id}""",
)

# The files of media, by path.
FILES_BY_MEDIA_ID = rows_by_media_id(MediaFileRow, "media_file f", "f.path")

# All files; visible where their media is. By name, and those of one manufacturer by date, along an index.
MEDIA_FILES = Source(
    MediaFileRow,
    alias="f",
    table="media_file f JOIN media m ON m.id = f.media_id",
    id_sql="f.id",
    visible="m.library_id",
    sort={
        MediaFileOrderField.NAME: SortKey("f.name", "text"),
        MediaFileOrderField.CREATED_AT: SortKey("f.created_at", "time"),
    },
)


class MediaFileLoaders(LoaderGroup):
    """Loaders of files. The media by the path of a file is read in loaders/media.py."""

    media_file_by_id = One[int, MediaFileRow](MEDIA_FILE_BY_ID)
    files_by_media_id = Many[int, MediaFileRow](FILES_BY_MEDIA_ID)
    media_file_count = Counts(MEDIA_FILES)
    media_file_pages = Pages(media_file_count)
