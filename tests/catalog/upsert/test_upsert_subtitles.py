"""Subtitles of an upsert: told apart by language, kind, and where they are."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import OnConflict
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.upserting import failures, item, upserted

ENGLISH = {"language": "en"}


async def subtitles(connection: Any) -> list[tuple[Any, ...]]:
    text = "SELECT language, is_forced, url, path, state FROM subtitle ORDER BY language, is_forced, url, path"
    return [tuple(row) for row in await connection.fetch(text)]


def there(path: str, **columns: Any) -> dict[str, Any]:
    return {**ENGLISH, "path": path, "state": "DOWNLOADED", **columns}


async def ids(connection: Any) -> list[int]:
    return [row[0] for row in await connection.fetch("SELECT id FROM subtitle ORDER BY path, url")]


@pytest.mark.parametrize("mode", [OnConflict.REPLACE, OnConflict.MERGE])
async def test_two_files_of_one_language_are_two(api: Api, connection: Any, mode: OnConflict) -> None:
    await add_library(connection)
    given = item(subtitles=[there("/a.srt"), there("/b.srt")])

    assert await failures(api, given, on_conflict=mode) == [("CREATED", "")]
    assert await failures(api, given, on_conflict=mode) == [("UNCHANGED", "")]
    assert [row[3] for row in await subtitles(connection)] == ["/a.srt", "/b.srt"]


async def test_merged_files_stand_beside_those_that_are_there(api: Api, connection: Any) -> None:
    await add_library(connection)
    await upserted(api, item(subtitles=[there("/a.srt")]))
    more = item(subtitles=[there("/b.srt"), there("/b.srt", is_forced=True)])
    await upserted(api, more, on_conflict=OnConflict.MERGE)

    assert await subtitles(connection) == [
        ("en", False, None, "/a.srt", "DOWNLOADED"),
        ("en", False, None, "/b.srt", "DOWNLOADED"),
        ("en", True, None, "/b.srt", "DOWNLOADED"),
    ]


async def test_one_is_found_again_by_its_address_or_its_path(api: Api, connection: Any) -> None:
    await add_library(connection)
    first = [{**ENGLISH, "url": "u"}, there("/b.srt")]
    await upserted(api, item(subtitles=first))
    known = await ids(connection)

    moved = [there("/a.srt", url="u"), {**ENGLISH, "path": "/b.srt", "url": "v"}]
    assert await failures(api, item(subtitles=moved)) == [("UPDATED", "")]
    assert sorted(await ids(connection)) == sorted(known)
    assert {row[2:4] for row in await subtitles(connection)} == {("u", "/a.srt"), ("v", "/b.srt")}
    assert await failures(api, item(subtitles=[*reversed(first)])) == [("UNCHANGED", "")]


async def test_one_that_was_wanted_is_the_one_that_was_found(api: Api, connection: Any) -> None:
    await add_library(connection)
    await upserted(api, item(subtitles=[ENGLISH, {"language": "de"}]))
    await upserted(api, item(subtitles=[there("/a.srt"), there("/b.srt")]), on_conflict=OnConflict.MERGE)

    assert [row[:1] + row[3:] for row in await subtitles(connection)] == [
        ("de", None, "WANTED"),
        ("en", "/a.srt", "DOWNLOADED"),
        ("en", "/b.srt", "DOWNLOADED"),
    ]
    assert await failures(api, item(subtitles=[ENGLISH]), on_conflict=OnConflict.MERGE) == [("UNCHANGED", "")]


async def test_two_of_one_place_contradict_each_other(api: Api, connection: Any) -> None:
    await add_library(connection)
    assert await failures(
        api,
        item(0, "A", subtitles=[there("/a.srt"), there("/a.srt", format="srt")]),
        item(1, "B", subtitles=[{**ENGLISH, "url": "u"}, there("/a.srt", url="u")]),
        item(2, "C", subtitles=[there("/a.srt"), there("/a.srt")]),
    ) == [("BAD_ARGUMENT", "subtitles.1"), ("BAD_ARGUMENT", "subtitles.1"), ("CREATED", "")]
