"""Records: what a database gives, read by typed attributes, with the source that generated code reads them by."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, TypeVar

import strawberry

from engine.plans.access import SOURCE

T = TypeVar("T")


class Column(property):
    """A column of a record."""

    name: str

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        super().__init__(itemgetter(name))

    def source(self, variable: str) -> str:
        return f"{variable}[{self.name!r}]"


class Record:
    """Columns by their names."""

    __slots__ = ("_columns",)

    def __init__(self, **columns: Any) -> None:
        self._columns = columns

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]


def row_type(record: type[Record]) -> Callable[[type[T]], type[T]]:
    """A GraphQL type whose objects are records of a class."""
    prefix = record.__name__.removesuffix("Row").lower()

    def decorate(cls: type[T]) -> type[T]:
        cls.__record__ = record  # type: ignore[attr-defined]
        cls.is_type_of = classmethod(lambda cls, value, info: type(value) is record)  # type: ignore[attr-defined]
        cls.id = strawberry.field(  # type: ignore[attr-defined]
            resolver=lambda self: f"{prefix}_{self.id}",
            metadata={SOURCE: lambda record, variable: f"{prefix + '_'!r} + str({variable}['id'])"},
        )
        cls.__annotations__["id"] = "strawberry.ID"
        return strawberry.type(cls)

    return decorate
