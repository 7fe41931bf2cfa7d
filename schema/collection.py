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


@strawberry.enum(description="What sort of collection it is.")
class CollectionKind(Enum):
    MANUFACTURER = strawberry.enum_value("MANUFACTURER", description="What a manufacturer has published together.")
    BOX_SET = strawberry.enum_value("BOX_SET", description="Works that are sold in one box.")
    PLAYLIST = strawberry.enum_value("PLAYLIST", description="Somebody's choice, to be played in order.")
    SERIES = strawberry.enum_value("SERIES", description="Works that follow each other.")
    OTHER = strawberry.enum_value("OTHER", description="Anything else.")


@node_type(CollectionRow, "collection", Loaders.collection_by_id, description="Media that somebody has put in order.")
class Collection(Node):
    kind: CollectionKind = strawberry.field(description="What sort of collection it is.")
    name: str = strawberry.field(description="Its name, which others may have too.")
    description: str | None = strawberry.field(description="What it is.")
    created_at: datetime = strawberry.field(description="When it was made.")
    media_count: int = strawberry.field(description="Number of media in it.")
    media: Connection[Media] = connection(
        Loaders.media_pages_by_collection_id,
        MEDIA_SELECTORS,
        key=CollectionRow.id,
        description="The media in it, by their positions if not ordered otherwise.",
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
