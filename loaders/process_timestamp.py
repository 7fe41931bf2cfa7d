"""Process timestamps: when a process last dealt with a media, and which media are due for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from loaders.batch_loader import LoaderGroup, Many
from loaders.row import Column, Row
from loaders.statement import Batch, Composer


class ProcessTimestampRow(Row):
    """Of table process_timestamp."""

    process = Column[str]()
    processed_at = Column[datetime]()


# The processes of media, by name; at most 64 a media.
PROCESSES_BY_MEDIA_ID = Batch(
    ProcessTimestampRow,
    """SELECT p.media_id AS key, {columns:p} FROM process_timestamp p
    WHERE p.media_id = {keys} ORDER BY p.media_id, p.process""",
)


@dataclass(frozen=True, slots=True)
class NeedsProcess:
    """Media that a process has not dealt with since a time; None: not at all. Over alias `m`."""

    process: str
    older_than: datetime | None = None

    def conditions(self, composer: Composer) -> Iterator[str]:
        since = ""
        if self.older_than is not None:
            since = f" AND p.processed_at >= {composer.parameter(self.older_than)}::timestamptz"
        yield (
            "NOT EXISTS (SELECT FROM process_timestamp p WHERE p.media_id = m.id"
            f" AND p.process = {composer.parameter(self.process)}::text{since})"
        )


class ProcessTimestampLoaders(LoaderGroup):
    """Loaders of process timestamps. The media that are due are pages of media (loaders/media.py)."""

    processes_by_media_id = Many[int, ProcessTimestampRow](PROCESSES_BY_MEDIA_ID)
