"""What an operation may reach, known before it runs: nodes by page sizes and bounds, and the fields of each type.

Built once a document; priced with each request's variables. A list counts its declared bound (a page its size) times
its parents; a list of leaves, from which nothing further is loaded, counts a quarter: its rows are its whole cost. A
page's filter and order count one for each value in them, for each parent.
Introspection counts by the average lengths of its lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from functools import cache
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from engine.limits import Limits
from engine.relation import Declaration, declaration_of
from engine.types import strawberry_type

LEAF_DISCOUNT = 4


class Part:
    """A field of an operation: how many objects it reaches a parent, and what is selected on them."""

    __slots__ = ("declaration", "node", "parts")

    def __init__(self, node: FieldNode, declaration: Declaration | None, parts: tuple[Part, ...]) -> None:
        self.node = node
        self.declaration = declaration
        self.parts = parts


class Price:
    """The priced form of one operation."""

    def __init__(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._shared: dict[str, tuple[Part, ...]] = {}
        self._has_variables = bool(operation.variable_definitions)
        self._known: tuple[Limits, int] | None = None  # of an operation without variables
        self._defaults = {
            definition.variable.name.value: value_of(definition.default_value, {})
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        }
        self.fields: dict[str, set[str]] = {}
        root = schema.get_root_type(operation.operation)
        self.parts = tuple(self._parts(operation.selection_set, root)) if root is not None else ()

    def _parts(self, selection_set: SelectionSetNode, parent: GraphQLCompositeType) -> Iterator[Part]:
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                yield from self._fragment(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                type_: Any = self._schema.type_map[condition.name.value] if condition else parent
                yield from self._parts(node.selection_set, type_)
            elif isinstance(node, FieldNode):
                yield from self._field(node, parent)

    def _fragment(self, name: str) -> tuple[Part, ...]:
        if name not in self._shared:
            fragment = self._fragments[name]
            type_: Any = self._schema.type_map[fragment.type_condition.name.value]
            self._shared[name] = tuple(self._parts(fragment.selection_set, type_))
        return self._shared[name]

    def _field(self, node: FieldNode, parent: GraphQLCompositeType) -> Iterator[Part]:
        definition = self._schema.get_field(parent, node.name.value)
        if definition is None:
            return
        if node.name.value.startswith("__") or parent.name.startswith("__"):
            yield from self._introspection(node, definition)
            return
        known = strawberry_type(definition)
        self.fields.setdefault(parent.name, set()).add(known.python_name if known else node.name.value)
        type_ = get_named_type(definition.type)
        if is_composite_type(type_) and node.selection_set is not None:
            yield Part(node, declaration_of(definition), tuple(self._parts(node.selection_set, type_)))

    def _introspection(self, node: FieldNode, definition: GraphQLField) -> Iterator[Part]:
        type_ = get_named_type(definition.type)
        if is_composite_type(type_) and node.selection_set is not None:
            length = introspection_lengths(self._schema).get(node.name.value)
            declaration = None if length is None else Declaration("lookup", bound=length)
            yield Part(node, declaration, tuple(self._parts(node.selection_set, type_)))

    def nodes(self, variables: Mapping[str, Any], limits: Limits) -> int:
        """How many objects the operation may reach at most, with these variables. Stops counting past the limit."""
        if self._known is not None and self._known[0] is limits:
            return self._known[1]
        given = {**self._defaults, **variables}
        nodes = sum(reach(part, 1, given, limits) for part in self.parts)
        if not self._has_variables:
            self._known = (limits, nodes)
        return nodes


@cache
def introspection_lengths(schema: GraphQLSchema) -> dict[str, int]:
    """Lengths of introspection's lists, on average where a type or field has the list at all or may have it."""
    types = schema.type_map.values()
    fields = [type_.fields for type_ in types if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))]
    abstract = [type_ for type_ in types if is_abstract_type(type_)]
    return {
        "types": len(types),
        "directives": len(schema.directives),
        "fields": average(fields),
        "args": average([field.args for all_fields in fields for field in all_fields.values()]),
        "inputFields": average([type_.fields for type_ in types if isinstance(type_, GraphQLInputObjectType)]),
        "enumValues": average([type_.values for type_ in types if isinstance(type_, GraphQLEnumType)]),
        "possibleTypes": average([schema.get_possible_types(type_) for type_ in abstract]),
        "interfaces": 1,
    }


