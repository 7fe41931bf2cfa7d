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

    def source(self, variable: str) -> str:
        """Python that reads this column from the row in a variable: "row['title']"."""
        return f"{variable}[{self.name!r}]"

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
    item: ClassVar[type[dict[str, Any]]]
    kin: ClassVar[tuple[type, ...]] = ()

    def __init_subclass__(cls) -> None:
        declared = {name: value for name, value in vars(cls).items() if isinstance(value, Column)}
        cls.columns = {**cls.columns, **declared}
        # What a row is where it came within another one (loaders/along.py): nobody but asyncpg can make a record.
        cls.item = type(f"{cls.__name__}Item", (dict,), {"__slots__": (), **cls.columns})
        cls.kin = (cls.item,)

    @classmethod
    def names(cls, groups: Iterable[str]) -> list[str]:
        """The columns of the card and the given groups."""
        wanted = {CARD, *groups}
        return [name for name, column in cls.columns.items() if column.group in wanted]

    @classmethod
    def select(cls, alias: str, groups: Iterable[str]) -> str:
        """The SELECT list of the card and the given groups: "t.id, t.name"."""
        chosen = [cls.columns[name] for name in cls.names(groups)]
        return ", ".join(f"{column.sql.replace('{t}', alias)} AS {column.name}" for column in chosen)

    @classmethod
    def groups_of(cls, names: Iterable[str]) -> frozenset[str]:
        """The groups beyond the card that hold the columns with these names; other names are not columns."""
        return frozenset(cls.columns[name].group for name in names if name in cls.columns) - {CARD}
