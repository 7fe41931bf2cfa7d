"""What becomes of the lists of an upsert's items."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import OnConflict, Status
from catalog.upsert.lists import LISTS
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media
from tests.support.upserting import FULL, WHEN, all_rows, failures, file, item, upsert, upserted

# Another element of each list, so that what is added can be told from what is replaced.
MORE: dict[str, Any] = {
    "tags": ["day"],
    "genres": ["Drama"],
    "channels": ["Two"],
    "collections": [{"collection_id": "Bag"}],
    "external_ids": [{"source": "tvdb", "value": "5"}],
    "aliases": [{"title": "Ae"}],
    "taglines": ["Third."],
    "categories": [{"category": "mood", "value": "odd"}],
    "credits": [{"person_id": "Cid", "role": "WRITER", "job": "Novel"}],
    "artwork": [{"type": "LOGO", "url": "https://example.org/b.png"}],
    "files": [{"path": "/c.mkv", "size": 7, "modified_at": WHEN}],
    "subtitles": [{"language": "de", "format": "srt"}],
    "thumbnails": [{"offset_ms": 900, "state": "READY", "path": "/t.jpg"}],
    "releases": [{"name": "A.2000", "category": "sd", "size": 5}],
}


async def rows(connection: Any, list_name: str, media: int = 1) -> int:
    table = next(one.table for one in LISTS if one.name == list_name)
    return int(await connection.fetchval(f"SELECT count(*) FROM {table} WHERE media_id = $1", media))


@pytest.mark.parametrize("mode", list(OnConflict))
async def test_each_list_is_replaced_added_to_or_left(api: Api, connection: Any, mode: OnConflict) -> None:
    await add_library(connection)
    [media] = await upserted(api, item(**FULL))

    for name, more in MORE.items():
        before = await rows(connection, name)
        [result] = await upsert(api, [item(id=media, title=None, library=None, **{name: more})], on_conflict=mode)
        expected = {OnConflict.REPLACE: 1, OnConflict.MERGE: before + 1, OnConflict.SKIP: before}[mode]
        assert (name, await rows(connection, name)) == (name, expected)
        assert result.status is (Status.UNCHANGED if mode is OnConflict.SKIP else Status.UPDATED)
    await assert_no_drift(connection)


async def test_a_list_that_is_empty_takes_all_away_and_one_that_is_left_out_stays(api: Api, connection: Any) -> None:
    await add_library(connection)
    [media] = await upserted(api, item(**FULL))
    own: dict[str, Any] = {"id": media, "title": None, "library": None}

    assert await failures(api, item(**own)) == [("UNCHANGED", "")]
    empty: dict[str, Any] = {name: None if name in ("music", "clip") else [] for name in FULL}
    assert await failures(api, item(**own, **empty), on_conflict=OnConflict.MERGE) == [("UNCHANGED", "")]
    [result] = await upsert(api, [item(**own, **empty)])

    assert len(result.fields) == len(FULL)
    assert [await rows(connection, name) for name in FULL] == [0] * len(FULL)
    await assert_no_drift(connection)


async def test_fields_of_an_element_that_are_left_out_stay_and_null_takes_them_away(api: Api, connection: Any) -> None:
    await add_library(connection)
    art = {"type": "POSTER", "url": "u", "width": 10, "height": 20, "state": "DOWNLOADED", "path": "/p"}
    [media] = await upserted(
        api, item(artwork=[art], files=file("/a/b.mkv", name="Mine", hash="h", codecs=["a"]), music={"note_count": 3})
    )
    kept = item(
        artwork=[{"type": "POSTER", "url": "u", "width": None}], files=file("/a/b.mkv"), music={"track_count": 2}
    )

    [result] = await upsert(api, [kept])
    assert list(result.fields) == ["artwork", "music"]
    assert await connection.fetchrow("SELECT width, height, state, path FROM artwork") == (None, 20, "DOWNLOADED", "/p")
    assert await connection.fetchrow("SELECT name, hash, codecs FROM media_file") == ("Mine", "h", ["a"])
    assert await connection.fetchrow("SELECT note_count, track_count FROM music") == (3, 2)
    assert media == result.media

    await upserted(api, item(files=file("/a/b.mkv", name="Other", hash=None, codecs=None)))
    assert await connection.fetchrow("SELECT name, hash, codecs FROM media_file") == ("Other", None, [])


async def test_a_file_is_called_as_its_path_ends(api: Api, connection: Any) -> None:
    await add_library(connection)
    files = [*file("/a/b.mkv"), *file("c:\\d\\e.mkv", name=None), *file("/dir/"), *file("plain")]
    await upserted(api, item(files=files))

    assert await connection.fetch('SELECT name FROM media_file ORDER BY path COLLATE "C"') == [
        ("b.mkv",),
        ("dir",),
        ("e.mkv",),
        ("plain",),
    ]
    assert await failures(
        api, item(0, "B", files=file("///")), item(1, "C", files=[*file("/x"), *file("y" * 256)])
    ) == [
        ("BAD_ARGUMENT", "files.0"),
        ("BAD_ARGUMENT", "files.1"),
    ]


async def test_what_is_there_as_a_file_has_a_path_given_now_or_before(api: Api, connection: Any) -> None:
    await add_library(connection)
    art, frame = {"type": "LOGO", "url": "u"}, {"offset_ms": 1}
    assert await failures(
        api,
        item(0, "A", artwork=[art, {**art, "url": "v", "state": "DOWNLOADED"}]),
        item(1, "B", thumbnails=[{**frame, "state": "READY"}]),
        item(2, "C", artwork=[{**art, "path": "/p"}], thumbnails=[{**frame, "state": "READY", "path": "/p"}]),
    ) == [("BAD_ARGUMENT", "artwork.1"), ("BAD_ARGUMENT", "thumbnails.0"), ("CREATED", "")]
    assert await failures(api, item(0, "C", artwork=[{**art, "state": "DOWNLOADED"}])) == [("UPDATED", "")]
    assert await failures(api, item(0, "C", thumbnails=[{**frame, "path": None}])) == [("BAD_ARGUMENT", "thumbnails.0")]


async def test_taglines_and_credits_are_in_the_order_given_and_what_is_added_stands_behind(
    api: Api, connection: Any
) -> None:
    await add_library(connection)

    async def lines() -> list[tuple[str, int]]:
        return [
            tuple(row) for row in await connection.fetch("SELECT text, position FROM tagline ORDER BY position, id")
        ]

    async def people() -> list[tuple[str, int]]:
        text = "SELECT p.name, c.position FROM credit c JOIN person p ON p.id = c.person_id ORDER BY c.position, c.id"
        return [tuple(row) for row in await connection.fetch(text)]

    credits = [{"person_id": name, "role": "ACTOR"} for name in ("Ann", "Bob")]
    await upserted(api, item(taglines=["a", "b"], credits=credits))
    assert (await lines(), await people()) == ([("a", 0), ("b", 1)], [("Ann", 0), ("Bob", 1)])

    merged = [{**credits[1], "position": None}, {"person_id": "Cid", "role": "ACTOR"}]
    await upserted(api, item(taglines=["c", "a"], credits=merged), on_conflict=OnConflict.MERGE)
    assert [one for one, _ in await lines()] == ["a", "b", "c"]
    assert [one for one, _ in await people()] == ["Ann", "Bob", "Cid"]

    await upserted(api, item(taglines=["c", "a"], credits=[{**credits[0], "position": 7}, credits[1]]))
    assert (await lines(), await people()) == ([("c", 0), ("a", 1)], [("Bob", 1), ("Ann", 7)])
    await assert_no_drift(connection)


async def test_in_a_collection_a_media_stands_last_unless_it_says_where(api: Api, connection: Any) -> None:
    await add_library(connection)
    box = {"collection_id": "Box"}
    items = [
        item(0, "A", collections=[box]),
        item(1, "B", collections=[{**box, "position": 5}]),
        item(2, "C", collections=[{**box, "position": None}]),
    ]
    await upserted(api, items[0])
    await upserted(api, items[1])
    before = await all_rows(connection)
    assert await failures(api, *items[:2]) == [("UNCHANGED", "")] * 2
    assert await all_rows(connection) == before
    await upserted(api, items[2])
    assert await failures(api, items[2]) == [("UNCHANGED", "")]
    text = "SELECT position FROM media_collection ORDER BY media_id"
    assert await connection.fetch(text) == [(0,), (5,), (6,)]


async def test_equal_elements_are_one_and_elements_that_contradict_each_other_fail(api: Api, connection: Any) -> None:
    await add_library(connection)
    await upserted(api, item(0, "First", tags=["Noir"], collections=[{"collection_id": "Box"}]))
    ann = {"person_id": "Ann", "role": "ACTOR"}

    assert await failures(
        api,
        item(0, "A", tags=["x", "X", 1, "noir"], taglines=["a", "a"], credits=[ann, {**ann, "job": None}]),
        item(1, "B", thumbnails=[{"offset_ms": 1}, {"offset_ms": 2}, {"offset_ms": 1, "width": 5}]),
        item(2, "C", collections=[{"collection_id": 1, "position": 1}, {"collection_id": "box", "position": 2}]),
        item(3, "D", credits=[{**ann, "position": 1}, {**ann, "position": 2}]),
    ) == [
        ("CREATED", ""),
        ("BAD_ARGUMENT", "thumbnails.2"),
        ("BAD_ARGUMENT", "collections.1"),
        ("BAD_ARGUMENT", "credits.1"),
    ]
    assert await rows(connection, "tags", 2) == 2
    assert (await rows(connection, "credits", 2), await rows(connection, "taglines", 2)) == (1, 1)


async def test_a_list_has_as_many_rows_as_a_media_may_have(api: Api, connection: Any) -> None:
    await add_library(connection)
    tags = [f"t{number}" for number in range(300)]
    assert await failures(
        api, item(0, "A", tags=tags[:256]), item(1, "B", tags=tags[:257]), item(2, "C", tags=tags)
    ) == [
        ("CREATED", ""),
        ("TOO_MANY", "tags"),
        ("TOO_MANY", "tags"),
    ]
    assert await failures(api, item(0, "A", tags=["new"]), on_conflict=OnConflict.MERGE) == [("TOO_MANY", "tags")]
    assert await failures(api, item(0, "A", tags=[*tags[:255], "new"])) == [("UPDATED", "")]


async def test_metadata_are_replaced_or_merged(api: Api, connection: Any) -> None:
    await add_library(connection)
    patch = item(metadata={"a": None, "b": {"c": 1, "d": None}}, added_at=WHEN)

    async def metadata() -> Any:
        return await connection.fetchval("SELECT metadata::text FROM media ORDER BY id LIMIT 1")

    assert await failures(api, patch, on_conflict=OnConflict.MERGE) == [("CREATED", "")]
    assert await metadata() == '{"b": {"c": 1}}'
    assert await failures(api, patch, on_conflict=OnConflict.MERGE) == [("UNCHANGED", "")]
    await connection.execute('UPDATE media SET metadata = \'{"a": 1, "n": 1.10, "b": {"d": 2, "e": 3}}\'')
    assert await failures(api, patch, on_conflict=OnConflict.SKIP) == [("UNCHANGED", "")]
    assert await failures(api, patch, on_conflict=OnConflict.MERGE) == [("UPDATED", "")]
    assert await metadata() == '{"b": {"c": 1, "e": 3}, "n": 1.10}'
    assert await failures(api, item(metadata={"z": 1})) == [("UPDATED", "")]
    assert await metadata() == '{"z": 1}'


async def test_one_event_a_media_and_one_move_of_the_feed(api: Api, connection: Any) -> None:
    await add_library(connection)
    [media] = await upserted(api, item(**FULL))
    assert await connection.fetch("SELECT type FROM history_event") == [("CREATED",)]
    assert await connection.fetch("SELECT media_id, type FROM media_change") == [(media, "CREATED")]

    await upserted(api, item(id=media, year=1999, tags=["rain", "new"], credits=[], music=None))
    detail = await connection.fetchval("SELECT detail::text FROM history_event WHERE type = 'UPDATED'")
    assert '"year": {"new": 1999, "old": null}' in detail
    assert '"tags": {"added": 1, "changed": 0, "removed": 1}' in detail
    assert '"credits": {"added": 0, "changed": 0, "removed": 2}' in detail
    assert '"music": {"added": 0, "changed": 0, "removed": 1}' in detail
    text = "SELECT count(*) FROM media_change WHERE media_id = $1 AND type = 'UPDATED'"
    assert await connection.fetchval(text, media) == 1
    await assert_no_drift(connection)


async def test_lists_that_are_not_in_the_feed_move_history_alone(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    await add_media(connection, library, "A")
    before = await connection.fetch("SELECT * FROM media_change")

    await upserted(api, item(files=file("/a"), credits=[{"person_id": "Ann", "role": "ACTOR"}]))

    assert await connection.fetch("SELECT * FROM media_change") == before
    assert await connection.fetchval("SELECT count(*) FROM history_event WHERE type = 'UPDATED'") == 1
