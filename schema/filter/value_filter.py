"""What clients say of one value: input types, and how each is read into conditions on an attribute."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import strawberry

from domain.bounds import BIGINT, INTEGER
from loaders.sql.attribute import Exact, Flag, Id, Number, Numbers, Scaled, Text, Time, Word
from loaders.sql.condition import Condition, InRange, IsNull, Like, StartsWith, has_any, one_of
from schema.core.node import decode_id
from schema.core.paging import storable_text
from schema.core.times import utc
from schema.filter.name_filter import folded
from schema.filter.reading import Read, Reading


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


def in_list(attribute: Word[Any]) -> Read:
    """A list of an enum's members or of texts."""
    column = attribute.column
    return lambda given, reading: [one_of(column, {getattr(one, "value", one) for one in reading.list(given)})]


def ids(attribute: Id) -> Read:
    """A list of ids of the attribute's noun."""
    column, noun = attribute.column, attribute.noun
    return lambda given, reading: [one_of(column, {decode_id(id, noun) for id in reading.list(given)}, "bigint")]


def has_numbers(attribute: Numbers) -> Read:
    """A list of numbers, of which the array has any."""
    column = attribute.column
    return lambda given, reading: [has_any(column, reading.list(given))]


def numbers(attribute: Number) -> Read:
    """An IntRange."""
    column, type = attribute.column, attribute.type

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


def scaled(attribute: Scaled) -> Read:
    """A FloatRange of what is kept in whole parts: by tenths, at least 7.25 means 73, at most 7.25 means 72.

    Bounds beyond what the column can hold are its own."""
    column, by, type = attribute.column, attribute.parts, attribute.type
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


def is_true(attribute: Flag) -> Read:
    """Whether it is so."""
    column = attribute.column
    return lambda given, reading: [one_of(column, [given], "boolean")]


def times(attribute: Time) -> Read:
    """A TimeRange."""
    column = attribute.column

    def read(given: TimeRange, reading: Reading) -> Iterator[Condition]:
        low, high = [None if bound is None else utc(bound) for bound in (given.min, given.max)]
        if low is not None or high is not None:
            yield InRange(column, low, high, "time")

    return read


def texts(attribute: Text) -> Read:
    """A TextFilter or NameFilter on folded texts."""
    return compared(attribute.column, folded, original=attribute.original, is_sorted=attribute.is_sorted)


def exactly(attribute: Exact) -> Read:
    """A TextFilter on what is compared letter by letter."""
    return compared(attribute.column, storable_text, original=attribute.column)


def compared(column: str, fold: Callable[[str], str], *, original: str, is_sorted: bool = False) -> Read:
    """The texts of a column, compared with what `fold` makes of those that are given; `original` says whether there is
    one."""

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
            yield IsNull(original, given.is_null)

    return read
