"""What tests of edits of names share: what is stored of a noun, and the mutations."""

from __future__ import annotations

from typing import Any

from catalog.taxonomy.noun import Noun

FIELDS = """{
    operation { id kind counts { renamed merged moved } undoableUntil } node { id } token
    counts { renamed merged moved } examples { id name becomes into mediaCount }
    conflicts { code message id } conflictCount
}"""


def stored_tables(noun: Noun) -> tuple[str, ...]:
    """The tables that say all of a noun, but for its kept counts, which are sums."""
    references = () if noun.reference is None else (noun.reference.table,)
    return (*noun.tables, f"media_{noun.name}", *references)


async def stored(connection: Any, noun: Noun) -> dict[str, list[Any]]:
    """All rows of a noun, table by table; without versions, which rise with an operation and with its undo."""
    found = {}
    for table in stored_tables(noun):
        rows = await connection.fetch(f"SELECT (to_jsonb(t) - 'version')::text AS row FROM {table} t")
        found[table] = sorted(row["row"] for row in rows)
    counts = await connection.fetch(
        f"SELECT {noun.key}, library_id, sum(media_count) FROM {noun.name}_media_count"
        f" GROUP BY 1, 2 HAVING sum(media_count) <> 0 ORDER BY 1, 2"
    )
    return {**found, "counts": [tuple(row) for row in counts]}
