"""SQL text: fixed fragments and numbered parameters. Values never enter the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Generic, Literal, Protocol, TypeVar

from database.row import Row
from database.statement import PlanMode, Statement, with_label
from domain.viewer import Viewer

R = TypeVar("R", bound=Row)


class Scope(Protocol):
    """What the text of a statement depends on beside its values: who looks, and which columns are wanted."""

    @property
    def viewer(self) -> Viewer: ...

    def columns(self, row: type[Row]) -> frozenset[str]:
        """The columns of a noun, beyond its id, that are wanted."""
        ...


class Composer:
    """Numbers the parameters of one statement while its fragments are put together.

    Fragments may hold `{columns:alias}` (the columns of the row class) and `{visible:column}` (a condition on the
    viewer's libraries, nothing for one who may see them all; `{visible:column?}` where everybody sees NULL).

    `copies`: of which columns the source has copies at hand; `checks`: the statement's, as far as it is composed.
    `walks`: whether rows are read along an index until there are enough, and not all that match."""

    copies: Mapping[str, str] = MappingProxyType({})
    walks = False
    checks_rows = False  # whether what is composed is checked for each row that is walked

    def __init__(self, scope: Scope, row: type[Row]) -> None:
        self.values: list[object] = []
        self.checks = 0
        self._scope = scope
        self._row = row
        self._libraries = ""
        self._others = 0

    def parameter(self, value: object) -> str:
        """The placeholder of a value: "$3"."""
        self.values.append(value)
        return f"${len(self.values)}"

    def column(self, column: str) -> str:
        """The column, or the source's copy of it."""
        if column.startswith("("):  # counted for every row
            self.checks += COUNT_CHECKS
        return self.copies.get(column, column)

    @contextmanager
    def within_any(self) -> Iterator[None]:
        """While the parts of an OR are composed: no walk can begin with one of them."""
        before, self.checks_rows = self.checks_rows, self.walks
        yield
        self.checks_rows = before

    def for_other_row(self, alias: str, write: Callable[[], str]) -> tuple[str, str]:
        """What `write` says of a table's alias, said of another row of it: that one's alias, and the SQL."""
        copies, self.copies = self.copies, MappingProxyType({})
        text = write()
        self.copies = copies
        self._others += 1
        other = f"other_{self._others}"
        return other, re.sub(rf"\b{alias}\.", f"{other}.", text)

    def visible(self, column: str, nullable: bool = False) -> str:
        """ " AND m.library_id = any($2::bigint[])", or "" for a viewer who may see every library."""
        libraries = self._scope.viewer.libraries
        if libraries is None:
            return ""
        self._libraries = self._libraries or self.parameter(libraries)
        seen = f"{column} = any({self._libraries}::bigint[])"
        return f" AND ({column} IS NULL OR {seen})" if nullable else f" AND {seen}"

    @staticmethod
    def columns(text: str, row: type[Row], scope: Scope) -> str:
        """The text with the columns of a row class in it."""
        return COLUMNS.sub(lambda found: row.select(found[1], scope.columns(row)), text)

    def finish(self, text: str) -> str:
        """The text with its markers replaced, on one line."""
        text = self.columns(text, self._row, self._scope)
        text = VISIBLE.sub(lambda found: self.visible(found[1], bool(found[2])), text)
        return SPACE.sub(" ", text).strip() if "\n" in text else text


COUNT_CHECKS = 5

COLUMNS = re.compile(r"\{columns:(\w+)\}")
VISIBLE = re.compile(r"\{visible:([\w.]+)(\??)\}")
SPACE = re.compile(r"\s+")


def kept_media_count(noun: str, alias: str = "{t}") -> str:
    """The number of media of a noun's row: kept per library (catalog/counts.py), summed over those that are visible."""
    return (
        "(SELECT coalesce(sum(c.media_count), 0)::bigint"
        f" FROM {noun}_media_count c WHERE c.{noun}_id = {alias}.id{{visible:c.library_id}})"
    )


def aliases(noun: str) -> str:
    """The other names of a named noun's row, folded, by name."""
    return (
        f"ARRAY(SELECT n.folded FROM {noun}_name n WHERE n.{noun}_id = {{t}}.id AND NOT n.is_primary ORDER BY n.folded)"
    )


# The sub-select hides how many keys there are from the planner: it plans for ten, finds that a plan for these keys
# would be no cheaper, and keeps one generic plan (measured: .20 ms of planning saved for every point look-up).
KEYS = {"bigint": "any((SELECT $1::text::bigint[])::bigint[])", "text": "any((SELECT $1::text[])::text[])"}


def number_array(numbers: Iterable[int]) -> str:
    """Numbers as the text of an array, for `$1::text::bigint[]`: asyncpg takes twice as long to encode a list."""
    return "{" + str(list(numbers))[1:-1] + "}"


FIRST_TABLE = re.compile(r"\bFROM (\w+)")

# Of one statement, by the columns that operations name: they are a client's to choose.
MAX_VARIANTS = 500


class BatchStatement(Generic[R]):
    """A static statement bounded by its keys ($1). Its first column is the key that a row answers.

    Markers: `{keys}`, and those of Composer. `key_type` is the PostgreSQL type of a key."""

    def __init__(self, row: type[R], text: str, *, key_type: Literal["bigint", "text"] = "bigint") -> None:
        self.row = row
        self._text = text
        self._keys = KEYS[key_type]
        self.value: Callable[[list[Any]], object] = number_array if key_type == "bigint" else list  # of $1
        self._variants: dict[tuple[frozenset[str], bool], tuple[Statement[R], bool]] = {}

    @property
    def table(self) -> str:
        """The first one that it reads."""
        return FIRST_TABLE.search(self._text)[1]  # type: ignore[index]

    def text_for(self, keys: str | None = None) -> str:
        """The text for an expression that gives the key, or for the keys in $1."""
        return self._text.replace("{keys}", keys or self._keys)

    def compose(self, name: str, scope: Scope, keys: list[Any]) -> tuple[Statement[R], list[object]]:
        """The statement for this scope's columns and libraries, and its values."""
        libraries = scope.viewer.libraries
        variant = (scope.columns(self.row), libraries is None)
        if (known := self._variants.get(variant)) is None:
            if len(self._variants) >= MAX_VARIANTS:
                self._variants.clear()
            composer = Composer(scope, self.row)
            composer.parameter(keys)
            text = composer.finish(self.text_for())
            statement = Statement(name, with_label(name, text), self.row, PlanMode.GENERIC, many=True)
            known = self._variants[variant] = (statement, len(composer.values) > 1)
        statement, scoped = known
        value = self.value(keys)
        return statement, [value, libraries] if scoped else [value]


def rows_by_media_id(row: type[R], table: str, order: str) -> BatchStatement[R]:
    """The rows of media in a table, given with its alias ("tagline t"); `order`: of those of one media, "t.id"."""
    alias = table.split()[-1]
    return BatchStatement(
        row,
        f"SELECT {alias}.media_id AS key, {{columns:{alias}}} FROM {table}"
        f" WHERE {alias}.media_id = {{keys}} ORDER BY {alias}.media_id, {order}",
    )
