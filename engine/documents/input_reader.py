"""Readers of input values that are given as they should be: graphql-core's result, at a tenth of its time.

A reader is worked out once a type. Of what is odd it gives Undefined: graphql-core then looks at all of it, and has the
words for what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInt,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    is_scalar_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

Read = Callable[[Any], Any]

# The class of which every value is a value of the scalar; for Int also within 32 bits.
PLAIN: Mapping[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool, GraphQLInt: int}
INT_MAX = 2**31 - 1


@lru_cache(maxsize=2_000)  # types of one schema
def input_reader(type_: Any) -> Read:
    """The reader of a type's values; null, where it is allowed, is its caller's."""
    type_ = get_nullable_type(type_)
    if type_ in PLAIN:
        return read_int if type_ is GraphQLInt else partial(read_plain, PLAIN[type_])
    if is_list_type(type_):
        item = type_.of_type
        if is_non_null_type(item) and is_scalar_type(item.of_type):
            return partial(read_scalars, item.of_type.coerce_input_value)
        return partial(read_list, *of_null(item))
    if is_input_object_type(type_):
        return ObjectReader(type_)
    return partial(read_leaf, type_.coerce_input_value)


def of_null(type_: Any) -> tuple[Read, bool]:
    """The reader of a type, and whether its values may be null."""
    return input_reader(type_), not is_non_null_type(type_)


def read_plain(cls: type, value: Any) -> Any:
    return value if value.__class__ is cls else Undefined


def read_int(value: Any) -> Any:
    return value if value.__class__ is int and -INT_MAX <= value <= INT_MAX else Undefined


def read_leaf(coerce: Read, value: Any) -> Any:
    try:
        return coerce(value)
    except Exception:  # graphql-core has the words for it
        return Undefined


def read_scalars(coerce: Read, values: Any) -> Any:
    if values.__class__ is not list or None in values:
        return Undefined
    try:
        found = list(map(coerce, values))
    except Exception:
        return Undefined
    return Undefined if Undefined in found else found


def read_list(read: Read, has_nulls: bool, values: Any) -> Any:
    if values.__class__ is not list:
        return Undefined
    if None in values:
        if not has_nulls:
            return Undefined
        found = [None if value is None else read(value) for value in values]
    else:
        found = list(map(read, values))
    return Undefined if any(value is Undefined for value in found) else found


class ObjectReader:
    """Reads objects of an input type. Its fields are looked at when first needed: they may be of its own type."""

    __slots__ = ("_fields", "_required", "_type")

    def __init__(self, type_: Any) -> None:
        self._type = type_
        self._fields: dict[str, tuple[str, Read, bool, Any]] | None = None
        self._required: frozenset[str] = frozenset()

    def __call__(self, value: Any) -> Any:
        if value.__class__ is not dict:
            return Undefined
        fields = self._look() if self._fields is None else self._fields
        given = value.keys()
        if not (self._required <= given and given <= fields.keys()):
            return Undefined
        coerced: dict[str, Any] = {}
        for name, (out_name, read, may_be_null, default) in fields.items():  # in their order, as graphql-core has it
            if name not in value:
                if default is not Undefined:
                    coerced[out_name] = default
                continue
            found = value[name]
            if found is None:
                if not may_be_null:
                    return Undefined
            elif (found := read(found)) is Undefined:
                return Undefined
            coerced[out_name] = found
        if self._type.is_one_of and (len(value) != 1 or None in coerced.values()):
            return Undefined
        return self._type.out_type(coerced)

    def _look(self) -> dict[str, tuple[str, Read, bool, Any]]:
        """Its fields: the name in Python, how it is read, whether it may be null, its default."""
        fields = self._type.fields
        self._required = frozenset(name for name, field in fields.items() if is_required_input_field(field))
        self._fields = {
            name: (field.out_name or name, *of_null(field.type), coerce_default_value(field))
            for name, field in fields.items()
        }
        return self._fields
