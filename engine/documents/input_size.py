"""How large the inputs of a request are, known before anything is made of them.

A variable's value is looked at once, whatever the number of its uses; its size counts for each of them, since each is
converted, and its filter written, again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
    type_from_ast,
)

from engine.limits import Limits, refusal
from engine.relation import TARGETS
from engine.types import strawberry_type

# An input object is looked through for every field of its type, given or not: so many fields take as long as a value.
FIELDS_A_VALUE = 4
# The items of an edit are read once and checked as they are: so many values of theirs take as long as one of a filter.
ITEM_VALUES_A_VALUE = 4
LITERALS = ""  # what literals are counted under, among names of variables


class Uses:
    """How often an operation uses each variable, and the number of its literals, fragments written out."""

    def __init__(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self._fragments = fragments
        self._known: dict[str, Counter[str]] = {}
        counts = self._selections(operation.selection_set) + directives(operation.directives or ())
        self.literals = counts[LITERALS]
        self._of_edits = {name for name in edited_by(schema, operation) if counts[name] == 1}
        self.variables = [
            (name, max(1, counts[name]), type_from_ast(schema, definition.type))
            for definition in operation.variable_definitions or ()
            for name in [definition.variable.name.value]
        ]

    def _selections(self, selection_set: SelectionSetNode) -> Counter[str]:
        found: Counter[str] = Counter()
        for node in selection_set.selections:
            if node.directives:
                found.update(directives(node.directives))
            if isinstance(node, FieldNode):
                for argument in node.arguments or ():
                    count(argument.value, found)
            if isinstance(node, FragmentSpreadNode):
                found.update(self._fragment(node.name.value))
            elif node.selection_set is not None:  # type: ignore[attr-defined]
                found.update(self._selections(node.selection_set))  # type: ignore[attr-defined]
        return found

    def _fragment(self, name: str) -> Counter[str]:
        if name not in self._known:
            self._known[name] = self._selections(self._fragments[name].selection_set)
        return self._known[name]

    def check(self, given: Mapping[str, Any], limits: Limits) -> None:
        """Raises TOO_COMPLEX where the inputs have more values than allowed, each as often as it is used."""
        total = largest = self.literals
        most = ""
        for name, number, type_ in self.variables:
            value = given.get(name)
            parts = ITEM_VALUES_A_VALUE if name in self._of_edits else 1
            most_values = limits.values * parts
            here = size(value, type_, most_values) if value.__class__ in (list, dict) else parts
            used = number * -(-here // parts)  # rounded up: counting stops right above the limit
            total += used
            if used > largest:
                largest, most = used, name
        if total > limits.values:
            raise too_many_values(limits.values, f"the variable ${most}" if most else "literals")


def edited_by(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Iterator[str]:
    """The variables that are the items of an edit."""
    root = schema.get_root_type(operation.operation)
    for node in operation.selection_set.selections:
        definition = root.fields.get(node.name.value) if root is not None and isinstance(node, FieldNode) else None
        known = strawberry_type(definition) if definition is not None else None
        targets = known.metadata.get(TARGETS) if known is not None else None
        if targets is not None and isinstance(node, FieldNode):
            for argument in node.arguments or ():
                if argument.name.value == targets.argument and isinstance(argument.value, VariableNode):
                    yield argument.value.name.value


def too_many_values(limit: int, where: str) -> GraphQLError:
    return refusal(
        "TOO_COMPLEX",
        f"The inputs have more than {limit} values, each counted as often as it is used; most of them in {where}: "
        "give shorter lists and fewer conditions, or use them less often.",
    )


def directives(nodes: tuple[DirectiveNode, ...]) -> Counter[str]:
    """What the arguments of directives use."""
    found: Counter[str] = Counter()
    for node in nodes:
        for argument in node.arguments or ():
            count(argument.value, found)
    return found


def count(node: Any, found: Counter[str]) -> None:
    """Counts the variables and literals in the literal of an argument, which the parser lets nest so far only."""
    if isinstance(node, VariableNode):
        found[node.name.value] += 1
        return
    found[LITERALS] += 1
    if isinstance(node, ListValueNode):
        for value in node.values:
            count(value, found)
    elif isinstance(node, ObjectValueNode):
        for field in node.fields:
            count(field.value, found)


def size(value: Any, type_: Any, most: int) -> int:
    """The number of values in a value, itself among them; stops counting past `most`. Any depth will do."""
    total = 1
    waiting = [(value, type_)]
    while waiting and total <= most:
        value, type_ = waiting.pop()
        if isinstance(value, list):
            total += len(value)
            if total <= most:
                item = item_type(type_)
                waiting += [(one, item) for one in value if isinstance(one, (list, dict))]
        elif isinstance(value, dict):
            fields = fields_of(type_)
            total += len(value) + len(fields) // FIELDS_A_VALUE
            if total <= most:
                waiting += [
                    (one, fields[name].type if name in fields else None)
                    for name, one in value.items()
                    if isinstance(one, (list, dict))
                ]
    return total


@lru_cache(maxsize=1_000)
def item_type(type_: Any) -> Any:
    """The type of the items where a list is given: of another type it is one item, or no value of it."""
    type_ = None if type_ is None else get_nullable_type(type_)
    return type_.of_type if is_list_type(type_) else type_


@lru_cache(maxsize=1_000)
def fields_of(type_: Any) -> Mapping[str, Any]:
    """The fields of an input object, given for a type or as the only item of a list of it."""
    type_ = None if type_ is None else get_nullable_type(type_)
    while is_list_type(type_):
        type_ = get_nullable_type(type_.of_type)
    return type_.fields if is_input_object_type(type_) else {}
