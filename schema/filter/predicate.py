"""Predicates of filters: what clients can say of a column, and how it is read into a condition.

An input type declares each predicate with `asked(read, description)`, `read` made for its column by `numbers`, `texts`
and so on; `conditions` reads whatever was given."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

import strawberry

from domain.bounds import BIGINT, INTEGER
from domain.errors import CatalogError, Code
from loaders.sql.condition import Condition, InRange, IsNull, Like, StartsWith, Type, all_of, one_of
from loaders.sql.unknown_name import Called
from schema.core.node import decode_id
from schema.core.paging import read_list, storable_text
from schema.core.times import utc
from schema.filter.name_filter import folded

READ = "read"
DEEPEST = 5
MOST_PREDICATES = 50
MOST_VALUES = 500


class Reading:
    """How much of a filter has been read. BAD_ARGUMENT where it is deeper or larger than a filter may be.

    `called`: the names of things that were read."""

    def __init__(self) -> None:
        self.called: list[Called] = []
        self._depth = 0
        self._predicates = 0
        self._values = 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """For a filter, or one within another."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise CatalogError(Code.BAD_ARGUMENT, f"A filter is at most {DEEPEST} levels deep.")
        yield
        self._depth -= 1

    def predicate(self) -> None:
        self._predicates += 1
        if self._predicates > MOST_PREDICATES:
            raise CatalogError(Code.BAD_ARGUMENT, f"A filter has at most {MOST_PREDICATES} conditions.")

    def list(self, given: list[Any]) -> list[Any]:
        """The items of a list within the filter, checked and counted."""
        self._values += len(read_list(given))
        if self._values > MOST_VALUES:
            raise CatalogError(Code.BAD_ARGUMENT, f"The lists of a filter have at most {MOST_VALUES} items together.")
        return given


Read: TypeAlias = Callable[[Any, Reading], Iterable[Condition]]


def asked(read: Read, description: str, name: str | None = None) -> Any:
    """A predicate: an optional field of an input type, and how what is given there is read."""
    return strawberry.field(default=None, description=description, name=name, metadata={READ: read})


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


@strawberry.input(description="Conditions on a whole number; all given ones hold together.")
class IntRange:
    min: int | None = strawberry.field(default=None, description="At least this.")
    max: int | None = strawberry.field(default=None, description="At most this.")
    is_null: bool | None = strawberry.field(
        default=None, description="true: only without a value; false: only with one."
    )
    eq: int | None = strawberry.field(default=None, description="Exactly this.")
    in_: list[int] | None = strawberry.field(default=None, name="in", description="One of these.")


@strawberry.input(description="Conditions on a number; all given ones hold together.")
class FloatRange:
    min: float | None = strawberry.field(default=None, description="At least this.")
    max: float | None = strawberry.field(default=None, description="At most this.")
    is_null: bool | None = strawberry.field(
        default=None, description="true: only without a value; false: only with one."
    )
    eq: float | None = strawberry.field(default=None, description="Exactly this.")
    in_: list[float] | None = strawberry.field(default=None, name="in", description="One of these.")


@strawberry.input(description="A range of times, both ends included.")
class TimeRange:
    min: datetime | None = strawberry.field(default=None, description="At this time or later; UTC without an offset.")
    max: datetime | None = strawberry.field(default=None, description="At this time or earlier; UTC without an offset.")


@strawberry.input(description="Conditions on a text; all given ones hold together.")
class TextFilter:
    eq: str | None = strawberry.field(default=None, description="Exactly this text.")
    in_: list[str] | None = strawberry.field(default=None, name="in", description="One of these texts.")
    contains: str | None = strawberry.field(default=None, description="It contains this text.")
    starts_with: str | None = strawberry.field(default=None, description="It starts with this text.")
    is_null: bool | None = strawberry.field(
        default=None, description="true: only without a value; false: only with one."
    )


def chosen(column: str) -> Read:
    """A list of an enum's members or of texts."""
    return lambda given, reading: [one_of(column, {getattr(one, "value", one) for one in reading.list(given)})]


def ids(column: str, prefix: str) -> Read:
    """A list of ids of the noun with this prefix."""
    return lambda given, reading: [one_of(column, {decode_id(id, prefix) for id in reading.list(given)}, "bigint")]


def numbers(column: str, type: Type = "integer") -> Read:
    """An IntRange."""

    def read(given: IntRange, reading: Reading) -> Iterator[Condition]:
        if given.min is not None or given.max is not None:
            yield InRange(column, given.min, given.max, type)
        if given.is_null is not None:
            yield IsNull(column, given.is_null)
        if given.eq is not None:
            yield one_of(column, [given.eq], type)
        if given.in_ is not None:
            yield one_of(column, reading.list(given.in_), type)

    return read


def scaled(column: str, by: int, type: Type = "integer") -> Read:
    """A FloatRange of what is kept in whole parts: by tenths, at least 7.25 means 73, at most 7.25 means 72.

    Bounds beyond what the column can hold are its own."""
    limit = (INTEGER if type == "integer" else BIGINT).most

    def parts(value: float) -> float:
        return float(round(max(-limit, min(limit, value * by)), 6))

    def read(given: FloatRange, reading: Reading) -> Iterator[Condition]:
        low = None if given.min is None else min(limit, math.ceil(parts(given.min)))
        high = None if given.max is None else min(limit, math.floor(parts(given.max)))
        if low is not None or high is not None:
            yield InRange(column, low, high, type)
        if given.is_null is not None:
            yield IsNull(column, given.is_null)
        for values in (None if given.eq is None else [given.eq], given.in_):
            if values is not None:
                exact = {parts(value) for value in reading.list(values)}
                yield one_of(column, {int(value) for value in exact if value.is_integer() and value < limit}, type)

    return read


def is_so(column: str) -> Read:
    """Whether a column is true."""
    return lambda given, reading: [one_of(column, [given], "boolean")]


def times(column: str) -> Read:
    """A TimeRange."""

    def read(given: TimeRange, reading: Reading) -> Iterator[Condition]:
        low, high = [None if bound is None else utc(bound) for bound in (given.min, given.max)]
        if low is not None or high is not None:
            yield InRange(column, low, high, "time")

    return read


def texts(
    column: str, *, fold: Callable[[str], str] = folded, is_sorted: bool = False, written: str | None = None
) -> Read:
    """A TextFilter or NameFilter on a column of folded texts. `is_sorted`: it is "C" collated; `written`: the column
    with what was written, where that may be missing.

    `fold`: what texts become before they are compared."""

    def read(given: Any, reading: Reading) -> Iterator[Condition]:
        if given.eq is not None:
            yield one_of(column, [fold(given.eq)])
        if given.in_ is not None:
            yield one_of(column, [fold(text) for text in reading.list(given.in_)])
        if given.contains and (text := fold(given.contains)):
            yield Like(column, text)
        if given.starts_with and (text := fold(given.starts_with)):
            yield StartsWith(column, text) if is_sorted else Like(column, text, starts=True)
        if getattr(given, "is_null", None) is not None:
            yield IsNull(written or column, given.is_null)

    return read


def exactly(column: str) -> Read:
    """A TextFilter on what is no text to people and is compared letter by letter: paths, ids, codes."""
    return texts(column, fold=storable_text)
