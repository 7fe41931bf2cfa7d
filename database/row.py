"""What a row is: the database's own record, its columns declared once and read as typed attributes.

A noun's row class names its columns; `SELECT` lists are made from the declaration, tests hold it against the database,
and GraphQL's fields read it through C-speed getters. No instance is made from a row."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, overload

import asyncpg

T = TypeVar("T")


class Column(property, Generic[T]):
    """A column of type T. `sql` is its expression (`{t}` = the table's alias), its own name if not given.

    `id` is always read, any other column only where an operation names its field, or a relation of which it is the key
    (`media_id`, ...)."""

    name: str
    sql: str
    is_key: bool

    def __init__(self, sql: str = "") -> None:
        super().__init__()
        self.sql = sql

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.sql = self.sql or "{t}." + name
        self.is_key = name == "id" or name.endswith("_id")
        super().__init__(itemgetter(name))

    @property
    def is_list(self) -> bool:
        """Whether it is an array in the database: it is declared as Column[list[...]]."""
        declared: Any = self.__orig_class__.__args__[0]  # type: ignore[attr-defined]
        return getattr(declared, "__origin__", None) is list

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
    item_types: ClassVar[tuple[type, ...]] = ()

    def __init_subclass__(cls) -> None:
        declared = {name: value for name, value in vars(cls).items() if isinstance(value, Column)}
        cls.columns = {**cls.columns, **declared}
        # What a row is where it came within another one (loaders/core/lateral_lists.py): nobody but asyncpg can make
        # a record.
        cls.item = type(f"{cls.__name__}Item", (dict,), {"__slots__": (), **cls.columns})
        cls.item_types = (cls.item,)

    @classmethod
    def names(cls, wanted: frozenset[str]) -> list[str]:
        """The id and the wanted columns, as they are declared; the first one where that is nothing."""
        found = [name for name in cls.columns if name == "id" or name in wanted]
        return found or [next(iter(cls.columns))]

    @classmethod
    def select(cls, alias: str, wanted: frozenset[str]) -> str:
        """The SELECT list of the id and the wanted columns: "t.id AS id, t.name AS name"."""
        chosen = [cls.columns[name] for name in cls.names(wanted)]
        return ", ".join(f"{column.sql.replace('{t}', alias)} AS {column.name}" for column in chosen)

    @classmethod
    def wanted(cls, names: Iterable[str]) -> frozenset[str]:
        """The columns beyond the id among some names; other names are not columns."""
        return frozenset(name for name in names if name in cls.columns and name != "id")
