"""What is related to a media: rows that belong to it, things that it carries, its parent and its children."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from loaders.sql.attribute import Attributes, Count, Reference
from loaders.sql.condition import (
    CHILD,
    CHILD_COUNT,
    PARENT,
    ROW_COUNT,
    Condition,
    has,
    relative,
)
from loaders.sql.exists import ATTACHED
from loaders.sql.named_condition import NameTable


@dataclass(frozen=True, slots=True)
class Related:
    """`has`: the condition that a media has one for which a condition holds; `count`: how many it has."""

    has: Callable[[Condition], Condition]
    count: Count


@dataclass(frozen=True, slots=True)
class Carried:
    """Things of a noun that media carry. `related`: the rows of media_<noun>; `thing`: what such a row refers to."""

    related: Related
    thing: Reference


def rows_of(table: str) -> Related:
    """The rows of a table with a column media_id."""
    return Related(partial(has, table), Count(ROW_COUNT.format(table=table)))


def related_rows(attributes: type[Attributes]) -> Related:
    """The rows that have these attributes."""
    return rows_of(attributes.table)


def related_row(attributes: type[Attributes]) -> Callable[[Condition], Condition]:
    """The condition that a media has the one row that it may have, and that a condition holds for it."""
    return partial(has, attributes.table, single=True)


def carried(names: NameTable) -> Carried:
    """The things of the noun with these names that media carry."""
    thing = Reference(names)
    thing.bind(ATTACHED, thing.name)
    return Carried(rows_of(f"media_{names.noun}"), thing)


# The seasons of a series, the episodes of a season.
CHILDREN = Related(partial(relative, CHILD), Count(CHILD_COUNT))


def parent_is(condition: Condition) -> Condition:
    """That a media hangs on one for which a condition holds."""
    return relative(PARENT, condition)
