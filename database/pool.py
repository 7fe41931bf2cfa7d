"""A small pool of asyncpg connections: last used first, no reset round trip, bounded age and use, counted waiters.

asyncpg's own pool knows no maximum age, no waiting count and no check after idling, resets a connection with a round
trip of its own, and costs a third of a point look-up."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from random import uniform
from time import monotonic
from typing import Any

import asyncpg

from database.connection import CONNECTION_LOST, OpenedConnection, PooledConnection, StatementLog
from database.shares import Shares
from database.sqlstate import warn
from domain.errors import CatalogError, Code

# Seconds between two tries to open a connection while the database is away.
RECONNECT_PAUSE, MAX_RECONNECT_PAUSE = 0.05, 0.5
# What no second try mends: a database that does not exist, a wrong password, a certificate that is not trusted.
FINAL = (asyncpg.InvalidCatalogNameError, asyncpg.InvalidAuthorizationSpecificationError, ssl.SSLError)


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Sizes in connections, times in seconds."""

    min: int = 2
    max: int = 10
    acquire_timeout: float = 8.0
    idle_timeout: float = 300.0
    max_age: float = 1800.0
    max_statements: int = 50_000
    check_after: float = 30.0
    waiting: int = 500


@dataclass(frozen=True, slots=True)
class PoolStatistics:
    """Connections idle and in use, requests that wait for one, and how often one was opened.

    opening: of the active ones those that are not open yet, as while the database is away."""

    idle: int
    active: int
    waiting: int
    opened: int
    opening: int = 0


