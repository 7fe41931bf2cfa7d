"""One database connection: prepared statements kept, lost connections distinguished from failed statements."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from time import monotonic, perf_counter
from typing import Any, Protocol, TypeVar

import asyncpg
import orjson

from database.copying import (
    CopyFormat,
    OutsideError,
    Records,
    Target,
    Write,
    beside_others,
    copied,
    resume_writing,
    taking,
)
from database.row import Row
from database.statement import PlanMode, Statement

R = TypeVar("R", bound=Row)
T = TypeVar("T")

# Errors after which a connection is of no use, or was not to be had. InternalClientError: the server has said good-bye,
# but the socket is not closed yet; or a type has changed since asyncpg asked about it, as it does once a connection.
CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InternalClientError,
    OSError,
)

# PostgreSQL plans the first five executions of a prepared statement for their values; the sixth may keep a generic
# plan for good. A statement that wants custom plans is therefore prepared anew after five.
CUSTOM_EXECUTIONS = 5
CHECK_SECONDS = 2.0

# Whatever goes wrong with the database: with the connection, or in a statement.
DATABASE_ERRORS = (*CONNECTION_LOST, asyncpg.PostgresError)

StatementLog = Callable[[Statement[Any], int, float], None]


class ConnectionOwner(Protocol):
    """The pool of a connection: it has a log of statements, and is notified when a connection was lost.

    most_rows: of a statement with many rows, 0 for all of them; one more is fetched, to know that there are more."""

    most_rows: int
    on_statement: StatementLog | None

    def suspect_all(self) -> None: ...


class ConnectionLostError(Exception):
    """The connection went away under a statement, which may be sent again over another one."""


@dataclass(frozen=True, slots=True)
class OpenedConnection:
    """A connection of asyncpg's. `cache_size`: statements that it keeps prepared; `seconds`: longest run of one, None
    where the server sees to that; `media`: how many the database has, as far as the server knows."""

    raw: Any
    cache_size: int = 200
    seconds: float | None = None
    media: int = 0


class PreparedStatement:
    """A prepared statement and how often it ran."""

    __slots__ = ("executions", "state", "statement")

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self.state = statement._state
        self.executions = 0


class PooledConnection:
    """An asyncpg connection with its age, use and prepared statements, the least recently used ones dropped."""

    def __init__(self, opened: OpenedConnection, pool: ConnectionOwner) -> None:
        self._raw = raw = opened.raw
        self._protocol = raw._protocol
        self._cache_size = opened.cache_size
        self._seconds = opened.seconds
        self._pool = pool
        self._prepared: OrderedDict[str, PreparedStatement] = OrderedDict()
        self._copied: dict[str, Any] = {}  # what asyncpg knows of the types of columns, by the text of the COPY
        self._is_resuming = False
        self._numbers = count()
        self.opened_at = self.used_at = monotonic()
        self.statements = 0
        self._lost = False
        self.needs_check = False  # a statement was given up: does the server still answer?

    @property
    def broken(self) -> bool:
        return self._lost or self._raw.is_closed()

    async def fetch(self, statement: Statement[R], values: Sequence[object], timeout: float | None) -> list[R]:
        """All rows of a statement, noted in the pool's log. ConnectionLostError when the connection is gone,
        TimeoutError when `timeout` is over, QueryCanceledError when the time of any statement is."""
        is_ours = self._seconds is not None and (timeout is None or timeout > self._seconds)
        return await self._noted(
            statement, self._run(statement, values, self._seconds if is_ours else timeout), is_ours=is_ours
        )

    async def estimate(self, statement: Statement[Any], values: Sequence[object]) -> float:
        """What the planner thinks a statement to cost, in its units. Noted and failing like a statement."""
        asked = Statement("estimate", f"EXPLAIN (FORMAT JSON) {statement.text}", Row, PlanMode.CUSTOM)
        # Not kept prepared: it runs once in a while.
        asking = self._raw.fetch(asked.text, *values, timeout=self._seconds, record_class=Row)
        [row] = await self._noted(asked, asking, is_ours=self._seconds is not None)
        return float(orjson.loads(row[0])[0]["Plan"]["Total Cost"])

    async def copy_in(self, statement: Statement[Any], target: Target, records: Records) -> int:
        """How many records were copied into a table. Noted and failing like a statement.

        What the records themselves raise is raised as it is. No clock of ours ends it."""
        copying = self._copy_records(statement.text, target, beside_others(records, lambda: self.broken))
        try:
            return await self._noted(statement, copied(copying), is_ours=False, count=int)
        except OutsideError as error:
            raise error.cause from None
        except asyncpg.InvalidBinaryRepresentationError:  # its columns have other types by now
            self._copied.pop(statement.text, None)
            raise

    async def _copy_records(self, text: str, target: Target, records: Records) -> str:
        # What copy_records_to_table does, but for asking for the types of the columns each time: for a few records that
        # took longer than to copy them.
        if not self._is_resuming:
            self._is_resuming = True
            self._raw.add_termination_listener(partial(resume_writing, self._protocol))
        types = self._copied.get(text)
        if types is None:
            asked = f"SELECT {', '.join(target.columns)} FROM {target.table} LIMIT 1"
            types = self._copied[text] = (await self._raw.prepare(asked))._state
        return await self._protocol.copy_in(text, None, None, records, types, None)  # type: ignore[no-any-return]

    async def copy_out(
        self, statement: Statement[Any], values: Sequence[object], write: Write, copy_format: CopyFormat
    ) -> int:
        """How many rows of a statement were written. Noted and failing like a statement.

        What `write` raises is raised as it is. No clock of ours ends it."""
        copying = self._raw.copy_from_query(statement.text, *values, output=taking(write), format=copy_format)
        try:
            return await self._noted(statement, copied(copying), is_ours=False, count=int)
        except OutsideError as error:
            # asyncpg would cancel what may have ended already, and wait for ever for the server to say so.
            self._raw.terminate()
            raise error.cause from None

    async def _noted(
        self, statement: Statement[Any], running: Awaitable[T], *, is_ours: bool, count: Callable[[Any], int] = len
    ) -> T:
        """The rows of a statement; `is_ours`: it runs as long as any may, by our clock."""
        log = self._pool.on_statement
        started = 0.0 if log is None else perf_counter()
        self.statements += 1
        try:
            rows = await running
        except TimeoutError:  # it is an OSError too, but it was we who set the time
            self.needs_check = True
            if is_ours:
                raise asyncpg.QueryCanceledError("canceling statement due to statement timeout") from None
            raise
        except asyncio.CancelledError:
            self.needs_check = True
            raise
        except CONNECTION_LOST as error:
            self._lost = True
            self._pool.suspect_all()
            raise ConnectionLostError(str(error)) from error
        if log is not None:
            log(statement, count(rows), perf_counter() - started)
        return rows

    async def _run(self, statement: Statement[R], values: Sequence[object], timeout: float | None) -> list[R]:
        # Only where it is needed: PostgreSQL uses no parallel plan when rows are asked for by their number.
        most = self._pool.most_rows + 1 if statement.many and self._pool.most_rows else 0
        if not self._cache_size:
            # What Connection.fetch does, with a number of rows.
            return await self._raw._execute(statement.text, values, most, timeout, record_class=statement.row)  # type: ignore[no-any-return]
        prepared = self._prepared.get(statement.text)
        if prepared is None or (statement.plan is PlanMode.CUSTOM and prepared.executions >= CUSTOM_EXECUTIONS):
            prepared = await self._prepare(statement, timeout)
        else:
            self._prepared.move_to_end(statement.text)
        prepared.executions += 1
        # What PreparedStatement.fetch does at the bottom of four calls: they cost a seventh of a point look-up.
        execute = self._protocol.bind_execute
        try:
            return await execute(prepared.state, values, "", most, False, timeout)  # type: ignore[no-any-return]
        except (asyncpg.InvalidCachedStatementError, asyncpg.InvalidSQLStatementNameError):
            # The table has changed since, or a pooler has given us another server connection.
            prepared = await self._prepare(statement, timeout)
            return await execute(prepared.state, values, "", most, False, timeout)  # type: ignore[no-any-return]

    async def _prepare(self, statement: Statement[Any], timeout: float | None) -> PreparedStatement:
        # Named, since without its own cache of statements asyncpg would parse an unnamed one at every execution.
        name = f"marquee_{next(self._numbers)}"
        made = PreparedStatement(
            await self._raw.prepare(statement.text, name=name, timeout=timeout, record_class=statement.row)
        )
        self._prepared[statement.text] = made
        if len(self._prepared) > self._cache_size:
            self._prepared.popitem(last=False)
        return made

    def abandon(self) -> None:
        """Nobody knows what state it is in: it is closed when it is given back."""
        self._lost = True

    async def answers(self) -> bool:
        """Whether the server is still there."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._raw.fetchval("SELECT 1")
        except (*CONNECTION_LOST, asyncpg.PostgresError, TimeoutError):
            return False
        self.needs_check = False
        return True

    async def close(self) -> None:
        """Closes it, by force when the server does not answer."""
        self._prepared.clear()
        try:
            await self._raw.close(timeout=CHECK_SECONDS)
        except (*CONNECTION_LOST, asyncpg.PostgresError, TimeoutError):
            self._raw.terminate()
