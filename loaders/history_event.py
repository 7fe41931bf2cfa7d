"""History: what happened to media, deleted ones included. Newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from database.row import Column, Row
from domain.enums import HistoryEventType
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Word
from loaders.sql.count import Counts
from loaders.sql.keyset import SortKey
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement


class HistoryEventRow(Row):
    """Of table history_event. The media of media_id may have been deleted."""

    id = Column[int]()
    media_id = Column[int]()
    type = Column[str]()
    at = Column[datetime]()
    detail = Column[dict[str, Any]]()


class HistoryEventAttributes(Attributes, table="history_event"):
    """What events can be chosen by."""

    type = Word(HistoryEventType)


# Events by id.
HISTORY_EVENT_BY_ID = BatchStatement(
    HistoryEventRow, "SELECT e.id AS key, {columns:e} FROM history_event e WHERE e.id = {keys}{visible:e.library_id}"
)


def history(parent: str | None = None) -> Source[HistoryEventRow]:
    """The events of the whole catalogue or of media, newest first."""
    return Source(
        HistoryEventRow,
        alias="e",
        table="history_event e",
        id_sql="e.id",
        visible="e.library_id",
        parent=parent,
        sort={"AT": SortKey("e.at", "time")},
        default=(OrderBy("AT", descending=True),),
    )


class HistoryEventLoaders(LoaderGroup):
    """Loaders of events."""

    history_event_by_id = One[int, HistoryEventRow](HISTORY_EVENT_BY_ID)
    history_event_count = Counts(history())
    history_event_pages = Pages(history_event_count)
    history_event_count_by_media_id = Counts(history("e.media_id"))
    history_event_pages_by_media_id = Pages(history_event_count_by_media_id)
