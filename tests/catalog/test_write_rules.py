"""What triggers keep true whatever is written: bounds, copies, kept counts and the time of the last change."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from domain.viewer import Viewer
from tests.nouns.test_media import COPIES, until_blocked
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import (
    add_artwork,
    add_credit,
    add_external_id,
    add_library,
    add_media,
    add_name,
    add_person,
    mark,
)

BOUNDS = {
    "media_tag": 256,
    **dict.fromkeys(("media_genre", "media_channel", "external_id", "artwork", "thumbnail", "subtitle"), 64),
}
LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)


async def add_two_media(connection: Any) -> tuple[int, int]:
    """Media of two libraries with different sort keys."""
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    first = await add_media(connection, here, "First", year=1, rating_tenths=1)
    return first, await add_media(connection, there, "Second", year=2, rating_tenths=2, added_at=LONG_AGO)


async def hang(connection: Any, table: str, media: int, *numbers: int) -> None:
    """Gives a media rows of a table; `numbers` tell them apart."""
    if table in ("media_tag", "media_genre", "media_channel"):
        noun = table.removeprefix("media_")
        await mark(connection, noun, media, *[await add_name(connection, noun, str(number)) for number in numbers])
    for number in numbers:
        if table == "external_id":
            await add_external_id(connection, media, "imdb", str(number))
        if table == "artwork":
            await add_artwork(connection, media, url=str(number))
        if table == "thumbnail":
            await connection.execute("INSERT INTO thumbnail (media_id, offset_ms) VALUES ($1, $2)", media, number)
        if table == "subtitle":
            await connection.execute("INSERT INTO subtitle (media_id, language) VALUES ($1, 'en')", media)


@pytest.mark.parametrize("table", ["media_tag", "media_genre", "media_channel", "media_person", "credit"])
async def test_a_row_moved_to_another_media_takes_that_ones_keys(connection: Any, table: str) -> None:
    first, second = await add_two_media(connection)
    await hang(connection, table, first, 1)
    if table in ("media_person", "credit"):
        await add_credit(connection, first, await add_person(connection, "A"))
    columns = "library_id, year" if table == "credit" else COPIES

    await connection.execute(f"UPDATE {table} SET media_id = $1", second)

    wanted = await connection.fetch(f"SELECT {columns} FROM media WHERE id = $1", second)
    assert await connection.fetch(f"SELECT {columns} FROM {table}") == wanted
    await assert_no_drift(connection)


async def test_a_credit_moved_to_a_hidden_library_is_hidden(connection: Any, api: Api) -> None:
    first, second = await add_two_media(connection)
    await add_credit(connection, first, await add_person(connection, "A"))
    query = '{ person(id: "person_1") { credits { totalCount nodes { id } } media { totalCount nodes { id } } } }'

    await connection.execute("UPDATE credit SET media_id = $1", second)

    nothing = {"totalCount": 0, "nodes": []}
    assert await api.run(query, Viewer(libraries=(1,))) == {"person": {"credits": nothing, "media": nothing}}
    found = (await api.run(query, Viewer(libraries=(2,))))["person"]
    assert found["media"] == {"totalCount": 1, "nodes": [{"id": f"media_{second}"}]}


@pytest.mark.parametrize(("table", "bound"), BOUNDS.items())
async def test_rows_moved_to_a_media_are_bounded(connection: Any, table: str, bound: int) -> None:
    first, second = await add_two_media(connection)
    await hang(connection, table, first, *range(bound - 1))
    await hang(connection, table, second, bound, bound + 1)

    with pytest.raises(asyncpg.CheckViolationError, match=f"media {first} would have more than {bound} rows"):
        await connection.execute(f"UPDATE {table} SET media_id = $1 WHERE media_id = $2", first, second)

    await connection.execute(
        f"UPDATE {table} SET media_id = $1 WHERE ctid = (SELECT max(ctid) FROM {table} WHERE media_id = $2)",
        first,
        second,
    )
    numbers = await connection.fetch(f"SELECT media_id, count(*) FROM {table} GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in numbers] == [(first, bound), (second, 1)]
    await connection.execute(f"UPDATE {table} SET media_id = {first + second} - media_id")
    await assert_no_drift(connection)


async def test_an_upsert_that_moves_rows_is_bounded(connection: Any) -> None:
    first, second = await add_two_media(connection)
    await hang(connection, "external_id", first, *range(64))
    await hang(connection, "external_id", second, 64)
    text = "INSERT INTO external_id VALUES ('imdb', $1, $2) ON CONFLICT (source, value) DO UPDATE SET media_id = $2"

    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(text, "64", first)
    await connection.execute(text, "63", second)
    await connection.execute(text, "64", first)


@pytest.mark.parametrize("table", ["media_tag", "external_id"])
async def test_two_who_move_rows_at_once_keep_the_bound(connection: Any, writer: ConnectArgs, table: str) -> None:
    first, second = await add_two_media(connection)
    await hang(connection, table, first, *range(BOUNDS[table] - 1))
    await hang(connection, table, second, 1_000, 1_001)
    places = [row[0] for row in await connection.fetch(f"SELECT ctid FROM {table} WHERE media_id = $1", second)]
    move = f"UPDATE {table} SET media_id = {first} WHERE ctid = $1"
    other = await asyncpg.connect(**writer.kwargs())

    async with connection.transaction():
        await connection.execute(move, places[0])
        waiting = asyncio.create_task(other.execute(move, places[1]))
        await until_blocked(connection, other)
    with pytest.raises(asyncpg.CheckViolationError):
        await waiting

    await other.close()


async def fill_everything(connection: Any) -> None:
    for media in await add_two_media(connection):
        for noun in ("tag", "genre", "channel"):
            await mark(connection, noun, media, await add_name(connection, noun, f"{noun} {media}"))
        await add_credit(connection, media, await add_person(connection, f"person {media}"))


@pytest.mark.parametrize(
    "what",
    [
        *("media CASCADE", "library CASCADE", "tag CASCADE", "person CASCADE"),
        *("media_tag", "media_genre", "media_channel", "media_person"),
    ],
)
async def test_kept_counts_are_true_after_a_truncate(connection: Any, what: str) -> None:
    await fill_everything(connection)

    await connection.execute(f"TRUNCATE {what}")

    await assert_no_drift(connection)


async def test_pairs_go_when_the_credits_are_truncated(connection: Any) -> None:
    await fill_everything(connection)

    await connection.execute("TRUNCATE credit")

    assert await connection.fetchval("SELECT count(*) FROM media_person") == 0
    await assert_no_drift(connection)


async def test_a_truncate_may_name_the_kept_counts_too(connection: Any) -> None:
    await fill_everything(connection)

    await connection.execute("TRUNCATE media, library_media_count, person_media_count CASCADE")

    await assert_no_drift(connection)


async def test_a_change_of_a_media_is_noted_unless_the_writer_says_when(connection: Any) -> None:
    first, second = await add_two_media(connection)
    await connection.execute("UPDATE media SET updated_at = $1", LONG_AGO)

    async def change(text: str, *values: Any) -> timedelta:
        """How long before the start of the change it is said to have been."""
        async with connection.transaction():
            await connection.execute(f"UPDATE media SET {text} WHERE id = {first}", *values)
            found: timedelta = await connection.fetchval("SELECT now() - updated_at FROM media WHERE id = $1", first)
            return found

    assert await change("title = title") > timedelta(days=365)
    assert await change("overview = 'Words.'") == timedelta(0)
    assert await change("title = 'Other', updated_at = $1", LONG_AGO) > timedelta(days=365)
    assert await change("year = NULL") == timedelta(0)
    assert await connection.fetchval("SELECT updated_at FROM media WHERE id = $1", second) == LONG_AGO


async def test_a_large_update_after_a_small_one_is_planned_for_its_own_rows(connection: Any) -> None:
    """A trigger that kept the plan of the small one would compare each changed row with every other: 64 million."""
    library = await add_library(connection)
    await add_media(connection, library, "first")
    await connection.execute(
        """INSERT INTO media (library_id, kind, title, folded_title, sort_title)
        SELECT $1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n FROM generate_series(1, 8000) n""",
        library,
    )
    await add_credit(connection, 1, await add_person(connection, "A"))
    await connection.execute("UPDATE media SET year = 2000 WHERE id = 1")
    await connection.execute("SET statement_timeout = '20s'")

    await connection.execute("UPDATE media SET year = 2001")

    assert await connection.fetchval("SELECT year FROM credit") == 2001
    assert await connection.fetchval("SELECT count(*) FROM media WHERE version > 1") == 8001
