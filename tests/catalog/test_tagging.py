"""Media that need tags are found by one statement, and what a tagger says is written by a fixed number of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.process_claim import claim_media, remove_ended_claims
from catalog.tagging import NEXT_NEEDING_TAGS, TAGGER_PROCESS, FoundTags, TaggingScope, next_needing_tags, store_tags
from catalog.transaction import Writer, transact
from catalog.upsert.item import Result, Status
from database.row import Row
from database.session import Session
from database.statement import plain
from domain.viewer import UNRESTRICTED
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.plans import MODES, explain, scans, sorted_rows
from tests.support.tagger_server import add_untagged
from tests.support.tagger_shapes import CLAIM_SHAPE, FIND, STORE, STORE_SAME, TAGGING_STATEMENTS

NOW = datetime(2024, 5, 6, tzinfo=UTC)
BIG = {"media", "media_tag", "media_genre", "process_timestamp", "categorisation"}

ADD_RUN = """
INSERT INTO job_run (type, status, worker_id)
SELECT 'tag_media', $1::text, CASE WHEN $1::text = 'RUNNING' THEN gen_random_uuid() END
"""


async def in_transaction(api: Api, work: Callable[[Writer], Awaitable[Any]]) -> tuple[Any, int]:
    """What it gives, and how many statements it has sent."""
    session = Session(api.pool)
    try:
        api.statements.clear()
        found = await transact(session, UNRESTRICTED, "tag_media", work)
        return found, len(api.statements) - 2
    finally:
        await session.close()


async def store(api: Api, found: Sequence[FoundTags]) -> tuple[list[Result], int]:
    return await in_transaction(api, lambda writer: store_tags(writer, found, NOW))


async def find(api: Api, after: int, done: Sequence[tuple[int, int]], most: int) -> tuple[list[Row], int]:
    return await in_transaction(api, lambda writer: next_needing_tags(writer, TaggingScope(), after, done, most))


async def test_media_are_found_with_all_that_a_tagger_is_told(api: Api, connection: Any) -> None:
    library = await add_library(connection, kind=None)
    series = await add_media(connection, library, "Dark", kind="SERIES", year=2017, overview="Time.")
    season = await add_media(connection, library, "One", kind="SEASON", parent_id=series, season_number=1)
    await add_media(connection, library, "Secrets", kind="EPISODE", parent_id=season, episode_number=1)
    await mark(connection, "tag", series, await add_name(connection, "tag", "time"))
    await mark(connection, "genre", series, await add_name(connection, "genre", "Drama"))
    await connection.execute("INSERT INTO categorisation (media_id, category, value) VALUES (1, 'mood', 'dark')")
    rows, statements = await find(api, 0, [], 200)
    assert statements == TAGGING_STATEMENTS[FIND]
    assert [tuple(row.values()) for row in rows] == [
        (1, "SERIES", "Dark", None, 2017, "Time.", None, None, None, ["Drama"], ["time"], [["mood", "dark"]]),
        (2, "SEASON", "One", None, None, None, 1, None, "Dark", [], [], []),
        (3, "EPISODE", "Secrets", None, None, None, None, 1, "Dark", [], [], []),
    ]


async def test_ranges_that_are_done_are_left_out(api: Api, connection: Any) -> None:
    await add_untagged(connection, 12, await add_library(connection))
    rows, _ = await find(api, 2, [(4, 5), (8, 10)], 4)
    assert [row["id"] for row in rows] == [3, 6, 7, 11]


async def test_media_are_claimed_that_no_running_run_has_and_that_were_not_tagged_since(
    api: Api, connection: Any
) -> None:
    await add_untagged(connection, 5, await add_library(connection))
    for status in ("RUNNING", "PAUSED", "RUNNING"):
        await connection.execute(ADD_RUN, status)
    await connection.execute("INSERT INTO process_timestamp VALUES (4, 'tagger', $1)", NOW)
    await connection.execute("INSERT INTO process_timestamp VALUES (5, 'tagger', $1)", NOW - timedelta(seconds=1))

    async def claim(run: int, *media: int) -> tuple[set[int], int]:
        return await in_transaction(api, lambda writer: claim_media(writer, TAGGER_PROCESS, media, run, NOW))

    assert await claim(1, 1, 2) == ({1, 2}, TAGGING_STATEMENTS[CLAIM_SHAPE])
    assert (await claim(2, 3))[0] == {3}
    assert (await claim(3, 1, 2, 3, 4, 5))[0] == {3, 5}
    assert (await claim(1, 1, 2, 3))[0] == {1, 2}
    await in_transaction(api, lambda writer: remove_ended_claims(writer, TAGGER_PROCESS))
    await connection.execute("UPDATE job_run SET status = 'SUCCEEDED', worker_id = NULL WHERE id = 1")
    await in_transaction(api, lambda writer: remove_ended_claims(writer, TAGGER_PROCESS))
    found = await connection.fetch("SELECT media_id, job_run_id FROM process_claim ORDER BY 1")
    assert [tuple(one) for one in found] == [(3, 3), (5, 3)]


@pytest.mark.parametrize("number", [1, 10, 500])
async def test_answers_cost_their_published_statements_for_any_number_of_media(
    api: Api, connection: Any, number: int
) -> None:
    await add_untagged(connection, number, await add_library(connection))
    found = [FoundTags(id + 1, ["noir", f"tag {id}"], [("mood", "dark")]) for id in range(number)]
    for status, what in ((Status.UPDATED, STORE), (Status.UNCHANGED, STORE_SAME)):
        results, statements = await store(api, found)
        assert {one.status for one in results} == {status}
        assert statements == TAGGING_STATEMENTS[what], api.texts
    rows, _ = await find(api, 0, [], 200)
    assert rows == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("before", [None, datetime(2024, 1, 1, tzinfo=UTC)])
async def test_the_next_media_are_found_without_a_look_at_the_whole_catalogue(
    large_reader: Any, mode: str, before: datetime | None
) -> None:
    """Of every ten media one was never tagged."""
    statement = plain("tag_media", " ".join(NEXT_NEEDING_TAGS.split()))
    steps = await explain(large_reader, statement, [None, None, None, before, None, 50_000, [], [], 100], mode)
    assert max(scan.read for scan in scans(steps) if scan.table in BIG) <= 1_500, scans(steps)
    assert sorted_rows(steps) <= 1_500
