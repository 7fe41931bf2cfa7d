"""Sources: where the rows of a list come from, how they can be ordered and filtered."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

from database.row import Row
from domain.errors import CatalogError, Code
from loaders.sql.condition import All, Condition, Has
from loaders.sql.keyset import SortKey
from loaders.sql.named_condition import NamedCondition
from loaders.sql.statement import Composer

R = TypeVar("R", bound=Row)


class Filter(Hashable, Protocol):
    """A frozen, canonical value that adds its conditions to a statement."""

    def conditions(self, composer: Composer) -> Iterator[str]:
        """SQL conditions over the source's aliases, all of which must hold."""
        ...


@dataclass(frozen=True, slots=True)
class NoFilter:
    """Every row."""

    def conditions(self, composer: Composer) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Rows that every one of these lets through."""

    filters: tuple[Filter, ...]

    def conditions(self, composer: Composer) -> Iterator[str]:
        for one in self.filters:
            yield from one.conditions(composer)


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One key of an order, by its name in the source. `value`: what the key depends on, such as a seed."""

    field: str
    descending: bool = False
    value: int | str | None = None


@dataclass(frozen=True, slots=True)
class Source(Generic[R]):
    """Where a page's rows come from. `table` is the FROM clause; `parent` its column of the parent's id, if nested.

    `visible`: the column of the library, "r.library_id?" where it may be NULL for what everybody sees. `default`: the
    order where none is asked for, by id if it is empty. By id from high to low is a key too, whose SQL is the id's.

    `copies`: columns that are denormalised into the join table, by the column. `join_sources`: by join table, the
    source that begins there, for pages of what one thing carries: its rows are walked in their order, those of others
    never met. `counted_table`: the part of `table` that has a row for each of its own, for counts that ask nothing of
    the rest."""

    row: type[R]
    alias: str
    table: str
    id_sql: str
    sort: Mapping[str, SortKey]
    visible: str | None = None
    parent: str | None = None
    default: tuple[OrderBy, ...] = ()
    count_table: str | None = None
    copies: Mapping[str, str] = field(default_factory=dict)
    join_sources: Mapping[str, Source[R]] = field(default_factory=dict)
    counted_table: str = ""

    def keys(self, order: tuple[OrderBy, ...]) -> tuple[SortKey, ...]:
        """The order's keys in this source; BAD_ARGUMENT for a field named twice."""
        if len({by.field for by in order}) < len(order):
            raise CatalogError(Code.BAD_ARGUMENT, "orderBy names a field twice: name each once.")
        return tuple(replace(self.sort[by.field], descending=by.descending, value=by.value) for by in order)


def where(source: Source[Any], filter: Filter, composer: Composer, parent: str = "any(ARRAY[parent.id])") -> str:
    """The conditions that do not depend on the page: parent, viewer, filter."""
    composer.copies = source.copies
    hangs = f"{source.parent} = {parent}" if source.parent else "true"
    visible = f"{{visible:{source.visible}}}" if source.visible else ""
    return hangs + visible + "".join(f" AND {condition}" for condition in filter.conditions(composer))


def drive_from_join(source: Source[R], filter: Filter) -> tuple[Source[R], Filter]:
    """The source and filter that read the same rows from a join table, where the filter asks for what one thing has.

    With EXISTS PostgreSQL does not walk the table in which just these rows stand in their order (docs/orders.md)."""
    parts = filter.parts if isinstance(filter, All) else ()
    for table, beside in source.join_sources.items():
        for part in parts:
            if (
                isinstance(part, Has)
                and part.table == table
                and isinstance(part.where, NamedCondition)
                and part.where.is_one
            ):
                here = replace(part.where, column=part.where.column.replace("f.", "j."))
                return beside, All((here, *(check_by_row(one) for one in parts if one is not part)))
    return source, filter


def check_by_row(part: Condition) -> Condition:
    """Another thing by its name is checked row by row: how many rows it has is unknown to the planner, whose joins
    of two common things took ten times as long."""
    return replace(part, fenced=True) if isinstance(part, Has) and looks_up(part.where) else part


def looks_up(where: Condition) -> bool:
    return isinstance(where, NamedCondition) and bool(where.folded_names)
