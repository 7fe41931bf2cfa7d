"""Sessions over the connections of tests."""

from __future__ import annotations

from math import inf
from typing import Any

from database.connection import OpenedConnection
from database.pool import Pool, PoolLimits
from database.session import Session


def session_over(connection: Any) -> Session:
    """A session over a connection that a test has opened, and closes."""

    async def connect() -> OpenedConnection:
        return OpenedConnection(connection, cache_size=0)

    return Session(Pool(connect, PoolLimits(min=0, max=1, max_age=inf)))
