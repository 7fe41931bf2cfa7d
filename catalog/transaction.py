"""Changing the catalogue: one transaction an edit, over any session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, TypeVar

from database.protocols import WritingSession
from database.row import Row
from database.statement import Statement, plain, with_label
from database.transaction import Note, Transaction
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


async def transact(
    session: WritingSession,
    viewer: Viewer,
    name: str,
    work: Callable[[Writer], Awaitable[T]],
    note: Note = None,
) -> T:
    """What `work` gives, in one transaction. `name`: of its statements; `note`: where each of them is to be noted.

    `work` may be called again, when its transaction was in another one's way."""
    return await session.transact(lambda transaction: work(Writer(name, viewer, transaction)), note)
