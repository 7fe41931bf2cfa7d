"""Changing the catalogue: one transaction an edit, over any session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, TypeVar

from database.protocols import WritingSession
from database.row import Row
from database.statement import Statement, plain, with_label
from database.transaction import Note, Transaction
from domain.errors import CatalogError, Code
from domain.viewer import Viewer

T = TypeVar("T")


class Writer:
    """What an edit works with: its name in reports, who edits, and the transaction."""

    def __init__(self, name: str, viewer: Viewer, transaction: Transaction) -> None:
        self.name = name
        self.viewer = viewer
        self.transaction = transaction

    @property
    def libraries(self) -> tuple[int, ...] | None:
        """The libraries that may be changed, None for all: `$n::bigint[] IS NULL OR library_id = any($n)`."""
        return self.viewer.libraries

    async def fetch(self, text: str, *values: Any) -> list[Row]:
        """The rows that a statement gives."""
        return await self.transaction.fetch(statement(self.name, text), values)


@lru_cache(maxsize=500)  # texts are constants
def statement(name: str, text: str) -> Statement[Row]:
    """A statement of an edit, on one line."""
    return plain(name, with_label(name, " ".join(text.split())))


# Who has been writing for longest: the label of the statement that it is at, and seconds.
LONGEST = """
SELECT substring(a.query FROM '/\\* (\\w+) \\*/'), extract(epoch FROM clock_timestamp() - a.xact_start)::float8
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()
ORDER BY a.xact_start LIMIT 1
"""


async def transact(
    session: WritingSession,
    viewer: Viewer,
    name: str,
    work: Callable[[Writer], Awaitable[T]],
    note: Note = None,
) -> T:
    """What `work` gives, in one transaction. `name`: of its statements; `note`: where each of them is to be noted.

    `work` may be called again, when its transaction was in another one's way. LOCK_TIMEOUT says who that one is."""
    try:
        return await session.transact(lambda transaction: work(Writer(name, viewer, transaction)), note)
    except CatalogError as error:
        if error.extensions["code"] != Code.LOCK_TIMEOUT:
            raise
        rows = await session.transact(lambda transaction: Writer(name, viewer, transaction).fetch(LONGEST), note)
        raise CatalogError(Code.LOCK_TIMEOUT, f"{error}{longest(rows)}") from None


def longest(rows: list[Row]) -> str:
    """In words what has been changing the catalogue for longest; nothing where that has ended."""
    if not rows or rows[0][0] is None:
        return ""
    name, seconds = rows[0]
    head, *words = name.split("_")
    return f" {head}{''.join(map(str.title, words))} has been running for {seconds:.1f} s."
