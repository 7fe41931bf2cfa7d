"""How filters are read: predicate by predicate, into one condition, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias

from domain.errors import CatalogError, Code
from loaders.sql.condition import Condition, all_of
from loaders.sql.unknown_name import FilterName
from schema.core.paging import read_list

READ = "read"
MAX_DEPTH = 5
MAX_PREDICATES = 50
MAX_VALUES = 500


class Reading:
    """How much of a filter has been read. BAD_ARGUMENT where it is deeper or larger than a filter may be.

    `called`: the names of things that were read."""

    def __init__(self) -> None:
        self.called: list[FilterName] = []
        self._depth = 0
        self._predicates = 0
        self._values = 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """For a filter, or one within another."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise CatalogError(Code.BAD_ARGUMENT, f"A filter is at most {MAX_DEPTH} levels deep.")
        yield
        self._depth -= 1

    def predicate(self) -> None:
        self._predicates += 1
        if self._predicates > MAX_PREDICATES:
            raise CatalogError(Code.BAD_ARGUMENT, f"A filter has at most {MAX_PREDICATES} conditions.")

    def list(self, given: list[Any]) -> list[Any]:
        """The items of a list within the filter, checked and counted."""
        self._values += len(read_list(given))
        if self._values > MAX_VALUES:
            raise CatalogError(Code.BAD_ARGUMENT, f"The lists of a filter have at most {MAX_VALUES} items together.")
        return given


Read: TypeAlias = Callable[[Any, Reading], Iterable[Condition]]


@cache
def readers(type_: Hashable) -> list[tuple[str, Read]]:
    """The predicates of an input type, by Python's names."""
    return [
        (field.python_name, field.metadata[READ])
        for field in type_.__strawberry_definition__.fields  # type: ignore[attr-defined]
        if READ in field.metadata
    ]


def conditions(given: Any, reading: Reading) -> Condition:
    """That everything holds which an input object says."""
    parts: list[Condition] = []
    for name, read in readers(type(given)):  # type: ignore[arg-type]
        value = getattr(given, name)
        if value is not None:
            reading.predicate()
            parts.extend(read(value, reading))
    return all_of(parts)
