"""Sources: where the rows of a list come from, how they can be ordered and filtered."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from loaders.errors import CatalogError, Code
from loaders.keyset import SortKey
from loaders.row import Row
from loaders.statement import Composer

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
    """One key of an order, by its name in the source."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Source(Generic[R]):
    """Where a page's rows come from. `table` is the FROM clause; `parent` its column of the parent's id, if nested.

    `visible`: the column of the library, "r.library_id?" where it may be NULL for what everybody sees. `default`: the
    order where none is asked for, by id if it is empty. By id from high to low is a key too, whose SQL is the id's."""

    row: type[R]
    alias: str
    table: str
    id_sql: str
    sort: Mapping[str, SortKey]
    visible: str | None = None
    parent: str | None = None
    default: tuple[OrderBy, ...] = ()
    kept_count: str | None = None

    def keys(self, order: tuple[OrderBy, ...]) -> tuple[SortKey, ...]:
        """The order's keys in this source; BAD_ARGUMENT for a field named twice."""
        if len({by.field for by in order}) < len(order):
            raise CatalogError(Code.BAD_ARGUMENT, "orderBy names a field twice: name each once.")
        found = [(self.sort[by.field], by.descending) for by in order]
        return tuple(SortKey(key.sql, key.type, key.nullable, descending) for key, descending in found)


def where(source: Source[Any], filter: Filter, composer: Composer, parent: str = "any(ARRAY[parent.id])") -> str:
    """The conditions that do not depend on the page: parent, viewer, filter."""
    hangs = f"{source.parent} = {parent}" if source.parent else "true"
    visible = f"{{visible:{source.visible}}}" if source.visible else ""
    return hangs + visible + "".join(f" AND {condition}" for condition in filter.conditions(composer))
