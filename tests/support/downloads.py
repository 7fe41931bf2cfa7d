"""Pictures and subtitles whose download is wanted, and what has become of them."""

from __future__ import annotations

from typing import Any

from tests.support.factories import add_artwork


async def want(connection: Any, media: int, *urls: str, state: str | None = "WANTED", type: str = "POSTER") -> None:
    for url in urls:
        await add_artwork(connection, media, type, url)
        await connection.execute("UPDATE artwork SET state = $1 WHERE url = $2", state, url)


async def states(connection: Any, table: str = "artwork") -> dict[int, str]:
    return {row["id"]: row["state"] for row in await connection.fetch(f"SELECT id, state FROM {table} ORDER BY id")}
