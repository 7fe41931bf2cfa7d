"""Predicates: the fields of filters, each declared by the attribute that it is about (loaders/sql/attribute.py).

What kind of attribute it is decides what clients say of it, and how that is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import Any, TypeVar, overload

import strawberry

from loaders.sql.attribute import Attribute, Exact, Flag, Id, Number, Numbers, Reference, Scaled, Text, Time, Word
from schema.filter.name_or_id import NameOrId, thing
from schema.filter.reading import READ, Read
from schema.filter.value_filter import (
    FloatRange,
    IntRange,
    TextFilter,
    TimeRange,
    exactly,
    has_numbers,
    ids,
    in_list,
    is_true,
    numbers,
    scaled,
    texts,
    times,
)

W = TypeVar("W", bound=str)

READS: Mapping[type[Attribute], Callable[[Any], Read]] = {
    Exact: exactly,
    Flag: is_true,
    Id: ids,
    Number: numbers,
    Numbers: has_numbers,
    Reference: thing,
    Scaled: scaled,
    Text: texts,
    Time: times,
    Word: in_list,
}

# What clients say of an attribute.
TYPES: Mapping[type[Attribute], Any] = {
    Exact: TextFilter,
    Flag: bool,
    Id: list[strawberry.ID],
    Number: IntRange,
    Numbers: list[int],
    Reference: NameOrId,
    Scaled: FloatRange,
    Text: TextFilter,
    Time: TimeRange,
}


def said_of(attribute: Attribute) -> Any:
    """The type of an optional field about an attribute."""
    return (GenericAlias(list, (attribute.type,)) if isinstance(attribute, Word) else TYPES[type(attribute)]) | None


def read_as(attribute: Attribute) -> Read:
    """How what is said of an attribute is read."""
    return READS[type(attribute)](attribute)


@overload
def predicate(by: Exact | Text, description: str) -> TextFilter | None: ...
@overload
def predicate(by: Flag, description: str) -> bool | None: ...
@overload
def predicate(by: Id, description: str) -> list[strawberry.ID] | None: ...
@overload
def predicate(by: Number, description: str) -> IntRange | None: ...
@overload
def predicate(by: Numbers, description: str) -> list[int] | None: ...
@overload
def predicate(by: Reference, description: str) -> NameOrId | None: ...
@overload
def predicate(by: Scaled, description: str) -> FloatRange | None: ...
@overload
def predicate(by: Time, description: str) -> TimeRange | None: ...
@overload
def predicate(by: Word[W], description: str) -> list[W] | None: ...
@overload
def predicate(by: Read, description: str, name: str | None = None) -> Any: ...
def predicate(by: Attribute | Read, description: str, name: str | None = None) -> Any:
    """An optional field of an input type, and how what is given there is read."""
    read = read_as(by) if isinstance(by, Attribute) else by
    return strawberry.field(default=None, description=description, name=name, metadata={READ: read})
