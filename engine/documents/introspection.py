"""What introspection costs: graphql-core executes it value by value, in one go, and nothing else can run meanwhile.

Every value counts one, as often as the lists above it are long: those of the type that `__type` names, and below it and
elsewhere the usual lengths of the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    is_abstract_type,
)

ROOTS = ("__schema", "__type")
# Some 3.3 us each: .13 s. What GraphiQL and other tools ask for has up to 33,000.
MAX_VALUES = 40_000

OF_TYPES = ("fields", "inputFields")  # below them stand lists of the same type: arguments
OF_OBJECTS = ("possibleTypes", "interfaces")
OF_DEFAULT = 3  # it is printed as GraphQL each time
WRAPPED = 0.5  # how often a type is a list or non-null, about

Lengths = Mapping[str, float]


def introspection_cost(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> int:
    """The values that the introspection in an operation reads, about; 0 where there is none."""
    return round(Cost(schema, fragments).roots(operation.selection_set))


class Cost:
    """Adds up what selections cost; each fragment once for the lengths of the lists in it."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._known: dict[tuple[str, int], float] = {}

    def roots(self, selection_set: SelectionSetNode) -> float:
        """What the fields of the root cost that are introspection."""
        total = 0.0
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                total += self.roots(self._fragments[node.name.value].selection_set)
            elif not isinstance(node, FieldNode):
                total += self.roots(node.selection_set)  # type: ignore[attr-defined]
            elif node.name.value in ROOTS and node.selection_set is not None:
                lengths = usual(self._schema) if node.name.value == "__schema" else self._named(node)
                total += 1 + self._selections(node.selection_set, lengths)
        return total

    def _named(self, node: FieldNode) -> Lengths:
        """The lengths of the lists of the type that is named; the longest ones where a variable names it."""
        for argument in node.arguments or ():
            if isinstance(argument.value, StringValueNode):
                return lengths_of(self._schema, argument.value.value)
        return longest(self._schema)

    def _selections(self, selection_set: SelectionSetNode, lengths: Lengths) -> float:
        total = 0.0
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value, lengths)
            elif not isinstance(node, FieldNode):
                total += self._selections(node.selection_set, lengths)  # type: ignore[attr-defined]
            else:
                total += self._field(node, lengths)
        return total

    def _field(self, node: FieldNode, lengths: Lengths) -> float:
        if node.selection_set is None:
            return OF_DEFAULT if node.name.value == "defaultValue" else 1
        length = lengths.get(node.name.value, 1)
        if node.name.value in OF_OBJECTS:
            lengths = longer(self._schema)
        elif node.name.value not in OF_TYPES:
            lengths = usual(self._schema)
        return 1 + length * (1 + self._selections(node.selection_set, lengths))

    def _fragment(self, name: str, lengths: Lengths) -> float:
        key = (name, id(lengths))  # they are all kept
        if key not in self._known:
            self._known[key] = self._selections(self._fragments[name].selection_set, lengths)
        return self._known[key]


@lru_cache(maxsize=4)
def usual(schema: GraphQLSchema) -> Lengths:
    """The lengths of introspection's lists, on average over all types: most have few of these lists."""
    types = list(schema.type_map.values())
    return {
        **lengths(schema, types, lambda each: sum(each) / len(types)),
        "args": longer(schema)["args"],
        "ofType": WRAPPED,
        "types": len(types),
        "directives": len(schema.directives),
    }


@lru_cache(maxsize=4)
def longer(schema: GraphQLSchema) -> Lengths:
    """The same, on average over those types that have the list at all."""
    return lengths(schema, list(schema.type_map.values()), mean)


@lru_cache(maxsize=4)
def longest(schema: GraphQLSchema) -> Lengths:
    """The lengths of the longest lists that one type has."""
    return lengths(schema, list(schema.type_map.values()), max)


@lru_cache(maxsize=1_000)
def lengths_of(schema: GraphQLSchema, name: str) -> Lengths:
    """The lengths of the lists of one type; nothing for one that is not there."""
    type_ = schema.type_map.get(name)
    return {} if type_ is None else lengths(schema, [type_], mean)


def lengths(schema: GraphQLSchema, types: Sequence[Any], pick: Callable[[Sequence[float]], float]) -> Lengths:
    """The lengths of the lists of some types."""
    outputs = [type_ for type_ in types if hasattr(type_, "interfaces")]
    fields = [list(type_.fields.values()) for type_ in outputs]
    found: dict[str, list[float]] = {
        "fields": [len(each) for each in fields],
        "args": [mean([len(field.args) for each in fields for field in each])],
        "inputFields": [len(type_.fields) for type_ in types if hasattr(type_, "is_one_of")],
        "enumValues": [len(type_.values) for type_ in types if hasattr(type_, "values")],
        "possibleTypes": [len(schema.get_possible_types(type_)) for type_ in types if is_abstract_type(type_)],
        "interfaces": [len(type_.interfaces) for type_ in outputs],
    }
    return {name: pick(each) if each else 0 for name, each in found.items()}


def mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / max(1, len(numbers))
