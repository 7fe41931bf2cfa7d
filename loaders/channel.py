"""TV channels, read like tags (loaders/tag.py explains the parts)."""

from __future__ import annotations

from database.row import Column, Row
from loaders.core.batch_loader import LoaderGroup, Many, One
from loaders.sql.count import Counts
from loaders.sql.named import NamedNoun
from loaders.sql.page import Pages
from loaders.sql.statement import aliases, kept_media_count


class ChannelRow(Row):
    """Of table channel. media_count, a kept number, is read only where an operation names it."""

    id = Column[int]()
    name = Column[str]()
    slug = Column[str]()
    aliases = Column[list[str]](aliases("channel"))
    version = Column[int]()
    media_count = Column[int](kept_media_count("channel"))


CHANNELS = NamedNoun(ChannelRow, "channel")


class ChannelLoaders(LoaderGroup):
    """Loaders of channels: the name says what they answer and by which key."""

    channel_by_id = One[int, ChannelRow](CHANNELS.by_id())
    channel_by_name = One[str, ChannelRow](CHANNELS.by_name())
    channels_by_media_id = Many[int, ChannelRow](CHANNELS.by_media_id())
    channel_count = Counts(CHANNELS.source())
    channel_pages = Pages(channel_count)
