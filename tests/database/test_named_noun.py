"""The tables of a new noun that media carry are like those of the nouns that there are."""

from __future__ import annotations

import re
from typing import Any

import pytest

TABLES = ("{}", "{}_name", "media_{}", "{}_media_count")
COLUMNS = """
SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, is_identity,
    identity_generation, collation_name
FROM information_schema.columns WHERE table_name = any($1)
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename = any($1)"
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
WHERE conrelid::regclass::text = any($1)
"""


async def catalog_of(connection: Any, noun: str) -> list[str]:
    """What PostgreSQL says of a noun's tables, with a placeholder for its name."""
    tables = [table.format(noun) for table in TABLES]
    rows = [row for text in (COLUMNS, INDEXES, CONSTRAINTS) for row in await connection.fetch(text, tables)]
    return sorted(repr(tuple(row)).replace(noun, "<noun>") for row in rows)


@pytest.mark.parametrize("noun", ["channel", "genre"])
async def test_tables_made_by_the_function_are_those_of_the_nouns_that_there_are(connection: Any, noun: str) -> None:
    await connection.execute("SELECT add_named_noun('studio', 'STUDIOS_CHANGED')")

    made = await catalog_of(connection, "studio")

    assert len(made) > 40
    assert made == await catalog_of(connection, noun)


async def test_the_history_takes_the_events_of_a_new_noun_and_all_others_and_no_more(connection: Any) -> None:
    words = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'history_event_type_check'"
    before = re.findall(r"'(\w+)'", await connection.fetchval(words))

    await connection.execute("SELECT add_named_noun('studio', 'STUDIOS_CHANGED')")

    assert re.findall(r"'(\w+)'", await connection.fetchval(words)) == [*before, "STUDIOS_CHANGED"]
    assert len(before) > 10
