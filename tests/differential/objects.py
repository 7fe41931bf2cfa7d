"""Objects of the adversarial schema: a number, from which all that they answer is drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, ClassVar
from uuid import UUID

import strawberry
from graphql import GraphQLObjectType, GraphQLOutputType, get_named_type, is_abstract_type, is_enum_type, is_object_type

from tests.differential.chance import draw, known, late, promised, settle, slow
from tests.differential.values import Values, failure

NUMBERS = 40  # of each type there are so many different objects


class Thing:
    """Base of the Strawberry types. Attributes that are no methods are drawn when they are read."""

    schema: ClassVar[Any] = None
    n: strawberry.Private[int]

    def __getattr__(self, name: str) -> Any:
        type_ = None if name.startswith("_") else attribute_types(type(self).__name__).get(name)
        if type_ is None:
            raise AttributeError(f"{type(self).__name__} has no attribute {name}")
        return VALUES.value(type_, draw(type(self).__name__, self.__dict__["n"], name))


@cache
def attribute_types(type_name: str) -> dict[str, GraphQLOutputType]:
    """The types of a type's fields by their names in Python."""
    fields = Thing.schema._schema.type_map[type_name].fields
    return {field.extensions["strawberry-definition"].python_name: field.type for field in fields.values()}


def make_object(cls: type, number: int) -> Any:
    """An object without its initialiser, as the attributes are drawn."""
    made: Any = object.__new__(cls)
    made.__dict__["n"] = number % NUMBERS
    return made


def make(type_: Any, random: Random) -> Any:
    """The right value of a named type."""
    if is_abstract_type(type_):
        type_ = random.choice(Thing.schema._schema.get_possible_types(type_))
    if is_object_type(type_):
        return make_of_object_type(type_, random)
    if is_enum_type(type_):
        return made_of_enum(type_, random)
    return SCALARS[type_.name](random)


def made_of_enum(type_: Any, random: Random) -> Any:
    return type_.wrapped_cls(random.choice(list(type_.values.values())).value)


def make_of_object_type(type_: GraphQLObjectType, random: Random) -> Any:
    return make_object(type_.extensions["strawberry-definition"].origin, random.randrange(NUMBERS))


SCALARS: dict[str, Callable[[Random], Any]] = {
    "Int": lambda random: random.choice((0, 1, -7, 2**31 - 1, 5.0, True)),
    "Float": lambda random: random.choice((0.5, -1e300, 3, True)),
    "String": lambda random: random.choice(("", "plain", "\u00e9\U0001f600\n", 5, 1.5, False)),
    "Boolean": lambda random: random.choice((True, False, 1, 0)),
    "ID": lambda random: random.choice(("id_1", 17, "")),
    "Date": lambda random: date(2000, 1, 1 + random.randrange(28)),
    "DateTime": lambda random: datetime(2000, 1, 1, random.randrange(24), 1, 2, 3),
    "Time": lambda random: time(random.randrange(24)),
    "Decimal": lambda random: Decimal(random.randrange(1000)) / 8,
    "UUID": lambda random: UUID(int=random.randrange(1000)),
    "Odd": lambda random: random.randrange(12),
}

VALUES = Values(make)


def drawn(self: Any, info: Any, *parts: object, is_late: bool = False) -> Any:
    """What a field answers, drawn by its object, its name and what else is given; may be an exception."""
    raw = info._raw_info
    random = draw(raw.parent_type.name, getattr(self, "n", 0), raw.field_name, *parts)
    if random.random() < 0.02:
        return failure(random)
    return VALUES.value(raw.return_type, random, is_late=is_late)


def method(self: Any, info: strawberry.Info) -> Any:
    return drawn(self, info)


def raising(self: Any, info: strawberry.Info) -> Any:
    return settle(drawn(self, info))


async def late_method(self: Any, info: strawberry.Info) -> Any:
    return await late(drawn(self, info, is_late=True))


async def slow_method(self: Any, info: strawberry.Info) -> Any:
    return await slow(drawn(self, info, is_late=True))


def promise(self: Any, info: strawberry.Info) -> Any:
    return promised(drawn(self, info, is_late=True))


def fulfilled(self: Any, info: strawberry.Info) -> Any:
    return known(drawn(self, info, is_late=True))


def by_number(self: Any, info: strawberry.Info, number: int = 0) -> Any:
    """An object of the field's type, at times none."""
    return drawn(self, info, number, is_late=True) if number % 7 == 3 else right(info, number)


async def late_by_number(self: Any, info: strawberry.Info, number: int = 0) -> Any:
    return await late(by_number(self, info, number))


def right(info: Any, number: int) -> Any:
    """The object with this number, of the field's own type."""
    type_ = get_named_type(info._raw_info.return_type)
    return make_object(type_.extensions["strawberry-definition"].origin, number)


def change(self: Any, info: strawberry.Info, number: int = 0) -> Any:
    info.context.log.append(f"{info.path.key} {number}")
    return drawn(self, info, number)


async def late_change(self: Any, info: strawberry.Info, number: int = 0) -> Any:
    await late(None)
    info.context.log.append(f"{info.path.key} {number}")
    return await late(drawn(self, info, number, is_late=True))
