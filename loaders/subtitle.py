"""Subtitles of a media, downloaded or still wanted."""

from __future__ import annotations

from datetime import datetime

from database.row import Column, Row
from domain.enums import DownloadState
from loaders.core.batch_loader import LoaderGroup, Many, One
from loaders.sql.attribute import Attributes, Flag, Word
from loaders.sql.count import Counts
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement, rows_by_media_id
from loaders.sql.stored_file import FILE


class SubtitleRow(Row):
    """Of table subtitle; language as a BCP 47 tag."""

    id = Column[int]()
    media_id = Column[int]()
    language = Column[str]()
    format = Column["str | None"]()
    path = Column["str | None"]()
    error = Column["str | None"]()
    file = Column["str | None"](FILE)
    url = Column["str | None"]()
    is_forced = Column[bool]()
    is_for_hearing_impaired = Column[bool]()
    state = Column[str]()
    updated_at = Column[datetime]()


class SubtitleAttributes(Attributes, table="subtitle"):
    """What subtitles can be chosen by."""

    language = Word(str)
    state = Word(DownloadState)
    format = Word(str)
    is_forced = Flag()
    is_for_hearing_impaired = Flag()


# Subtitles by id.
SUBTITLE_BY_ID = BatchStatement(
    SubtitleRow,
    """SELECT s.id AS key, {columns:s} FROM subtitle s JOIN media m ON m.id = s.media_id
    WHERE s.id = {keys}{visible:m.library_id}""",
)

# The subtitles of media, by language.
SUBTITLES_BY_MEDIA_ID = rows_by_media_id(SubtitleRow, "subtitle s", "s.language, s.id")

# All subtitles.
SUBTITLES = Source(
    SubtitleRow,
    alias="s",
    table="subtitle s JOIN media m ON m.id = s.media_id",
    id_sql="s.id",
    visible="m.library_id",
    sort={},
)


class SubtitleLoaders(LoaderGroup):
    """Loaders of subtitles."""

    subtitle_by_id = One[int, SubtitleRow](SUBTITLE_BY_ID)
    subtitles_by_media_id = Many[int, SubtitleRow](SUBTITLES_BY_MEDIA_ID)
    subtitle_count = Counts(SUBTITLES)
    subtitle_pages = Pages(subtitle_count)
