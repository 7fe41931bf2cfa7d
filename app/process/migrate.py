"""Brings a database up to date: its schema, then the texts that are kept folded."""

from __future__ import annotations

import logging
from typing import Any

from catalog.refold import VERSION, refold
from database.connect_args import ConnectArgs
from database.migrations import LOCK_SECONDS, Lock, apply_all
from domain.text import FOLD_VERSION

log = logging.getLogger("marquee.migrate")


async def migrate(args: ConnectArgs, patience: float = LOCK_SECONDS) -> list[str]:
    """The names of the migrations that were applied. `patience`: seconds to wait for another runner.

    Raises MigrationError."""
    return await apply_all(args, patience, fold_texts)


async def fold_texts(connection: Any, lock: Lock) -> None:
    """Folds texts anew where they were folded by another rule."""
    if await connection.fetchval(VERSION) == FOLD_VERSION:
        return
    async with lock():
        for words in await refold(connection):
            log.warning("%s", words)
