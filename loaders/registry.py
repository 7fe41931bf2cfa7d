"""All loaders of one operation: one line a noun."""

from __future__ import annotations

from loaders.artwork import ArtworkLoaders
from loaders.channel import ChannelLoaders
from loaders.credit import CreditLoaders
from loaders.external_id import ExternalIdLoaders
from loaders.genre import GenreLoaders
from loaders.library import LibraryLoaders
from loaders.media import MediaLoaders
from loaders.person import PersonLoaders
from loaders.tag import TagLoaders


class Loaders(
    ArtworkLoaders,
    ChannelLoaders,
    CreditLoaders,
    ExternalIdLoaders,
    GenreLoaders,
    LibraryLoaders,
    MediaLoaders,
    PersonLoaders,
    TagLoaders,
):
    """`Loaders.tags_by_media_id` is a declaration, `Loaders(reader).tags_by_media_id` its loader."""
