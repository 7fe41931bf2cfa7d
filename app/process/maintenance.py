"""Periodic work of the supervisor: folds kept counts, and texts that were written by SQL; learns the
words of search; prunes journals and finished runs of jobs."""

from __future__ import annotations

import asyncio
import logging

from catalog.counts import fold_counts
from catalog.refold import fold_pending
from catalog.search_vocabulary import learn_words
from catalog.taxonomy.retention import prune_journal
from database.connect_args import ConnectArgs
from database.connection import DATABASE_ERRORS
from database.open_session import open_session
from domain.errors import CatalogError, Code
from jobs.core.retention import prune_runs

log = logging.getLogger("marquee.maintenance")

FOLD_EVERY = 30.0


async def keep_counts_folded(args: ConnectArgs, every: float = FOLD_EVERY) -> None:
    """Runs until cancelled, or until the role proves to be read-only. An unavailable database is tried again later."""
    while True:
        await asyncio.sleep(every)
        try:
            async with open_session(args) as session:
                while await fold_counts(session):
                    pass
                await fold_pending(session)
                while await learn_words(session):
                    pass
                await prune_journal(session)
                await prune_runs(session)
        except (*DATABASE_ERRORS, CatalogError) as error:
            if isinstance(error, CatalogError) and error.extensions["code"] == Code.READ_ONLY.value:
                log.info("kept counts are left to others: %s", error.__cause__)
                return
            log.warning("kept counts and texts could not be folded: %s", error)
