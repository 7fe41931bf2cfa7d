"""What readers and writers need of a session: they know no pool and no connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from database.row import Row
from database.sent_statement import SentStatement
from database.statement import Statement
from database.transaction import Note, Work

R = TypeVar("R", bound=Row)
T = TypeVar("T")


class ReadingSession(Protocol):
    """Sends statements, one at a time, over one connection: what loaders need."""

    async def fetch(
        self,
        statement: Statement[R],
        values: Sequence[object],
        *,
        timeout: float | None = None,
        sent: SentStatement | None = None,
    ) -> list[R]:
        """All rows. TimeoutError when `timeout` seconds were given and have passed; CatalogError when it cannot.

        Notes in `sent` when the statement ran and how many rows came."""
        ...


class WritingSession(Protocol):
    """A session that can change things. `is_committing`: COMMIT was sent, and no answer has come."""

    is_committing: bool

    async def transact(self, work: Work[T], note: Note = None) -> T:
        """What `work` gives, which sends its statements by the transaction that it is given.

        It is rolled back where `work` raises, and begun anew, `work` too, where another transaction was in its way.
        `note` says where a statement is to be noted."""
        ...
