"""All loaders of one operation: one line a noun."""

from __future__ import annotations

from loaders.artwork import ArtworkLoaders
from loaders.channel import ChannelLoaders
from loaders.clip import ClipLoaders
from loaders.credit import CreditLoaders
from loaders.external_id import ExternalIdLoaders
from loaders.genre import GenreLoaders
from loaders.library import LibraryLoaders
from loaders.media import MediaLoaders
from loaders.person import PersonLoaders
from loaders.subtitle import SubtitleLoaders
from loaders.tag import TagLoaders
from loaders.thumbnail import ThumbnailLoaders


class Loaders(
    ArtworkLoaders,
    ChannelLoaders,
    ClipLoaders,
    CreditLoaders,
    ExternalIdLoaders,
    GenreLoaders,
    LibraryLoaders,
    MediaLoaders,
    PersonLoaders,
    SubtitleLoaders,
    TagLoaders,
    ThumbnailLoaders,
):
    """`Loaders.tags_by_media_id` is a declaration, `Loaders(reader).tags_by_media_id` its loader."""
