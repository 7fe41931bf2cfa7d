"""Limits that are checked before anything runs: shape first (cheap), then validation, then the price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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
    """What one request may ask for. nodes: what it may cost, in rows (documents/price.py); values: in its inputs.

    length: letters of its text. elements: those of one list argument that are looked up, a field refuses what goes
    beyond. averages: how many rows the lists of a loader have on average, by the loader's name. answer_bytes: of its
    answer, as they are counted while it is built."""

    nodes: int = 50_000
    length: int = 262_144
    depth: int = 15
    aliases: int = 100
    fields: int = 2_000
    tokens: int = 4_000
    values: int = 20_000
    answer_bytes: int = 16_000_000
    page_default: int = 20
    page_max: int = 100
    elements: int = 500
    averages: Mapping[str, float] = field(default_factory=dict, compare=False)


def refusal(code: str, message: str, **extensions: Any) -> GraphQLError:
    """A coded error for the whole request."""
    return GraphQLError(message, extensions={"code": code, **extensions})


@dataclass(slots=True)
class Shape:
    """Depth, and numbers of fields and aliases with fragments written out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0


Selected = tuple[str | None, SelectionSetNode | None, Shape]  # the name in the answer, None for a fragment


class Measure:
    """Measures selections; each fragment once, so that fragments within fragments cost nothing to write out."""

    def __init__(self, document: DocumentNode) -> None:
        self.document = document
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
        for _, _, part in self.parts(selection_set):
            total.depth = max(total.depth, part.depth)
            total.fields += part.fields
            total.aliases += part.aliases
        return total

    def parts(self, selection_set: SelectionSetNode) -> Iterator[Selected]:
        """What is selected, with the shape of each and what is selected below it."""
        for node in selection_set.selections:
            if isinstance(node, FragmentSpreadNode):
                fragment = self.fragments.get(node.name.value)
                yield None, fragment.selection_set if fragment else None, self.fragment(node.name.value)
            elif isinstance(node, FieldNode):
                below = self.selections(node.selection_set) if node.selection_set else Shape()
                shape = Shape(below.depth + 1, below.fields + 1, below.aliases + (node.alias is not None))
                yield (node.alias or node.name).value, node.selection_set, shape
            else:
                below_set: SelectionSetNode = node.selection_set  # type: ignore[attr-defined]
                yield None, below_set, self.selections(below_set)

    def path(self, selection_set: SelectionSetNode | None, kind: str, most: int) -> str:
        """The way, of at most so many names, down to where most of the depth, fields or aliases are."""
        path: list[str] = []
        steps = 4 * most  # of fragments that spread themselves there is no end
        while selection_set is not None and len(path) < most and (steps := steps - 1):
            parts = list(self.parts(selection_set))
            whole = sum(getattr(shape, kind) for _, _, shape in parts)
            name, below, shape = max(parts, key=lambda part: getattr(part[2], kind))
            if kind != "depth" and getattr(shape, kind) * 2 <= whole:
                break
            path += [] if name is None else [name]
            selection_set = below
        return ".".join(path)


REFUSED = {
    "depth": {"code": "TOO_DEEP", "words": "{count} levels deep", "place": "The deepest is {field}."},
    "aliases": {"code": "TOO_MANY_ALIASES", "words": "of {count} aliases", "place": "Most are in {field}."},
    "fields": {"code": "TOO_MANY_FIELDS", "words": "of {count} fields", "place": "Most are in {field}."},
}


def check_shape(measure: Measure, limits: Limits) -> GraphQLError | None:
    """The first limit that an operation of the document breaks; cheap, so it comes before validation."""
    sets = [operation.selection_set for operation in measure.operations]
    shapes = [(measure.selections(one), one) for one in sets]
    shapes += [(measure.fragment(name), node.selection_set) for name, node in measure.fragments.items()]
    for shape, selection_set in shapes:
        for kind in REFUSED:
            count, limit = getattr(shape, kind), getattr(limits, kind)
            if count > limit:
                return misshapen(kind, count, limit, measure.path(selection_set, kind, limits.depth + 1))
    return None


# A larger number cannot be given in JSON without loss: fragments within fragments multiply.
MAX_REPORTED_COST = 10**15


def misshapen(kind: str, count: int, limit: int, field: str) -> GraphQLError:
    """The refusal of a document whose shape breaks a limit. field: the path of what does, where one field does."""
    details: dict[str, Any] = {"count": min(count, MAX_REPORTED_COST), "limit": limit}
    message = f"The query is {REFUSED[kind]['words']}: at most {{limit}} are allowed."
    if field:
        details["field"] = field
        message += " " + REFUSED[kind]["place"]
    return refusal(REFUSED[kind]["code"], message.format(**details), **details)
