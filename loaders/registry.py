"""All loaders of one operation: one line a noun."""

from __future__ import annotations

from loaders.artwork import ArtworkLoaders
from loaders.categorisation import CategorisationLoaders
from loaders.credit import CreditLoaders
from loaders.external_id import ExternalIdLoaders
from loaders.genre import GenreLoaders
from loaders.library import LibraryLoaders
from loaders.media import MediaLoaders
from loaders.media_alias import MediaAliasLoaders
from loaders.media_file import MediaFileLoaders
from loaders.person import PersonLoaders
from loaders.process_timestamp import ProcessTimestampLoaders
from loaders.setting import SettingLoaders
from loaders.tag import TagLoaders
from loaders.tagline import TaglineLoaders


class Loaders(
    ArtworkLoaders,
    CategorisationLoaders,
    CreditLoaders,
    ExternalIdLoaders,
    GenreLoaders,
    LibraryLoaders,
    MediaAliasLoaders,
    MediaFileLoaders,
    MediaLoaders,
    PersonLoaders,
    ProcessTimestampLoaders,
    SettingLoaders,
    TagLoaders,
    TaglineLoaders,
):
    """`Loaders.tags_by_media_id` is a declaration, `Loaders(reader).tags_by_media_id` its loader."""
