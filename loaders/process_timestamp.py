"""Process timestamps: when a process last processed a media, and which media need processing."""

from __future__ import annotations

from datetime import datetime

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many
from loaders.sql.attribute import Attributes, Exact, Time
from loaders.sql.condition import Condition, InRange, all_of, has, negated, one_of
from loaders.sql.statement import rows_by_media_id


class ProcessTimestampRow(Row):
    """Of table process_timestamp."""

    process = Column[str]()
    processed_at = Column[datetime]()


class ProcessTimestampAttributes(Attributes, table="process_timestamp"):
    """What process timestamps can be chosen by."""

    process = Exact()
    processed_at = Time()


# The processes of media, by name.
PROCESSES_BY_MEDIA_ID = rows_by_media_id(ProcessTimestampRow, "process_timestamp p", "p.process")


def needs_process(process: str, older_than: datetime | None = None) -> Condition:
    """Media that a process has not processed since a time; None: never."""
    done: list[Condition] = [one_of(ProcessTimestampAttributes.process.column, [process])]
    if older_than is not None:
        done.append(InRange(ProcessTimestampAttributes.processed_at.column, older_than, None, "time"))
    return negated(has(ProcessTimestampAttributes.table, all_of(done)))


class ProcessTimestampLoaders(LoaderGroup):
    """Loaders of process timestamps. The media that need processing are pages of media (loaders/media.py)."""

    processes_by_media_id = Many[int, ProcessTimestampRow](PROCESSES_BY_MEDIA_ID)
