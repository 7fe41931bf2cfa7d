"""Which operations are left to graphql-core, and what their plans depend on: both are seen in the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)

from engine.documents.introspection import ROOTS

CONDITIONS = ("skip", "include")
INCREMENTAL = ("defer", "stream")
INTROSPECTION = "introspection"  # why an operation is left to graphql-core


class Look(Visitor):
    """Looks through an operation or a fragment."""

    def __init__(self) -> None:
        super().__init__()
        self.conditions: dict[str, None] = {}
        self.fragments: dict[str, None] = {}
        self.reason: str | None = None

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in INCREMENTAL:
            self.reason = f"@{node.name.value}"
        elif node.name.value in CONDITIONS:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.conditions[argument.value.name.value] = None

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in ROOTS:
            self.reason = INTROSPECTION

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.fragments[node.name.value] = None

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        if node.variable_definitions:
            self.reason = "fragment variables"


def look_at(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Look:
    """What is found in an operation and in the fragments that it uses."""
    look = Look()
    visit(operation, look)
    seen: set[str] = set()
    while unseen := look.fragments.keys() - seen:
        seen |= unseen
        for name in unseen:
            visit(fragments[name], look)
    return look
