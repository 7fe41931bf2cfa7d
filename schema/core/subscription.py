"""Fields of the root of subscriptions: they make events, each of which is then executed as an operation of its own.

An event is the row that the field's selection is read from, loaded by `SubscriptionContext.begin_event()`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, NamedTuple

import strawberry
from graphql import GraphQLSchema

from database.row import Row
from engine.types import strawberry_type

EVENT_COLUMNS = "marquee.event_columns"  # in a field's metadata


class EventColumn(NamedTuple):
    """A column that the source of events reads, whatever is selected of them."""

    row: type[Row]
    name: str


def subscription(events: Callable[..., AsyncIterator[Any]], *columns: EventColumn, description: str) -> Any:
    """A field whose events are those of an asynchronous generator; `columns`: what it reads of each."""
    return strawberry.subscription(resolver=events, description=description, metadata={EVENT_COLUMNS: columns})


def event_columns(schema: GraphQLSchema, fields: Mapping[str, set[str]]) -> Iterator[EventColumn]:
    """The columns that the events of a subscription need beside the selected ones; the fields by Python's names."""
    root = schema.subscription_type
    for field in root.fields.values() if root is not None and root.name in fields else ():
        known = strawberry_type(field)
        if known is not None and known.python_name in fields[root.name]:  # type: ignore[union-attr]
            yield from known.metadata.get(EVENT_COLUMNS, ())
