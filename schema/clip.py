"""Clips and their connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from engine.relation import Load, lookup, relation
from loaders.clip import ClipRow
from loaders.registry import Loaders
from schema.core.node import IdArgument, IdsArgument, Node, decode_id, load_by_id, load_each, node_type
from schema.core.scalars import BigInt

if TYPE_CHECKING:
    from schema.channel import Channel
    from schema.media import Media


@node_type(ClipRow, "clip", Loaders.clip_by_media_id, description="The file of a clip.")
class Clip(Node):
    duration_seconds: float | None = strawberry.field(
        description="Duration in seconds, to the millisecond, where known."
    )
    size: BigInt | None = strawberry.field(description="Size of its file in bytes, where known.")
    source_url: str | None = strawberry.field(description="URL that it is downloaded from.")
    channel: Annotated[Channel, strawberry.lazy("schema.channel")] | None = relation(
        Loaders.channel_by_id, key=ClipRow.channel_id, description="The TV channel that it was made for, where known."
    )
    media: Annotated[Media, strawberry.lazy("schema.media")] = relation(
        Loaders.media_by_id, key=ClipRow.media_id, required=True, description="The media that it belongs to."
    )


def load_clip(text: str) -> Load:
    """The look-up of a clip by its id, or by its media's."""
    return Load(Loaders.clip_by_media_id, decode_id(text, "clip" if text.startswith("clip_") else "media"))


@strawberry.type
class ClipQuery:
    """Root fields of clips."""

    clip: Clip | None = lookup(
        load_by_id(Loaders.clip_by_media_id, "clip"), parameters={"id": IdArgument}, description="A clip by id."
    )
    clips_by_ids: list[Clip | None] | None = lookup(
        lambda context, ids: load_each(context, ids, load_clip, "ids"),
        parameters={"ids": IdsArgument},
        sized_by="ids",
        description="Clips by their ids or by those of their media, in order; null for each that does not exist.",
    )
