"""A session: the database as one request, command or job sees it, over one connection, taken when first needed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeVar

import asyncpg

from database.connection import ConnectionLostError, PooledConnection
from database.pool import Pool
from database.row import Row
from database.sent_statement import SentStatement
from database.shares import Lane, Shares
from database.sqlstate import AWAY, translated_error
from database.statement import Statement
from database.transaction import Note, Work, run_transaction
from domain.errors import CatalogError, Code, too_many_rows

R = TypeVar("R", bound=Row)
T = TypeVar("T")


class Session:
    """Sends the statements of a request, a command or a job one after the other, over one connection of the pool.

    Never two connections: sixteen requests that each held one and waited for a second stood still for ever."""

    __slots__ = (
        *("_busy", "_closed", "_connection", "_outside", "_pool", "_running", "_waiting"),
        *("is_committing", "ran", "statements", "waited"),
    )

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: PooledConnection | None = None
        self._busy = False  # somebody has the turn, or is about to take it
        self._waiting: deque[asyncio.Future[None]] | None = None
        self._running: asyncio.Task[Any] | None = None
        self._closed = False
        self._outside = 0  # how many wait for something else
        self.is_committing = False  # COMMIT was sent, and no answer has come
        self.statements = 0
        self.waited = 0.0  # seconds for a connection, or for the turn of a long statement
        self.ran = 0.0  # seconds in the database

    async def fetch(
        self,
        statement: Statement[R],
        values: Sequence[object],
        *,
        timeout: float | None = None,
        sent: SentStatement | None = None,
    ) -> list[R]:
        """All rows. TimeoutError when `timeout` has passed; coded errors when the database cannot answer."""
        if self._busy:
            await self._wait()
        self._busy = True
        self._running = asyncio.current_task()
        try:
            try:
                return await self._read(statement, values, timeout, sent)
            except ConnectionLostError:
                # A read may be sent again: once, over another connection.
                self.give_back()
                return await self._read(statement, values, timeout, sent)
        except ConnectionLostError as error:
            raise CatalogError(Code.DATABASE_UNAVAILABLE, AWAY) from error
        except asyncpg.PostgresError as error:
            raise translated_error(error) from error
        finally:
            self._running = None
            self._pass_on()

    async def transact(self, work: Work[T], note: Note = None) -> T:
        """What `work` gives, which sends its statements by the transaction that it is given.

        It is rolled back where `work` raises, and begun anew, `work` too, where another transaction was in its way.
        `note` says where a statement is to be noted. Coded errors; OUTCOME_UNKNOWN where nobody knows whether it was
        committed."""
        if self._busy:
            await self._wait()
        self._busy = True
        self._running = asyncio.current_task()
        try:
            return await run_transaction(self, work, note)
        finally:
            self._running = None
            self._pass_on()

    def abandon(self) -> None:
        """The connection goes, and its transaction with it."""
        if self._connection is not None:
            self._connection.abandon()

    async def _read(
        self, statement: Statement[R], values: Sequence[object], timeout: float | None, sent: SentStatement | None
    ) -> list[R]:
        """Sends a statement when it may run: a long one in its turn."""
        shares = self._pool.shares
        if statement.checks and shares.media is None and self._connection is None:
            await self._take()  # the first connection tells how large the catalogue is
        if not statement.checks or not shares.may_be_long(statement):
            return await self.send(statement, values, timeout, sent)
        cost = shares.cost(statement, values)
        if cost is None:
            cost = await self._estimate(statement, values, shares)
        if not shares.is_long(statement, cost):
            before = self.ran
            rows = await self.send(statement, values, timeout, sent)
            shares.ran(statement, values, self.ran - before)
            return rows
        await self._wait_for_turn(shares.lane)
        try:
            return await self.send(statement, values, timeout, sent)
        finally:
            shares.lane.leave()

    async def _estimate(self, statement: Statement[Any], values: Sequence[object], shares: Shares) -> float:
        """The planner's estimate; one is asked for at a time, since many can keep the processors busy too."""
        if shares.estimating.locked():
            self.give_back()
        async with shares.estimating:
            if (cost := shares.cost(statement, values)) is not None:
                return cost
            connection = self._connection or await self._take()
            self.statements += 1
            started = perf_counter()
            try:
                cost = await connection.estimate(statement, values)
            finally:
                self.ran += perf_counter() - started
            shares.remember(statement, values, cost)
            return cost

    async def _wait_for_turn(self, lane: Lane) -> None:
        if not lane.is_free:
            self.give_back()  # nobody waits who holds what others wait for
        started = perf_counter()
        try:
            await lane.enter()
        finally:
            self.waited += perf_counter() - started

    async def send(
        self, statement: Statement[R], values: Sequence[object], timeout: float | None, sent: SentStatement | None
    ) -> list[R]:
        """Sends a statement, by whom has the turn."""
        connection = self._connection
        if connection is None or self._closed:
            connection = await self._take()
        self.statements += 1
        started = perf_counter()
        rows: list[R] = []
        try:
            rows = await connection.fetch(statement, values, timeout)
            if statement.many and 0 < self._pool.most_rows < len(rows):
                raise too_many_rows(self._pool.most_rows)  # those that follow were not fetched
            return rows
        finally:
            ended = perf_counter()
            self.ran += ended - started
            if sent is not None:
                sent.started, sent.ended, sent.rows = started, ended, len(rows)

    async def copy(
        self,
        statement: Statement[Any],
        copying: Callable[[PooledConnection], Awaitable[int]],
        sent: SentStatement | None,
    ) -> int:
        """How many rows a COPY has moved, within a transaction."""
        connection = self._connection
        if connection is None or self._closed:
            connection = await self._take()
        self.statements += 1
        started = perf_counter()
        rows = 0
        try:
            rows = await copying(connection)
            return rows
        finally:
            ended = perf_counter()
            self.ran += ended - started
            if sent is not None:
                sent.started, sent.ended, sent.rows = started, ended, rows

    async def _take(self) -> PooledConnection:
        if self._closed:
            raise CatalogError(Code.DATABASE_UNAVAILABLE, "The request has ended.")
        started = perf_counter()
        try:
            self._connection = await self._pool.acquire()
        finally:
            self.waited += perf_counter() - started
        return self._connection

    def give_back(self) -> None:
        """The connection goes back to the pool."""
        if self._connection is not None:
            self._pool.release(self._connection)
            self._connection = None

    @contextmanager
    def waiting_outside(self) -> Iterator[None]:
        """Somebody waits for something else than the database: meanwhile no connection is held between statements."""
        self._outside += 1
        if not self._busy:
            self.give_back()
        try:
            yield
        finally:
            self._outside -= 1

    async def _wait(self) -> None:
        """Until it is one's turn: statements are sent in the order in which they were asked for."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting = self._waiting or deque()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """The turn goes to the first who waits, so that nobody who comes in between has it."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._busy = False
        if self._outside:
            self.give_back()

    async def close(self) -> None:
        """Ends what still runs, as after a timeout or when the client has gone, and gives the connection back."""
        self._closed = True
        if self._running is not None:
            self._running.cancel()
            try:
                await self._wait()
                self._pass_on()
            finally:  # also where this task is cancelled itself
                self.give_back()
        self.give_back()
