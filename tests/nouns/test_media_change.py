"""The feed of changes: each media once, at its last change; nothing is missed, whoever commits when."""

from __future__ import annotations

from typing import Any

import asyncpg

from database.connect_args import ConnectArgs
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import delete_media, update_media
from tests.support.factories import add_library, add_media, add_name, mark

FEED = """query ($since: String, $first: Int) { changes(since: $since, first: $first) {
    nodes { type mediaId media { title } } pageInfo { hasNextPage endCursor } } }"""


async def read(api: Api, since: str | None = None, viewer: Viewer | None = None) -> tuple[list[tuple[str, str]], Any]:
    """Types and ids of the changes since, and where to go on."""
    page = (await api.run(FEED, viewer or Viewer(), since=since, first=100))["changes"]
    return [(node["type"], node["mediaId"]) for node in page["nodes"]], page["pageInfo"]["endCursor"] or since


async def test_each_media_stands_once_in_the_feed_at_its_last_change(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    tag = await add_name(connection, "tag", "noir")
    for title in "ABC":
        await add_media(connection, library, title)
    changes, since = await read(api)
    assert changes == [("CREATED", "media_1"), ("CREATED", "media_2"), ("CREATED", "media_3")]

    await update_media(connection, "year = 1999", "id = 2")
    await delete_media(connection, "id = 1")
    await mark(connection, "tag", 3, tag)

    assert (await read(api, since))[0] == [("UPDATED", "media_2"), ("DELETED", "media_1"), ("UPDATED", "media_3")]
    assert (await read(api))[0] == [("UPDATED", "media_2"), ("DELETED", "media_1"), ("UPDATED", "media_3")]
    assert api.statements == ["media_change_pages", "media_by_id"]


async def test_an_update_that_changes_nothing_changes_no_version(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection), "A", year=1999)

    change = """mutation ($year: Int!) { updateMedia(items: [{ id: "media_1", year: $year }]) { succeeded } }"""
    before = await connection.fetchrow("SELECT * FROM media_change")
    await api.run(change, year=1999)
    assert await connection.fetchval("SELECT version FROM media") == 1
    assert await connection.fetchrow("SELECT * FROM media_change") == before
    await api.run(change, year=2000)
    assert await connection.fetchval("SELECT version FROM media") == 2


async def test_what_is_made_and_changed_in_one_transaction_is_created(api: Api, connection: Any) -> None:
    library, tag = await add_library(connection), await add_name(connection, "tag", "noir")
    async with connection.transaction():
        media = await add_media(connection, library, "A")
        await mark(connection, "tag", media, tag)
        await update_media(connection, "year = 1999")

    assert (await read(api))[0] == [("CREATED", "media_1")]


async def test_a_transaction_that_commits_late_is_not_missed(api: Api, connection: Any, writer: ConnectArgs) -> None:
    library = await add_library(connection)
    late = await asyncpg.connect(**writer.kwargs())
    transaction = late.transaction()
    await transaction.start()
    await add_media(late, library, "late")
    await add_media(connection, library, "early")

    changes, since = await read(api)
    assert (changes, since) == ([], None)  # "early" could not be told without losing "late"
    await transaction.commit()
    await late.close()

    assert (await read(api, since))[0] == [("CREATED", "media_1"), ("CREATED", "media_2")]


async def test_the_feed_is_read_in_pages_without_loss_while_media_change(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for number in range(20):
        await add_media(connection, library, f"M{number}")
    seen: list[str] = []
    since = None
    for step in range(40):
        page = (await api.run(FEED, since=since, first=3))["changes"]
        seen += [node["mediaId"] for node in page["nodes"]]
        since = page["pageInfo"]["endCursor"] or since
        if step < 10:
            await update_media(connection, "year = $1", "id = $2", step, 1 + step)
        elif not page["pageInfo"]["hasNextPage"]:
            break

    assert {*seen} == {f"media_{number + 1}" for number in range(20)}
    # The ten that changed after they were read stand there again, and last.
    assert len(seen) == 30
    assert seen[-10:] == [f"media_{number + 1}" for number in range(10)]


async def test_deleted_media_of_hidden_libraries_are_not_told(api: Api, connection: Any) -> None:
    seen, hidden = await add_library(connection, "seen"), await add_library(connection, "hidden")
    await add_media(connection, seen, "A")
    await add_media(connection, hidden, "B")
    await delete_media(connection)

    assert (await read(api, viewer=Viewer((seen,))))[0] == [("DELETED", "media_1")]
    assert (await read(api))[0] == [("DELETED", "media_1"), ("DELETED", "media_2")]


async def test_a_cursor_that_is_none_of_the_feeds_is_refused(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection), "A")
    other = (await api.run("{ media { pageInfo { endCursor } } }"))["media"]["pageInfo"]["endCursor"]

    for since in ("", "abc", other):
        assert await api.codes(FEED, since=since) == ["BAD_CURSOR"]
    assert await api.codes(FEED, first=-1) == ["BAD_PAGE_SIZE"]
