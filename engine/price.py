"""What an operation may reach, known before it runs: nodes by page sizes and bounds, and the fields of each type.

Built once a document; priced with each request's variables. A list counts its declared bound (a page its size) times
its parents; a list of leaves, from which nothing further is loaded, counts a quarter: its rows are its whole cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from engine.limits import Limits
from engine.relation import Declaration, declaration_of

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
        if definition is None or node.name.value.startswith("__"):
            return
        known = definition.extensions.get("strawberry-definition")
        self.fields.setdefault(parent.name, set()).add(known.python_name if known else node.name.value)
        type_ = get_named_type(definition.type)
        if is_composite_type(type_) and node.selection_set is not None:
            yield Part(node, declaration_of(definition), tuple(self._parts(node.selection_set, type_)))

    def nodes(self, variables: Mapping[str, Any], limits: Limits) -> int:
        """How many objects the operation may reach at most, with these variables. Stops counting past the limit."""
        given = {**self._defaults, **variables}
        return sum(reach(part, 1, given, limits) for part in self.parts)


def reach(part: Part, parents: int, variables: Mapping[str, Any], limits: Limits) -> int:
    """Objects below some parents."""
    each, counted = size(part, variables, limits)
    objects = parents * each
    if not counted:
        return sum(reach(below, objects, variables, limits) for below in part.parts)
    if not part.parts and part.declaration is not None and part.declaration.kind == "many":
        return -(-objects // LEAF_DISCOUNT)
    total = objects
    for below in part.parts:
        if total > limits.nodes:
            break
        total += reach(below, objects, variables, limits)
    return total


def size(part: Part, variables: Mapping[str, Any], limits: Limits) -> tuple[int, bool]:
    """Objects a parent, and whether they are nodes (the fields within a connection only lead to its nodes)."""
    declaration = part.declaration
    if declaration is None:
        return 1, part.node.name.value == "_entities"
    if declaration.kind == "page":
        return page_size(part.node, variables, limits), True
    if declaration.sized_by is not None:
        ids = argument(part.node, declaration.sized_by, variables)
        return (len(ids) if isinstance(ids, list) else 1), True
    return declaration.bound or 1, declaration.kind != "total"


def page_size(node: FieldNode, variables: Mapping[str, Any], limits: Limits) -> int:
    """The size of a page by its arguments; one that is refused later on counts as the largest."""
    sizes = [argument(node, name, variables) for name in ("first", "last")]
    asked = [size for size in sizes if isinstance(size, int)]
    return max(0, min(limits.page_max, max(asked))) if asked else limits.page_default


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
