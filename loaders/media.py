"""Media: by id, by external id, and in pages of the whole catalogue, of a library, a person or what else has media."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from database.row import Column, Row
from domain.bounds import RATING_TENTHS
from domain.enums import MediaKind
from domain.memberships import BY_NOUN
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Id, Number, Scaled, Text, Time, Word
from loaders.sql.count import Counts
from loaders.sql.facets import Facets
from loaders.sql.keyset import SortKey
from loaders.sql.measured_count import MeasuredCounts
from loaders.sql.page import Pages
from loaders.sql.source import OrderBy, Source
from loaders.sql.statement import BatchStatement


class MediaRow(Row):
    """Of table media; rating 0 to 10 with one decimal."""

    id = Column[int]()
    library_id = Column[int]()
    kind = Column[str]()
    title = Column[str]()
    year = Column["int | None"]()
    rating = Column["float | None"]("({t}.rating_tenths / 10.0)::float8")
    original_title = Column["str | None"]()
    sort_title = Column[str]()
    runtime_minutes = Column["int | None"]()
    added_at = Column[datetime]()
    updated_at = Column[datetime]()
    overview = Column["str | None"]()
    parent_id = Column["int | None"]()
    season_number = Column["int | None"]()
    episode_number = Column["int | None"]()
    version = Column[int]()
    metadata = Column[dict[str, Any]]()
    locked_fields = Column[list[str]]()


class MediaAttributes(Attributes, table="media", alias="m"):
    """What media can be chosen by, beside their metadata (loaders/sql/metadata.py)."""

    id = Id("media")
    kind = Word(MediaKind)
    title = Text()
    original_title = Text(nullable=True)
    overview = Text(nullable=True)
    year = Number()
    rating = Scaled(RATING_TENTHS, "rating_tenths")
    runtime_minutes = Number()
    season_number = Number()
    episode_number = Number()
    added_at = Time()
    updated_at = Time()
    library = Id("library", "library_id")
    parent = Id("media", "parent_id")


class MediaOrderField(StrEnum):
    """What media can be ordered by."""

    TITLE = "TITLE"
    YEAR = "YEAR"
    RATING = "RATING"
    ADDED_AT = "ADDED_AT"
    ID = "ID"
    SEASON = "SEASON"
    EPISODE = "EPISODE"
    KIND = "KIND"
    RUNTIME = "RUNTIME"
    UPDATED_AT = "UPDATED_AT"
    ORIGINAL_TITLE = "ORIGINAL_TITLE"
    RANDOM = "RANDOM"
    RELEVANCE = "RELEVANCE"


# Media by id.
MEDIA_BY_ID = BatchStatement(
    MediaRow, "SELECT m.id AS key, {columns:m} FROM media m WHERE m.id = {keys}{visible:m.library_id}"
)

# Media by external id; a key is "source:value", and no source has a colon in it.
MEDIA_BY_EXTERNAL_ID = BatchStatement(
    MediaRow,
    """SELECT key, {columns:m} FROM unnest($1::text[]) AS key
    JOIN external_id x ON x.source = split_part(key, ':', 1) AND x.value = substr(key, strpos(key, ':') + 1)
    JOIN media m ON m.id = x.media_id{visible:m.library_id}""",
    key_type="text",
)

# Media by the path of one of their files.
MEDIA_BY_PATH = BatchStatement(
    MediaRow,
    """SELECT f.path AS key, {columns:m} FROM media_file f JOIN media m ON m.id = f.media_id
    WHERE f.path = {keys}{visible:m.library_id}""",
    key_type="text",
)


# The columns of media that join tables copy.
COPIES = {f"m.{name}": f"j.{name}" for name in ("library_id", "sort_title", "year", "rating_tenths", "added_at")}


def sort_keys(alias: str) -> dict[str, SortKey]:
    """The orders of media; `alias`: the table that keeps the keys of class A, media itself or a join table's copies."""
    return {
        MediaOrderField.TITLE: SortKey(f"{alias}.sort_title", "text"),
        MediaOrderField.YEAR: SortKey(f"{alias}.year", "integer", nullable=True),
        MediaOrderField.RATING: SortKey(f"{alias}.rating_tenths", "integer", nullable=True),
        MediaOrderField.ADDED_AT: SortKey(f"{alias}.added_at", "time"),
        MediaOrderField.ID: SortKey("m.id" if alias == "m" else f"{alias}.media_id", "bigint"),
        **OWN_KEYS,
    }


