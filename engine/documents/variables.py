"""Variables of an operation: read at once where they are given as they should be, else coerced by graphql-core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from engine.documents.input_reader import Read, input_reader

NO_VALUES = VariableValues({}, {})
MAX_VARIABLE_ERRORS = 20  # one takes up to a millisecond, for what may have been meant


class Variable(NamedTuple):
    """A declared variable. default: of one that is not given, Undefined where it has none."""

    name: str
    read: Read
    may_be_null: bool
    default: Any
    signature: Any


class Variables:
    """The declared variables of an operation. `_declared`: None where graphql-core has to look at them."""

    __slots__ = ("_declared", "_definitions", "_schema")

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._definitions = definitions
        self._declared: list[Variable] | None = []
        for definition in definitions:
            signature = get_variable_signature(schema, definition)
            default = Undefined if definition.default_value is None else self._default(definition)
            if isinstance(signature, GraphQLError) or isinstance(default, (list, dict)) or default is None:
                self._declared = None
                return
            type_ = signature.type
            may_be_null = not is_non_null_type(type_)
            self._declared.append(Variable(signature.name, input_reader(type_), may_be_null, default, signature))

    def _default(self, definition: VariableDefinitionNode) -> Any:
        """The default of a variable; None where it has none that can be shared by requests."""
        found = get_variable_values(self._schema, [definition], {}, max_errors=MAX_VARIABLE_ERRORS)
        return found.coerced[definition.variable.name.value] if isinstance(found, VariableValues) else None

    def coerce(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values of a request, or what is wrong with them."""
        if self._declared is None:
            return self._by_the_book(given)
        coerced: dict[str, Any] = {}
        sources: dict[str, VariableValueSource] = {}
        for name, read, may_be_null, default, signature in self._declared:
            raw = given.get(name, Undefined)
            sources[name] = VariableValueSource(signature, raw)
            if raw is Undefined:
                if default is not Undefined:
                    coerced[name] = default
                elif not may_be_null:
                    return self._by_the_book(given)
                continue
            value = None if raw is None and may_be_null else read_or_leave(read, raw)
            if value is Undefined:
                return self._by_the_book(given)
            coerced[name] = value
        return VariableValues(sources, coerced)

    def _by_the_book(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(self._schema, self._definitions, dict(given), max_errors=MAX_VARIABLE_ERRORS)


def read_or_leave(read: Read, raw: Any) -> Any:
    """A value; Undefined for one that graphql-core is to look at, as those that nest too deep."""
    try:
        return read(raw)
    except RecursionError:
        return Undefined
