"""A large database for readers, filled without what costs per row: indexes and foreign keys are made at the end."""

from __future__ import annotations

from functools import partial
from typing import Any

from bench.generated.bulk import FOREIGN_KEYS, SECONDARY_INDEXES, put_aside, restore
from bench.generated.load import add_missing, silent
from database.transaction import Transaction
from tests.support.derived import settle
from tests.support.samples import insert_samples
from tests.support.sessions import session_over

TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


async def fill_in_bulk(connection: Any, media: int) -> None:
    """Fills an empty database with so many media, each with samples of what hangs on media."""
    session = session_over(connection)
    tables = [row[0] for row in await connection.fetch(TABLES)]
    restored = await session.transact(partial(put_all_aside, tables))
    await session.transact(partial(add_missing, media, silent))  # finds nothing left to put aside
    await insert_samples(connection, media)
    await session.transact(lambda transaction: restore(transaction, restored, silent))
    await settle(connection)
    await connection.execute("VACUUM (ANALYZE)")


async def put_all_aside(tables: list[str], transaction: Transaction) -> list[str]:
    """Indexes and foreign keys of these tables; the statements that make them again."""
    keys = await put_aside(transaction, FOREIGN_KEYS, tables)
    return [*await put_aside(transaction, SECONDARY_INDEXES, tables), *keys]