# Stored on media alone, without an index: class B. Text goes by code point, as cursors compare it.
OWN_KEYS: dict[str, SortKey] = {
    MediaOrderField.SEASON: SortKey("m.season_number", "integer", nullable=True),
    MediaOrderField.EPISODE: SortKey("m.episode_number", "integer", nullable=True),
    MediaOrderField.KIND: SortKey('m.kind COLLATE "C"', "text"),
    MediaOrderField.RUNTIME: SortKey("m.runtime_minutes", "integer", nullable=True),
    MediaOrderField.UPDATED_AT: SortKey("m.updated_at", "time"),
    MediaOrderField.ORIGINAL_TITLE: SortKey("m.folded_original_title", "text", nullable=True),
    MediaOrderField.RANDOM: SortKey("hashint8extended(m.id, {value}::bigint)", "bigint"),
    MediaOrderField.RELEVANCE: SortKey(
        "round(ts_rank(to_tsvector('simple', m.folded_title), websearch_to_tsquery('simple', {value}::text))"
        " * 1000000)::integer",
        "integer",
    ),
}


def media_from_join(noun: str) -> Source[MediaRow]:
    """The media in media_<noun>, for a filter that chooses one of the noun."""
    return replace(media_by(noun), parent=None, count_table=None)


def media_by(noun: str) -> Source[MediaRow]:
    """The media of tags, genres, channels or people: ordered by the sort keys that media_<noun> copies."""
    return Source(
        MediaRow,
        alias="m",
        table=f"media_{noun} j JOIN media m ON m.id = j.media_id",
        id_sql="j.media_id",
        visible="j.library_id",
        parent=f"j.{noun}_id",
        sort=sort_keys("j"),
        count_table=f"{noun}_media_count",
        copies=COPIES,
        counted_table=f"media_{noun} j",
    )


# The whole catalogue.
MEDIA = Source(
    MediaRow,
    alias="m",
    table="media m",
    id_sql="m.id",
    visible="m.library_id",
    sort=sort_keys("m"),
    count_table="library_media_count",
    join_sources={f"media_{noun}": media_from_join(noun) for noun in (*BY_NOUN, "person", "collection")},
)

# The media of libraries.
MEDIA_BY_LIBRARY_ID = Source(
    MediaRow,
    alias="m",
    table="media m",
    id_sql="m.id",
    visible="m.library_id",
    parent="m.library_id",
    sort=sort_keys("m"),
    count_table="library_media_count",
)


# The seasons of series, the episodes of seasons.
MEDIA_BY_PARENT_ID = Source(
    MediaRow,
    alias="m",
    table="media m",
    id_sql="m.id",
    visible="m.library_id",
    parent="m.parent_id",
    sort=sort_keys("m"),
    default=(OrderBy(MediaOrderField.SEASON.value), OrderBy(MediaOrderField.EPISODE.value)),
)


# The media of collections, in the collection's own order, which is not among those that clients can choose.
MEDIA_BY_COLLECTION_ID = replace(
    media_by("collection"),
    sort={**sort_keys("j"), "POSITION": SortKey("j.position", "integer")},
    default=(OrderBy("POSITION"),),
)


class MediaLoaders(LoaderGroup):
    """Loaders of media. Each of pages has facets and counts beside it, which are declared below."""

    media_by_id = One[int, MediaRow](MEDIA_BY_ID)
    media_by_external_id = One[str, MediaRow](MEDIA_BY_EXTERNAL_ID)
    media_by_path = One[str, MediaRow](MEDIA_BY_PATH)
    media_count = Counts(MEDIA)
    media_pages = Pages(media_count)
    media_count_by_library_id = Counts(MEDIA_BY_LIBRARY_ID)
    media_pages_by_library_id = Pages(media_count_by_library_id)
    media_count_by_parent_id = Counts(MEDIA_BY_PARENT_ID)
    media_pages_by_parent_id = Pages(media_count_by_parent_id)
    media_count_by_person_id = Counts(media_by("person"))
    media_pages_by_person_id = Pages(media_count_by_person_id)
    media_count_by_collection_id = Counts(MEDIA_BY_COLLECTION_ID)
    media_pages_by_collection_id = Pages(media_count_by_collection_id)


for _noun in BY_NOUN:
    _count = Counts(media_by(_noun))
    MediaLoaders.declare(f"media_count_by_{_noun}_id", _count)
    MediaLoaders.declare(f"media_pages_by_{_noun}_id", Pages(_count))

for _pages in [one for one in vars(MediaLoaders).values() if isinstance(one, Pages)]:
    _place = _pages.name.removeprefix("media_pages")
    _pages.facets = Facets(_pages.source)
    _pages.measured_count = MeasuredCounts(_pages.source)
    MediaLoaders.declare(f"media_facets{_place}", _pages.facets)
    MediaLoaders.declare(f"media_measured_count{_place}", _pages.measured_count)
