"""Values of input types, as JSON for variables and as literals for documents; a few of the variables wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from graphql import is_enum_type, is_input_object_type, is_list_type, is_non_null_type, is_required_input_field

# (name, random) -> value. Names are whole: "media.filter.year.min" is in the argument `filter` of a field `media`.
Draw = Callable[[str, Random], Any]


class Enumerated(str):
    """The name of an enum's value, which a literal shows without quotes."""

    __slots__ = ()


SCALARS: dict[str, Draw] = {
    "Int": lambda name, random: random.choice((0, 1, 2, 3, 7, -1)),
    "Float": lambda name, random: random.choice((0.5, 2, -1.25)),
    "String": lambda name, random: random.choice(("", "text", 'quoted "\u00e9"\n')),
    "Boolean": lambda name, random: random.random() < 0.5,
    "ID": lambda name, random: random.choice(("id_1", 5)),
    "Date": lambda name, random: random.choice(("2020-02-29", "1999-12-31")),
    "DateTime": lambda name, random: random.choice(("2024-01-08T00:00:00Z", "2024-01-01T02:00:00+01:00", "1999-12-31")),
    "Odd": lambda name, random: random.choice((1, 3)),
    "JSON": lambda name, random: random.choice((1, 1.5, True, "text", [1, "text"], {"key": {"inner": None}}, [], {})),
}


class Inputs:
    """`scalars`: what is drawn for the scalars by their types' names, where that is special."""

    def __init__(self, scalars: Mapping[str, Draw] | None = None) -> None:
        self._scalars = {**SCALARS, **(scalars or {})}

    def given(self, field: str, arguments: list[str], random: Random) -> list[str]:
        """Which of a field's optional arguments are given."""
        return [name for name in arguments if random.random() < 0.5]

    def value(self, type_: Any, name: str, random: Random, depth: int = 0) -> Any:
        """A value that fits the type."""
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif random.random() < 0.15:
            return None
        if is_list_type(type_):
            if random.random() < 0.1 and (single := self.value(type_.of_type, name, random, depth)) is not None:
                return single  # stands for a list of it
            return [self.value(type_.of_type, name, random, depth + 1) for _ in range(random.choice((0, 1, 2, 3)))]
        if is_enum_type(type_):
            return Enumerated(random.choice(list(type_.values)))
        if is_input_object_type(type_):
            return self._object(type_, name, random, depth)
        return self._scalars[type_.name](name, random)

    def _object(self, type_: Any, name: str, random: Random, depth: int) -> dict[str, Any]:
        if type_.is_one_of:
            part, field = random.choice(list(type_.fields.items()))
            values = self._values(field.type, f"{name}.{part}", random)
            return {part: next(value for value in values if value is not None)}
        given: dict[str, Any] = {}
        for part, field in type_.fields.items():
            if is_required_input_field(field) or random.random() < 0.5 / (depth + 1):
                given[part] = self.value(field.type, f"{name}.{part}", random, depth + 1)
        return given

    def _values(self, type_: Any, name: str, random: Random) -> Iterator[Any]:
        while True:
            yield self.value(type_, name, random)


def literal(value: Any) -> str:
    """A value as it stands in a document."""
    match value:
        case Enumerated():
            return str(value)
        case dict():
            return "{" + ", ".join(f"{name}: {literal(part)}" for name, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case _:
            return json.dumps(value)


def spoiled(value: Any, random: Random) -> Any:
    """A value of the wrong kind, for a variable that cannot be read."""
    return random.choice(("no such thing", 1.5, [[value]], {"unknown": value}, 2**40, True, None, 2))
