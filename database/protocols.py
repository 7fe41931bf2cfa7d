"""What readers and writers need of a session: they know no pool and no connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from database.row import Row
from database.sent import Sent
from database.statement import Statement

R = TypeVar("R", bound=Row)
T = TypeVar("T")


class Database(Protocol):
    """Sends statements, one at a time, over the operation's one connection."""

    async def fetch(
        self,
        statement: Statement[R],
        values: Sequence[object],
        *,
        timeout: float | None = None,
        sent: Sent | None = None,
    ) -> list[R]:
        """All rows. TimeoutError when `timeout` seconds were given and have passed; CatalogError when it cannot.

        Notes in `sent` when the statement ran and how many rows came."""
        ...


class Fetch(Protocol):
    """Sends a statement of a transaction."""

    async def __call__(self, statement: Statement[R], values: Sequence[object]) -> list[R]: ...


Note: TypeAlias = Callable[[Statement[Any]], Sent | None]


class Transactions(Protocol):
    """A database that can change things. `is_committing`: COMMIT was sent, and no answer has come."""

    is_committing: bool

    async def transact(self, work: Callable[[Fetch], Awaitable[T]], note: Note) -> T:
        """What `work` gives, which sends its statements by the function that it is given, all in one transaction.

        It is rolled back where `work` raises, and begun anew, `work` too, where another transaction was in its way.
        `note` says where a statement is to be noted."""
        ...
