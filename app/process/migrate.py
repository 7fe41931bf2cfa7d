"""Brings a database up to date: its schema, then the texts that are kept folded."""

from __future__ import annotations

import logging

from catalog.refold import is_folded, refold
from database.connect_args import ConnectArgs
from database.migrations import LOCK_SECONDS, apply_all, locked_beside, not_allowed
from database.open_session import open_session
from domain.errors import CatalogError, Code

log = logging.getLogger("marquee.migrate")


async def migrate(args: ConnectArgs, patience: float = LOCK_SECONDS) -> list[str]:
    """The names of the migrations that were applied. `patience`: seconds to wait for another runner.

    Raises MigrationError."""
    applied = await apply_all(args, patience)
    try:
        await fold_texts(args, patience)
    except CatalogError as error:
        if error.extensions["code"] == Code.READ_ONLY.value:
            raise not_allowed(error.__cause__ or error) from error
        raise
    return applied


async def fold_texts(args: ConnectArgs, patience: float) -> None:
    """Folds texts anew where they were folded by another rule."""
    async with open_session(args) as session:
        if await is_folded(session):
            return
        async with locked_beside(args, patience):
            for words in await refold(session):
                log.warning("%s", words)
