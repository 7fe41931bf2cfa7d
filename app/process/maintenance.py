"""Periodic work of the supervisor: folds kept counts, and texts that were written by SQL."""

from __future__ import annotations

import asyncio
import logging

import asyncpg

from catalog.counts import fold_counts
from catalog.refold import fold_new
from database.connect_args import ConnectArgs
from database.connection import CONNECTION_LOST

log = logging.getLogger("marquee.maintenance")

FOLD_EVERY = 30.0


async def keep_counts_folded(args: ConnectArgs, every: float = FOLD_EVERY) -> None:
    """Runs until cancelled, or until the role proves to be read-only. An unavailable database is tried again later."""
    while True:
        await asyncio.sleep(every)
        try:
            connection = await asyncpg.connect(**args.kwargs(), statement_cache_size=0)
            try:
                while await fold_counts(connection):
                    pass
                await fold_new(connection)
            finally:
                connection.terminate()
        except (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError) as error:
            log.info("kept counts are left to others: %s", error)
            return
        except (*CONNECTION_LOST, asyncpg.PostgresError) as error:
            log.warning("kept counts and texts could not be folded: %s", error)
