"""All loaders of one operation: one line a noun."""

from __future__ import annotations

from loaders.artwork import ArtworkLoaders
from loaders.categorisation import CategorisationLoaders
from loaders.channel import ChannelLoaders
from loaders.clip import ClipLoaders
from loaders.collection import CollectionLoaders
from loaders.credit import CreditLoaders
from loaders.external_id import ExternalIdLoaders
from loaders.genre import GenreLoaders
from loaders.highlight import HighlightLoaders
from loaders.history_event import HistoryEventLoaders
from loaders.job_log import JobLogLoaders
from loaders.job_run import JobRunLoaders
from loaders.job_schedule import JobScheduleLoaders
from loaders.library import LibraryLoaders
from loaders.media import MediaLoaders
from loaders.media_alias import MediaAliasLoaders
from loaders.media_change import MediaChangeLoaders
from loaders.media_file import MediaFileLoaders
from loaders.music import MusicLoaders
from loaders.person import PersonLoaders
from loaders.person_external_id import PersonExternalIdLoaders
from loaders.process_timestamp import ProcessTimestampLoaders
from loaders.release import ReleaseLoaders
from loaders.release_group import ReleaseGroupLoaders
from loaders.search.finding import SearchLoaders
from loaders.setting import SettingLoaders
from loaders.sql.attribute import Attributes
from loaders.subtitle import SubtitleLoaders
from loaders.suggestion import SuggestionLoaders
from loaders.tag import TagLoaders
from loaders.tagline import TaglineLoaders
from loaders.taxonomy_operation import TaxonomyOperationLoaders
from loaders.thumbnail import ThumbnailLoaders


class Loaders(
    ArtworkLoaders,
    CollectionLoaders,
    ChannelLoaders,
    ClipLoaders,
    CategorisationLoaders,
    CreditLoaders,
    ExternalIdLoaders,
    GenreLoaders,
    HighlightLoaders,
    HistoryEventLoaders,
    JobLogLoaders,
    JobRunLoaders,
    JobScheduleLoaders,
    LibraryLoaders,
    MediaAliasLoaders,
    MediaFileLoaders,
    MediaLoaders,
    MediaChangeLoaders,
    MusicLoaders,
    PersonLoaders,
    PersonExternalIdLoaders,
    ReleaseLoaders,
    ReleaseGroupLoaders,
    SubtitleLoaders,
    SuggestionLoaders,
    TagLoaders,
    TaxonomyOperationLoaders,
    ThumbnailLoaders,
    ProcessTimestampLoaders,
    SearchLoaders,
    SettingLoaders,
    TaglineLoaders,
):
    """`Loaders.tags_by_media_id` is a declaration, `Loaders(reader).tags_by_media_id` its loader."""


# What rows can be chosen by, by table.
ATTRIBUTES = {attributes.table: attributes for attributes in Attributes.__subclasses__()}
