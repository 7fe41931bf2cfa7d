"""Limits that are checked before anything runs: shape first (cheap), then validation, then the price in nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may ask for. nodes: objects reachable by page sizes and bounds.

    elements: those of one list argument that are looked up, a field refuses what goes beyond."""

    nodes: int = 50_000
    depth: int = 15
    aliases: int = 100
    fields: int = 2_000
    tokens: int = 4_000
    page_default: int = 20
    page_max: int = 100
    elements: int = 500


def refusal(code: str, message: str) -> GraphQLError:
    """A coded error for the whole request."""
    return GraphQLError(message, extensions={"code": code})


@dataclass(slots=True)
class Shape:
    """Depth, and numbers of fields and aliases with fragments written out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0


class Measure:
    """Measures selections; each fragment once, so that fragments within fragments cost nothing to write out."""

    def __init__(self, document: DocumentNode) -> None:
        nodes = document.definitions
        self.fragments = {node.name.value: node for node in nodes if isinstance(node, FragmentDefinitionNode)}
        self.operations = [node for node in nodes if isinstance(node, OperationDefinitionNode)]
        self._known: dict[str, Shape] = {}
        self._open: set[str] = set()

    def fragment(self, name: str) -> Shape:
        """A fragment's shape; nothing for one that is missing or spreads itself, which validation refuses."""
        node = self.fragments.get(name)
        if node is None or name in self._open:
            return Shape()
        if name not in self._known:
            self._open.add(name)
            self._known[name] = self.selections(node.selection_set)
            self._open.discard(name)
        return self._known[name]

    def selections(self, selection_set: SelectionSetNode) -> Shape:
        """The shape of a selection set."""
        total = Shape()
        for part in self.parts(selection_set):
            total.depth = max(total.depth, part.depth)
            total.fields += part.fields
            total.aliases += part.aliases
        return total

    def parts(self, selection_set: SelectionSetNode) -> Iterator[Shape]:
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                yield self.fragment(node.name.value)
            elif isinstance(node, FieldNode):
                below = self.selections(node.selection_set) if node.selection_set else Shape()
                yield Shape(below.depth + 1, below.fields + 1, below.aliases + (node.alias is not None))
            else:
                yield self.selections(node.selection_set)  # type: ignore[attr-defined]


def check_shape(document: DocumentNode, limits: Limits) -> GraphQLError | None:
    """The first limit that an operation of the document breaks; cheap, so it comes before validation."""
    measure = Measure(document)
    shapes = [measure.selections(operation.selection_set) for operation in measure.operations]
    shapes += [measure.fragment(name) for name in measure.fragments]
    for shape in shapes:
        if shape.depth > limits.depth:
            return refusal("TOO_DEEP", f"The query is {shape.depth} levels deep: at most {limits.depth} are allowed.")
        if shape.aliases > limits.aliases:
            return refusal(
                "TOO_MANY_ALIASES", f"The query has {shape.aliases} aliases: at most {limits.aliases} are allowed."
            )
        if shape.fields > limits.fields:
            return refusal(
                "TOO_MANY_FIELDS", f"The query has {shape.fields} fields: at most {limits.fields} are allowed."
            )
    return None
