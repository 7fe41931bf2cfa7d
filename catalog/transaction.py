"""Changing the catalogue: one transaction an edit, over any session.

Edits lock what they work with in one order, so that no two wait for each other:

1. libraries, by id: those in which media are made, or to which they move (catalog/media_edit.py, lock_libraries);
2. what has a name, noun by noun in the order of NAMED_NOUNS (catalog/upsert/names.py), each noun's by id: tags, genres,
   channels, people, release groups. KEY SHARE by who gives them to media, NO KEY UPDATE by who may give people external
   ids with that, NO KEY UPDATE or UPDATE by who changes, merges or deletes them;
3. collections, by id (NO KEY UPDATE by who puts media into them or moves them);
4. media, by id (catalog/edit.py, lock_media), and then what hangs on them: nobody else writes that;
5. new names, noun by noun, each noun's in the order of the folded names: who makes them waits for no media any longer;
6. the feed, media_change, by the ids of the media: once, at the end.

An edit that skips a step may not come back to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from database.copying import Records
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

    async def copy_in(self, table: str, columns: Sequence[str], records: Records) -> int:
        """Copies records into a table; how many there were. What is derived of them is the edit's own to write."""
        return await self.transaction.copy_in(table, columns, records)


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
