"""Process timestamps, and the media that are due for a process, in one statement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.viewer import Viewer
from loaders.process_timestamp import needs_process
from loaders.registry import Loaders
from loaders.sql.condition import All
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import OrderBy
from tests.loaders.test_contract import silent_reader
from tests.support.api import Api
from tests.support.factories import add_library, add_media
from tests.support.plans import MODES, explain, explain_batch, explain_text, indexes, read_from_index_alone, scans

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
ADD = "INSERT INTO process_timestamp (media_id, process, processed_at) VALUES ($1, $2, $3)"
DUE = """query ($process: String!, $olderThan: DateTime, $first: Int, $after: String) {
    mediaNeedingProcess(process: $process, olderThan: $olderThan, first: $first, after: $after) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
async def processed(connection: Any) -> None:
    """Media 1 was tagged in the morning, 2 at noon, 3 in the evening, 4 never; 4 has a thumbnail."""
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(4)]
    for number, hours in zip(media, (-6, 0, 6), strict=False):
        await connection.execute(ADD, number, "tagger", NOON + timedelta(hours=hours))
    await connection.execute(ADD, media[3], "thumbnails", NOON)


def ids(data: Any) -> list[str]:
    return [node["id"] for node in data["mediaNeedingProcess"]["nodes"]]


async def test_a_media_tells_which_processes_have_dealt_with_it(api: Api, connection: Any, processed: None) -> None:
    await connection.execute(ADD, 1, "Importer", NOON)

    data = await api.run("{ media(first: 1) { nodes { processes { process processedAt } } } }")

    assert data["media"]["nodes"][0]["processes"] == [
        {"process": "Importer", "processedAt": "2024-01-01T12:00:00+00:00"},
        {"process": "tagger", "processedAt": "2024-01-01T06:00:00+00:00"},
    ]
    assert api.statements == ["media_pages", "processes_by_media_id"]


async def test_media_are_due_that_were_never_dealt_with_or_before_a_time(api: Api, processed: None) -> None:
    async def due(process: str, older_than: str | None = None) -> list[str]:
        found = ids(await api.run(DUE, process=process, olderThan=older_than))
        assert sorted(api.statements) == ["media_count", "media_pages"]
        return found

    assert await due("tagger") == ["media_4"]
    assert await due("tagger", "2024-01-01T12:00:00Z") == ["media_1", "media_4"]
    assert await due("tagger", "2024-01-01T13:00:01+01:00") == ["media_1", "media_2", "media_4"]
    assert await due("tagger", "2024-01-01T12:00:00") == ["media_1", "media_4"]
    assert await due("thumbnails") == ["media_1", "media_2", "media_3"]
    assert await due("Tagger") == ["media_1", "media_2", "media_3", "media_4"]


async def test_due_media_are_paged_in_any_order_by_one_statement(api: Api, processed: None) -> None:
    first = await api.run(
        '{ mediaNeedingProcess(process: "tagger", olderThan: "2025-01-01T00:00Z", first: 2, '
        "orderBy: [{field: ADDED_AT, direction: DESC}]) { nodes { id } pageInfo { hasNextPage } } }"
    )
    assert ids(first) == ["media_4", "media_3"]
    assert first["mediaNeedingProcess"]["pageInfo"] == {"hasNextPage": True}
    assert api.statements == ["media_pages"]

    page = await api.run(DUE, process="tagger", olderThan="2024-01-02T00:00:00Z", first=3)
    cursor = page["mediaNeedingProcess"]["pageInfo"]["endCursor"]
    rest = await api.run(DUE, process="tagger", olderThan="2024-01-02T01:00:00+01:00", first=3, after=cursor)
    assert (ids(page), ids(rest)) == (["media_1", "media_2", "media_3"], ["media_4"])
    assert page["mediaNeedingProcess"]["totalCount"] == 4
    assert await api.codes(DUE, process="tagger", olderThan="2024-01-03T00:00:00Z", after=cursor) == ["BAD_CURSOR"]


async def test_media_of_hidden_libraries_are_not_due(api: Api, processed: None) -> None:
    data = await api.run(DUE, Viewer((2,)), process="tagger")

    assert data["mediaNeedingProcess"] == {
        "totalCount": 0,
        "nodes": [],
        "pageInfo": {"hasNextPage": False, "endCursor": None},
    }


@pytest.mark.parametrize("process", ["", " \t", "\0", "\ud800"])
async def test_a_name_that_no_process_can_have_is_refused(api: Api, process: str) -> None:
    assert await api.codes(DUE, process=process) == ["BAD_ARGUMENT"]
    assert api.statements == []