def average(things: Sequence[Sized]) -> int:
    """The mean length, rounded up."""
    return -(-sum(map(len, things)) // max(1, len(things)))


def reach(part: Part, parents: int, variables: Mapping[str, Any], limits: Limits) -> int:
    """Objects below some parents."""
    each, counted = size(part, variables, limits)
    objects = parents * each
    if not counted:
        return sum(reach(below, objects, variables, limits) for below in part.parts)
    if not part.parts and part.declaration is not None and part.declaration.kind == "many":
        return -(-objects // LEAF_DISCOUNT)
    total = objects + parents * values(part, variables)
    for below in part.parts:
        if total > limits.nodes:
            break
        total += reach(below, objects, variables, limits)
    return total


def size(part: Part, variables: Mapping[str, Any], limits: Limits) -> tuple[int, bool]:
    """Objects a parent, and whether they are nodes (the fields within a connection only lead to its nodes)."""
    declaration = part.declaration
    if declaration is None:
        return 1, False
    if declaration.kind == "page":
        return page_size(part.node, variables, limits), True
    if declaration.sized_by is not None:
        return elements(part.node, declaration, variables, limits), True
    return declaration.bound or 1, declaration.kind != "total"


def page_size(node: FieldNode, variables: Mapping[str, Any], limits: Limits) -> int:
    """The size of a page by its arguments; one that is refused later on counts as the largest."""
    sizes = [argument(node, name, variables) for name in ("first", "last")]
    asked = [size for size in sizes if isinstance(size, (int, float))]  # 100.0 is an Int to GraphQL
    return int(max(0, min(limits.page_max, max(asked)))) if asked else limits.page_default


def values(part: Part, variables: Mapping[str, Any]) -> int:
    """The values in the input objects that choose and order a page's rows."""
    if part.declaration is None or part.declaration.kind != "page":
        return 0
    found = 0
    waiting: list[tuple[Any, bool]] = [(given.value, False) for given in part.node.arguments or ()]
    while waiting:  # a variable can be nested deeper than Python's calls
        value, within = waiting.pop()
        if isinstance(value, VariableNode):
            value = variables.get(value.name.value)
        if isinstance(value, ObjectValueNode):
            waiting += [(field.value, True) for field in value.fields]
        elif isinstance(value, dict):
            waiting += [(one, True) for one in value.values()]
        elif isinstance(value, (ListValueNode, list)):
            waiting += [(one, within) for one in (value.values if isinstance(value, ListValueNode) else value)]
        else:
            found += within
    return found


def elements(node: FieldNode, declaration: Declaration, variables: Mapping[str, Any], limits: Limits) -> int:
    """The objects that the elements of a list argument count as; one value stands for a list of it."""
    given = argument(node, declaration.sized_by or "", variables)
    if not isinstance(given, list):
        return 1
    if declaration.weigh is not None:
        return declaration.weigh(given, limits.elements)
    return min(len(given), limits.elements)


def argument(node: FieldNode, name: str, variables: Mapping[str, Any]) -> Any:
    """The value of an argument, None where it is not given."""
    for given in node.arguments or ():
        if given.name.value == name:
            return value_of(given.value, variables)
    return None


def value_of(node: Any, variables: Mapping[str, Any]) -> Any:
    """Numbers and lists as the price needs them."""
    if isinstance(node, VariableNode):
        return variables.get(node.name.value)
    if isinstance(node, IntValueNode):
        return int(node.value)
    return list(node.values) if isinstance(node, ListValueNode) else None
