"""Collections and their connection."""

from __future__ import annotations

from datetime import datetime

import strawberry

from loaders.collection import CollectionAttributes, CollectionRow
from loaders.registry import Loaders
from schema.core.enums import CollectionKind
from schema.core.named import by_id_or_name
from schema.core.node import Node, node_type, version_field
from schema.core.paging import Choice, Connection, choices, combine, connection
from schema.filter.media_filter import MEDIA_SELECTORS
from schema.filter.name_filter import name_selectors
from schema.media import MediaConnection


@node_type(CollectionRow, "collection", Loaders.collection_by_id, description="An ordered group of media.")
class Collection(Node):
    kind: CollectionKind = strawberry.field(description="The kind of collection.")
    name: str = strawberry.field(description="Its name; not unique.")
    description: str | None = strawberry.field(description="What it is.")
    created_at: datetime = strawberry.field(description="When it was created.")
    version: int = version_field()
    media_count: int = strawberry.field(description="Number of media in it.")
    media: MediaConnection = connection(
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
        combine(
            choices(
                Loaders.collection_pages, kind=Choice(CollectionAttributes.kind, "Only collections of these kinds.")
            ),
            name_selectors(Loaders.collection_pages),
        ),
        description="All collections.",
    )
