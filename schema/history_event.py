"""History: what happened to media."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.history_event import HistoryEventAttributes, HistoryEventRow
from loaders.registry import Loaders
from schema.core.enums import HistoryEventType
from schema.core.node import IdArgument, Node, load_by_id, node_type, reference_field
from schema.core.paging import Choice, Connection, choices, connection
from schema.core.scalars import JSON

if TYPE_CHECKING:
    from schema.media import Media


HISTORY_SELECTORS = choices(
    Loaders.history_event_pages, types=Choice(HistoryEventAttributes.type, "Only events of these types.")
)


@node_type(
    HistoryEventRow, "history_event", Loaders.history_event_by_id, description="An event in the history of a media."
)
class HistoryEvent(Node):
    type: HistoryEventType = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When it happened.")
    detail: JSON = strawberry.field(description="Details as JSON; the keys depend on the type.")
    media_id: strawberry.ID = reference_field(
        "media", HistoryEventRow.media_id, "Global id of the media, which may have been deleted since."
    )
    media: Annotated[Media, strawberry.lazy("schema.media")] | None = relation(
        Loaders.media_by_id, key=HistoryEventRow.media_id, description="The media, null after it was deleted."
    )


@strawberry.type
class HistoryEventQuery:
    """Root fields of history."""

    history_event: HistoryEvent | None = lookup(
        load_by_id(Loaders.history_event_by_id, "history_event"),
        parameters={"id": IdArgument},
        description="An event by id; null if it does not exist or is not visible.",
    )
    history: Connection[HistoryEvent] | None = connection(
        Loaders.history_event_pages, HISTORY_SELECTORS, description="What happened to all media, newest first."
    )
