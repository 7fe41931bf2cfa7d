"""Attributes: what of a noun's rows can be asked for. Declared beside the row; their classes say how they are asked.

The schema names attributes and never writes SQL: their columns and types are the loaders' to know."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from domain.bounds import INTEGER, Bounds
from loaders.sql.condition import ValueType
from loaders.sql.exists import ATTACHED
from loaders.sql.named_condition import NameTable

W = TypeVar("W", bound=str)


class Attribute:
    """`name`: the table's column, the attribute's own name if not given. `column`: SQL, as conditions have it."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.column = name

    def bind(self, alias: str, name: str) -> None:
        """Makes it a column of a table with this alias; `name`: the attribute's own name."""
        self.name = self.name or name
        self.column = self.under(alias)

    def under(self, alias: str) -> str:
        """SQL of the column where the table has this alias."""
        return f"{alias}.{self.name}"


class Id(Attribute):
    """The id of a row of a noun."""

    def __init__(self, noun: str, name: str = "") -> None:
        super().__init__(name)
        self.noun = noun


class Word(Attribute, Generic[W]):
    """A text of a closed set, an enum's, or of an open one (str): asked for by a list."""

    def __init__(self, type: type[W], name: str = "") -> None:
        super().__init__(name)
        self.type = type


class Number(Attribute):
    """A whole number."""

    type: ValueType = "integer"


class Numbers(Attribute):
    """Whole numbers in an array: asked for by a list, of which it has any."""


class Scaled(Attribute):
    """A number that is kept in whole parts. `bounds` say how many of them make one as clients say it."""

    def __init__(self, bounds: Bounds, name: str) -> None:
        super().__init__(name)
        self.parts = bounds.parts
        self.type: ValueType = "integer" if INTEGER.holds(bounds.most) else "bigint"


class Time(Attribute):
    """A time."""


class Flag(Attribute):
    """Whether something is so."""


class Exact(Attribute):
    """A text that is no text to people and is compared letter by letter: a path, a code."""


class Text(Attribute):
    """A text to people, compared folded: its column is folded_<name>. `nullable`: whether it may be missing."""

    def __init__(self, *, nullable: bool = False) -> None:
        super().__init__()
        self.nullable = nullable
        self.written = ""  # the name of the column with what was written
        self.is_sorted = False  # "C" collated, and in an index
        self.original = ""  # the column with what was written, where that may be missing

    def bind(self, alias: str, name: str) -> None:
        super().bind(alias, f"folded_{name}")
        self.written = name
        self.original = f"{alias}.{name}" if self.nullable else self.column


class Reference(Attribute):
    """The id of a thing that has a name."""

    def __init__(self, names: NameTable, name: str = "") -> None:
        super().__init__(name or f"{names.noun}_id")
        self.names = names


class Count(Number):
    """How many rows there are: SQL that counts them for each media."""

    type: ValueType = "bigint"


def name_of(names: NameTable) -> Text:
    """The names of a noun, as they are searched."""
    text = Text()
    text.column = text.original = names.folded
    text.is_sorted = True
    return text


class Attributes:
    """Base of the nouns' attributes. `table`: where they stand; `alias`: under which conditions know it.

    What belongs to media has ATTACHED: its conditions are asked of media, by `has`."""

    table: ClassVar[str]

    def __init_subclass__(cls, *, table: str, alias: str = ATTACHED) -> None:
        cls.table = table
        for name, attribute in vars(cls).items():
            if isinstance(attribute, Attribute):
                attribute.bind(alias, name)