class Pool:
    """Connections for requests, each held by one at a time. `connect` opens one."""

    def __init__(
        self, connect: Callable[[], Awaitable[OpenedConnection]], limits: PoolLimits, shares: Shares | None = None
    ) -> None:
        self._connect = connect
        self._limits = limits
        self.shares = shares or Shares()
        self._free: deque[PooledConnection] = deque()  # the most recently used one last
        self._waiting: deque[asyncio.Future[PooledConnection | None]] = deque()
        self._size = 0
        self._opened = 0
        self._opening = 0
        self._is_away = False  # the last try to open a connection failed
        self._tasks: set[asyncio.Task[None]] = set()
        self._upkeep: asyncio.Task[None] | None = None
        self.on_statement: StatementLog | None = None
        self.most_rows = 0

    @property
    def statistics(self) -> PoolStatistics:
        idle = len(self._free)
        return PoolStatistics(idle, self._size - idle, len(self._waiting), self._opened, self._opening)

    async def start(self) -> None:
        """Opens the minimum where the database is there; one that is away is waited for by requests, not here."""
        self._upkeep = asyncio.get_running_loop().create_task(self._keep_up())
        await self._fill()

    async def close(self) -> None:
        """Closes every connection that is free; none may be in use."""
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.gather(self._upkeep, return_exceptions=True)
        while self._free or self._tasks:
            while self._free:
                self._discard(self._free.pop())
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def acquire(self) -> PooledConnection:
        """A connection of one's own; DATABASE_BUSY when none is free in time, DATABASE_UNAVAILABLE when none opens.

        A database that is away is waited for as long as a connection is."""
        deadline = asyncio.get_running_loop().time() + self._limits.acquire_timeout
        while self._free:
            connection = self._free.pop()
            if await self._usable(connection):
                return connection
        if self._size < self._limits.max:
            self._size += 1
            return await self._open(deadline)
        return await self._wait(deadline)

    def release(self, connection: PooledConnection) -> None:
        """Gives a connection back: to the first who waits, or to the free ones."""
        now = connection.used_at = monotonic()
        if connection.broken or self._expired(connection, now):
            self._discard(connection)
            return
        if connection.needs_check:
            self._later(self._check(connection))
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._free.append(connection)

    async def _check(self, connection: PooledConnection) -> None:
        """Gives a connection back whose statement was given up, once it answers; one that hangs is closed."""
        if await connection.answers():
            self.release(connection)
        else:
            self._discard(connection)

    def suspect_all(self) -> None:
        """A connection was lost: the free ones are probably gone too, and are checked before their next use."""
        for connection in self._free:
            connection.used_at = 0.0

    async def _wait(self, deadline: float) -> PooledConnection:
        if len(self._waiting) >= self._limits.waiting:
            raise CatalogError(Code.DATABASE_BUSY, f"{len(self._waiting)} requests wait already: try again later.")
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[PooledConnection | None] = loop.create_future()
        timer = loop.call_at(deadline, self._refuse, waiter)
        self._waiting.append(waiter)
        try:
            connection = await waiter
        except BaseException:
            self._forget(waiter)
            raise
        finally:
            timer.cancel()
            del waiter  # it keeps the error, whose traceback would keep it
        return connection if connection is not None else await self._open(deadline)

    def _refuse(self, waiter: asyncio.Future[PooledConnection | None]) -> None:
        """Ends the wait for a connection."""
        if not waiter.done():
            busy = CatalogError(Code.DATABASE_BUSY, "No connection became free in time: try again.")
            waiter.set_exception(unavailable() if self._is_away else busy)

    def _forget(self, waiter: asyncio.Future[PooledConnection | None]) -> None:
        """Somebody waits no longer; what was handed over at the same moment goes to the next."""
        if waiter in self._waiting:
            self._waiting.remove(waiter)
        elif waiter.done() and not waiter.cancelled() and waiter.exception() is None:
            given = waiter.result()
            if given is None:
                self._vacate()
            else:
                self.release(given)

    async def _usable(self, connection: PooledConnection) -> bool:
        now = monotonic()
        if connection.broken or self._expired(connection, now):
            self._discard(connection)
            return False
        if now - connection.used_at <= self._limits.check_after:
            return True
        answers = False
        try:
            answers = await connection.answers()
        finally:
            if not answers:  # or nobody waits for the answer any longer
                self._discard(connection)
        return answers

    async def _open(self, deadline: float) -> PooledConnection:
        """A new connection for a place that is taken already; tried until the deadline."""
        loop = asyncio.get_running_loop()
        pause = RECONNECT_PAUSE
        self._opening += 1
        try:
            while True:
                try:
                    return await self._open_once(deadline)
                except (*CONNECTION_LOST, asyncpg.PostgresError) as error:
                    self._is_away = True
                    warn(error)
                    if isinstance(error, FINAL) or loop.time() + pause >= deadline:
                        raise unavailable() from error
                await asyncio.sleep(uniform(pause / 2, pause))
                pause = min(2 * pause, MAX_RECONNECT_PAUSE)
        except BaseException:
            self._vacate()
            raise
        finally:
            self._opening -= 1

    async def _open_once(self, deadline: float) -> PooledConnection:
        async with asyncio.timeout_at(deadline):
            opened = await self._connect()
        self._opened += 1
        self._is_away = False
        self.shares.media = opened.media
        return PooledConnection(opened, self)

    def _expired(self, connection: PooledConnection, now: float) -> bool:
        limits = self._limits
        return connection.statements >= limits.max_statements or now - connection.opened_at > limits.max_age

    def _discard(self, connection: PooledConnection) -> None:
        self._later(connection.close())
        self._vacate()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Does something beside the requests; `close` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _vacate(self) -> None:
        """A connection's place became free: the first who waits takes it, ahead of all who come later."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._size -= 1

    async def _fill(self) -> None:
        """Opens what lacks of the minimum; gives up at the first try that fails."""
        while self._size < self._limits.min:
            self._size += 1
            try:
                opened = await self._open_once(asyncio.get_running_loop().time() + self._limits.acquire_timeout)
            except BaseException as error:
                self._vacate()
                if not isinstance(error, (*CONNECTION_LOST, asyncpg.PostgresError)):
                    raise
                warn(error)
                return
            self.release(opened)

    async def _keep_up(self) -> None:
        """Closes what is idle for too long and keeps the minimum open."""
        while True:
            await asyncio.sleep(max(0.05, min(self._limits.idle_timeout / 4, 10.0)))
            oldest = monotonic() - self._limits.idle_timeout
            while self._free and self._size > self._limits.min and self._free[0].used_at < oldest:
                self._discard(self._free.popleft())
            await self._fill()


def unavailable() -> CatalogError:
    return CatalogError(Code.DATABASE_UNAVAILABLE, "The database does not answer: try again.")
