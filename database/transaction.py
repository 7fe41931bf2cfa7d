"""A transaction: what a writer sends its statements with, and how it begins, ends and is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from random import uniform
from typing import Any, Protocol, TypeAlias, TypeVar

import asyncpg

from database.connection import ConnectionLostError, PooledConnection
from database.copying import CopyFormat, Records, Target, Write
from database.row import Row
from database.sent_statement import SentStatement
from database.sqlstate import AGAIN, translated_error
from database.statement import Statement, plain
from domain.errors import CatalogError, Code

R = TypeVar("R", bound=Row)
T = TypeVar("T")

# What a transaction may be tried again for: two that wait for each other, a name that both have made, a media that one
# hangs something on while the other deletes it; columns that have other types than the connection knew when it copied.
CONFLICTS = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.InvalidBinaryRepresentationError,
)
TRIES = 5
RETRY_PAUSE = 0.01

EDIT_LOST = "The database went away: nothing of this edit is stored, so it alone can be sent again."
LOST_AT_COMMIT = "The database went away while it stored this: look before you try again."
FORBIDDEN = "A rule of the catalogue forbids this: nothing was changed. Read it again, others may have changed it."


BEGIN = plain("transaction", "BEGIN ISOLATION LEVEL READ COMMITTED")
COMMIT = plain("transaction", "COMMIT")
ROLLBACK = plain("transaction", "ROLLBACK")

# Of one name, so that each is prepared once: PostgreSQL takes the innermost.
SAVEPOINT = plain("transaction", "SAVEPOINT inner_work")
ROLLBACK_TO_SAVEPOINT = plain("transaction", "ROLLBACK TO SAVEPOINT inner_work")
RELEASE_SAVEPOINT = plain("transaction", "RELEASE SAVEPOINT inner_work")

# Says where a statement that is about to be sent is to be noted; None where nobody wants to know.
Note: TypeAlias = Callable[[Statement[Any]], SentStatement | None] | None


class BeginAnewError(Exception):
    """Raised by a transaction's work that was overtaken by another one: it is rolled back and begun anew."""


class Sender(Protocol):
    """The session of a transaction: it has one connection while a transaction runs."""

    is_committing: bool

    async def send(
        self, statement: Statement[R], values: Sequence[object], timeout: float | None, sent: SentStatement | None
    ) -> list[R]: ...

    async def copy(
        self,
        statement: Statement[Any],
        copying: Callable[[PooledConnection], Awaitable[int]],
        sent: SentStatement | None,
    ) -> int: ...

    def give_back(self) -> None: ...

    def abandon(self) -> None: ...


class Transaction:
    """A transaction that runs. After an error of the database it can only end, unless a savepoint stood before.

    is_last_try: whether it is not begun anew any more."""

    __slots__ = ("_note", "_sender", "is_last_try")

    def __init__(self, sender: Sender, note: Note = None, *, is_last_try: bool = True) -> None:
        self._sender = sender
        self._note = note
        self.is_last_try = is_last_try

    async def fetch(self, statement: Statement[R], values: Sequence[object] = ()) -> list[R]:
        """The rows of a statement."""
        return await self._sender.send(statement, values, None, self._note and self._note(statement))

    async def copy_in(self, table: str, columns: Sequence[str], records: Records) -> int:
        """Copies records, in the order of the columns, into a table; how many there were.

        They may come one by one, synchronously or not: only some are in memory at a time. What they raise ends the
        transaction. The names go into the statement's text, so they are the program's own."""
        target = Target(table, columns)
        statement = plain("copy", f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)")
        return await self._sender.copy(
            statement,
            lambda connection: connection.copy_in(statement, target, records),
            self._note and self._note(statement),
        )

    async def copy_out(self, text: str, values: Sequence[object], write: Write, copy_format: CopyFormat = "csv") -> int:
        """Writes the rows of a query as PostgreSQL's COPY has them, piece by piece; how many there were.

        `write` is awaited before more is read. What it raises ends the transaction."""
        statement = plain("copy", text)
        return await self._sender.copy(
            statement,
            lambda connection: connection.copy_out(statement, values, write, copy_format),
            self._note and self._note(statement),
        )

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What is done within is undone alone where it raises; the transaction goes on."""
        await self.fetch(SAVEPOINT)
        try:
            yield
        except Exception:
            await self.fetch(ROLLBACK_TO_SAVEPOINT)
            await self.fetch(RELEASE_SAVEPOINT)
            raise
        await self.fetch(RELEASE_SAVEPOINT)


Work: TypeAlias = Callable[[Transaction], Awaitable[T]]


async def run_transaction(sender: Sender, work: Work[T], note: Note) -> T:
    """What `work` gives, begun anew where another transaction was in its way; coded errors."""
    with coded_errors():
        for tries in range(1, TRIES):
            try:
                return await attempt(sender, work, note, is_last_try=False)
            except (*CONFLICTS, BeginAnewError):
                await asyncio.sleep(uniform(0, RETRY_PAUSE * 2**tries))
        return await attempt(sender, work, note)


@contextmanager
def coded_errors() -> Iterator[None]:
    """Turns errors of the database into the coded errors that clients get."""
    try:
        yield
    except (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError, BeginAnewError):
        raise CatalogError(Code.CONFLICT, AGAIN) from None
    except asyncpg.IntegrityConstraintViolationError as error:
        raise CatalogError(Code.CONFLICT, FORBIDDEN) from error
    except ConnectionLostError as error:
        raise CatalogError(Code.DATABASE_UNAVAILABLE, EDIT_LOST) from error
    except asyncpg.PostgresError as error:
        raise translated_error(error) from error


async def attempt(sender: Sender, work: Work[T], note: Note, *, is_last_try: bool = True) -> T:
    """One transaction: committed where `work` gives something, rolled back where it raises."""
    transaction = Transaction(sender, note, is_last_try=is_last_try)
    sender.is_committing = False
    await begin(sender, transaction)
    try:
        done = await work(transaction)
    except Exception:
        await roll_back(sender, transaction)
        raise
    except BaseException:
        sender.abandon()
        raise
    sender.is_committing = True
    try:
        await transaction.fetch(COMMIT)
    except ConnectionLostError:
        raise CatalogError(Code.OUTCOME_UNKNOWN, LOST_AT_COMMIT) from None
    except BaseException:
        sender.abandon()
        raise
    sender.is_committing = False
    return done


async def begin(sender: Sender, transaction: Transaction) -> None:
    """Begins a transaction, over another connection where the one at hand turns out to be lost."""
    try:
        try:
            await transaction.fetch(BEGIN)
        except ConnectionLostError:
            sender.give_back()
            await transaction.fetch(BEGIN)
    except BaseException:  # it may have begun all the same
        sender.abandon()
        raise


async def roll_back(sender: Sender, transaction: Transaction) -> None:
    """Ends a transaction, by its connection's end where that is not to be had otherwise."""
    ended = False
    try:
        with suppress(Exception):
            await transaction.fetch(ROLLBACK)
            ended = True
    finally:
        if not ended:
            sender.abandon()
            sender.give_back()
