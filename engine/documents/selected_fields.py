"""The fields that an operation names: at its root, and of each type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from engine.types import strawberry_type

Fragments = Mapping[str, FragmentDefinitionNode]


def root_field_names(selection_set: SelectionSetNode, fragments: Fragments) -> Iterator[str]:
    """The names of the fields that are selected, through fragments."""
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, FragmentSpreadNode):
            yield from root_field_names(fragments[node.name.value].selection_set, fragments)
        elif isinstance(node, InlineFragmentNode):
            yield from root_field_names(node.selection_set, fragments)


def selected_fields(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments
) -> dict[str, set[str]]:
    """The fields that are selected anywhere, by Python's names, under the names of their types.

    Introspection is left out. Each fragment is looked at once."""
    found: dict[str, set[str]] = {}
    waiting: list[tuple[SelectionSetNode, Any]] = [(operation.selection_set, schema.get_root_type(operation.operation))]
    unseen = dict(fragments)
    while waiting:
        selection_set, parent = waiting.pop()
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                if (fragment := unseen.pop(node.name.value, None)) is not None:
                    waiting.append((fragment.selection_set, schema.type_map[fragment.type_condition.name.value]))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                waiting.append((node.selection_set, schema.type_map[condition.name.value] if condition else parent))
            elif isinstance(node, FieldNode) and not node.name.value.startswith("__"):
                definition = schema.get_field(parent, node.name.value)
                if definition is None:
                    continue
                known = strawberry_type(definition)
                found.setdefault(parent.name, set()).add(known.python_name if known else node.name.value)
                if node.selection_set is not None:
                    waiting.append((node.selection_set, get_named_type(definition.type)))
    return found
