"""Pools for tests: small ones over a real database, statements for them, and a clock that stands still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from database.connection import OpenedConnection, PooledConnection
from database.pool import Pool, PoolLimits
from database.row import Row
from database.shares import Shares
from database.statement import PlanMode, Statement

WAIT_SECONDS = 30.0


@asynccontextmanager
async def open_test_pool(
    args: ConnectArgs, cache_size: int = 200, shares: Shares | None = None, media: int = 0, **limits: Any
) -> AsyncIterator[Pool]:
    """A pool over a database; it must have every connection back at the end."""

    async def connect() -> OpenedConnection:
        return OpenedConnection(await asyncpg.connect(**args.kwargs(), statement_cache_size=0), cache_size, media=media)

    pool = Pool(connect, PoolLimits(**{"min": 0, **limits}), shares)
    await pool.start()
    try:
        yield pool
        assert (pool.statistics.active, pool.statistics.waiting) == (0, 0)
    finally:
        await pool.close()


def sql(text: str, plan: PlanMode = PlanMode.GENERIC) -> Statement[Row]:
    return Statement("test", text, Row, plan)


async def value(connection: PooledConnection, text: str, *values: object, plan: PlanMode = PlanMode.GENERIC) -> Any:
    """The only value of the only row of a statement."""
    [row] = await connection.fetch(sql(text, plan), values, None)
    return row[0]


async def backend(connection: PooledConnection) -> int:
    """The number of the server's process."""
    return int(await value(connection, "SELECT pg_backend_pid()"))


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.01)


class Clock:
    """The pool's time: it stands still until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr("database.pool.monotonic", lambda: self.now)
        monkeypatch.setattr("database.connection.monotonic", lambda: self.now)

    def move(self, seconds: float) -> None:
        self.now += seconds
