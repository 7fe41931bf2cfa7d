"""Thirty-two clients that edit and page at once: no deadlock reaches one, no edit is lost, the counts are right."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from app.service.graphql_service import Request
from database.connect_args import ConnectArgs
from database.session import Session
from domain.viewer import UNRESTRICTED
from tests.support.api import Api, open_api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_name

CLIENTS = 32
ROUNDS = 12
MEDIA = 20

TAGS = """mutation ($items: [TagEdit!]!) { addTags(items: $items) { failed errors { code } } }"""
REMOVE = """mutation ($items: [TagEdit!]!) { removeTags(items: $items) { failed errors { code } } }"""
SET = """mutation ($items: [GenreEdit!]!) { setGenres(items: $items) { failed errors { code } } }"""
UPDATE = """mutation ($items: [MediaChanges!]!) { updateMedia(items: $items) { failed errors { code } } }"""
READ = """query ($id: ID!) { mediaItem(id: $id) { version metadata } }"""
PAGE = """query ($after: String) { media(first: 5, after: $after, orderBy: [{field: YEAR}]) {
    nodes { id year tags { name } genres { name } } pageInfo { endCursor hasNextPage } } }"""


async def ask(api: Api, text: str, **variables: Any) -> Any:
    """An operation of one of many clients, over a database handle of its own."""
    database = Session(api.pool)
    try:
        body = (await api.service.run(Request(text, variables), database, UNRESTRICTED)).body
    finally:
        await database.close()
    assert "errors" not in body, body["errors"]
    return body["data"]


async def count_up(api: Api, media: str, client: str) -> None:
    """Adds one to the client's number in a media's metadata, again until nobody else was faster."""
    while True:
        item = (await ask(api, READ, id=media))["mediaItem"]
        metadata = {**item["metadata"], client: item["metadata"].get(client, 0) + 1}
        change = {"id": media, "version": item["version"], "metadata": metadata}
        payload = (await ask(api, UPDATE, items=[change]))["updateMedia"]
        if not payload["failed"]:
            return
        assert [error["code"] for error in payload["errors"]] == ["VERSION_CONFLICT"]


async def page_through(api: Api) -> None:
    """Reads every media, each once, while sort keys stand still for those that nobody moves."""
    seen: list[str] = []
    after = None
    while True:
        page = (await ask(api, PAGE, after=after))["media"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen) == sorted(f"media_{number + 1}" for number in range(MEDIA))


async def client(api: Api, number: int) -> None:
    random = Random(number)
    for _ in range(ROUNDS):
        some = [f"media_{one}" for one in random.sample(range(1, MEDIA + 1), 4)]
        action = random.randrange(6)
        if action == 0:
            names = [{"name": f"tag {random.randrange(12)}"} for _ in range(3)]
            await ask(api, TAGS, items=[{"media": some, "tags": names}])
        elif action == 1:
            genres = [{"id": f"genre_{1 + random.randrange(5)}"} for _ in range(2)]
            await ask(api, SET, items=[{"media": [one], "genres": genres} for one in some])
        elif action == 2:
            await count_up(api, some[0], f"c{number}")
        elif action == 3:
            place = {"library": f"library_{1 + random.randrange(2)}", "title": f"T{random.randrange(9)}"}
            await ask(api, UPDATE, items=[{"id": one, **place} for one in some])
        elif action == 4:
            names = [{"name": f"tag {random.randrange(12)}"} for _ in range(6)]
            await ask(api, REMOVE, items=[{"media": some, "tags": names}])
        else:
            await page_through(api)


async def test_many_clients_that_edit_and_page_at_once(writer: ConnectArgs, connection: Any) -> None:
    library, other = await add_library(connection), await add_library(connection, "Other")
    for number in range(MEDIA):
        await add_media(connection, library, f"M{number}", year=1990 + number % 3)
    for number in range(5):
        await add_name(connection, "genre", f"G{number}")

    async with open_api(writer, pool_max=10) as api:
        api.pool.on_statement = None
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(client(api, number))

    rows = await connection.fetch("SELECT metadata::text, version FROM media")
    counted = await connection.fetchval(
        "SELECT sum(value::int) FROM media, jsonb_each_text(metadata) AS counted(name, value)"
    )
    updates = "SELECT count(*) FROM history_event WHERE type = 'UPDATED'"
    # No update was lost, none was done twice.
    assert sum(row["version"] - 1 for row in rows) == await connection.fetchval(updates)
    assert await connection.fetchval(f"{updates} AND detail ? 'metadata'") == counted > 0
    assert await connection.fetchval("SELECT count(*) FROM media WHERE library_id = $1", other) > 0
    names = await connection.fetchval("SELECT count(*) - count(DISTINCT folded_name) FROM tag")
    assert names == 0
    await assert_no_drift(connection)
