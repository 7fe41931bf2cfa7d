"""MediaFilter: what clients say of media, predicate by predicate, and the loader's canonical form of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import partial
from typing import Any

import strawberry

from domain.bounds import RATING_TENTHS
from domain.errors import CatalogError, Code
from loaders.sql.condition import (
    CHILD,
    CHILD_COUNT,
    PARENT,
    All,
    Condition,
    HasWords,
    Like,
    any_of,
    negated,
    relative,
)
from loaders.sql.named_condition import CHANNEL_NAMES, COLLECTION_NAMES, GENRE_NAMES, PERSON_NAMES, TAG_NAMES
from loaders.sql.source import OrderBy
from loaders.sql.unknown_name import Called
from schema.core.paging import Selectors, argument
from schema.filter.media_match import (
    AliasMatch,
    ArtworkMatch,
    CategoryMatch,
    ClipMatch,
    CreditMatch,
    ExternalIdMatch,
    FileMatch,
    MusicMatch,
    ProcessMatch,
    ReleaseMatch,
    SubtitleMatch,
    TaglineMatch,
    ThumbnailMatch,
)
from schema.filter.media_order import MediaOrder, read_order
from schema.filter.metadata_filter import MetadataFilter, read_metadata
from schema.filter.name_filter import folded
from schema.filter.predicate import (
    FloatRange,
    IntRange,
    Reading,
    TextFilter,
    TimeRange,
    asked,
    chosen,
    conditions,
    ids,
    numbers,
    scaled,
    texts,
    times,
)
from schema.filter.relation_filter import (
    MISSING,
    Filter,
    Hanging,
    RelationFilter,
    facts,
    named,
    read_relation,
    rows,
)

LONGEST_SEARCH = 2_000


@strawberry.enum(description="What a media is.")
class MediaKind(Enum):
    MOVIE = strawberry.enum_value("MOVIE", description="A film.")
    SERIES = strawberry.enum_value("SERIES", description="A series of seasons.")
    SEASON = strawberry.enum_value("SEASON", description="A season of a series.")
    EPISODE = strawberry.enum_value("EPISODE", description="An episode of a season.")
    CLIP = strawberry.enum_value("CLIP", description="A short video.")
    TRACK = strawberry.enum_value("TRACK", description="A piece of music, MIDI files among them.")


def read_title(given: str, reading: Reading) -> Iterator[Condition]:
    """Titles that contain a text; an empty one asks for nothing."""
    if text := folded(given):
        yield Like("m.folded_title", text)


def read_search(given: str, reading: Reading) -> Iterator[Condition]:
    """Titles with these words; an empty text asks for nothing."""
    if text := searched(given):
        yield HasWords("m.folded_title", text)


def searched(given: str | None) -> str:
    """The words that are searched for; BAD_ARGUMENT for more of them than PostgreSQL takes as one."""
    text = folded(given or "")
    if len(text.encode()) > LONGEST_SEARCH:
        raise CatalogError(Code.BAD_ARGUMENT, f"A search has at most {LONGEST_SEARCH} bytes.")
    return text


def read_and(given: list[MediaFilter], reading: Reading) -> list[Condition]:
    return [read_tree(one, reading) for one in reading.list(given)]


def read_or(given: list[MediaFilter], reading: Reading) -> list[Condition]:
    return [any_of(read_and(given, reading))]


def read_not(given: MediaFilter, reading: Reading) -> list[Condition]:
    return [negated(read_tree(given, reading))]


CHILDREN = Hanging(partial(relative, CHILD), CHILD_COUNT)


def read_children(given: ChildrenFilter, reading: Reading) -> Iterator[Condition]:
    def these(given: list[MediaFilter], reading: Reading) -> Condition:
        return any_of(read_tree(one, reading) for one in given)

    return read_relation(CHILDREN, given, reading, these)


def read_parent(given: MediaFilter, reading: Reading) -> list[Condition]:
    return [relative(PARENT, read_tree(given, reading))]


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


@strawberry.input(description="Conditions on media; all given ones hold together.")
class MediaFilter:
    and_: list[MediaFilter] | None = asked(read_and, "All of these hold.", name="and")
    or_: list[MediaFilter] | None = asked(
        read_or, "At least one of these holds; of an empty list none does.", name="or"
    )
    not_: MediaFilter | None = asked(
        read_not, "This does not hold; a comparison with a value that is missing does not.", name="not"
    )
    id: list[strawberry.ID] | None = asked(ids("m.id", "media"), "It is one of these.")
    kind: list[MediaKind] | None = asked(chosen("m.kind"), "It is of one of these kinds.")
    title: str | None = asked(read_title, "Its title contains this text; case and accents do not matter.")
    title_text: TextFilter | None = asked(texts("m.folded_title"), "Its title; case and accents do not matter.")
    original_title: TextFilter | None = asked(
        texts("m.folded_original_title", written="m.original_title"),
        "Its title in its own language; case and accents do not matter.",
    )
    overview: TextFilter | None = asked(
        texts("m.folded_overview", written="m.overview"), "What it is about; case and accents do not matter."
    )
    search: str | None = asked(
        read_search,
        'Whole words of its title, in any order; "words in quotes" stand together, -word is not there, or is either.',
    )
    year: IntRange | None = asked(numbers("m.year"), "Its year.")
    rating: FloatRange | None = asked(
        scaled("m.rating_tenths", RATING_TENTHS.parts), f"Its rating, {RATING_TENTHS.words}."
    )
    runtime_minutes: IntRange | None = asked(numbers("m.runtime_minutes"), "Its running time in minutes.")
    season_number: IntRange | None = asked(numbers("m.season_number"), "The number of the season.")
    episode_number: IntRange | None = asked(numbers("m.episode_number"), "The number of the episode.")
    added_at: TimeRange | None = asked(times("m.added_at"), "When it was added.")
    updated_at: TimeRange | None = asked(times("m.updated_at"), "When its own fields were last changed.")
    library: list[strawberry.ID] | None = asked(ids("m.library_id", "library"), "It is in one of these libraries.")
    parent: list[strawberry.ID] | None = asked(
        ids("m.parent_id", "media"), "It is a season of one of these series, or an episode of one of these."
    )
    parent_matching: MediaFilter | None = asked(
        read_parent, "It hangs on a series or season for which this holds; what hangs on none is not found."
    )
    children: ChildrenFilter | None = asked(
        read_children,
        "What hangs on it: the seasons of a series, the episodes of a season, as far as you may see them.",
    )
    metadata: list[MetadataFilter] | None = asked(read_metadata, "All of these hold of its metadata.")
    tags: RelationFilter | None = asked(named("media_tag", "tag_id", TAG_NAMES, "tag"), "Its tags.")
    genres: RelationFilter | None = asked(named("media_genre", "genre_id", GENRE_NAMES, "genre"), "Its genres.")
    people: RelationFilter | None = asked(
        named("media_person", "person_id", PERSON_NAMES, "person"), "The people who made it, each once."
    )
    channels: RelationFilter | None = asked(
        named("media_channel", "channel_id", CHANNEL_NAMES, "channel"), "The TV channels that it is shown on."
    )
    collections: RelationFilter | None = asked(
        named("media_collection", "collection_id", COLLECTION_NAMES, "collection"), "The collections that it is in."
    )
    credits: Filter[CreditMatch] | None = asked(rows("credit"), "Who did what on it.")
    external_ids: Filter[ExternalIdMatch] | None = asked(rows("external_id"), "What other services call it.")
    artwork: Filter[ArtworkMatch] | None = asked(rows("artwork"), "Its pictures.")
    aliases: Filter[AliasMatch] | None = asked(rows("media_alias"), "Its other titles.")
    taglines: Filter[TaglineMatch] | None = asked(rows("tagline"), "Its taglines.")
    categories: Filter[CategoryMatch] | None = asked(rows("categorisation"), "Its categories with their values.")
    processes: Filter[ProcessMatch] | None = asked(rows("process_timestamp"), "When it was processed by what.")
    files: Filter[FileMatch] | None = asked(rows("media_file"), "Its files.")
    subtitles: Filter[SubtitleMatch] | None = asked(rows("subtitle"), "Its subtitles.")
    thumbnails: Filter[ThumbnailMatch] | None = asked(rows("thumbnail"), "Its thumbnails.")
    releases: Filter[ReleaseMatch] | None = asked(rows("release"), "Its releases.")
    music: MusicMatch | None = asked(facts("music"), "What is known of it as music; nothing of it is known of others.")
    clip: ClipMatch | None = asked(facts("clip"), "What is known of it as a clip; nothing of it is known of others.")


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


def filtered(found: Condition, called: Iterable[Called] = ()) -> All | None:
    """A condition as the filter of a list, with the names in it; None where it asks for nothing."""
    parts = found.parts if isinstance(found, All) else (found,)
    return All(parts, tuple(called)) if parts else None


def read_media(arguments: Mapping[str, Any]) -> tuple[All | None, tuple[OrderBy, ...]]:
    """Filter and order of a connection of media."""
    given: MediaFilter | None = arguments["filter"]
    words = searched(given.search) if given is not None else ""
    return read_filter(given), read_order(arguments["order_by"], words)


MEDIA_SELECTORS = Selectors(
    {
        "filter": argument(MediaFilter | None, "Only media for which these conditions hold."),
        "order_by": argument(list[MediaOrder] | None, "The order; by id if not given."),
    },
    read_media,
)
