"""Clips: the file of a media of kind CLIP. A clip is identified by the id of its media."""

from __future__ import annotations

from database.row import Column, Row
from domain.bounds import MEGABYTES, MILLISECONDS
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Reference, Scaled
from loaders.sql.count import Counts
from loaders.sql.named_condition import names_of
from loaders.sql.page import Pages
from loaders.sql.source import Source
from loaders.sql.statement import BatchStatement


class ClipRow(Row):
    """Of table clip; size in bytes."""

    id = Column[int]("{t}.media_id")
    media_id = Column[int]()
    channel_id = Column["int | None"]()
    duration_seconds = Column["float | None"]("({t}.duration_ms / 1000.0)::float8")
    size = Column["int | None"]()
    source_url = Column["str | None"]()


class ClipAttributes(Attributes, table="clip"):
    """What clips can be chosen by."""

    channel = Reference(names_of("channel"))
    duration_seconds = Scaled(MILLISECONDS, "duration_ms")
    megabytes = Scaled(MEGABYTES, "size")


# The clips of media.
CLIP_BY_MEDIA_ID = BatchStatement(
    ClipRow,
    """SELECT c.media_id AS key, {columns:c} FROM clip c JOIN media m ON m.id = c.media_id
    WHERE c.media_id = {keys}{visible:m.library_id}""",
)

# The clips of channels, in the order of their media's ids.
CLIPS_BY_CHANNEL_ID = Source(
    ClipRow,
    alias="c",
    table="clip c JOIN media m ON m.id = c.media_id",
    id_sql="c.media_id",
    visible="m.library_id",
    parent="c.channel_id",
    sort={},
)


class ClipLoaders(LoaderGroup):
    """Loaders of clips."""

    clip_by_media_id = One[int, ClipRow](CLIP_BY_MEDIA_ID)
    clip_count_by_channel_id = Counts(CLIPS_BY_CHANNEL_ID)
    clip_pages_by_channel_id = Pages(clip_count_by_channel_id)
