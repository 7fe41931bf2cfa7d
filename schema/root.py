"""The schema: one line a noun."""

from __future__ import annotations

import strawberry

from schema.artwork import ArtworkQuery
from schema.clip import ClipQuery
from schema.collection import CollectionQuery
from schema.core.federation import Schema
from schema.core.membership_fields import named_types
from schema.core.named import NamedQuery
from schema.core.node import NodeQuery
from schema.credit import CreditQuery
from schema.edit.collection_edit import CollectionMutation
from schema.edit.job_edit import JobMutation, StartMutation
from schema.edit.library_edit import LibraryMutation
from schema.edit.media_edit import MediaMutation
from schema.edit.media_upsert import UpsertMutation
from schema.edit.membership_edit import CategoryMutation, MembershipMutation
from schema.edit.metadata_edit import MetadataMutation
from schema.edit.noun_edit import NounMutation
from schema.edit.taxonomy_edit import TaxonomyMutation
from schema.history_event import HistoryEventQuery
from schema.job_progress import JobProgressSubscription
from schema.job_run import JobRunQuery
from schema.job_schedule import JobScheduleQuery
from schema.library import LibraryQuery
from schema.media import MediaQuery
from schema.media_change import MediaChangeQuery
from schema.media_file import MediaFileQuery
from schema.metadata import MetadataQuery
from schema.person import PersonQuery
from schema.process_timestamp import ProcessTimestampQuery
from schema.provider_cache import ProviderCacheMutation, ProviderCacheQuery
from schema.release import ReleaseQuery
from schema.release_group import ReleaseGroupQuery
from schema.search import SearchRoot
from schema.setting import SettingMutation, SettingQuery
from schema.subtitle import SubtitleQuery
from schema.suggestion import SuggestionQuery
from schema.taxonomy_operation import TaxonomyOperationQuery
from schema.thumbnail import ThumbnailQuery


@strawberry.type(description="The root of all queries.")
class Query(
    NodeQuery,
    MediaQuery,
    MediaChangeQuery,
    NamedQuery,
    PersonQuery,
    LibraryQuery,
    CollectionQuery,
    ReleaseQuery,
    ReleaseGroupQuery,
    JobRunQuery,
    JobScheduleQuery,
    HistoryEventQuery,
    CreditQuery,
    ArtworkQuery,
    ClipQuery,
    ThumbnailQuery,
    SubtitleQuery,
    MediaFileQuery,
    ProcessTimestampQuery,
    SettingQuery,
    TaxonomyOperationQuery,
    ProviderCacheQuery,
    MetadataQuery,
    SearchRoot,
    SuggestionQuery,
):
    """All root fields."""


@strawberry.type(description="All mutations: executed one after the other, each in its own transaction.")
class Mutation(
    MediaMutation,
    UpsertMutation,
    MembershipMutation,
    CategoryMutation,
    NounMutation,
    CollectionMutation,
    LibraryMutation,
    TaxonomyMutation,
    StartMutation,  # type: ignore[misc]
    JobMutation,
    SettingMutation,
    ProviderCacheMutation,
    MetadataMutation,
):
    """All edits."""


@strawberry.type(description="All subscriptions: over a WebSocket (graphql-transport-ws) or as an event stream.")
class Subscription(JobProgressSubscription):
    """All that can be watched."""


schema = Schema(query=Query, mutation=Mutation, subscription=Subscription, types=named_types())
