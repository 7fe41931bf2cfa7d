"""What is known of the Python values that stand for GraphQL's object types: records above all.

A Strawberry class with `__record__` says that its objects are exactly of that class: they need no further question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, Undefined, is_abstract_type, is_list_type, is_non_null_type
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

BACKREF = "strawberry-definition"
NEVER = (type(None), type(Undefined))
SPECIAL = (Exception, GeneratorType, CoroutineType, AsyncGeneratorType)


def strawberry_type(type_: Any) -> Any:
    """Strawberry's definition of a GraphQL type or field, None for one that it has not made."""
    return (type_.extensions or {}).get(BACKREF)


def record_of(type_: GraphQLObjectType) -> type | None:
    """The class of an object type's records, None where its objects are of any class.

    Objects of the classes in its `item_types` stand for records as well."""
    definition = strawberry_type(type_)
    return getattr(getattr(definition, "origin", None), "__record__", None)


def classes_of(record: type) -> tuple[type, ...]:
    """The classes whose objects read like a record's."""
    return record, *getattr(record, "item_types", ())


class TypeGuard:
    """The classes of values that are known to be good objects of a type: no null, error or awaitable among them.

    by_class: for an abstract type the object type of a record's class."""

    __slots__ = ("_any_class", "_origin", "by_class", "good")

    def __init__(self, record: type | None = None, origin: type | None = None, *, any_class: bool = False) -> None:
        self.good: set[type] = set() if record is None else set(classes_of(record))
        self.by_class: dict[type, str] = {}
        self._origin = origin
        self._any_class = any_class

    def takes(self, values: Sequence[Any]) -> bool:
        """Whether every value can be taken for an object of the type as it is."""
        classes = set(map(type, values))
        if not classes <= self.good and not all(self._learn(cls) for cls in classes - self.good):
            return False
        return self._origin is None or not any(hasattr(value, TYPE_CAST_ATTRIBUTE) for value in values)

    def _learn(self, cls: type) -> bool:
        """A class that was not met yet."""
        plain = cls not in NEVER and not issubclass(cls, SPECIAL) and not hasattr(cls, "__await__")
        if not plain or not (self._any_class or cls is self._origin):
            return False
        self.good.add(cls)
        return True


def type_guard(schema: GraphQLSchema, type_: Any) -> TypeGuard:
    """Which values of a composite type need no further question."""
    if is_abstract_type(type_):
        guard = TypeGuard()
        for possible in schema.get_possible_types(type_):
            if (record := record_of(possible)) is not None:
                guard.by_class.update(dict.fromkeys(classes_of(record), possible.name))
        return guard
    record = record_of(type_)
    if record is not None:
        return TypeGuard(record)
    if type_.is_type_of is None:
        return TypeGuard(any_class=True)
    definition = strawberry_type(type_)
    # Strawberry's own check passes for instances of the class, unless they are cast to another.
    is_own = definition is not None and definition.is_type_of is None
    return TypeGuard(origin=definition.origin if is_own else None)


def may_await(values: list[Any]) -> bool:
    """Whether some of the values are to be awaited, judged by their classes."""
    return any(hasattr(cls, "__await__") or cls is GeneratorType for cls in set(map(type, values)))


def nullability(type_: Any) -> tuple[tuple[bool, ...], Any]:
    """Whether null may stand at each level of lists, from the outside in, and the named type."""
    found = []
    while True:
        required = is_non_null_type(type_)
        found.append(not required)
        if required:
            type_ = type_.of_type
        if not is_list_type(type_):
            return tuple(found), type_
        type_ = type_.of_type


def possible_types(schema: GraphQLSchema, type_: Any) -> Iterator[GraphQLObjectType]:
    """The object types that a composite type may turn out to be."""
    if is_abstract_type(type_):
        yield from schema.get_possible_types(type_)
    else:
        yield type_
