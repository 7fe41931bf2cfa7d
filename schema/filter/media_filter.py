"""MediaFilter: what clients say of media, predicate by predicate, and the loader's canonical form of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import strawberry

from domain.bounds import RATING_TENTHS
from domain.errors import CatalogError, Code
from domain.media_lists import MediaList
from domain.memberships import Membership
from loaders.clip import ClipAttributes
from loaders.collection import COLLECTION_NAMES
from loaders.credit import CreditAttributes
from loaders.media import MediaAttributes
from loaders.music import MusicAttributes
from loaders.person import PERSON_NAMES
from loaders.registry import ATTRIBUTES
from loaders.release import ReleaseAttributes
from loaders.sql.condition import All, Condition, HasWords, Like, any_of, negated
from loaders.sql.named_condition import names_of
from loaders.sql.related import CHILDREN, parent_is
from loaders.sql.source import OrderBy
from loaders.sql.unknown_name import FilterName
from schema.core.enums import MediaKind
from schema.core.membership_fields import MadeField, carried, media_list_fields, membership_fields
from schema.core.paging import Selectors, argument
from schema.filter.media_match import ClipMatch, CreditMatch, MusicMatch, ReleaseMatch, match_of
from schema.filter.media_order import MediaOrder, read_media_key
from schema.filter.metadata_filter import MetadataFilter, read_metadata
from schema.filter.name_filter import folded
from schema.filter.predicate import predicate
from schema.filter.reading import Reading, conditions
from schema.filter.relation_filter import MISSING, Filter, RelationFilter, named, read_relation, rows, single_row
from schema.filter.value_filter import FloatRange, IntRange, TextFilter, TimeRange

MAX_SEARCH_LENGTH = 2_000


def read_title(given: str, reading: Reading) -> Iterator[Condition]:
    """Titles that contain a text; an empty one asks for nothing."""
    if text := folded(given):
        yield Like(MediaAttributes.title.column, text)


def read_search(given: str, reading: Reading) -> Iterator[Condition]:
    """Titles with these words; an empty text asks for nothing."""
    if text := searched(given):
        yield HasWords(MediaAttributes.title.column, text)


def searched(given: str | None) -> str:
    """The words that are searched for; BAD_ARGUMENT for more of them than PostgreSQL takes as one."""
    text = folded(given or "")
    if len(text.encode()) > MAX_SEARCH_LENGTH:
        raise CatalogError(Code.BAD_ARGUMENT, f"A search has at most {MAX_SEARCH_LENGTH} bytes.")
    return text


def read_and(given: list[MediaFilter], reading: Reading) -> list[Condition]:
    return [read_tree(one, reading) for one in reading.list(given)]


def read_or(given: list[MediaFilter], reading: Reading) -> list[Condition]:
    return [any_of(read_and(given, reading))]


def read_not(given: MediaFilter, reading: Reading) -> list[Condition]:
    return [negated(read_tree(given, reading))]


def read_children(given: ChildrenFilter, reading: Reading) -> Iterator[Condition]:
    def these(given: list[MediaFilter], reading: Reading) -> Condition:
        return any_of(read_tree(one, reading) for one in given)

    return read_relation(CHILDREN, given, reading, these)


def read_parent(given: MediaFilter, reading: Reading) -> list[Condition]:
    return [parent_is(read_tree(given, reading))]


@strawberry.input(description="Conditions on the seasons or episodes of a media; all given ones hold together.")
class ChildrenFilter:
    any: list[MediaFilter] | None = strawberry.field(
        default=None, description="One of these holds for at least one of them."
    )
    all: list[MediaFilter] | None = strawberry.field(
        default=None, description="Each of these holds for at least one of them."
    )
    none: list[MediaFilter] | None = strawberry.field(default=None, description="None of these holds for any of them.")
    missing: bool | None = strawberry.field(default=None, description=MISSING)
    count: IntRange | None = strawberry.field(default=None, description="How many it has.")


def filter_of_media(one: Membership, words: str) -> Iterator[MadeField]:
    """MediaFilter.tags and the like."""
    field = predicate(named(names_of(one.noun)), words or f"Its {one.plural}.")
    yield MadeField(one.plural, RelationFilter | None, field)


def filter_of_list(one: MediaList, words: str) -> Iterator[MadeField]:
    """MediaFilter.taglines and the like."""
    field = predicate(rows(ATTRIBUTES[one.table]), words or f"Its {one.plural.replace('_', ' ')}.")
    yield MadeField(one.plural, Filter[match_of(one)] | None, field)  # type: ignore[misc]


@strawberry.input(description="Conditions on media; all given ones hold together.")
@membership_fields(filter_of_media)
@media_list_fields(filter_of_list)
class MediaFilter:
    and_: list[MediaFilter] | None = predicate(read_and, "All of these hold.", name="and")
    or_: list[MediaFilter] | None = predicate(
        read_or, "At least one of these holds; an empty list matches nothing.", name="or"
    )
    not_: MediaFilter | None = predicate(
        read_not,
        "This does not hold. Comparisons with a missing value do not hold, so their `not` matches.",
        name="not",
    )
    id: list[strawberry.ID] | None = predicate(MediaAttributes.id, "It is one of these.")
    kind: list[MediaKind] | None = predicate(MediaAttributes.kind, "It is of one of these kinds.")
    title: str | None = predicate(read_title, "Its title contains this text; case and accents do not matter.")
    title_text: TextFilter | None = predicate(MediaAttributes.title, "Its title; case and accents do not matter.")
    original_title: TextFilter | None = predicate(
        MediaAttributes.original_title,
        "Its title in its own language; case and accents do not matter.",
    )
    overview: TextFilter | None = predicate(
        MediaAttributes.overview, "What it is about; case and accents do not matter."
    )
    search: str | None = predicate(
        read_search,
        'Words of its title, in any order: "words in quotes" are adjacent, -word does not occur, or means either.',
    )
    year: IntRange | None = predicate(MediaAttributes.year, "Its year.")
    rating: FloatRange | None = predicate(MediaAttributes.rating, f"Its rating, {RATING_TENTHS.description}.")
    runtime_minutes: IntRange | None = predicate(MediaAttributes.runtime_minutes, "Its running time in minutes.")
    season_number: IntRange | None = predicate(MediaAttributes.season_number, "The number of the season.")
    episode_number: IntRange | None = predicate(MediaAttributes.episode_number, "The number of the episode.")
    added_at: TimeRange | None = predicate(MediaAttributes.added_at, "When it was added.")
    updated_at: TimeRange | None = predicate(MediaAttributes.updated_at, "When its own fields were last changed.")
    library: list[strawberry.ID] | None = predicate(MediaAttributes.library, "It is in one of these libraries.")
    parent: list[strawberry.ID] | None = predicate(
        MediaAttributes.parent, "It is a season of one of these series, or an episode of one of these."
    )
    parent_matching: MediaFilter | None = predicate(
        read_parent,
        "It has a parent that matches: the series of a season, the season or series of an episode.",
    )
    children: ChildrenFilter | None = predicate(
        read_children,
        "Its children, as far as they are visible: the seasons of a series, the episodes of a season.",
    )
    metadata: list[MetadataFilter] | None = predicate(read_metadata, "Its metadata match all of these.")
    tags: RelationFilter | None = carried()
    genres: RelationFilter | None = carried()
    people: RelationFilter | None = predicate(named(PERSON_NAMES), "The people who made it, each once.")
    channels: RelationFilter | None = carried("The TV channels that it is shown on.")
    collections: RelationFilter | None = predicate(named(COLLECTION_NAMES), "The collections that it is in.")
    credits: Filter[CreditMatch] | None = predicate(rows(CreditAttributes), "Its credits.")
    external_ids: Any = carried("Its ids at other services.")
    artwork: Any = carried("Its pictures.")
    aliases: Any = carried("Its other titles.")
    taglines: Any = carried("Its taglines.")
    categories: Any = carried("Its categories with their values.")
    processes: Any = carried("Which processes have processed it and when.")
    files: Any = carried("Its files.")
    subtitles: Any = carried("Its subtitles.")
    thumbnails: Any = carried("Its thumbnails.")
    releases: Filter[ReleaseMatch] | None = predicate(rows(ReleaseAttributes), "Its releases.")
    music: MusicMatch | None = predicate(
        single_row(MusicAttributes), "Its musical properties; other media have no values for them."
    )
    clip: ClipMatch | None = predicate(
        single_row(ClipAttributes), "Its properties as a clip; other media have no values for them."
    )


def read_tree(given: MediaFilter, reading: Reading) -> Condition:
    """The condition that a filter means."""
    with reading.deeper():
        return conditions(given, reading)


def read_filter(given: MediaFilter | None) -> All | None:
    """The loader's filter, None where nothing is asked."""
    if given is None:
        return None
    reading = Reading()
    return filtered(read_tree(given, reading), reading.called)


def filtered(found: Condition, called: Iterable[FilterName] = ()) -> All | None:
    """A condition as the filter of a list, with the names in it; None where it asks for nothing."""
    parts = found.parts if isinstance(found, All) else (found,)
    return All(parts, tuple(called)) if parts else None


def read_media(arguments: Mapping[str, Any]) -> tuple[All | None, tuple[OrderBy, ...]]:
    """Filter and order of a connection of media."""
    given: MediaFilter | None = arguments["filter"]
    words = searched(given.search) if given is not None else ""
    return read_filter(given), tuple(read_media_key(by, words) for by in arguments["order_by"] or ())


MEDIA_SELECTORS = Selectors(
    {
        "filter": argument(MediaFilter | None, "Only media for which these conditions hold."),
        "order_by": argument(list[MediaOrder] | None, "The order; by id if not given."),
    },
    read_media,
)
