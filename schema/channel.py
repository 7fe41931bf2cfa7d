"""TV channels and their connection."""

from __future__ import annotations

from loaders.channel import ChannelRow
from loaders.registry import Loaders
from schema.clip import Clip
from schema.core.named import NamedNode, media_of
from schema.core.node import node_type
from schema.core.paging import Connection, choices, connection
from schema.media import MediaConnection


@node_type(ChannelRow, "channel", Loaders.channel_by_id, description="A TV channel that media are shown on.")
class Channel(NamedNode):
    media: MediaConnection = media_of(ChannelRow, "channel", "The media shown on it.")
    clips: Connection[Clip] = connection(
        Loaders.clip_pages_by_channel_id,
        choices(Loaders.clip_pages_by_channel_id),
        key=ChannelRow.id,
        description="The clips made for it, in the order of their media's ids.",
    )
