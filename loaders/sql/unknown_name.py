"""Names in filters that nothing has: the statement that filters by them tells of them beside its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from database.statement import with_label
from loaders.core.read_session import ReadSession
from loaders.sql.condition import All
from loaders.sql.named_condition import NameTable
from loaders.sql.statement import Composer

R = TypeVar("R")


class FilterName(NamedTuple):
    """A name in a filter: where it is looked up, as it is looked up, and as it was given."""

    names: NameTable
    folded: str
    given: str

    @property
    def key(self) -> str:
        """How a statement tells of it."""
        return f"{self.names.noun}:{self.folded}"

    @property
    def warning(self) -> str:
        return f"There is no {self.names.noun.replace('_', ' ')} with the name {self.given!r}: nothing is found by it."


def filter_names(filter: Any) -> Sequence[FilterName]:
    """The names that a filter has."""
    return filter.filter_names if isinstance(filter, All) else ()


def with_unknown(columns: str, text: str, called: Sequence[FilterName], composer: Composer) -> str:
    """A statement with a column of the names that nothing has, NULL where all are known, in each of its rows.

    One without rows has one all the same, of NULLs but for that column. `columns`: of the statement, alias `page`."""
    by_names: dict[NameTable, set[str]] = {}
    for one in called:
        by_names.setdefault(one.names, set()).add(one.folded)
    unknown = " || ".join(
        f"ARRAY(SELECT '{names.noun}:' || asked FROM unnest({composer.parameter(sorted(texts))}::text[]) AS asked"
        f" WHERE NOT EXISTS (SELECT FROM {names.table} WHERE {names.folded} = asked))"
        for names, texts in by_names.items()
    )
    return (
        f"SELECT {columns} FROM (SELECT nullif({unknown}, ARRAY[]::text[]) AS unknown) AS names"
        f" LEFT JOIN ({text}) AS page ON true"
    )


def finished(name: str, text: str, filter: Any, composer: Composer) -> str:
    """A statement as it is sent, labelled; with the column of unknown names where its filter has names."""
    if called := filter_names(filter):
        text = with_unknown("page.*, names.unknown", text, called, composer)
    return with_label(name, composer.finish(text))


def known_rows(reader: ReadSession, rows: list[R], key: str) -> list[R]:
    """The rows of such a statement, whose column `key` is never NULL; the unknown names go to the reader."""
    first: Any = rows[0]
    reader.unknown_names.update(first["unknown"] or ())
    return rows if first[key] is not None else []
