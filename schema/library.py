"""Libraries and their connection."""

from __future__ import annotations

import strawberry

from loaders.library import LibraryRow
from loaders.registry import Loaders
from schema.core.enums import MediaKind
from schema.core.named import by_id_or_name
from schema.core.node import Node, node_type, version_field
from schema.core.paging import Connection, connection
from schema.filter.media_filter import MEDIA_SELECTORS
from schema.filter.name_filter import name_selectors
from schema.media import MediaConnection


@node_type(LibraryRow, "library", Loaders.library_by_id, description="A part of the catalogue, with its own media.")
class Library(Node):
    name: str = strawberry.field(description="Its name.")
    kind: MediaKind | None = strawberry.field(description="The kind of its media, null if they are mixed.")
    version: int = version_field()
    media_count: int = strawberry.field(description="Number of its media.")
    media: MediaConnection = connection(
        Loaders.media_pages_by_library_id, MEDIA_SELECTORS, key=LibraryRow.id, description="Its media."
    )


@strawberry.type
class LibraryQuery:
    """Root fields of libraries."""

    library: Library | None = by_id_or_name(Loaders.library_by_id, Loaders.library_by_name, "library")
    libraries: Connection[Library] | None = connection(
        Loaders.library_pages, name_selectors(Loaders.library_pages), description="All visible libraries."
    )
