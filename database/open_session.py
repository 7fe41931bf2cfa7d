"""Sessions of what is no request of a client: commands, migrations' work on data, maintenance, jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import inf

from database.connect import ConnectOptions, Connector
from database.connect_args import ConnectArgs
from database.connection import OpenedConnection
from database.pool import Pool, PoolLimits
from database.session import Session

# Nothing is kept prepared, which a pooler might give to another client; statements run as long as the server lets them.
OPTIONS = ConnectOptions(statement_timeout=None, acquire_timeout=10.0, cache_size=0, is_cache_chosen=True)
LIMITS = PoolLimits(min=0, max=1, acquire_timeout=OPTIONS.acquire_timeout, max_age=inf)


@asynccontextmanager
async def open_session(args: ConnectArgs, options: ConnectOptions = OPTIONS) -> AsyncIterator[Session]:
    """A session over a connection of its own. One that is lost is opened anew by the next statement.

    Raises what asyncpg raises (database/refusal.py) where the database cannot be reached."""
    connector = Connector(args, options)
    first = [await connector.open()]

    async def connect() -> OpenedConnection:
        return first.pop() if first else await connector.open()

    pool = Pool(connect, LIMITS)
    session = Session(pool)
    try:
        pool.release(await pool.acquire())  # it is closed also where nothing is sent
        yield session
    finally:
        await session.close()
        await pool.close()
