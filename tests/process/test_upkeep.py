"""What the supervisor does from time to time."""

from __future__ import annotations

import asyncio
from typing import Any

from app.process.maintenance import keep_counts_folded
from database.connect_args import ConnectArgs
from tests.support.factories import add_library, add_media


async def test_deltas_of_kept_counts_are_folded_into_one_row_a_key(writer: ConnectArgs, connection: Any) -> None:
    library = await add_library(connection)
    for number in range(5):
        await add_media(connection, library, f"M{number}")
    task = asyncio.create_task(keep_counts_folded(writer, every=0.01))

    rows: list[Any] = []
    for _ in range(500):
        rows = await connection.fetch("SELECT media_count FROM library_media_count")
        if len(rows) == 1:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert [row["media_count"] for row in rows] == [5]


async def test_texts_that_were_written_by_sql_are_folded(writer: ConnectArgs, connection: Any) -> None:
    library = await add_library(connection)
    for number in range(3):
        await add_media(connection, library, f"M{number}")
    await connection.execute("UPDATE media SET overview = 'Élan' || id WHERE id > 1")
    await connection.execute("INSERT INTO tagline (media_id, text) VALUES (1, 'In SPACE…')")
    version = await connection.fetchval("SELECT sum(version) FROM media")
    task = asyncio.create_task(keep_counts_folded(writer, every=0.01))

    found: Any = None
    while found != "in space...":
        found = await connection.fetchval("SELECT folded_text FROM tagline")
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    rows = await connection.fetch("SELECT folded_overview FROM media ORDER BY id")
    assert [row[0] for row in rows] == [None, "elan2", "elan3"]
    assert await connection.fetchval("SELECT sum(version) FROM media") == version


async def test_a_database_that_is_away_is_asked_again(caplog: Any) -> None:
    away = ConnectArgs("postgresql://postgres@/nothing?host=/nowhere&sslmode=disable")
    task = asyncio.create_task(keep_counts_folded(away, every=0.001))

    while len(caplog.records) < 2:
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert "could not be folded" in caplog.text
