"""In which order an upsert locks what it works with (catalog/transaction.py): others hold each thing in turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from catalog.upsert.item import Item
from database.connect_args import ConnectArgs
from tests.support.api import Api, open_api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_collection, add_library, add_name, add_person
from tests.support.upserting import imdb, item, upsert, upserted

WAITS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%upsert_media%'
"""
STATEMENTS = {
    "tag": "SELECT FROM tag WHERE id = 1 FOR UPDATE",
    "person": "SELECT FROM person WHERE id = 1 FOR UPDATE",
    "collection": "SELECT FROM collection WHERE id = 1 FOR NO KEY UPDATE",
    "library": "SELECT FROM library WHERE id = 1 FOR NO KEY UPDATE",
    "media": "SELECT FROM media WHERE id = 1 FOR NO KEY UPDATE",
}
ORDER = ["library", "tag", "person", "collection", "media"]


@pytest.fixture
async def api(writer: ConnectArgs, connection: Any) -> AsyncIterator[Api]:
    await add_library(connection)
    async with open_api(writer, pool_max=2) as api:
        await upserted(api, item(external_ids=imdb("tt1")))
        await add_name(connection, "tag", "Noir")
        await add_person(connection, "Ann")
        await add_collection(connection, "Box")
        yield api


def given() -> list[Item]:
    """A media that changes, with what has a name, and a new one."""
    lists: dict[str, Any] = {
        "tags": [1],
        "credits": [{"person_id": 1, "role": "ACTOR"}],
        "collections": [{"collection_id": 1}],
    }
    return [item(0, "Other", external_ids=imdb("tt1"), **lists), item(1, "New", **lists)]


async def wait(connection: Any, task: asyncio.Task[Any]) -> None:
    """Until an upsert waits for a lock."""
    while not task.done():
        await connection.execute("SELECT pg_stat_clear_snapshot()")
        if await connection.fetchval(WAITS):
            return
        await asyncio.sleep(0.005)
    raise AssertionError(task.exception() or "it did not wait")


@asynccontextmanager
async def held(connection: Any, api: Api, statement: str) -> AsyncIterator[None]:
    """While somebody else has done a statement, an upsert is begun that has to wait for it, and ends afterwards."""
    async with connection.transaction():
        await connection.execute(statement)
        task = asyncio.create_task(upsert(api, given()))
        await wait(connection, task)
        yield
    assert [one.code for one in await task] == [None, None]


@pytest.mark.parametrize("first", ORDER)
async def test_what_comes_later_is_free_while_an_upsert_waits(api: Api, connection: Any, first: str) -> None:
    async with held(connection, api, STATEMENTS[first]):
        for later in ORDER[ORDER.index(first) + 1 :]:
            await connection.fetch(f"SELECT FROM {later} WHERE id = 1 FOR UPDATE NOWAIT")
        await connection.fetch("SELECT FROM media_change WHERE media_id = 1 FOR UPDATE NOWAIT")
    assert await connection.fetchval("SELECT count(*) FROM media_tag WHERE tag_id = 1") == 2
    await assert_no_drift(connection)


async def test_the_last_place_of_a_collection_is_nobody_elses(api: Api, connection: Any) -> None:
    other = await connection.fetchval(
        "INSERT INTO media (library_id, kind, title, folded_title, sort_title)"
        " VALUES (1, 'MOVIE', 'X', 'x', 'x') RETURNING id"
    )
    async with held(connection, api, STATEMENTS["collection"]):
        await connection.execute(
            "INSERT INTO media_collection (collection_id, media_id, position, library_id, sort_title, added_at)"
            " VALUES (1, $1, 0, 1, 'x', now())",
            other,
        )
    positions = [row[0] for row in await connection.fetch("SELECT position FROM media_collection ORDER BY 1")]
    assert positions == [0, 1, 2]


async def test_the_feed_moves_once_in_the_order_of_media(api: Api, connection: Any) -> None:
    """Own fields of one media, lists of the other: neither row of the feed is held while the other is waited for."""
    await upserted(api, item(1, "B", external_ids=imdb("tt2")))
    items = [
        item(0, "A", tags=["new"], external_ids=imdb("tt1")),
        item(1, "B", year=1999, external_ids=imdb("tt2")),
    ]
    async with connection.transaction():
        await connection.execute("SELECT FROM media_change WHERE media_id = 1 FOR UPDATE")
        task = asyncio.create_task(upsert(api, items))
        await wait(connection, task)
        await connection.fetch("SELECT FROM media_change WHERE media_id <> 1 FOR UPDATE NOWAIT")
    assert [one.code for one in await task] == [None, None]


async def test_a_tag_that_goes_while_an_upsert_waits_is_made_anew(api: Api, connection: Any) -> None:
    async with connection.transaction():
        await connection.execute("DELETE FROM tag WHERE id = 1")
        task = asyncio.create_task(upsert(api, [item(1, "New", tags=["Noir"])]))
        await wait(connection, task)
    [one] = await task
    assert one.code is None
    assert await connection.fetch("SELECT name FROM tag WHERE id <> 1") == [("Noir",)]
