"""Makes an operation on which the engines disagree as small as it can be while they still do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

Fails = Callable[[str], Awaitable[bool]]
Fragments = dict[str, FragmentDefinitionNode]
MAX_TRIES = 400


async def shrink(text: str, fails: Fails) -> str:
    """The text without all that it also fails without. `fails` says False for what is not valid."""
    text = print_ast(parse(text))
    tries = 0
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in steps(text):
            tries += 1
            if tries > MAX_TRIES:
                return text
            if await fails(smaller):
                text, shrunk = smaller, True
                break
    return text


def steps(text: str) -> Iterator[str]:
    """Texts that are one step smaller, the largest steps first."""
    document = parse(text)
    for number, selection_set in enumerate(selection_sets(document)):
        for place in range(len(selection_set.selections)):
            for change in (without, unwrapped, bare, plain):
                smaller = change(document, selection_set.selections, place)
                if smaller:
                    yield print_ast(tidy(exchanged(document, number, replace(selection_set, selections=smaller))))


def selection_sets(document: DocumentNode) -> list[SelectionSetNode]:
    """From the outside in."""
    found: list[SelectionSetNode] = []

    class Collect(Visitor):
        def enter_selection_set(self, node: SelectionSetNode, *_: Any) -> None:
            found.append(node)

    visit(document, Collect())
    return found


def exchanged(document: DocumentNode, number: int, made: SelectionSetNode) -> DocumentNode:
    """The document with another selection set in one's place."""
    left = [number]

    class Exchange(Visitor):
        def enter_selection_set(self, *_: Any) -> SelectionSetNode | None:
            left[0] -= 1
            return made if left[0] == -1 else None

    changed: DocumentNode = visit(document, Exchange())
    return changed


def without(document: DocumentNode, selections: Any, place: int) -> Any:
    """Leaves a selection out."""
    return (*selections[:place], *selections[place + 1 :])


def unwrapped(document: DocumentNode, selections: Any, place: int) -> Any:
    """Puts what is in a fragment in its place, or makes a spread an inline fragment."""
    node = selections[place]
    inner: Any = ()
    if isinstance(node, InlineFragmentNode):
        inner = node.selection_set.selections
    elif isinstance(node, FragmentSpreadNode):
        found = fragments_of(document)[node.name.value]
        made = InlineFragmentNode(
            type_condition=found.type_condition, directives=node.directives, selection_set=found.selection_set
        )
        inner = (made,)
    return (*selections[:place], *inner, *selections[place + 1 :]) if inner else None


def bare(document: DocumentNode, selections: Any, place: int) -> Any:
    """Takes a selection's directives, or else its alias."""
    node = selections[place]
    if node.directives:
        node = replace(node, directives=())
    elif isinstance(node, FieldNode) and node.alias is not None:
        node = replace(node, alias=None)
    else:
        return None
    return (*selections[:place], node, *selections[place + 1 :])


def plain(document: DocumentNode, selections: Any, place: int) -> Any:
    """Takes a field's last argument."""
    node = selections[place]
    if not isinstance(node, FieldNode) or not node.arguments:
        return None
    return (*selections[:place], replace(node, arguments=tuple(node.arguments)[:-1]), *selections[place + 1 :])


def fragments_of(document: DocumentNode) -> Fragments:
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


def tidy(document: DocumentNode) -> DocumentNode:
    """Without the fragments and variables that nothing uses any more."""
    spread: set[str] = set()
    used: set[str] = set()

    class Names(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
            spread.add(node.name.value)

        def enter_variable(self, node: VariableNode, key: Any, *_: Any) -> None:
            if key != "variable":  # which is its definition
                used.add(node.name.value)

    visit(document, Names())
    kept: list[Any] = []
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            left = tuple(each for each in one.variable_definitions or () if each.variable.name.value in used)
            kept.append(replace(one, variable_definitions=left))
        elif not isinstance(one, FragmentDefinitionNode) or one.name.value in spread:
            kept.append(one)
    tidied = DocumentNode(definitions=tuple(kept))
    return tidied if len(kept) == len(document.definitions) else tidy(tidied)
