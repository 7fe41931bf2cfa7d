"""Refreshes the average lengths of lists from time to time, so that no request has to read them."""

from __future__ import annotations

import asyncio
import logging

from app.service.graphql_service import Service
from database.connection import DATABASE_ERRORS
from database.pool import Pool
from database.session import Session
from domain.errors import CatalogError
from loaders.core.list_lengths import read_average_lengths

log = logging.getLogger("marquee.averages")

EVERY = 300.0
AGAIN = 10.0  # after a failure


async def refresh_list_lengths(pool: Pool, service: Service, every: float = EVERY, again: float = AGAIN) -> None:
    """Runs until cancelled. While the database is unavailable the previous averages, at first none, stay in use."""
    while True:
        pause = every
        session = Session(pool)
        try:
            service.set_list_lengths(await read_average_lengths(session))
        except (*DATABASE_ERRORS, CatalogError) as error:
            log.warning("the average lengths of lists could not be read: %s", error)
            pause = min(every, again)
        finally:
            await session.close()
        await asyncio.sleep(pause)
