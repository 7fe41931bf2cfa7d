"""When two outcomes of one operation are the same.

Data are equal as bytes. Errors are equal, in their order too where nothing was awaited, as long as each nulls its own
field only. Which errors are told below a position that one of them has nulled depends on the timing, and on how the
executor goes through the operation: then each position's errors must be among those that the operation can end in at
all, and be there where the reference has some. What it can end in is seen by running it without error propagation, as
graphql-core can."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode
from graphql.language import ConstDirectiveNode, NameNode

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Outcome:
    """What a run ended in: its result, the batches that each loader sent, and what its mutations did.

    left: warnings of coroutines that nobody awaited. raised: what the engine itself failed with. slept, broke: those of
    its delays."""

    result: ExecutionResult
    is_sync: bool = False
    slept: bool = False
    broke: bool = False
    batches: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    raised: str = ""

    @property
    def data(self) -> bytes:
        return orjson.dumps(self.result.data, default=repr)

    @property
    def errors(self) -> list[GraphQLError]:
        return self.result.errors or []

    def nulled(self, error: GraphQLError) -> Path:
        """The position that an error made null: its own, or one above; () is the whole."""
        return nulled(self.result.data, tuple(error.path or ()))

    @property
    def is_cut(self) -> bool:
        """Whether an error made more null than its own field, so that something may not have been run."""
        return self.broke or any(len(self.nulled(error)) < len(error.path or ()) for error in self.errors)


def nulled(data: Any, path: Path) -> Path:
    """The shortest beginning of a path at which the data are null; the path itself where it leads to none."""
    found = data
    for place, key in enumerate(path):
        if found is None:
            return path[:place]
        try:
            found = found[key]
        except (LookupError, TypeError):
            break
    return path


def told(error: GraphQLError) -> bytes:
    """All that a client may see of an error, and the class of its cause, which decides whether it is masked."""
    return orjson.dumps([error.formatted, type(error.original_error).__name__], default=repr)


def without_propagation(document: DocumentNode) -> DocumentNode:
    """The document with all its operations marked such that an error nulls its own field only."""
    mark = ConstDirectiveNode(name=NameNode(value="experimental_disableErrorPropagation"), arguments=())
    definitions = [
        OperationDefinitionNode(
            operation=one.operation,
            name=one.name,
            variable_definitions=one.variable_definitions,
            directives=(*(one.directives or ()), mark),
            selection_set=one.selection_set,
            loc=one.loc,
        )
        if isinstance(one, OperationDefinitionNode)
        else one
        for one in document.definitions
    ]
    return DocumentNode(definitions=tuple(definitions), loc=document.loc)


def disagreements(reference: Outcome, compiled: Outcome, possible: list[GraphQLError]) -> list[str]:
    """In words, where an outcome is not the reference's. `possible`: all errors that the operation can end in."""
    if compiled.raised:
        return [f"raised: {compiled.raised}"]
    found = []
    if compiled.left and not reference.left:
        found.append(f"never awaited: {compiled.left}")
    if reference.data != compiled.data:
        found.append(f"data: expected {reference.data.decode()}\n          got {compiled.data.decode()}")
    if reference.log != compiled.log:
        found.append(f"mutations: expected {reference.log}, got {compiled.log}")
    same_data = reference.data == compiled.data
    if not same_data or (reference.is_sync and not reference.is_cut):
        return [*found, *unequal(reference.errors, compiled.errors)]
    found += unexplained(reference, compiled, possible)
    if reference.is_sync and not found:
        one, other = list(by_position(reference, reference.errors)), list(by_position(compiled, compiled.errors))
        found += [f"order of what is nulled: expected {one}, got {other}"] if one != other else []
    return found


def unequal(expected: list[GraphQLError], got: list[GraphQLError]) -> list[str]:
    """Errors that are not the same, in the same order."""
    one, other = list(map(told, expected)), list(map(told, got))
    return [] if one == other else [f"errors: expected {show(one)}\n            got {show(other)}"]


def unexplained(reference: Outcome, compiled: Outcome, possible: list[GraphQLError]) -> list[str]:
    """Where the errors for one nulled position are none that the operation can have there."""
    expected, got = by_position(reference, reference.errors), by_position(compiled, compiled.errors)
    allowed = by_position(reference, [*reference.errors, *possible])
    found = []
    for position in expected.keys() | got.keys():
        ours, most = got.get(position, Counter()), allowed.get(position, Counter())
        if bool(ours) != (position in expected) or not set(ours) <= set(most) or max(ours.values()) > 1:
            found.append(f"errors that null {list(position)}: expected of {show(most)}\n            got {show(ours)}")
    return found


def by_position(outcome: Outcome, errors: list[GraphQLError]) -> dict[Path, Counter[bytes]]:
    """Errors by the position that they null in an outcome's data, each as often as it is told."""
    found: dict[Path, Counter[bytes]] = {}
    for error in errors:
        found.setdefault(outcome.nulled(error), Counter())[told(error)] += 1
    return found


def show(errors: Any) -> str:
    return "[" + ", ".join(sorted(error.decode() for error in errors)) + "]"
