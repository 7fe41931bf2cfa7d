"""When media were tagged: with the tags of a media, from one index."""

from __future__ import annotations

from typing import Any

from tests.support.derived import update_media
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.plans import explain_text, read_from_index_alone, scans


async def test_a_tag_has_the_time_at_which_it_was_given(connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    async with connection.transaction():
        await mark(connection, "tag", media, await add_name(connection, "tag", "noir"))
        assert await connection.fetchval("SELECT tagged_at = now() FROM media_tag") is True

    await update_media(connection, "year = 1950")

    assert await connection.fetchval("SELECT tagged_at < now() AND year = 1950 FROM media_tag") is True


async def test_the_tags_of_media_with_their_times_are_read_from_the_index_alone(large_reader: Any) -> None:
    text = "SELECT media_id, tag_id, tagged_at FROM media_tag WHERE media_id = any('{500, 501, 502}')"
    steps = await explain_text(large_reader, text)

    assert read_from_index_alone(steps, "media_tag_pkey")
    assert scans(steps)[0].read <= 60


async def test_one_index_holds_the_pairs(connection: Any) -> None:
    rows = await connection.fetch(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'media_tag'::regclass AND indisunique"
    )
    assert [row[0].partition(" USING ")[2] for row in rows] == ["btree (media_id, tag_id) INCLUDE (tagged_at)"]
