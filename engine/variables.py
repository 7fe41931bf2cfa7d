"""Variables of an operation: coerced by graphql-core, but for plain scalars given as they should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    is_non_null_type,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

# The class of which every value is a value of the scalar; for Int also within 32 bits.
PLAIN: Mapping[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool, GraphQLInt: int}
INT_MAX = 2**31 - 1
NONE = VariableValues({}, {})


class Variables:
    """The declared variables of an operation. `plain`: all of them are plain scalars without defaults."""

    __slots__ = ("_definitions", "_plain", "_schema")

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._definitions = definitions
        self._plain: list[tuple[str, type, Any]] | None = []
        for definition in definitions:
            signature = get_variable_signature(schema, definition)
            named = getattr(signature, "type", None)
            named = named.of_type if is_non_null_type(named) else named
            if isinstance(signature, GraphQLError) or definition.default_value or named not in PLAIN:
                self._plain = None
                return
            self._plain.append((signature.name, PLAIN[named], signature))

    def coerce(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values of a request, or what is wrong with them."""
        if not self._definitions:
            return NONE
        if self._plain is None:
            return self._by_the_book(given)
        coerced: dict[str, Any] = {}
        sources: dict[str, VariableValueSource] = {}
        for name, cls, signature in self._plain:
            value = given.get(name, Undefined)
            if type(value) is not cls or (isinstance(value, int) and abs(value) > INT_MAX):
                return self._by_the_book(given)
            coerced[name] = value
            sources[name] = VariableValueSource(signature, value)
        return VariableValues(sources, coerced)

    def _by_the_book(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(self._schema, self._definitions, dict(given))
