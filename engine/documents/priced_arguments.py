"""Arguments as the price needs them: lengths of lists, sizes of pages and numbers of values, from the document or from
raw variables. How large all inputs of a request are is another question: engine/documents/input_size.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    VariableNode,
)

from engine.limits import Limits


@dataclass(frozen=True, slots=True)
class Targets:
    """What an edit is given: a list argument, whose elements are its targets or name them in a list of their own.

    argument: the list. each: the list within an element that has the targets. things: those that have what is done
    with each of them."""

    argument: str
    each: str | None = None
    things: tuple[str, ...] = ()

    def count(self, given: Any, variables: Mapping[str, Any]) -> tuple[int, int]:
        """The targets in what is given, and how many things are to be done with them in all."""
        targets = total = 0
        for element in elements(given):
            here = max(1, len(elements(member(element, self.each, variables)))) if self.each else 1
            targets += here
            total += here * sum(len(elements(member(element, one, variables))) for one in self.things)
        return targets, total


def argument(node: FieldNode, name: str, variables: Mapping[str, Any]) -> Any:
    """The value of an argument, a node of the document or a variable's value; None where it is not given."""
    for given in node.arguments or ():
        if given.name.value == name:
            return resolved(given.value, variables)
    return None


def resolved(value: Any, variables: Mapping[str, Any]) -> Any:
    """A value, or what its variable has."""
    return variables.get(value.name.value) if isinstance(value, VariableNode) else value


def member(value: Any, name: str, variables: Mapping[str, Any]) -> Any:
    """A field of an input object, None where it is not given."""
    if isinstance(value, ObjectValueNode):
        found = next((field.value for field in value.fields if field.name.value == name), None)
        return resolved(found, variables)
    value = resolved(value, variables)
    return value.get(name) if isinstance(value, dict) else None


def elements(value: Any) -> Sequence[Any]:
    """The elements of a list; one value stands for a list of it."""
    if isinstance(value, ListValueNode):
        return value.values
    if value is None or isinstance(value, NullValueNode):
        return ()
    return value if isinstance(value, list) else (value,)


def page_size(node: FieldNode, variables: Mapping[str, Any], limits: Limits) -> int:
    """The size of a page by its arguments; one that is refused later on counts as the largest."""
    asked = [size for name in ("first", "last") if (size := number(argument(node, name, variables))) is not None]
    return int(max(0, min(limits.page_max, max(asked)))) if asked else limits.page_default


def number(value: Any) -> float | None:
    """A number of the document or of a variable, where 100.0 is an Int to GraphQL."""
    if isinstance(value, (IntValueNode, FloatValueNode)):
        return float(value.value)
    return value if isinstance(value, (int, float)) else None


def depends(node: FieldNode) -> bool:
    """Whether some argument of a field has a variable in it."""
    return any(True for given in node.arguments or () for _ in variables_in(given.value))


def variables_in(value: Any) -> Iterator[VariableNode]:
    """The variables in a value of the document."""
    if isinstance(value, VariableNode):
        yield value
    elif isinstance(value, ListValueNode):
        for one in value.values:
            yield from variables_in(one)
    elif isinstance(value, ObjectValueNode):
        for field in value.fields:
            yield from variables_in(field.value)


class GivenVariables(dict[str, Any]):
    """The variables of a request, with how many values stand in each of them; counted once."""

    def __init__(self, *given: Mapping[str, Any]) -> None:
        super().__init__()
        for one in given:
            self.update(one)
        self._counted: dict[tuple[str, bool], int] = {}

    def values_in(self, nodes: Iterator[Any]) -> int:
        """The values in the lists and objects among arguments; an empty one is one as well."""
        found = 0
        waiting = [(node, False) for node in nodes]
        while waiting:
            node, within = waiting.pop()
            if isinstance(node, VariableNode):
                value = self.get(node.name.value)
                if isinstance(value, (ListValueNode, ObjectValueNode)):  # a default
                    waiting.append((value, within))
                else:
                    found += self._values_of(node.name.value, within)
            elif isinstance(node, ObjectValueNode):
                found += not node.fields
                waiting += [(field.value, True) for field in node.fields]
            elif isinstance(node, ListValueNode):
                found += not node.values
                waiting += [(one, within) for one in node.values]
            else:
                found += within
        return found

    def _values_of(self, name: str, within: bool) -> int:
        value = self.get(name)
        if not isinstance(value, (list, dict)):
            return int(within)
        key = (name, within)
        if key not in self._counted:
            self._counted[key] = leaves(value, within)
        return self._counted[key]


def leaves(value: Any, within: bool) -> int:
    """The scalars in a value, and empty lists and objects. Any depth will do.

    within: whether it stands in an object; scalars of other lists do not count, as no scalar argument does."""
    found = 0
    waiting = [(value, within)]
    while waiting:
        value, within = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(one, True) for one in value.values()]
        elif isinstance(value, list) and value:
            waiting += [(one, within) for one in value]
        else:
            found += within or isinstance(value, (dict, list))
    return found
