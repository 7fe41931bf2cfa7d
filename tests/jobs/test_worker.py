"""Workers: what they take, in which order, how runs end, are tried again, stopped, paused and given back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from jobs.core.queue import cancel, pause, resume, retry, set_priority
from tests.support.backends import until_alone
from tests.support.jobs import (
    CHUNKED,
    FAULTY,
    LOG_TABLE,
    QUICK,
    TEST_KINDS,
    Chunks,
    Faults,
    control,
    end_after,
    queue,
    until_status,
    working,
)

SLOW = Chunks(10_000, 0.02)  # it does not come to its end by itself


async def test_a_run_is_done_with_its_numbers_steps_and_log(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    run = await queue(writer, CHUNKED, Chunks(4))

    async with working(writer):
        row = await until_status(connection, run, "SUCCEEDED")

    assert (row["succeeded"], row["total"], row["attempts"], row["worker_id"]) == (4, 4, 1, None)
    assert json.loads(row["counts"]) == {"done": 4}
    assert [step["name"] for step in json.loads(row["steps"])] == ["chunks"]
    assert json.loads(row["steps"])[0]["endedAt"] is not None
    assert row["started_at"] <= row["progressed_at"] <= row["ended_at"]
    lines = await connection.fetch("SELECT level, line FROM job_log WHERE job_run_id = $1", run)
    assert [tuple(line) for line in lines] == [("INFO", "All done.")]
    assert await connection.fetchval("SELECT count(*) FROM job_worker") == 0


async def test_the_highest_priority_goes_first_and_of_one_priority_the_first(
    writer: ConnectArgs, connection: Any
) -> None:
    await connection.execute(LOG_TABLE)
    runs = [await queue(writer, CHUNKED, Chunks(1), priority) for priority in (0, 5, 0, -1, 5)]

    async with working(writer, replace(QUICK, slots=1)):
        await until_status(connection, runs[3], "SUCCEEDED")

    order = [row[0] for row in await connection.fetch("SELECT id FROM job_run ORDER BY ended_at")]
    assert order == [runs[place] for place in (1, 4, 0, 2, 3)]


async def test_runs_with_one_key_run_one_at_a_time_in_two_workers(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    runs = [await queue(writer, CHUNKED, Chunks(3, 0.01, "library 1"), number % 3) for number in range(12)]
    others = [await queue(writer, CHUNKED, Chunks(3, 0.01)) for _ in range(3)]

    most = 0
    async with working(writer), working(writer):
        while True:
            counts = await connection.fetchrow(
                "SELECT count(*) FILTER (WHERE status = 'RUNNING' AND exclusive_key IS NOT NULL), "
                "count(*) FILTER (WHERE status <> 'SUCCEEDED') FROM job_run"
            )
            most = max(most, counts[0])
            if counts[1] == 0:
                break
            await asyncio.sleep(0.005)

    assert most == 1
    spans = await connection.fetch(
        "SELECT id, started_at, ended_at, attempts FROM job_run WHERE id = any($1) ORDER BY started_at", runs
    )
    for before, after in pairwise(spans):
        assert before["ended_at"] <= after["started_at"]
    assert [row["id"] for row in spans] == sorted(runs, key=lambda run: (-((run - runs[0]) % 3), run))
    assert await connection.fetchval("SELECT count(*) FROM done") == 3 * (len(runs) + len(others))


@pytest.mark.parametrize("code", ["DATABASE_UNAVAILABLE", "DATABASE_BUSY", "OUTCOME_UNKNOWN", "PASSING"])
async def test_faults_that_pass_are_tried_again_and_others_are_not(
    code: str, writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.core.taking.FIRST_PAUSE", 0.01)
    passing = await queue(writer, FAULTY, Faults(code, 2))
    always = await queue(writer, FAULTY, Faults(code))
    further = await queue(writer, FAULTY, Faults(code, 5, True))
    lasting = await queue(writer, FAULTY, Faults("NOT_FOUND"))

    async with working(writer):
        rows = [
            await until_status(connection, run, "SUCCEEDED", "FAILED") for run in (passing, always, further, lasting)
        ]

    assert [(row["status"], row["attempts"]) for row in rows] == [
        ("SUCCEEDED", 3),
        ("FAILED", 3),
        ("SUCCEEDED", 6),  # each attempt came further
        ("FAILED", 1),
    ]
    assert [row["error_code"] for row in rows] == [
        None,
        "TRANSIENT" if code == "PASSING" else code,
        None,
        "NOT_FOUND",
    ]


async def test_the_pause_between_attempts_doubles(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.core.taking.FIRST_PAUSE", 10_000.0)
    monkeypatch.setattr("jobs.core.taking.LONGEST_PAUSE", 100_000.0)
    run = await queue(writer, FAULTY, Faults("DATABASE_BUSY"))
    pauses = []
    async with working(writer):
        for faults in (1, 2):
            while (await connection.fetchval("SELECT faults FROM job_run WHERE id = $1", run)) < faults:
                await asyncio.sleep(0.01)
            row = await connection.fetchrow("SELECT status, run_after - now() AS pause FROM job_run WHERE id = $1", run)
            assert row["status"] == "QUEUED"
            pauses.append(row["pause"].total_seconds())
            await connection.execute("UPDATE job_run SET run_after = now() WHERE id = $1", run)
        await until_status(connection, run, "FAILED")

    # A random part is taken away, half of it at most; and what went by until we looked.
    assert 4_000 < pauses[0] <= 10_000
    assert 9_000 < pauses[1] <= 20_000


async def test_an_error_of_ours_is_masked_and_logged(
    writer: ConnectArgs, connection: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = await queue(writer, FAULTY, Faults("PYTHON"))

    async with working(writer):
        row = await until_status(connection, run, "FAILED")

    assert (row["error_code"], row["attempts"]) == ("INTERNAL", 1)
    number = row["error"].split("quote ")[1].split(" ")[0]
    assert number in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert await connection.fetchval("SELECT level FROM job_log WHERE job_run_id = $1", run) == "ERROR"


async def chunks_of(connection: Any, run: int) -> int:
    return int(await connection.fetchval("SELECT count(*) FROM done WHERE run = $1", run))


async def until_chunks(connection: Any, run: int, number: int) -> None:
    while await chunks_of(connection, run) < number:
        await asyncio.sleep(0.005)


async def test_a_run_is_cancelled_between_two_chunks(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    run = await queue(writer, CHUNKED, SLOW)
    async with working(writer):
        await until_chunks(connection, run, 2)
        await control(writer, lambda writer: cancel(writer, run))
        row = await until_status(connection, run, "CANCELLED")

    done = await chunks_of(connection, run)
    assert 2 <= done < SLOW.chunks
    assert json.loads(row["state"])["state"] == {"next": done}
    assert row["succeeded"] == done
    await control(writer, lambda writer: cancel(writer, run))  # once more is no error


async def test_a_run_is_paused_and_goes_on_where_it_stopped(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    run = await queue(writer, CHUNKED, SLOW)
    async with working(writer):
        await until_chunks(connection, run, 2)
        await control(writer, lambda writer: pause(writer, run))
        await until_status(connection, run, "PAUSED")
        done = await chunks_of(connection, run)
        await asyncio.sleep(0.2)
        assert await chunks_of(connection, run) == done
        chunks = await end_after(connection, 3)
        await control(writer, lambda writer: resume(writer, run))
        row = await until_status(connection, run, "SUCCEEDED")

    assert (row["attempts"], row["faults"], row["succeeded"]) == (2, 0, chunks)
    assert await connection.fetchval("SELECT count(DISTINCT attempt) FROM done") == 2


async def test_runs_that_wait_are_paused_cancelled_retried_and_given_priority(
    writer: ConnectArgs, connection: Any
) -> None:
    await connection.execute(LOG_TABLE)
    run = await queue(writer, CHUNKED, Chunks(2))
    await control(writer, lambda writer: set_priority(writer, run, 7))
    again = partial(retry, kinds=TEST_KINDS)
    for change, status in ((pause, "PAUSED"), (resume, "QUEUED"), (cancel, "CANCELLED"), (again, "QUEUED")):
        await control(writer, partial(change, run=run))
        row = await connection.fetchrow("SELECT status, ended_at, priority FROM job_run WHERE id = $1", run)
        assert (row["status"], row["ended_at"] is None, row["priority"]) == (status, status != "CANCELLED", 7)

    async with working(writer):
        await until_status(connection, run, "SUCCEEDED")


async def test_a_worker_that_is_stopped_gives_its_runs_back_at_their_checkpoints(
    writer: ConnectArgs, connection: Any
) -> None:
    await connection.execute(LOG_TABLE)
    runs = [await queue(writer, CHUNKED, SLOW) for _ in range(5)]
    async with working(writer):
        for run in runs[:3]:
            await until_chunks(connection, run, 2)

    rows = await connection.fetch("SELECT * FROM job_run ORDER BY id")
    assert {(row["status"], row["attempts"], row["faults"], row["worker_id"]) for row in rows} == {
        ("QUEUED", 0, 0, None)
    }
    for row in rows[:3]:
        assert json.loads(row["state"])["state"] == {"next": await chunks_of(connection, row["id"])}
    chunks = await end_after(connection, 3)
    async with working(writer):
        for run in runs:
            await until_status(connection, run, "SUCCEEDED")
    assert await connection.fetchval("SELECT count(*) FROM done") == 5 * chunks


async def test_runs_that_wait_for_a_slot_for_too_long_go_to_other_workers(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    long = [await queue(writer, CHUNKED, SLOW, 1) for _ in range(3)]
    short = [await queue(writer, CHUNKED, Chunks(1)) for _ in range(3)]
    async with working(writer):
        for run in long:
            await until_status(connection, run, "RUNNING")
        for run in short:
            await until_status(connection, run, "QUEUED")
        async with working(writer):
            for run in short:
                await until_status(connection, run, "SUCCEEDED")
        for run in long:
            await control(writer, partial(cancel, run=run))


async def test_a_waiting_worker_holds_no_connection(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    run = await queue(writer, CHUNKED, Chunks(1))
    held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with working(writer, replace(QUICK, poll_every=100.0, hear_every=100.0)) as worker:
        await until_status(connection, run, "SUCCEEDED")
        await until_alone(connection)
        other = await queue(writer, CHUNKED, Chunks(1))
        await until_alone(connection)  # what has queued it goes
        await asyncio.sleep(0.2)
        assert await connection.fetchval(held) == 0
        await worker.invalidate()
        await until_status(connection, other, "SUCCEEDED")
