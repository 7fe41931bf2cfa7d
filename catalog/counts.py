"""Kept numbers of media: who writes adds a delta for each change, folding sums the deltas up into one row a key.

A reader sums deltas and folded rows alike, so what it sees is right before, while and after a fold."""

from __future__ import annotations

from catalog.derived.declared import COUNTS
from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from domain.viewer import UNRESTRICTED

# Deltas folded from each table in one call; what is left waits for the next one.
MAX_DELTAS = 10_000
FOLD_LOCK = 0x666F6C64  # "fold"

# Count tables and the columns of their keys.
KEYS = {count.table: count.columns for count in COUNTS}

# One folder at a time; the lock ends with the transaction.
TAKE_TURN = "SELECT pg_try_advisory_xact_lock($1)"

# Replaces some deltas and the folded rows of their keys by their sums, none where the sum is 0. Rows of these tables
# are inserted and deleted, never updated, and a sum is made of exactly the rows that this statement deleted.
FOLD = """
WITH delta AS (
    SELECT ctid AS place, {keys} FROM {table} WHERE NOT is_folded ORDER BY {keys} LIMIT $1 FOR UPDATE SKIP LOCKED
), earlier AS (
    SELECT ctid AS place FROM {table} WHERE is_folded AND ({keys}) IN (SELECT {keys} FROM delta) FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM {table}
    WHERE ctid = any(ARRAY(SELECT place FROM delta UNION ALL SELECT place FROM earlier))
    RETURNING {keys}, media_count
), folded AS (
    INSERT INTO {table} ({keys}, media_count, is_folded)
    SELECT {keys}, sum(media_count), true FROM gone GROUP BY {keys} HAVING sum(media_count) <> 0
)
SELECT count(*) FROM delta
"""


async def fold_counts(session: WritingSession) -> int:
    """How many deltas were folded: 0 when there were none, or when another folder is at work."""
    return await transact(session, UNRESTRICTED, "fold_counts", fold)


async def fold(writer: Writer) -> int:
    [[has_turn]] = await writer.fetch(TAKE_TURN, FOLD_LOCK)
    deltas = 0
    for table, keys in KEYS.items() if has_turn else ():
        [[folded]] = await writer.fetch(FOLD.format(table=table, keys=keys), MAX_DELTAS)
        deltas += folded
    return deltas
