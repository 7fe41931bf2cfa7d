"""Artwork: by type, sizes where known, at most 64 a media."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.api import Api
from tests.factories import add_artwork, add_library, add_media


async def test_artwork_comes_by_type_with_its_size_where_that_is_known(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for type in ("THUMBNAIL", "POSTER", "BACKDROP"):
        await add_artwork(connection, media, type, f"https://example.org/{type}.jpg")
    await connection.execute("UPDATE artwork SET width = 300, height = 450 WHERE type = 'POSTER'")

    data = await api.run('{ mediaItem(id: "media_1") { artwork { type url width height } } }')

    assert data["mediaItem"]["artwork"] == [
        {"type": type, "url": f"https://example.org/{type}.jpg", "width": width, "height": height}
        for type, width, height in (("BACKDROP", None, None), ("POSTER", 300, 450), ("THUMBNAIL", None, None))
    ]


async def test_a_media_has_at_most_64_pictures(connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for number in range(64):
        await add_artwork(connection, media, url=f"https://example.org/{number}.jpg")

    with pytest.raises(asyncpg.CheckViolationError, match="more than 64 rows in artwork"):
        await add_artwork(connection, media)
