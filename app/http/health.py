"""Readiness: the database answers and has every migration."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

from database.connect import Connector
from database.connection import DATABASE_ERRORS
from database.migrations import MigrationError, pending

SECONDS = 2.0
REMEMBERED = 0.5


class Health:
    """Checks over a connection of its own, so that a busy pool does not look like a dead database. It is opened with
    the same settings as those of requests, so that the check fails where they would."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._asking = asyncio.Lock()
        self._asked_at = 0.0
        self._reason: str | None = None

    async def not_ready(self) -> str | None:
        """Why this process cannot serve now, None if it can. The result is cached for half a second."""
        async with self._asking:
            if monotonic() - self._asked_at > REMEMBERED:
                self._reason = await self._look()
                self._asked_at = monotonic()
            return self._reason

    async def _look(self) -> str | None:
        connection: Any = None
        try:
            async with asyncio.timeout(SECONDS):
                connection = (await self._connector.open()).raw
                missing = await pending(connection)
        except MigrationError as error:
            return str(error)
        except (*DATABASE_ERRORS, TimeoutError):
            return "the database does not answer"
        finally:
            if connection is not None:
                connection.terminate()
        return f"{len(missing)} migrations are pending: run `make migrate`" if missing else None
