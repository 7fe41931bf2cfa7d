"""Collections and their connection."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from loaders.collection import CollectionRow
from loaders.registry import Loaders
from schema.core.named import by_id_or_name
from schema.core.node import Node, node_type
from schema.core.paging import Choice, Connection, choices, connection, together
from schema.filter.media_filter import MEDIA_SELECTORS
from schema.filter.name_filter import name_selectors
from schema.media import Media


@strawberry.enum(description="The kind of collection.")
class CollectionKind(Enum):
    MANUFACTURER = strawberry.enum_value("MANUFACTURER", description="Works that a manufacturer published together.")
    BOX_SET = strawberry.enum_value("BOX_SET", description="Works sold in one box.")
    PLAYLIST = strawberry.enum_value("PLAYLIST", description="A selection to be played in order.")
    SERIES = strawberry.enum_value("SERIES", description="Works that form a sequence.")
    OTHER = strawberry.enum_value("OTHER", description="Anything else.")


@node_type(CollectionRow, "collection", Loaders.collection_by_id, description="An ordered group of media.")
class Collection(Node):
    kind: CollectionKind = strawberry.field(description="The kind of collection.")
    name: str = strawberry.field(description="Its name; not unique.")
    description: str | None = strawberry.field(description="What it is.")
    created_at: datetime = strawberry.field(description="When it was created.")
    media_count: int = strawberry.field(description="Number of media in it.")
    media: Connection[Media] = connection(
        Loaders.media_pages_by_collection_id,
        MEDIA_SELECTORS,
        key=CollectionRow.id,
        description="The media in it, by position unless orderBy is given.",
    )


@strawberry.type
class CollectionQuery:
    """Root fields of collections."""

    collection: Collection | None = by_id_or_name(Loaders.collection_by_id, Loaders.collection_by_name, "collection")
    collections: Connection[Collection] | None = connection(
        Loaders.collection_pages,
        together(
            choices(kind=Choice("o.kind", CollectionKind, "Only collections of these kinds.")),
            name_selectors("o.folded_name"),
        ),
        description="All collections.",
    )
