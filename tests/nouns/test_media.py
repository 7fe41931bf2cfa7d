"""Media: look-ups, fields, and the copies of their sort keys in the tables that hang on them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from tests.support.api import Api
from tests.support.derived import LOCK, update_media
from tests.support.factories import add_credit, add_external_id, add_library, add_media, add_name, add_person, mark

COPIES = "library_id, sort_title, year, rating_tenths, added_at"


async def copies(connection: Any, table: str, columns: str = COPIES) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.fetch(f"SELECT {columns} FROM {table} ORDER BY 2")]


async def test_a_media_answers_every_field(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    time = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    await add_media(
        connection,
        library,
        "The Élite",
        original_title="L'Élite",
        year=1999,
        rating_tenths=73,
        runtime_minutes=101,
        overview="Words.",
        added_at=time,
        updated_at=time,
    )

    data = await api.run(
        """{ mediaItem(id: "media_1") { id kind title originalTitle sortTitle year overview rating runtimeMinutes
        addedAt updatedAt library { id } tags { id } genres { id } externalIds { value } artwork { url }
        credits { totalCount nodes { id } } } }"""
    )

    assert data["mediaItem"] == {
        "id": "media_1",
        "kind": "MOVIE",
        "title": "The Élite",
        "originalTitle": "L'Élite",
        "sortTitle": "elite",
        "year": 1999,
        "overview": "Words.",
        "rating": 7.3,
        "runtimeMinutes": 101,
        "addedAt": "2024-05-06T07:08:09.123456+00:00",
        "updatedAt": "2024-05-06T07:08:09.123456+00:00",
        "library": {"id": "library_1"},
        **{name: [] for name in ("tags", "genres", "externalIds", "artwork")},
        "credits": {"totalCount": 0, "nodes": []},
    }


async def test_every_rating_keeps_its_one_decimal(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for tenths in range(101):
        await add_media(connection, library, rating_tenths=tenths)

    pages = await api.run("{ a: media(first: 100) { nodes { rating } } b: media(last: 1) { nodes { rating } } }")

    ratings = [node["rating"] for page in pages.values() for node in page["nodes"]]
    assert ratings == [tenths / 10 for tenths in range(101)]


async def test_a_media_is_found_by_external_ids_that_contain_anything(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    values = ["plain", "with:colon", "::", "%_\\", "😀", "' OR 1=1 --"]
    for value in values:
        await add_external_id(connection, await add_media(connection, library, value), "imdb", value)
    fields = " ".join(
        f"a{place}: mediaByExternalId(source: $s, value: $v{place}) {{ title }}" for place in range(len(values))
    )
    arguments = "".join(f", $v{place}: String!" for place in range(len(values)))

    variables: dict[str, Any] = {f"v{place}": value for place, value in enumerate(values)}
    data = await api.run(f"query ($s: String!{arguments}) {{ {fields} }}", s="imdb", **variables)

    assert [found["title"] for found in data.values()] == values
    assert api.statements == ["media_by_external_id"]


async def test_an_external_id_that_cannot_be_is_nobodys(api: Api, connection: Any) -> None:
    await add_external_id(connection, await add_media(connection, await add_library(connection)), "imdb", "a")
    text = """query ($s: String!, $v: String!) {
        mediaByExternalId(source: $s, value: $v) { id } other: mediaByExternalId(source: "imdb", value: "a") { id } }"""

    for source, value in [("im:db", "a"), ("imdb", "b"), ("", ""), ("imdb", ""), ("imdb", "\0"), ("imdb", "\ud800")]:
        data = await api.run(text, s=source, v=value)
        assert data == {"mediaByExternalId": None, "other": {"id": "media_1"}}, (source, value)


async def test_a_change_of_a_media_is_carried_to_all_that_hangs_on_it(connection: Any) -> None:
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    media = await add_media(connection, here, "A", year=1)
    await mark(connection, "tag", media, await add_name(connection, "tag", "x"))
    await mark(connection, "genre", media, await add_name(connection, "genre", "x"))
    await mark(connection, "channel", media, await add_name(connection, "channel", "x"))
    await add_credit(connection, media, await add_person(connection, "P"))
    time = datetime(2020, 1, 1, tzinfo=UTC)

    sets = "library_id = $1, sort_title = 'b', year = NULL, rating_tenths = 5, added_at = $2"
    await update_media(connection, sets, "true", there, time)

    for table in ("media_tag", "media_genre", "media_channel", "media_person"):
        assert await copies(connection, table) == [(there, "b", None, 5, time)], table
    assert await copies(connection, "credit", "library_id, year") == [(there, None)]


async def test_an_update_of_many_media_carries_each_its_own_keys(connection: Any) -> None:
    library = await add_library(connection)
    tag = await add_name(connection, "tag", "x")
    for number in range(20):
        await mark(connection, "tag", await add_media(connection, library, f"M{number:02}", year=number), tag)

    await update_media(connection, "year = 100 - m.year, sort_title = 'z' || m.sort_title", "id % 2 = 0")

    expected = [tuple(row) for row in await connection.fetch(f"SELECT {COPIES} FROM media ORDER BY sort_title")]
    assert await copies(connection, "media_tag") == expected


@pytest.mark.parametrize("change_first", [True, False])
async def test_a_row_that_comes_while_its_media_changes_has_the_new_keys(
    connection: Any, writer: ConnectArgs, change_first: bool
) -> None:
    media = await add_media(connection, await add_library(connection), "Old")
    tag = await add_name(connection, "tag", "x")
    other = await asyncpg.connect(**writer.kwargs())

    async def write(writing: Any, change: bool) -> None:
        async with writing.transaction():
            await writing.execute(LOCK)
            if change:
                await update_media(writing, "sort_title = 'new'")
            else:
                await mark(writing, "tag", media, tag)

    async with connection.transaction():
        await write(connection, change_first)
        waiting = asyncio.create_task(write(other, not change_first))
        await until_blocked(connection, other)
    await waiting

    assert await connection.fetchval("SELECT sort_title FROM media_tag") == "new"
    await other.close()


async def until_blocked(connection: Any, other: Any) -> None:
    """Waits until the other connection waits for a lock of this one; TimeoutError where it never does."""
    pid = other.get_server_pid()
    async with asyncio.timeout(10):
        while not await connection.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            await asyncio.sleep(0.005)