async def test_a_time_that_is_none_is_refused(api: Api) -> None:
    for time in ("yesterday", "0001-01-01T00:00:00+14:00"):
        assert await api.codes(DUE, process="tagger", olderThan=time) == ["BAD_ARGUMENT"], time
    assert (await api.run(DUE, process="tagger", olderThan="0001-01-01T00:00:00Z"))["mediaNeedingProcess"][
        "nodes"
    ] == []


async def test_a_process_has_one_time_a_media_and_a_name(connection: Any, processed: None) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(ADD, 1, "tagger", NOON)
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(ADD, 1, " ", NOON)


async def test_processes_are_found_by_their_media(large_reader: Any) -> None:
    for keys in ([500], list(range(500, 600))):
        steps = await explain_batch(large_reader, "processes_by_media_id", keys)
        assert "process_timestamp_pkey" in indexes(steps)
        assert sum(scan.read for scan in scans(steps)) <= 64 * len(keys)


async def test_due_media_are_told_by_the_index_of_media_and_process(large_reader: Any) -> None:
    """Of every ten media one was never tagged; a page of twenty looks at some two hundred."""
    for due in (needs_process("tagger"), needs_process("tagger", datetime(2024, 1, 1, tzinfo=UTC))):
        filter = All((due,))
        for order in ((), (OrderBy("ADDED_AT", descending=True),)):
            for mode in MODES:
                asked = PageArguments(20, False, filter, order, None, None)
                composed = Loaders.media_pages.compose(silent_reader(), asked, [0])
                steps = await explain(large_reader, *composed, mode)
                assert "process_timestamp_pkey" in indexes(steps), (filter, order, mode)
                assert max(scan.read for scan in scans(steps)) <= 1_000, (filter, order, mode)


async def test_the_oldest_of_a_process_are_read_from_its_index_alone(large_reader: Any) -> None:
    steps = await explain_text(
        large_reader,
        "SELECT media_id FROM process_timestamp WHERE process = 'tagger' AND processed_at < '2024-01-01 02:00Z'"
        " ORDER BY processed_at, media_id LIMIT 20",
    )

    assert read_from_index_alone(steps, "process_timestamp_process_processed_at_media_id")
    assert scans(steps)[0].read == 20


MARK = """mutation ($media: [ID!]!, $process: String!, $at: DateTime) {
    markProcessed(media: $media, process: $process, at: $at) {
        succeeded errors { code item } media { processes { process processedAt } } } }"""


async def test_media_that_were_processed_need_it_no_longer(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for title in "ABC":
        await add_media(connection, library, title)
    need = """{ mediaNeedingProcess(process: "tagger", olderThan: "2024-01-01T00:00:00Z") { nodes { id } } }"""

    early, late = "2023-05-06T07:08:09+00:00", "2024-05-06T07:08:09+00:00"
    data = await api.run(MARK, media=["media_1", "media_2", "media_9"], process=" tagger ", at=late)
    assert data["markProcessed"]["media"] == [{"processes": [{"process": "tagger", "processedAt": late}]}] * 2
    assert data["markProcessed"]["errors"] == [{"code": "NOT_FOUND", "item": 2}]
    await api.run(MARK, media=["media_2"], process="tagger", at=early)

    assert (await api.run(need))["mediaNeedingProcess"]["nodes"] == [{"id": "media_2"}, {"id": "media_3"}]
    for process in ("", "  ", "x" * 101, "\0"):
        assert await api.codes(MARK, media=["media_1"], process=process) == ["BAD_ARGUMENT"]
    assert await api.codes(MARK, media=["media_1"], process="🎬" * 51) == ["BAD_ARGUMENT"]  # more than 200 bytes
    outside = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z")
    for at in (*outside, "9999-12-31T23:59:59.999999Z"):
        assert await api.codes(MARK, media=["media_1"], process="p", at=at) == ["BAD_ARGUMENT"], at


async def test_due_media_are_shuffled_by_their_seed(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for _ in range(8):
        await add_media(connection, library)
    order = """($seed: Int, $by: MediaOrderField = RANDOM) {
        mediaNeedingProcess(process: "p", orderBy: { field: $by, seed: $seed }) { nodes { id } } }"""

    found = [ids(await api.run(f"query {order}", seed=seed)) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    assert sorted(found[0]) == sorted(found[2]) == [f"media_{number}" for number in range(1, 9)]
    assert await api.codes(f"query {order}") == ["BAD_ARGUMENT"]
    assert await api.codes(f"query {order}", by="RELEVANCE") == ["BAD_ARGUMENT"]  # nothing is searched for


async def test_a_process_is_asked_for_by_the_name_that_it_was_marked_by(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    await api.run(MARK, media=["media_1"], process=" tagger ")

    assert ids(await api.run(DUE, process=" tagger ")) == []
