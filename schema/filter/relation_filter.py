"""Filters over what hangs on media: tags, genres and people by id or name, other rows by their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

import strawberry

from loaders.sql.condition import EVERYTHING, Condition, all_of, any_of, has, negated
from loaders.sql.named_condition import Named, Names
from loaders.sql.unknown_name import Called
from schema.core.node import decode_id
from schema.filter.name_filter import NameFilter, folded
from schema.filter.predicate import IntRange, Read, Reading, conditions, numbers, texts

T = TypeVar("T")

MISSING = "true: it has none at all; false: it has at least one."


@strawberry.input(one_of=True, description="A tag, genre, channel, collection or person, by exactly one of these.")
class NameOrId:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its name or an alias; case and accents do not matter."
    )
    matching: NameFilter | None = strawberry.field(
        default=strawberry.UNSET, description="Any that has such a name or alias."
    )


@strawberry.input(description="Conditions on the tags, genres or the like of a media; all given ones hold together.")
class RelationFilter:
    any: list[NameOrId] | None = strawberry.field(default=None, description="It has at least one of these.")
    all: list[NameOrId] | None = strawberry.field(default=None, description="It has every one of these.")
    none: list[NameOrId] | None = strawberry.field(default=None, description="It has none of these.")
    missing: bool | None = strawberry.field(default=None, description=MISSING)
    count: IntRange | None = strawberry.field(default=None, description="How many it has.")
    with_descendants: bool | None = strawberry.field(
        default=None,
        description="Whether any, all and none match what stands below these as well. Only tags stand below others.",
    )


@strawberry.input(description="Conditions on a list of a media; all given ones hold together.")
class Filter(Generic[T]):
    """ArtworkMatchFilter is Filter[ArtworkMatch]."""

    any: list[T] | None = strawberry.field(default=None, description="It has one that is like one of these.")
    all: list[T] | None = strawberry.field(default=None, description="It has one like each of these.")
    none: list[T] | None = strawberry.field(default=None, description="It has none that is like one of these.")
    missing: bool | None = strawberry.field(default=None, description=MISSING)
    count: IntRange | None = strawberry.field(default=None, description="How many it has.")


# What the rows are that one of some items of a list asks for: a condition over alias `f`.
OneOfThese: TypeAlias = Callable[[list[Any], Reading], Condition]


@dataclass(frozen=True, slots=True)
class Hanging:
    """What hangs on a media: that one for which a condition holds does, and SQL of how many do."""

    has: Callable[[Condition], Condition]
    count: str


def rows_of(table: str) -> Hanging:
    """The rows of a table with a column media_id, alias `f`."""
    return Hanging(partial(has, table), f"(SELECT count(*) FROM {table} f WHERE f.media_id = m.id)")


def read_relation(hanging: Hanging, given: Any, reading: Reading, these: OneOfThese) -> Iterator[Condition]:
    """The conditions of a RelationFilter, Filter or ChildrenFilter."""
    if given.any is not None:
        yield hanging.has(these(reading.list(given.any), reading))
    for one in reading.list(given.all or []):
        yield hanging.has(these([one], reading))
    if given.none:
        yield negated(hanging.has(these(reading.list(given.none), reading)))
    if given.missing is not None:
        there = hanging.has(EVERYTHING)
        yield negated(there) if given.missing else there
    if given.count is not None:
        yield from numbers(hanging.count, "bigint")(given.count, reading)


def rows(table: str) -> Read:
    """A Filter over the rows of a table, each match an input type with predicates on alias `f`."""

    def these(given: list[Any], reading: Reading) -> Condition:
        return any_of(conditions(one, reading) for one in given)

    return lambda given, reading: read_relation(rows_of(table), given, reading, these)


def facts(table: str) -> Read:
    """Predicates on the one row that a media may have in a table."""
    return lambda given, reading: [has(table, conditions(given, reading))]


def named(table: str, column: str, names: Names, prefix: str) -> Read:
    """A RelationFilter over named things; `column`: their id in the table."""

    def read(given: RelationFilter, reading: Reading) -> Iterator[Condition]:
        below = bool(given.with_descendants) and names.above is not None
        return read_relation(
            rows_of(table),
            given,
            reading,
            lambda ones, reading: read_names(ones, reading, f"f.{column}", names, prefix, below),
        )

    return read


def one_named(column: str, names: Names, prefix: str) -> Read:
    """One NameOrId, as a predicate on a column with ids."""
    return lambda given, reading: [read_names([given], reading, column, names, prefix)]


def read_names(
    given: list[NameOrId], reading: Reading, column: str, names: Names, prefix: str, below: bool = False
) -> Condition:
    """That a column has the id of one of these."""
    ids, called, like = set(), set(), set()
    for one in given:
        if isinstance(one.name, str):
            called.add(folded(one.name))
            reading.called.append(Called(names, folded(one.name), one.name))
        elif isinstance(one.matching, NameFilter):
            reading.predicate()
            like.add(all_of(texts(names.folded, is_sorted=True)(one.matching, reading)))
        else:
            ids.add(decode_id(one.id or "", prefix))
    if EVERYTHING in like:
        return EVERYTHING
    if not (ids or called or like):
        return any_of(())
    parts = tuple(sorted(ids)), tuple(sorted(called)), tuple(sorted(like, key=repr))
    return Named(column, names, *parts, below)
