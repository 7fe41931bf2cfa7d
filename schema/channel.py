"""TV channels and their connection."""

from __future__ import annotations

import strawberry

from loaders.channel import ChannelRow
from loaders.registry import Loaders
from schema.clip import Clip
from schema.core.named import NamedNode, all_named, by_id_or_name
from schema.core.node import node_type
from schema.core.paging import Connection, choices, connection
from schema.filter.media_filter import MEDIA_SELECTORS
from schema.media import Media


@node_type(ChannelRow, "channel", Loaders.channel_by_id, description="A TV channel that media are shown on.")
class Channel(NamedNode):
    media: Connection[Media] = connection(
        Loaders.media_pages_by_channel_id, MEDIA_SELECTORS, key=ChannelRow.id, description="The media shown on it."
    )
    clips: Connection[Clip] = connection(
        Loaders.clip_pages_by_channel_id,
        choices(Loaders.clip_pages_by_channel_id),
        key=ChannelRow.id,
        description="The clips made for it, in the order of their media's ids.",
    )


@strawberry.type
class ChannelQuery:
    """Root fields of channels."""

    channel: Channel | None = by_id_or_name(Loaders.channel_by_id, Loaders.channel_by_name, "channel")
    channels: Connection[Channel] | None = all_named(Loaders.channel_pages, "channels")
