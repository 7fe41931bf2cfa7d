"""Writers that upsert the same media, retag and delete at once, and connections that are lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from app.service.graphql_service import Request
from catalog.transaction import Writer, transact
from catalog.upsert.item import Item
from catalog.upsert.upsert import upsert_media
from database.connect_args import ConnectArgs
from database.copying import Records
from database.row import Row
from database.session import Session
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED
from tests.support.api import Api, open_api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library
from tests.support.upserting import FULL, all_rows, imdb, item, upsert

WRITERS = 16
ROUNDS = 6
MEDIA = 12

UPSERT = """mutation ($items: [MediaUpsert!]!, $mode: OnConflict) { upsertMedia(items: $items, onConflict: $mode) {
    results { status code media { id } } } }"""
RETAG = """mutation ($items: [TagEdit!]!) { setTags(items: $items, createMissing: true) { errors { code } } }"""
DELETE = """mutation ($media: [ID!]!) { deleteMedia(media: $media) { errors { code } } }"""


async def ask(api: Api, text: str, **variables: Any) -> Any:
    """An operation of one of many clients, over a database handle of its own."""
    database = Session(api.pool)
    try:
        body = (await api.service.run(Request(text, variables), database, UNRESTRICTED)).body
    finally:
        await database.close()
    assert "errors" not in body, body["errors"]
    [payload] = body["data"].values()
    return payload


def overlapping(random: Random) -> list[dict[str, Any]]:
    """Some of the same few media, with names that others may be making."""
    return [
        {
            "library": f"library_{1 + number % 2}",
            "title": f"M {number}",
            "externalIds": [{"source": "imdb", "value": f"tt{number}"}],
            "files": [{"path": f"/{number}", "size": random.randrange(3), "modifiedAt": "2024-01-01T00:00:00Z"}],
            "tags": [{"name": f"tag {random.randrange(9)}"} for _ in range(3)],
            "credits": [{"person": {"name": f"P {random.randrange(9)}"}, "role": "ACTOR"} for _ in range(3)],
            "collections": [{"collection": {"name": f"C {random.randrange(4)}"}}],
        }
        for number in random.sample(range(MEDIA), 6)
    ]


async def client(api: Api, number: int) -> None:
    random = Random(number)
    for _ in range(ROUNDS):
        payload = await ask(api, UPSERT, items=overlapping(random), mode=random.choice(["REPLACE", "MERGE", "SKIP"]))
        # A media that was deleted, five times over, between being found and being locked.
        assert {one["code"] for one in payload["results"]} <= {None, "CONFLICT"}
        ids = [one["media"]["id"] for one in payload["results"] if one["media"]]
        some = random.sample(ids, min(2, len(ids)))
        if random.random() < 0.5:
            await ask(api, RETAG, items=[{"media": some, "tags": [{"name": f"tag {random.randrange(12)}"}]}])
        else:
            await ask(api, DELETE, media=some[:1])


async def test_many_writers_of_the_same_media_make_each_once(writer: ConnectArgs, connection: Any) -> None:
    await add_library(connection)
    await add_library(connection, "Other")
    async with open_api(writer, pool_max=10) as api:
        api.pool.on_statement = None
        async with asyncio.TaskGroup() as group:
            for number in range(WRITERS):
                group.create_task(client(api, number))

    for table, column in (
        ("media", "title"),
        ("person", "folded_name"),
        ("collection", "folded_name"),
        ("tag", "name"),
    ):
        twice = f"SELECT {column} FROM {table} GROUP BY {column} HAVING count(*) > 1"
        assert (table, await connection.fetch(twice)) == (table, [])
    await assert_no_drift(connection)


async def test_two_that_make_the_same_media_at_once_make_one(writer: ConnectArgs, connection: Any) -> None:
    await add_library(connection)
    async with open_api(writer, pool_max=8) as api:
        for round_ in range(5):
            same = item(0, f"T {round_}", credits=[{"person_id": f"P {round_}", "role": "ACTOR"}])
            results = await asyncio.gather(*(upsert(api, [same]) for _ in range(8)))
            assert len({one.media for [one] in results}) == 1
            assert sorted(one.status.value for [one] in results) == ["CREATED", *["UNCHANGED"] * 7]
    assert await connection.fetchval("SELECT count(*) FROM media") == 5
    assert await connection.fetchval("SELECT count(*) FROM person") == 5


async def test_a_connection_lost_at_any_statement_leaves_nothing(writer: ConnectArgs, connection: Any) -> None:
    await add_library(connection)
    async with open_api(writer, pool_max=2) as api:
        await upsert(api, full(0))
        await upsert(api, full(98))  # what is named by each of them is there
        statements = len(api.statements) - 2  # without BEGIN and COMMIT
        before = await all_rows(connection)
        for number in range(1, statements + 2):
            with pytest.raises(CatalogError) as raised:
                await losing(api, connection, number, full(number))
            code = raised.value.extensions["code"]
            assert code == ("OUTCOME_UNKNOWN" if number > statements else "DATABASE_UNAVAILABLE")
            assert await all_rows(connection) == before
        assert {one.status.value for one in await upsert(api, full(99))} == {"CREATED"}
    await assert_no_drift(connection)


def full(round_: int) -> list[Item]:
    """New media with all that a media can have, and names that are new."""
    lists = {**FULL, "files": [], "tags": [f"t {round_}"], "credits": [{"person_id": f"p {round_}", "role": "ACTOR"}]}
    return [
        item(place, f"M {round_} {place}", **{**lists, "external_ids": imdb(f"tt{round_}-{place}")})
        for place in range(3)
    ]


KILL = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def losing(api: Api, connection: Any, number: int, items: list[Item]) -> None:
    """An upsert whose connection is lost before its statement of a number; after the last one, before COMMIT."""

    class Losing(Writer):
        sent = 0

        async def fetch(self, text: str, *values: Any) -> list[Row]:
            await self.lose()
            return await super().fetch(text, *values)

        async def copy_in(self, table: str, columns: Sequence[str], records: Records) -> int:
            await self.lose()
            return await super().copy_in(table, columns, records)

        async def lose(self) -> None:
            self.sent += 1
            if self.sent == number:
                await connection.execute(KILL)

    async def work(writer: Writer) -> None:
        own = Losing(writer.name, writer.viewer, writer.transaction)
        await upsert_media(own, items)
        await own.lose()

    session = Session(api.pool)
    try:
        await transact(session, UNRESTRICTED, "upsert_media", work)
    finally:
        await session.close()
