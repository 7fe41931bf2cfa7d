"""What the write side keeps true: copies, kept counts, pairs, the feed, the time of the last change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.derived.declared import COPIES, COUNTS
from catalog.media_edit import UPDATE_WITH_COPIES
from domain.memberships import BY_NOUN
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift, delete_rows, insert_row, settle, update_media
from tests.support.factories import add_collection, add_credit, add_library, add_media, add_name, add_person, mark

LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)
UPDATE = """mutation ($items: [MediaChanges!]!) {
    updateMedia(items: $items) { succeeded errors { code } media { version } } }"""
DELETE = "mutation ($ids: [ID!]!) { deleteMedia(media: $ids) { deletedIds errors { code } } }"


async def fill_everything(connection: Any) -> tuple[int, int]:
    """Two libraries; two media of the first one with rows in every table that has copies."""
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    for title in ("First", "Second"):
        media = await add_media(connection, here, title, year=1, rating_tenths=1)
        for noun in BY_NOUN:
            await mark(connection, noun, media, await add_name(connection, noun, f"{noun} {media}"))
        await add_credit(connection, media, await add_person(connection, f"person {media}"))
        await add_collection(connection, f"collection {media}", media)
        await insert_row(connection, "release", {"media_id": media, "name": "R", "category": "movies"})
        await insert_row(connection, "history_event", {"media_id": media, "type": "IMPORTED"})
    await assert_no_drift(connection)
    return here, there


async def versions(connection: Any) -> dict[str, list[Any]]:
    """Which version of each row there is, by table."""
    tables = [*COPIES, *(count.table for count in COUNTS)]
    return {table: await connection.fetch(f"SELECT ctid, xmin FROM {table} ORDER BY 1") for table in tables}


# Whose tables have every column that media are sorted by.
SORTED = (*BY_NOUN, "person", "collection")


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ({"overview": "Words.", "runtimeMinutes": 7, "metadata": {"a": 1}}, ()),
        ({"rating": 0.1, "year": 1, "title": "FIRST"}, ()),
        ({"title": "Other"}, SORTED),
        ({"rating": 9.9}, SORTED),
        ({"addedAt": "2001-01-01T00:00:00Z"}, SORTED),
        ({"year": 2}, (*SORTED, "credit")),
    ],
)
async def test_only_copies_of_what_changes_are_written(
    api: Api, connection: Any, change: dict[str, Any], moved: tuple[str, ...]
) -> None:
    await fill_everything(connection)
    before = await versions(connection)

    data = (await api.run(UPDATE, items=[{"id": "media_1", **change}]))["updateMedia"]

    assert (data["succeeded"], data["errors"]) == (1, [])
    after = await versions(connection)
    changed = {table for table in before if before[table] != after[table]} - {"history_event"}
    assert changed == {noun if noun == "credit" else f"media_{noun}" for noun in moved}
    await assert_no_drift(connection)


async def test_all_copies_and_counts_follow_a_media_to_another_library(api: Api, connection: Any) -> None:
    _, there = await fill_everything(connection)

    data = await api.run(UPDATE, items=[{"id": "media_1", "library": f"library_{there}"}])

    assert data["updateMedia"]["errors"] == []
    for table in COPIES:
        libraries = await connection.fetch(f"SELECT media_id, library_id FROM {table} GROUP BY 1, 2 ORDER BY 1, 2")
        assert [tuple(row) for row in libraries] == [(1, there), (2, 1)], table
    for count in COUNTS:
        rows = await connection.fetch(
            f"SELECT {count.columns} FROM {count.table} GROUP BY {count.columns} HAVING sum(media_count) <> 0"
        )
        assert len(rows) == 2, count
    await assert_no_drift(connection)


async def test_two_media_that_change_places_leave_the_counts_of_libraries_alone(api: Api, connection: Any) -> None:
    here, there = await fill_everything(connection)
    await update_media(connection, "library_id = 2", "id = 2")
    before = await connection.fetch("SELECT * FROM library_media_count ORDER BY 1, 2")

    items = [{"id": f"media_{media}", "library": f"library_{to}"} for media, to in ((1, there), (2, here))]
    assert (await api.run(UPDATE, items=items))["updateMedia"]["succeeded"] == 2

    assert await connection.fetch("SELECT * FROM library_media_count ORDER BY 1, 2") == before
    await assert_no_drift(connection)


async def test_a_deleted_media_leaves_its_releases_its_history_and_no_count(api: Api, connection: Any) -> None:
    await fill_everything(connection)

    assert (await api.run(DELETE, ids=["media_1"]))["deleteMedia"]["deletedIds"] == ["media_1"]

    releases = await connection.fetch("SELECT media_id, library_id FROM release ORDER BY id")
    assert [tuple(row) for row in releases] == [(None, None), (2, 1)]
    types = "SELECT array_agg(type ORDER BY id) FROM history_event WHERE media_id = 1"
    assert await connection.fetchval(types) == ["IMPORTED", "DELETED"]
    for count in COUNTS:
        assert await connection.fetchval(f"SELECT sum(media_count) FROM {count.table}") == 1, count
    await assert_no_drift(connection)


async def test_pairs_follow_credits_that_come_and_go_together(connection: Any) -> None:
    await fill_everything(connection)
    for role in ("DIRECTOR", "WRITER"):
        await add_credit(connection, 1, 1, role)
    await assert_no_drift(connection)

    await delete_rows(connection, "credit", "role IN ('ACTOR', 'WRITER')")
    assert [*map(tuple, await connection.fetch("SELECT media_id, person_id FROM media_person"))] == [(1, 1)]
    await assert_no_drift(connection)
    await delete_rows(connection, "credit")
    assert await connection.fetchval("SELECT count(*) FROM media_person") == 0
    await assert_no_drift(connection)


async def test_a_credit_moved_to_a_hidden_library_is_hidden(connection: Any, api: Api) -> None:
    _, there = await fill_everything(connection)
    query = '{ person(id: "person_1") { credits { totalCount nodes { id } } media { totalCount nodes { id } } } }'

    await update_media(connection, "library_id = $1", "id = 1", there)

    nothing = {"totalCount": 0, "nodes": []}
    assert await api.run(query, Viewer(libraries=(1,))) == {"person": {"credits": nothing, "media": nothing}}
    found = (await api.run(query, Viewer(libraries=(2,))))["person"]
    assert found["media"] == {"totalCount": 1, "nodes": [{"id": "media_1"}]}


async def test_an_edit_notes_when_it_was_and_counts_its_version(api: Api, connection: Any) -> None:
    await fill_everything(connection)
    await connection.execute("UPDATE media SET updated_at = $1", LONG_AGO)

    for version, change in ((1, {"title": "First"}), (2, {"overview": "Words."}), (3, {"year": None})):
        [media] = (await api.run(UPDATE, items=[{"id": "media_1", **change}]))["updateMedia"]["media"]
        assert media == {"version": version}
        age = await connection.fetchval("SELECT now() - updated_at FROM media WHERE id = 1")
        assert (age > timedelta(days=365)) == (version == 1)

    assert await connection.fetchval("SELECT updated_at FROM media WHERE id = 2") == LONG_AGO


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
async def test_a_large_update_after_small_ones_has_a_plan_that_is_good_for_it(connection: Any, mode: str) -> None:
    """A plan that compared each changed row with every other one would look at 64 million."""
    library = await add_library(connection)
    await connection.execute(
        """INSERT INTO media (library_id, kind, title, folded_title, sort_title)
        SELECT $1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n FROM generate_series(1, 8000) n""",
        library,
    )
    await settle(connection)
    await add_credit(connection, 1, await add_person(connection, "A"))
    await connection.execute(f"SET plan_cache_mode = {mode}; SET statement_timeout = '20s'")
    statement = await connection.prepare(UPDATE_WITH_COPIES)
    for year in range(10):
        await statement.fetch([1], [f'{{"year": {year}}}'], [None])

    await statement.fetch([*range(1, 8001)], ['{"year": 2001}'] * 8000, [None] * 8000)

    assert await connection.fetchval("SELECT year FROM credit") == 2001
    assert await connection.fetchval("SELECT count(*) FROM media WHERE version > 1") == 8000
    await assert_no_drift(connection)
