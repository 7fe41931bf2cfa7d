"""The database as one request sees it: one connection, taken when first needed, held to the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any, TypeVar

import asyncpg

from app.connection import Connection, LostError
from app.pool import Pool, PoolLimits
from app.settings import ConnectArgs, Settings
from loaders.errors import CatalogError, Code
from loaders.row import Row
from loaders.statement import Statement

R = TypeVar("R", bound=Row)


def open_pool(settings: Settings, args: ConnectArgs) -> Pool:
    """The pool of a worker process, not started yet."""
    limits = PoolLimits(
        settings.pool_min,
        settings.pool_max,
        settings.acquire_timeout,
        settings.pool_idle_timeout,
        settings.pool_max_age,
        settings.pool_max_statements,
        settings.pool_check_after,
    )
    server_settings = {
        "application_name": f"marquee {os.getpid()}",
        "jit": "off",
        "statement_timeout": str(int(settings.statement_timeout * 1000)),
    }

    async def connect() -> Any:
        return await asyncpg.connect(
            **args.kwargs(), statement_cache_size=0, server_settings=server_settings, timeout=settings.acquire_timeout
        )

    return Pool(connect, limits, settings.statement_cache_size)


class RequestDatabase:
    """Sends a request's statements, one after the other, over one connection of the pool.

    Never two connections: sixteen requests that each held one and waited for a second stood still for ever."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._running: asyncio.Task[Any] | None = None
        self._closed = False

    async def fetch(
        self, statement: Statement[R], values: Sequence[object], *, timeout: float | None = None
    ) -> list[R]:
        """All rows. TimeoutError when `timeout` has passed; coded errors when the database cannot answer."""
        async with self._turn:
            self._running = asyncio.current_task()
            try:
                return await self._fetch(statement, values, timeout)
            except asyncpg.QueryCanceledError:
                raise CatalogError(
                    Code.STATEMENT_TIMEOUT, "A statement took too long: ask for less, or for a simpler filter or order."
                ) from None
            except LostError as error:
                raise CatalogError(Code.DATABASE_UNAVAILABLE, "The database went away: try again.") from error
            finally:
                self._running = None

    async def _fetch(self, statement: Statement[R], values: Sequence[object], timeout: float | None) -> list[R]:
        connection = await self._take()
        try:
            return await connection.fetch(statement, values, timeout)
        except LostError:
            # A read may be sent again: once, over another connection.
            self._give_back()
            return await (await self._take()).fetch(statement, values, timeout)

    async def _take(self) -> Connection:
        if self._closed:
            raise CatalogError(Code.DATABASE_UNAVAILABLE, "The request has ended.")
        if self._connection is None:
            self._connection = await self._pool.acquire()
        return self._connection

    def _give_back(self) -> None:
        if self._connection is not None:
            self._pool.release(self._connection)
            self._connection = None

    async def close(self) -> None:
        """Ends what still runs, as after a timeout or when the client has gone, and gives the connection back."""
        self._closed = True
        if self._running is not None:
            self._running.cancel()
            async with self._turn:
                pass
        self._give_back()
