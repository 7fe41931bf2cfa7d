"""Thumbnails and their connection."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import lookup, relation
from loaders.registry import Loaders
from loaders.thumbnail import ThumbnailAttributes, ThumbnailRow
from schema.core.enums import ThumbnailState
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Choice, Connection, choices, connection
from schema.stored_file import StoredFile
from schema.stored_file import files as stored

if TYPE_CHECKING:
    from schema.media import Media


@node_type(ThumbnailRow, "thumbnail", Loaders.thumbnail_by_id, description="A frame of a media, as a small picture.")
class Thumbnail(Node):
    state: ThumbnailState = strawberry.field(description="Its state.")
    offset_seconds: float = strawberry.field(
        description="Position of the frame in the media in seconds, to the millisecond."
    )
    path: str | None = strawberry.field(description="Path of its file, once it is ready.")
    width: int | None = strawberry.field(description="Width in pixels, where known.")
    height: int | None = strawberry.field(description="Height in pixels, where known.")
    error: str | None = strawberry.field(description="Why it could not be created.")
    files: list[StoredFile] = strawberry.field(
        resolver=stored, description="The frame in the widths that this server makes, the narrowest first."
    )
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    media: Annotated[Media, strawberry.lazy("schema.media")] = relation(
        Loaders.media_by_id, key=ThumbnailRow.media_id, required=True, description="The media."
    )


@strawberry.type
class ThumbnailQuery:
    """Root fields of thumbnails."""

    thumbnail: Thumbnail | None = lookup(
        load_by_id(Loaders.thumbnail_by_id, "thumbnail"),
        parameters={"id": IdArgument},
        description="A thumbnail by id.",
    )
    thumbnails: Connection[Thumbnail] | None = connection(
        Loaders.thumbnail_pages,
        choices(Loaders.thumbnail_pages, state=Choice(ThumbnailAttributes.state, "Only those in one of these states.")),
        description="All thumbnails.",
    )
