"""What the supervisor does from time to time: kept counts are folded together."""

from __future__ import annotations

import asyncio
import logging

import asyncpg

from app.connection import CONNECTION_LOST
from app.settings import ConnectArgs
from catalog.counts import fold_counts

log = logging.getLogger("marquee.upkeep")

FOLD_EVERY = 30.0


async def keep_counts_folded(args: ConnectArgs, every: float = FOLD_EVERY) -> None:
    """Folds until cancelled. A database that is away is asked again next time."""
    while True:
        await asyncio.sleep(every)
        try:
            connection = await asyncpg.connect(**args.kwargs(), statement_cache_size=0)
            try:
                while await fold_counts(connection):
                    pass
            finally:
                connection.terminate()
        except (*CONNECTION_LOST, asyncpg.PostgresError) as error:
            log.warning("kept counts could not be folded: %s", error)
