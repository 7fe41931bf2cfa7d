"""Workers that die, hang or lose the database: their runs go on from their last checkpoints, and nothing is done
twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from tests.support.backends import given_up, until_alone
from tests.support.jobs import (
    CHUNKED,
    LOG_TABLE,
    QUICK,
    WORKERS_GONE,
    Chunks,
    end_after,
    queue,
    until_status,
    worker_process,
    working,
)

DIED = """
UPDATE job_run SET status = 'RUNNING', worker_id = gen_random_uuid(), attempts = attempts + 1, run_after = now()
"""
ROUNDS = int(os.environ.get("MARQUEE_TEST_ROUNDS", "3"))
# As if it had been gone for long.
LONG = 10_000  # chunks of a run that does not come to its end by itself


async def until_begun(connection: Any, number: int) -> None:
    while await connection.fetchval("SELECT count(*) FROM done") < number:
        await asyncio.sleep(0.01)


async def assert_all_done(connection: Any, runs: list[int], chunks: int) -> None:
    """Each chunk of each run once: the table refuses a second time."""
    for run in runs:
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")
        assert (row["status"], row["succeeded"]) == ("SUCCEEDED", chunks), row["error"]
        assert json.loads(row["state"])["state"] == {"next": chunks}
    assert await connection.fetchval("SELECT count(*) FROM done") == chunks * len(runs)
    assert await connection.fetchval("SELECT count(*) FROM job_run WHERE worker_id IS NOT NULL") == 0


async def test_runs_of_a_worker_that_is_killed_go_on_from_their_checkpoints(
    writer: ConnectArgs, connection: Any
) -> None:
    await connection.execute(LOG_TABLE)
    runs = [await queue(writer, CHUNKED, Chunks(LONG, 0.02, f"library {number % 3}")) for number in range(4)]
    for round_ in range(ROUNDS):
        process = worker_process(writer)
        try:
            await until_begun(connection, 10 * (round_ + 1))
            await asyncio.sleep(random.uniform(0, 0.05))
        finally:
            process.kill()
            process.wait()
        await until_alone(connection)
        await connection.execute(WORKERS_GONE)
    chunks = await end_after(connection, 3)

    async with working(writer):
        await assert_all_done(connection, runs, chunks)

    assert await connection.fetchval("SELECT max(attempts) FROM job_run") > 1
    assert await connection.fetchval("SELECT count(*) FROM job_log WHERE level = 'WARNING'") >= 1


async def test_a_worker_that_hangs_cannot_write_once_another_has_its_run(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    process = worker_process(writer)
    try:
        run = await queue(writer, CHUNKED, Chunks(LONG, 0.02))
        await until_begun(connection, 5)
        process.send_signal(signal.SIGSTOP)
        async with given_up(writer, connection, process.pid):
            chunks = await end_after(connection, 35)
            async with working(writer):
                await until_begun(connection, chunks - 25)
                process.send_signal(signal.SIGCONT)
                await assert_all_done(connection, [run], chunks)
    finally:
        process.kill()
        process.wait()

    assert await connection.fetchval("SELECT attempts FROM job_run") == 2


async def test_a_worker_stops_a_run_that_another_one_has_taken_over(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    await queue(writer, CHUNKED, Chunks(LONG, 0.01))
    other = await connection.fetchval(
        "INSERT INTO job_worker VALUES (gen_random_uuid(), 'other', now(), now() + interval '1 day') RETURNING id"
    )
    async with working(writer) as worker:
        await until_begun(connection, 3)
        await connection.execute("UPDATE job_run SET worker_id = $1, attempts = attempts + 1", other)
        done = await connection.fetchval("SELECT count(*) FROM done")
        while worker._running:
            await asyncio.sleep(0.01)

    row = await connection.fetchrow("SELECT * FROM job_run")
    assert (row["status"], row["worker_id"], row["attempts"]) == ("RUNNING", other, 2)
    assert await connection.fetchval("SELECT count(*) FROM done") == done
    assert json.loads(row["state"])["state"] == {"next": done}


async def test_a_run_whose_workers_die_again_and_again_fails_at_last(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    run = await queue(writer, CHUNKED, Chunks(1))
    await connection.execute("UPDATE job_run SET max_attempts = 3")
    for faults in (1, 2, 3):
        await connection.execute(DIED)
        async with working(writer, replace(QUICK, slots=0)):
            while await connection.fetchval("SELECT faults FROM job_run") < faults:
                await asyncio.sleep(0.01)
    row = await until_status(connection, run, "FAILED")

    assert (row["error_code"], row["attempts"]) == ("WORKER_LOST", 3)
    assert row["ended_at"] is not None


@pytest.mark.parametrize("seconds", [0.0, 1.5])
async def test_runs_go_on_once_the_database_is_back(
    seconds: float, writer: ConnectArgs, connection: Any, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.core.taking.FIRST_PAUSE", 0.05)
    await connection.execute(LOG_TABLE)
    runs = [await queue(writer, CHUNKED, Chunks(30, 0.02)) for _ in range(3)]
    name = await connection.fetchval("SELECT current_database()")
    admin = await asyncpg.connect(server_url)
    async with working(writer):
        await until_begun(connection, 10)
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await asyncio.sleep(seconds)
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        back = await asyncpg.connect(**writer.kwargs())
        await assert_all_done(back, runs, 30)
        await back.close()
    await admin.close()
