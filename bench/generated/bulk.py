"""Makes room for a bulk load within a transaction: what would cost per row is put aside and restored at the end.

Definitions are read from the database, not repeated here, so that the migrations stay their only place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from database.statement import plain
from database.transaction import Transaction

# Indexes that no constraint stands for, and the statement that makes each again.
SECONDARY_INDEXES = """
SELECT format('DROP INDEX %s', i.indexrelid::regclass) AS aside, pg_get_indexdef(i.indexrelid) AS restored
FROM pg_index i
WHERE i.indrelid = ANY($1::text[]::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
ORDER BY i.indexrelid::regclass::text
"""

# Foreign keys of the tables, and the statement that adds and checks each again.
FOREIGN_KEYS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS aside,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS restored
FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY($1::text[]::regclass[])
ORDER BY conrelid::regclass::text, conname
"""


async def put_aside(transaction: Transaction, query: str, tables: Sequence[str]) -> list[str]:
    """Runs what the query says; the statements that undo it, in order."""
    rows = await transaction.fetch(plain("generated", query), [list(tables)])
    for row in rows:
        await transaction.fetch(plain("generated", row["aside"]))
    return [row["restored"] for row in rows]


async def restore(
    transaction: Transaction, statements: Sequence[str], progress: Callable[[str, int, int | None], None]
) -> None:
    """Runs the statements of put_aside, indexes being the long ones."""
    for done, statement in enumerate(statements):
        progress("indexes", done, len(statements))
        await transaction.fetch(plain("generated", statement))
    progress("indexes", len(statements), len(statements))
