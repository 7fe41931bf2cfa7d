"""Media and its connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain.bounds import RATING_TENTHS, ROWS_OF_A_MEDIA
from domain.media_lists import MediaList
from domain.memberships import Membership
from engine.relation import WEIGHT, lookup, relation
from loaders.core.batch_loader import Many
from loaders.media import MediaRow
from loaders.registry import Loaders
from schema.core.enums import MediaKind, MetadataField
from schema.core.membership_fields import MadeField, carried, lazy, media_list_fields, membership_fields
from schema.core.node import IdArgument, Node, load_by_id, node_type
from schema.core.paging import Connection, connection
from schema.core.scalars import JSON
from schema.count import Count, media_count
from schema.credit import CREDIT_SELECTORS, Credit
from schema.external_id import by_external_id
from schema.facet import Facet, media_facets
from schema.filter.media_filter import MEDIA_SELECTORS
from schema.history_event import HISTORY_SELECTORS, HistoryEvent
from schema.release import RELEASE_SELECTORS, Release

if TYPE_CHECKING:
    from schema.clip import Clip
    from schema.collection import Collection
    from schema.library import Library
    from schema.music import Music


LONG = 24  # usual values, which an overview or metadata counts for


def bounded_list(ref: Many[int, Any], words: str) -> Any:
    """A list of what hangs on a media, which is bounded; its description says so."""
    bound = ROWS_OF_A_MEDIA[ref.statement.table]
    return relation(ref, key=MediaRow.id, bound=bound, description=f"{words}; at most {bound}.")


def list_of_media(one: Membership | MediaList, words: str) -> Iterator[MadeField]:
    """Media.tags and Media.taglines and the like."""
    ordered = f"Its {one.plural} by name" if isinstance(one, Membership) else f"Its {one.plural.replace('_', ' ')}"
    field = bounded_list(getattr(Loaders, f"{one.plural}_by_media_id"), words or ordered)
    yield MadeField(one.plural, list[lazy(one)], field)  # type: ignore[misc]


@node_type(MediaRow, "media", Loaders.media_by_id, description="A movie, series, season, episode, clip or track.")
@membership_fields(list_of_media)
@media_list_fields(list_of_media)
class Media(Node):
    kind: MediaKind = strawberry.field(description="What it is.")
    title: str = strawberry.field(description="Its title.")
    original_title: str | None = strawberry.field(description="Its title in its own language, where that differs.")
    sort_title: str = strawberry.field(
        description="The title by which it is sorted: folded, without a leading article."
    )
    year: int | None = strawberry.field(description="Year of its first release.")
    overview: str | None = strawberry.field(description="What it is about.", metadata={WEIGHT: LONG})
    rating: float | None = strawberry.field(description=f"Rating {RATING_TENTHS.description}, one decimal.")
    runtime_minutes: int | None = strawberry.field(description="Running time in minutes.")
    added_at: datetime = strawberry.field(description="When it was added to the catalogue.")
    updated_at: datetime = strawberry.field(description="When its own fields were last changed.")
    season_number: int | None = strawberry.field(description="Number of a season, or of an episode's season.")
    episode_number: int | None = strawberry.field(description="Number of an episode within its season.")
    version: int = strawberry.field(
        description="Version of its own fields, from 1: pass it with an edit to detect conflicting changes."
    )
    metadata: JSON = strawberry.field(description="Further metadata: a JSON object.", metadata={WEIGHT: LONG})
    locked_fields: list[MetadataField] = strawberry.field(
        description="What of it `refreshMetadata` leaves as it is, by name."
    )
    parent: Annotated[Media, strawberry.lazy("schema.media")] | None = relation(
        Loaders.media_by_id, key=MediaRow.parent_id, description="The series of a season, the season of an episode."
    )
    children: Annotated[MediaConnection, strawberry.lazy("schema.media")] = connection(
        Loaders.media_pages_by_parent_id,
        MEDIA_SELECTORS,
        key=MediaRow.id,
        usual=10,
        description="The seasons of a series, the episodes of a season; by number unless orderBy is given.",
    )
    library: Annotated[Library, strawberry.lazy("schema.library")] = relation(
        Loaders.library_by_id, key=MediaRow.library_id, required=True, description="The library that it belongs to."
    )
    tags: Any = carried()
    genres: Any = carried()
    external_ids: Any = carried("Its ids at other services, by source and value")
    aliases: Any = carried("Its other titles, by title")
    taglines: Any = carried("Its taglines in order")
    categories: Any = carried("Its categories, by category and value")
    processes: Any = carried("Which processes have processed it and when, by name")
    files: Any = carried("Its files by path")
    artwork: Any = carried("Its pictures by type")
    channels: Any = carried("The TV channels that it is on, by name")
    clip: Annotated[Clip, strawberry.lazy("schema.clip")] | None = relation(
        Loaders.clip_by_media_id, key=MediaRow.id, description="The file of a clip; null for other media."
    )
    thumbnails: Any = carried("Its thumbnails by offset")
    subtitles: Any = carried("Its subtitles by language")
    credits: Connection[Credit] = connection(
        Loaders.credit_pages_by_media_id,
        CREDIT_SELECTORS,
        key=MediaRow.id,
        usual=10,
        description="Who made it, in billing order.",
    )
    collections: list[Annotated[Collection, strawberry.lazy("schema.collection")]] = bounded_list(
        Loaders.collections_by_media_id, "The collections that it is in, by name"
    )
    music: Annotated[Music, strawberry.lazy("schema.music")] | None = relation(
        Loaders.music_by_media_id, key=MediaRow.id, description="Musical properties, for example tempo and key."
    )
    releases: Connection[Release] = connection(
        Loaders.release_pages_by_media_id,
        RELEASE_SELECTORS,
        key=MediaRow.id,
        usual=10,
        description="Its releases, newest first.",
    )
    history: Connection[HistoryEvent] = connection(
        Loaders.history_event_pages_by_media_id,
        HISTORY_SELECTORS,
        key=MediaRow.id,
        usual=10,
        description="What happened to it, newest first.",
    )


@strawberry.type(description="A page of a list.")
class MediaConnection(Connection[Media]):
    facets: list[Facet] | None = media_facets()
    count: Count | None = media_count()


@strawberry.type
class MediaQuery:
    """Root fields of media."""

    media_item: Media | None = lookup(
        load_by_id(Loaders.media_by_id, "media"),
        parameters={"id": IdArgument},
        description="A media by its id; null if it does not exist or is not visible.",
    )
    media_by_external_id: Media | None = by_external_id(
        Loaders.media_by_external_id, "wikipedia, imdb or tmdb", "A media by its id at another service."
    )
    media: MediaConnection | None = connection(Loaders.media_pages, MEDIA_SELECTORS, description="All media.")
