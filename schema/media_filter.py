"""MediaFilter and MediaOrder: what clients say, and the loader's canonical form of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from loaders import media_filter as rows
from loaders.source import Filter, OrderBy
from schema.name_filter import folded, read_order
from schema.node import decode_id
from schema.paging import Selectors, SortDirection, argument, read_list


@strawberry.enum(description="What a media is.")
class MediaKind(Enum):
    MOVIE = strawberry.enum_value("MOVIE", description="A film.")
    SERIES = strawberry.enum_value("SERIES", description="A series of seasons.")
    SEASON = strawberry.enum_value("SEASON", description="A season of a series.")
    EPISODE = strawberry.enum_value("EPISODE", description="An episode of a season.")
    CLIP = strawberry.enum_value("CLIP", description="A short video.")
    TRACK = strawberry.enum_value("TRACK", description="A piece of music, MIDI files among them.")


@strawberry.input(description="A range of whole numbers, both ends included.")
class IntRange:
    min: int | None = strawberry.field(default=None, description="At least this.")
    max: int | None = strawberry.field(default=None, description="At most this.")
    is_null: bool | None = strawberry.field(
        default=None, description="true: only without a value; false: only with one."
    )


@strawberry.input(description="A range of numbers, both ends included.")
class FloatRange:
    min: float | None = strawberry.field(default=None, description="At least this.")
    max: float | None = strawberry.field(default=None, description="At most this.")
    is_null: bool | None = strawberry.field(
        default=None, description="true: only without a value; false: only with one."
    )


@strawberry.input(one_of=True, description="A tag or genre, by exactly one of id and name.")
class NameOrId:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its name or an alias; case and accents do not matter."
    )


@strawberry.input(description="Conditions on the tags or genres of a media; all given ones hold together.")
class RelationFilter:
    any: list[NameOrId] | None = strawberry.field(default=None, description="It has at least one of these.")
    all: list[NameOrId] | None = strawberry.field(default=None, description="It has every one of these.")
    none: list[NameOrId] | None = strawberry.field(default=None, description="It has not one of these.")


@strawberry.input(description="Conditions on media; all given ones hold together.")
class MediaFilter:
    kind: list[MediaKind] | None = strawberry.field(default=None, description="It is of one of these kinds.")
    title: str | None = strawberry.field(
        default=None, description="Its title contains this text; case and accents do not matter."
    )
    year: IntRange | None = strawberry.field(default=None, description="Its year.")
    rating: FloatRange | None = strawberry.field(default=None, description="Its rating, 0 to 10.")
    library: list[strawberry.ID] | None = strawberry.field(default=None, description="It is in one of these libraries.")
    tags: RelationFilter | None = strawberry.field(default=None, description="Its tags.")
    genres: RelationFilter | None = strawberry.field(default=None, description="Its genres.")


@strawberry.enum(description="What media can be ordered by.")
class MediaOrderField(Enum):
    TITLE = strawberry.enum_value("TITLE", description="The title without a leading article.")
    YEAR = strawberry.enum_value("YEAR", description="The year; media without one come last.")
    RATING = strawberry.enum_value("RATING", description="The rating; media without one come last.")
    ADDED_AT = strawberry.enum_value("ADDED_AT", description="When it was added to the catalogue.")
    SEASON = strawberry.enum_value("SEASON", description="The number of the season; media without one come last.")
    EPISODE = strawberry.enum_value("EPISODE", description="The number of the episode; media without one come last.")


@strawberry.input(description="One key of an order; equal media are ordered by the next key, at last by id.")
class MediaOrder:
    field: MediaOrderField = strawberry.field(description="What to order by.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="Which way.")


def read_relation(given: RelationFilter | None, prefix: str) -> rows.RelationFilter:
    """The loader's form of conditions on tags (prefix "tag") or genres."""
    if given is None:
        return rows.RelationFilter()
    anyone = given.any
    return rows.RelationFilter(
        None if anyone is None else read_names(anyone, prefix),
        read_names(given.all or [], prefix),
        read_names(given.none or [], prefix),
    )


def read_names(given: list[NameOrId], prefix: str) -> tuple[rows.NameOrId, ...]:
    """Sorted and without repetitions, so that equal conditions are equal."""
    found = {
        rows.NameOrId(name=folded(one.name))
        if isinstance(one.name, str)
        else rows.NameOrId(id=decode_id(one.id or "", prefix))
        for one in read_list(given)
    }
    return tuple(sorted(found, key=lambda one: (one.id or 0, one.name or "")))


def tenths(value: float | None, round_to: Any) -> int | None:
    """A rating in tenths, rounded into the range: at least 7.25 means 73 tenths, at most 7.25 means 72."""
    return None if value is None else round_to(round(max(-1.0, min(11.0, value)) * 10, 6))


def read_filter(given: MediaFilter | None) -> rows.MediaFilter | None:
    """The loader's filter, None where nothing is asked."""
    if given is None:
        return None
    year, rating = given.year, given.rating
    kinds, libraries = given.kind, given.library
    chosen = rows.MediaFilter(
        kind=None if kinds is None else tuple(sorted({kind.value for kind in read_list(kinds)})),
        title=(folded(given.title) or None) if given.title else None,
        year=rows.Range() if year is None else rows.Range(year.min, year.max, year.is_null),
        rating_tenths=rows.Range()
        if rating is None
        else rows.Range(tenths(rating.min, math.ceil), tenths(rating.max, math.floor), rating.is_null),
        library=None
        if libraries is None
        else tuple(sorted({decode_id(text, "library") for text in read_list(libraries)})),
        tags=read_relation(given.tags, "tag"),
        genres=read_relation(given.genres, "genre"),
    )
    return None if chosen == rows.MediaFilter() else chosen


def read_media(arguments: Mapping[str, Any]) -> tuple[Filter | None, tuple[OrderBy, ...]]:
    """Filter and order of a connection of media."""
    return read_filter(arguments["filter"]), read_order(arguments["order_by"])


MEDIA_SELECTORS = Selectors(
    {
        "filter": argument(MediaFilter | None, "Only media for which these conditions hold."),
        "order_by": argument(list[MediaOrder] | None, "The order; by id if not given."),
    },
    read_media,
)
