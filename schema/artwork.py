"""Artwork and its connection."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.artwork import ArtworkAttributes, ArtworkRow
from loaders.registry import Loaders
from schema.core.enums import ArtworkType, DownloadState
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, Connection, choices, connection
from schema.stored_file import StoredFile
from schema.stored_file import file as stored

if TYPE_CHECKING:
    from schema.media import Media


@node_type(ArtworkRow, "artwork", Loaders.artwork_by_id, description="A picture of a media.")
class Artwork(Node):
    type: ArtworkType = strawberry.field(description="What it is for.")
    url: str = strawberry.field(description="Its address.")
    width: int | None = strawberry.field(description="Width in pixels, where known.")
    height: int | None = strawberry.field(description="Height in pixels, where known.")
    state: DownloadState | None = strawberry.field(description="State of its download; null if no download is wanted.")
    path: str | None = strawberry.field(description="Path of its file, once it is downloaded.")
    error: str | None = strawberry.field(description="Why its download failed, or was put off.")
    file: StoredFile | None = strawberry.field(
        resolver=stored, description="The copy that this server keeps; null if there is none."
    )
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    media: Annotated[Media, strawberry.lazy("schema.media")] = relation(
        Loaders.media_by_id, key=ArtworkRow.media_id, required=True, description="The media."
    )


@strawberry.type
class ArtworkQuery:
    """Root fields of artwork."""

    artwork_item: Artwork | None = lookup(
        load_by_id(Loaders.artwork_by_id, "artwork"), parameters={"id": IdArgument}, description="A picture by id."
    )
    artwork: Connection[Artwork] | None = connection(
        Loaders.artwork_pages,
        choices(
            Loaders.artwork_pages,
            state=Choice(ArtworkAttributes.state, "Only pictures in one of these states."),
            type=Choice(ArtworkAttributes.type, "Only pictures of one of these types."),
        ),
        description="All artwork.",
    )
