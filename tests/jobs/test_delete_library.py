"""The job that deletes a library: step by step, killed and stopped on the way, and none of what is another's."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

import asyncpg
import pytest

from catalog import library_deletion
from database.connect_args import ConnectArgs
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED, Viewer
from jobs.core.queue import cancel, retry
from jobs.delete_library import DELETE_LIBRARY, DeleteLibrary
from jobs.kinds import KINDS
from tests.support.backends import until_alone
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media
from tests.support.jobs import WORKERS_GONE, control, queue, until_status, worker_process, working

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture(autouse=True)
async def two_libraries(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of nine media, another of one. A step deletes two."""
    monkeypatch.setattr(library_deletion, "MEDIA_OF_A_STEP", 2)
    for name in ("One", "Two"):
        await add_library(connection, name, None)
    for library in (1,) * 9 + (2,):
        await add_media(connection, library)


async def left(connection: Any) -> tuple[int, int]:
    """How many libraries and media there are."""
    row = await connection.fetchrow("SELECT (SELECT count(*) FROM library), (SELECT count(*) FROM media)")
    return row[0], row[1]


async def until_left(connection: Any, media: int) -> None:
    while (await left(connection))[1] > media:
        await asyncio.sleep(0.01)


async def assert_gone(connection: Any, row: Any, deleted: int = 9) -> None:
    assert (row["status"], row["succeeded"], json.loads(row["counts"])) == ("SUCCEEDED", deleted, {"deleted": deleted})
    assert await left(connection) == (1, 1)
    gone = await connection.fetch("SELECT media_id FROM media_change WHERE type = 'DELETED' ORDER BY 1")
    assert [one[0] for one in gone] == list(range(1, 10))  # each once
    line = "SELECT line FROM job_log WHERE job_run_id = $1 ORDER BY id DESC LIMIT 1"
    assert await connection.fetchval(line, row["id"]) == f"{deleted} media deleted, and the library."
    await assert_no_drift(connection)


async def test_a_run_outlives_the_library_that_it_deletes_and_others_on_it_do_not(
    writer: ConnectArgs, connection: Any
) -> None:
    number = await queue(writer, DELETE_LIBRARY, DeleteLibrary(1, 9), viewer=Viewer((1,)))
    await connection.execute("INSERT INTO job_run (type, library_id) VALUES ('other', 1), ('other', 2)")
    assert await connection.fetchval("SELECT library_id FROM job_run WHERE id = $1", number) == 1

    async with working(writer, kinds=KINDS):
        row = await until_status(connection, number, "SUCCEEDED", "FAILED")

    await assert_gone(connection, row)
    assert (row["total"], row["library_id"], row["exclusive_key"]) == (9, None, "import:1")
    assert await connection.fetchval("SELECT array_agg(library_id) FROM job_run WHERE id <> $1", number) == [2]


@pytest.mark.parametrize("step", [1, 2, 4])
async def test_a_run_whose_process_is_killed_in_a_step_goes_on_after_the_last_one(
    step: int, writer: ConnectArgs, connection: Any
) -> None:
    number = await queue(writer, DELETE_LIBRARY, DeleteLibrary(1, 9))
    holder = await asyncpg.connect(**writer.kwargs())
    await holder.execute("BEGIN")
    await holder.execute("SELECT FROM media WHERE id = $1 FOR UPDATE", 2 * step)
    process = worker_process(writer, media_of_a_step=2)
    try:
        await until_left(connection, 10 - 2 * (step - 1))
        while not await connection.fetchval(WAITS):
            await asyncio.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    await holder.close()
    await until_alone(connection)
    assert await left(connection) == (2, 10 - 2 * (step - 1))
    await connection.execute(WORKERS_GONE)

    async with working(writer, kinds=KINDS):
        row = await until_status(connection, number, "SUCCEEDED", "FAILED")

    await assert_gone(connection, row)
    assert row["attempts"] == 2


async def test_a_run_whose_process_dies_after_the_last_step_has_succeeded(writer: ConnectArgs, connection: Any) -> None:
    number = await queue(writer, DELETE_LIBRARY, DeleteLibrary(1, 9))
    async with working(writer, kinds=KINDS):
        await until_status(connection, number, "SUCCEEDED", "FAILED")
    await connection.execute("UPDATE job_run SET status = 'QUEUED'")  # as it is where nobody has noted its end

    async with working(writer, kinds=KINDS):
        row = await until_status(connection, number, "SUCCEEDED", "FAILED")

    assert (row["status"], row["attempts"], row["succeeded"]) == ("SUCCEEDED", 2, 9)


async def test_a_run_that_is_cancelled_leaves_the_rest_and_goes_on_when_it_is_tried_again(
    writer: ConnectArgs, connection: Any
) -> None:
    number = await queue(writer, DELETE_LIBRARY, DeleteLibrary(1, 9))
    holder = await asyncpg.connect(**writer.kwargs())
    await holder.execute("BEGIN; SELECT FROM media WHERE id = 3 FOR UPDATE")
    async with working(writer, kinds=KINDS):
        await until_left(connection, 8)
        await control(writer, partial(cancel, run=number))
        await holder.close()
        row = await until_status(connection, number, "CANCELLED", "SUCCEEDED")
        assert (row["status"], row["succeeded"]) == ("CANCELLED", 10 - (await left(connection))[1])
        assert await connection.fetchval("SELECT deletion_started_at IS NOT NULL FROM library WHERE id = 1")
        await connection.execute("DELETE FROM media WHERE id = 9")  # it is not theirs to be counted any more
        await control(writer, partial(retry, run=number, kinds=KINDS))
        row = await until_status(connection, number, "SUCCEEDED", "FAILED")
    assert (row["status"], row["succeeded"]) == ("SUCCEEDED", 8)
    assert await left(connection) == (1, 1)


@pytest.mark.parametrize(
    ("library", "media_count", "code"), [(1, 8, "CONFLICT"), (1, 10, "CONFLICT"), (2, 0, "CONFLICT")]
)
async def test_another_number_of_media_deletes_nothing(
    library: int, media_count: int, code: str, writer: ConnectArgs, connection: Any
) -> None:
    number = await queue(writer, DELETE_LIBRARY, DeleteLibrary(library, media_count))
    async with working(writer, kinds=KINDS):
        row = await until_status(connection, number, "SUCCEEDED", "FAILED")
    assert (row["status"], row["error_code"], row["attempts"]) == ("FAILED", code, 1)
    assert await left(connection) == (2, 10)


async def test_what_is_hidden_is_missing_or_makes_no_sense_is_not_queued(writer: ConnectArgs, connection: Any) -> None:
    for library, viewer in ((3, UNRESTRICTED), (1, Viewer((2,)))):
        with pytest.raises(CatalogError, match="There is no library"):
            await queue(writer, DELETE_LIBRARY, DeleteLibrary(library, 9), viewer=viewer)
    with pytest.raises(CatalogError, match="mediaCount is"):
        await queue(writer, DELETE_LIBRARY, DeleteLibrary(1, -1))
    assert await connection.fetchval("SELECT count(*) FROM job_run") == 0
