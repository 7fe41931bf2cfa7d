"""Filters over what belongs to media: things by id or name, rows by their attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeAlias, TypeVar

import strawberry

from loaders.sql.attribute import Attributes
from loaders.sql.condition import ALWAYS, Condition, any_of, negated
from loaders.sql.named_condition import NameTable
from loaders.sql.related import Related, carried, related_row, related_rows
from schema.filter.name_or_id import NameOrId, read_things
from schema.filter.reading import Read, Reading, conditions
from schema.filter.value_filter import IntRange, numbers

T = TypeVar("T")

MISSING = "true: it has none at all; false: it has at least one."


@strawberry.input(
    description="Conditions on the tags, genres or other named things of a media; all given ones hold together."
)
class RelationFilter:
    any: list[NameOrId] | None = strawberry.field(default=None, description="It has at least one of these.")
    all: list[NameOrId] | None = strawberry.field(default=None, description="It has every one of these.")
    none: list[NameOrId] | None = strawberry.field(default=None, description="It has none of these.")
    missing: bool | None = strawberry.field(default=None, description=MISSING)
    count: IntRange | None = strawberry.field(default=None, description="How many it has.")
    with_descendants: bool | None = strawberry.field(
        default=None,
        description="Whether any, all and none also match the descendants of these. Only tags have descendants.",
    )


@strawberry.input(description="Conditions on a list of a media; all given ones hold together.")
class Filter(Generic[T]):
    """ArtworkMatchFilter is Filter[ArtworkMatch]."""

    any: list[T] | None = strawberry.field(default=None, description="At least one of its items matches one of these.")
    all: list[T] | None = strawberry.field(
        default=None, description="For each of these, at least one of its items matches."
    )
    none: list[T] | None = strawberry.field(default=None, description="None of its items matches any of these.")
    missing: bool | None = strawberry.field(default=None, description=MISSING)
    count: IntRange | None = strawberry.field(default=None, description="How many it has.")


# What one of some items of a list asks for.
OneOfThese: TypeAlias = Callable[[list[Any], Reading], Condition]


def read_relation(related: Related, given: Any, reading: Reading, these: OneOfThese) -> Iterator[Condition]:
    """The conditions of a RelationFilter, Filter or ChildrenFilter."""
    if given.any is not None:
        yield related.has(these(reading.list(given.any), reading))
    for one in reading.list(given.all or []):
        yield related.has(these([one], reading))
    if given.none:
        yield negated(related.has(these(reading.list(given.none), reading)))
    if given.missing is not None:
        there = related.has(ALWAYS)
        yield negated(there) if given.missing else there
    if given.count is not None:
        yield from numbers(related.count)(given.count, reading)


def rows(attributes: type[Attributes]) -> Read:
    """A Filter over rows with these attributes."""
    related = related_rows(attributes)

    def these(given: list[Any], reading: Reading) -> Condition:
        return any_of(conditions(one, reading) for one in given)

    return lambda given, reading: read_relation(related, given, reading, these)


def single_row(attributes: type[Attributes]) -> Read:
    """Predicates on the one row with these attributes that a media may have."""
    has = related_row(attributes)
    return lambda given, reading: [has(conditions(given, reading))]


def named(names: NameTable) -> Read:
    """A RelationFilter over things with such names."""
    noun = carried(names)

    def read(given: RelationFilter, reading: Reading) -> Iterator[Condition]:
        below = bool(given.with_descendants) and names.above is not None
        return read_relation(
            noun.related, given, reading, lambda ones, reading: read_things(ones, reading, noun.thing, below=below)
        )

    return read
