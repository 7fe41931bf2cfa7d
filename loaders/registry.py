"""All loaders of one operation: one line a noun."""

from __future__ import annotations

from loaders.artwork import ArtworkLoaders
from loaders.collection import CollectionLoaders
from loaders.credit import CreditLoaders
from loaders.external_id import ExternalIdLoaders
from loaders.genre import GenreLoaders
from loaders.history_event import HistoryEventLoaders
from loaders.job_run import JobRunLoaders
from loaders.library import LibraryLoaders
from loaders.media import MediaLoaders
from loaders.media_change import MediaChangeLoaders
from loaders.music import MusicLoaders
from loaders.person import PersonLoaders
from loaders.release import ReleaseLoaders
from loaders.release_group import ReleaseGroupLoaders
from loaders.tag import TagLoaders


class Loaders(
    ArtworkLoaders,
    CollectionLoaders,
    CreditLoaders,
    ExternalIdLoaders,
    GenreLoaders,
    HistoryEventLoaders,
    JobRunLoaders,
    LibraryLoaders,
    MediaLoaders,
    MediaChangeLoaders,
    MusicLoaders,
    PersonLoaders,
    ReleaseLoaders,
    ReleaseGroupLoaders,
    TagLoaders,
):
    """`Loaders.tags_by_media_id` is a declaration, `Loaders(reader).tags_by_media_id` its loader."""
