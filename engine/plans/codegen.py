"""Generated builders: from a list of objects to the list of their answers, for one type and selection.

    def build(objects, broken):
        answers = []
        for o in objects:
            try:
                v0 = o['title']
                if v0.__class__ is not str: v0 = c0(v0)
                answers.append({'title': v0, 'tags': None})
            except Exception:
                answers.append(broken(len(answers), o))
        return answers

Values are checked: one that is not what its scalar needs goes through the scalar's own coercion; what fails, or must
be awaited, is a broken row, which the caller completes field by field. Other fields stand as None, to be filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from types import CodeType
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLString,
    Undefined,
)
from strawberry.schema.types.base_scalars import isoformat

from engine.types import strawberry_type

Broken = Callable[[int, Any], dict[str, Any]]
Build = Callable[[Sequence[Any], Broken], list[dict[str, Any]]]

# In the extensions of a scalar of times: who writes the answer as JSON writes a datetime of UTC as the scalar does.
# So it is left in the answer: making its text in Python takes ten times as long as all else that is done with it.
LEFT_TO_JSON = "marquee.json"
TIME_CHECK = "{v}.__class__ is not datetime or {v}.tzinfo is not UTC"

# What a value must not be for its scalar to take it as it is.
CHECKS = {
    GraphQLString: "{v}.__class__ is not str",
    GraphQLID: "{v}.__class__ is not str",
    GraphQLInt: "{v}.__class__ is not int or not -2147483648 <= {v} <= 2147483647",
    GraphQLFloat: "{v}.__class__ is not float or {v} - {v} != 0.0",
    GraphQLBoolean: "{v}.__class__ is not bool",
}


class Unfinished(Exception):
    """A value that the builder cannot finish: null where none may be, an error, an awaitable."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A leaf field that the builder reads."""

    source: Callable[[str], str]
    type: Any
    nullable: bool


def build_function(
    name: str,
    order: Sequence[str],
    inline: Mapping[str, Inline],
    constants: Mapping[str, str],
) -> tuple[Build, str]:
    """The builder of a selection and its source. `order`: all keys; `constants`: those of __typename."""
    namespace: dict[str, Any] = {"datetime": datetime, "UTC": UTC}
    body, items = [], []
    for number, key in enumerate(order):
        field = inline.get(key)
        if field is None:
            items.append(f"{key!r}: {constants.get(key)!r}")
        else:
            body += statements(number, field, namespace)
            items.append(f"{key!r}: v{number}")
    answer = "{" + ", ".join(items) + "}"
    source = build_source(body, answer)
    exec(compiled(source, f"<build {name}>"), namespace)
    return namespace.pop("build"), source  # its own globals: staying in them it could be freed by the collector alone


def build_source(body: list[str], answer: str) -> str:
    if not body:
        return f"def build(objects, broken):\n    return [{answer} for _ in objects]\n"
    lines = "\n".join(f"            {line}" for line in body)
    return (
        "def build(objects, broken):\n    answers = []\n    add = answers.append\n    for o in objects:\n        try:\n"
        f"{lines}\n            add({answer})\n        except Exception:\n"
        "            add(broken(len(answers), o))\n    return answers\n"
    )


def statements(number: int, field: Inline, namespace: dict[str, Any]) -> list[str]:
    """The lines that read and check one value into v<number>."""
    value = f"v{number}"
    read = f"{value} = {field.source('o')}"
    if isinstance(field.type, GraphQLEnumType):
        namespace[f"e{number}"] = names_of(field.type)
        namespace[f"c{number}"] = coercion(field)
        line = f"{value} = e{number}.get({value}) or c{number}({value})"
        return [read, f"if {value} is not None: {line}" if field.nullable else line]
    namespace[f"c{number}"] = coercion(field)
    scalar, check = strawberry_type(field.type), CHECKS.get(field.type)
    if field.type.extensions.get(LEFT_TO_JSON):
        check = TIME_CHECK
    elif scalar is not None and scalar.serialize is isoformat:
        namespace[f"t{number}"] = scalar.origin
        made = f"{value} = {value}.isoformat() if {value}.__class__ is t{number} else c{number}({value})"
        return [read, f"if {value} is not None: {made}" if field.nullable else made]
    if check is None:
        return [read, f"{value} = c{number}({value})"]
    condition = check.format(v=value)
    if field.nullable:
        condition = f"{value} is not None and ({condition})"
    return [read, f"if {condition}: {value} = c{number}({value})"]


def coercion(field: Inline) -> Callable[[Any], Any]:
    """The slow way of one value: what its type makes of it."""
    coerce, nullable = field.type.coerce_output_value, field.nullable

    def finish(value: Any) -> Any:
        if value is None and nullable:
            return None
        if value is None or value is Undefined or isinstance(value, Exception) or hasattr(value, "__await__"):
            raise Unfinished
        made = coerce(value)
        if made is None or made is Undefined:
            raise Unfinished
        return made

    return finish


def names_of(type_: GraphQLEnumType) -> dict[Any, str]:
    """The names of an enum's values, by text and by member: what no other value is equal to."""
    enum = getattr(type_, "wrapped_cls", None)
    values = [*(one.value for one in type_.values.values()), *(enum or ())]
    classes = (str, enum) if enum is not None else str
    return {value: type_.coerce_output_value(value) for value in values if isinstance(value, classes)}


@lru_cache(maxsize=300)  # a source has up to 30 kB
def compiled(source: str, name: str) -> CodeType:
    """The code of a builder: many documents select alike."""
    return compile(source, name, "exec")
