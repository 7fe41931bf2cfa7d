"""Statements as they are sent, and which plan PostgreSQL is to keep of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from database.row import Row

R = TypeVar("R", bound=Row)


class PlanMode(Enum):
    """Which plan PostgreSQL should keep for a prepared statement (docs/decisions/0001-rows-and-relations.md)."""

    GENERIC = "generic"  # bounded by its keys: planned once, whatever the keys
    CUSTOM = "custom"  # selectivity varies with the values: planned anew each time


@dataclass(frozen=True, slots=True)
class Statement(Generic[R]):
    """One statement as it is sent, the class of its rows, and the loader's name for traces and tests.

    many: its rows are many for each of many keys, so that no more of them are fetched than a request may read;
    checks: what may have to be looked at for every media, in look-ups of a row, 0 where an index bounds it."""

    name: str
    text: str
    row: type[R]
    plan: PlanMode
    many: bool = False
    checks: int = 0


def plain(name: str, text: str) -> Statement[Row]:
    """A statement of rows that are read by position, planned once."""
    return Statement(name, text, Row, PlanMode.GENERIC)


def with_label(name: str, text: str) -> str:
    """The text with its loader's name in it, where pg_stat_statements keeps it (it drops leading comments)."""
    verb, _, rest = text.partition(" ")
    return f"{verb} /* {name} */ {rest}"
