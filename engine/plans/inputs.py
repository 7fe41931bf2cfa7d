"""Input values in Python's names and types: what Strawberry's `convert_argument` makes of them, worked out once a type.

Strawberry looks at types, names and annotations again for every value: four fifths of the time of a filtered page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, NamedTuple

from strawberry.relay.types import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

Convert = Callable[[Any], Any]


class Conversion(NamedTuple):
    """An argument: its name, Python's name, how its value is converted, and, where that is a variable's, for which
    variable and type: what is made of it does for all arguments of this type."""

    name: str
    python_name: str
    convert: Convert
    shared: tuple[str, str] | None


class Inputs:
    """The conversions of a schema. `config`, `scalars`: Strawberry's settings and scalars."""

    __slots__ = ("_config", "_objects", "_scalars")

    def __init__(self, config: Any, scalars: Mapping[Any, Any]) -> None:
        self._config = config
        self._scalars = scalars
        self._objects: dict[type, Convert] = {}

    def conversion(self, type_: Any) -> Convert:
        """How a value of a type, coerced by graphql-core, is converted."""
        if isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe):
            return self.conversion(type_.of_type)
        if isinstance(type_, LazyType):
            return self.conversion(type_.resolve_type())
        if isinstance(type_, StrawberryList):
            return convert_each(self.conversion(type_.of_type))
        if type_ is GlobalID or isinstance(type_, StrawberryMaybe):
            return self._by_strawberry(type_)
        if is_scalar(type_, self._scalars) or isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_):
            return same
        if has_object_definition(type_) and type_.__strawberry_definition__.from_input is None:
            return self._objects.setdefault(type_, InputObject(self, type_))
        return self._by_strawberry(type_)

    def name(self, field: Any) -> str:
        """The GraphQL name of an input field."""
        return self._config.name_converter.from_field(field)  # type: ignore[no-any-return]

    def _by_strawberry(self, type_: Any) -> Convert:
        return lambda value: convert_argument(value, type_, self._scalars, self._config)


class InputObject:
    """The conversion of an input type. Its fields are looked at when first needed: they may be of its own type."""

    __slots__ = ("_defaults", "_fields", "_inputs", "_type")

    def __init__(self, inputs: Inputs, type_: Any) -> None:
        self._inputs = inputs
        self._type = type_
        self._fields: list[tuple[str, str, Convert]] | None = None
        self._defaults: dict[str, None] = {}

    def __call__(self, value: Any) -> Any:
        if value is None or value is UNSET:
            return value
        fields = self._look() if self._fields is None else self._fields
        kwargs: dict[str, Any] = {
            **self._defaults,
            **{python: convert(value[name]) for name, python, convert in fields if name in value},
        }
        return self._type(**kwargs)

    def _look(self) -> list[tuple[str, str, Convert]]:
        """Its fields: GraphQL's name, Python's, conversion. Those without a default are None where they are absent."""
        definition = self._type.__strawberry_definition__
        fields = definition.fields
        if definition.is_input:
            bare = [one for one in fields if one.default_value is MISSING and one.default_factory is MISSING]
            self._defaults = dict.fromkeys([one.python_name for one in bare])
        self._fields = [
            (
                self._inputs.name(one),
                one.python_name,
                self._inputs.conversion(one.resolve_type(type_definition=definition)),
            )
            for one in fields
        ]
        return self._fields


def same(value: Any) -> Any:
    return value


def convert_each(convert: Convert) -> Convert:
    """The conversion of a list, which is a new one: a default's own would be every request's."""

    def convert_all(values: Any) -> Any:
        if values is None or values is UNSET:
            return values
        return list(values) if convert is same else list(map(convert, values))

    return convert_all
