"""Variables of an operation: coerced by graphql-core, but for scalars and lists of them given as they should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    is_scalar_type,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

# The class of which every value is a value of the scalar; for Int also within 32 bits.
PLAIN: Mapping[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool, GraphQLInt: int}
INT_MAX = 2**31 - 1
NO_VALUES = VariableValues({}, {})
MAX_VARIABLE_ERRORS = 20  # one takes up to a millisecond, for what may have been meant

Read = Callable[[Any], Any]


def variable_reader(type_: Any) -> Read | None:
    """Reads a value of a plain scalar or of a list of scalars; Undefined where graphql-core has to look at it."""
    type_ = get_nullable_type(type_)
    if type_ in PLAIN:
        return read_int if type_ is GraphQLInt else partial(read_plain, PLAIN[type_])
    if not is_list_type(type_) or not is_non_null_type(type_.of_type) or not is_scalar_type(type_.of_type.of_type):
        return None
    return partial(read_list, type_.of_type.of_type.coerce_input_value)


def read_plain(cls: type, value: Any) -> Any:
    return value if value.__class__ is cls else Undefined


def read_int(value: Any) -> Any:
    return value if value.__class__ is int and -INT_MAX <= value <= INT_MAX else Undefined


def read_list(coerce: Read, values: Any) -> Any:
    if type(values) is not list or None in values:
        return Undefined
    try:
        found = list(map(coerce, values))
    except Exception:  # graphql-core has the words for it
        return Undefined
    return Undefined if Undefined in found else found


class Variables:
    """The declared variables of an operation. `_plain`: how each is read, where none needs the book."""

    __slots__ = ("_definitions", "_plain", "_schema")

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._definitions = definitions
        self._plain: list[tuple[str, Read, Any]] | None = []
        for definition in definitions:
            signature = get_variable_signature(schema, definition)
            read = None if isinstance(signature, GraphQLError) else variable_reader(signature.type)
            if isinstance(signature, GraphQLError) or definition.default_value or read is None:
                self._plain = None
                return
            self._plain.append((signature.name, read, signature))

    def coerce(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values of a request, or what is wrong with them."""
        if self._plain is None:
            return self._by_the_book(given)
        coerced: dict[str, Any] = {}
        sources: dict[str, VariableValueSource] = {}
        for name, read, signature in self._plain:
            raw = given.get(name, Undefined)
            value = read(raw)
            if value is Undefined:
                return self._by_the_book(given)
            coerced[name] = value
            sources[name] = VariableValueSource(signature, raw)
        return VariableValues(sources, coerced)

    def _by_the_book(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(self._schema, self._definitions, dict(given), max_errors=MAX_VARIABLE_ERRORS)
