"""The session of a run: it holds a connection while it reads or writes, not while the run does something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from database.row import Row
from database.sent_statement import SentStatement
from database.session import Session
from database.statement import Statement
from database.transaction import Note, Work

R = TypeVar("R", bound=Row)
T = TypeVar("T")


class JobSession(Session):
    """Gives its connection back after each statement and each transaction."""

    __slots__ = ()

    async def fetch(
        self,
        statement: Statement[R],
        values: Sequence[object],
        *,
        timeout: float | None = None,
        sent: SentStatement | None = None,
    ) -> list[R]:
        try:
            return await super().fetch(statement, values, timeout=timeout, sent=sent)
        finally:
            self.give_back()

    async def transact(self, work: Work[T], note: Note = None) -> T:
        try:
            return await super().transact(work, note)
        finally:
            self.give_back()
