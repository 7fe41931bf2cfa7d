"""What a row is: the database's own record, its columns declared once and read as typed attributes.

A noun's row class names its columns; `SELECT` lists are made from the declaration, tests hold it against the database,
and GraphQL's fields read it through C-speed getters. No instance is made from a row."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, overload

import asyncpg

T = TypeVar("T")

CARD = "card"


class Column(property, Generic[T]):
    """A column of type T. `sql` is its expression (`{t}` = the table's alias), its own name if not given.

    `group`: columns are read by groups, "card" always, others only where an operation names one of their fields."""

    name: str
    sql: str
    group: str

    def __init__(self, sql: str = "", *, group: str = CARD) -> None:
        super().__init__()
        self.sql = sql
        self.group = group

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.sql = self.sql or "{t}." + name
        super().__init__(itemgetter(name))

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def __get__(self, row: None, owner: type) -> Self: ...
        @overload
        def __get__(self, row: object, owner: type) -> T: ...
        def __get__(self, row: object | None, owner: type) -> Self | T: ...


class Row(asyncpg.Record):
    """Base of the nouns' row classes."""

    __slots__ = ()
    columns: ClassVar[dict[str, Column[Any]]] = {}

    def __init_subclass__(cls) -> None:
        declared = {name: value for name, value in vars(cls).items() if isinstance(value, Column)}
        cls.columns = {**cls.columns, **declared}

    @classmethod
    def select(cls, alias: str, groups: Iterable[str]) -> str:
        """The SELECT list of the card and the given groups: "t.id, t.name"."""
        wanted = {CARD, *groups}
        chosen = [column for column in cls.columns.values() if column.group in wanted]
        return ", ".join(f"{column.sql.replace('{t}', alias)} AS {column.name}" for column in chosen)

    @classmethod
    def groups_of(cls, names: Iterable[str]) -> frozenset[str]:
        """The groups beyond the card that hold the columns with these names; other names are not columns."""
        return frozenset(cls.columns[name].group for name in names if name in cls.columns) - {CARD}
