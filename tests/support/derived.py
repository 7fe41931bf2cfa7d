"""Writing by SQL in tests, with what is derived of it as the product keeps it (catalog/derived/)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.derived.declared import COPIES
from catalog.derived.statements import deleted_media, deleted_rows, inserted_rows, updated_media
from catalog.drift import find_drift, mend_drift
from tests.support.sessions import session_over

# Who writes holds the media first, in a statement before.
LOCK = "SELECT FROM media ORDER BY id FOR NO KEY UPDATE"


async def settle(connection: Any) -> None:
    """After rows were written by plain SQL: makes counts, copies, pairs and feed follow."""
    await mend_drift(session_over(connection))


async def assert_no_drift(connection: Any) -> None:
    assert await find_drift(session_over(connection)) == []


async def drift(connection: Any) -> list[tuple[str, str, int, int | None]]:
    """What has drifted: kind, table, rows, first."""
    return [one[:4] for one in await find_drift(session_over(connection))]


async def update_media(connection: Any, sets: str, where: str = "true", *values: Any) -> None:
    """As an edit does it. `sets`: columns of `media m`; `where`: a condition on `media`."""
    changes = f"(SELECT media.id FROM media WHERE {where}) AS change"
    async with connection.transaction():
        await connection.execute(LOCK)
        await connection.execute(updated_media(sets, changes), *values)


async def delete_media(connection: Any, where: str = "true", *values: Any) -> None:
    """As an edit does it. `where`: a condition on `media`."""
    async with connection.transaction():
        await connection.execute(LOCK)
        await connection.execute(deleted_media(where), *values)


async def insert_row(connection: Any, table: str, values: Mapping[str, Any], answer: str = "") -> Any:
    """A row of a table that hangs on media, with the copies of its media's columns; what `answer` selects."""
    return await connection.fetchval(inserting(table, tuple(values), answer), *values.values())


def inserting(table: str, names: tuple[str, ...], answer: str = "") -> str:
    """The statement for a row with these columns, media_id among them."""
    copies = [name for name in COPIES.get(table, ()) if name not in names]
    places = [f"${place}" for place in range(1, len(names) + 1)]
    media = places[names.index("media_id")]
    values = [*places, *(f"(SELECT m.{name} FROM media m WHERE m.id = {media} FOR NO KEY UPDATE)" for name in copies)]
    main = f"INSERT INTO {table} ({', '.join((*names, *copies))}) VALUES ({', '.join(values)})"
    return inserted_rows(table, main, feed=True, answer=answer)


async def delete_rows(connection: Any, table: str, where: str = "true", *values: Any) -> None:
    """Rows of a table that hangs on media. `where`: a condition on `j`."""
    async with connection.transaction():
        await connection.execute(LOCK)
        await connection.execute(deleted_rows(table, f"DELETE FROM {table} j WHERE {where}", "j", feed=True), *values)


# One of each type that a column may have which must be written.
VALUES = {"text": "n::text", "integer": "n", "bigint": "n", "boolean": "true", "timestamp with time zone": "now()"}
MUST_BE_WRITTEN = """SELECT column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = $1 AND column_name <> 'media_id'
      AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' ORDER BY ordinal_position"""


async def selected_rows(connection: Any, table: str) -> str:
    """What makes INSERT INTO a table of media m and numbers n one row for each of both."""
    columns = await connection.fetch(MUST_BE_WRITTEN, table)
    names = ", ".join(["media_id", *(name for name, _ in columns)])
    return f"({names}) SELECT {', '.join(['m.id', *(VALUES[type_] for _, type_ in columns)])}"
