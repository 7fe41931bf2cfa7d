"""Taglines: in their order, at most 64 a media."""

from __future__ import annotations

from typing import Any

from tests.support.api import Api
from tests.support.derived import delete_rows, insert_row
from tests.support.factories import add_library, add_media
from tests.support.plans import explain_batch, indexes, scans

ADD = "INSERT INTO tagline (media_id, text, position) VALUES ($1, $2, $3)"


async def test_taglines_come_by_position(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media = await add_media(connection, library)
    await add_media(connection, library)
    for text, position in (("c", 1), ("a", 2), ("b", 0), ("d", 1)):
        await connection.execute(ADD, media, text, position)

    data = await api.run("{ media { nodes { taglines { text position } } } }")

    found = [(one["text"], one["position"]) for one in data["media"]["nodes"][0]["taglines"]]
    assert found == [("b", 0), ("c", 1), ("d", 1), ("a", 2)]
    assert data["media"]["nodes"][1] == {"taglines": []}
    assert api.statements == ["media_pages", "taglines_by_media_id"]


async def test_a_change_of_taglines_is_a_change_of_their_media(connection: Any) -> None:
    await connection.execute(ADD, await add_media(connection, await add_library(connection)), "A", 0)
    before = await connection.fetchval("SELECT transaction_id FROM media_change")
    for change in (insert_row(connection, "tagline", {"media_id": 1, "text": "B"}), delete_rows(connection, "tagline")):
        await change
        row = await connection.fetchrow("SELECT type, transaction_id > $1 AS is_later FROM media_change", before)
        assert tuple(row) == ("UPDATED", True)
        before += 1


async def test_taglines_are_found_by_their_media(large_reader: Any) -> None:
    for keys in ([500], list(range(500, 600))):
        steps = await explain_batch(large_reader, "taglines_by_media_id", keys)
        assert "tagline_media_id_position_id" in indexes(steps)
        assert sum(scan.read for scan in scans(steps)) <= 64 * len(keys)
