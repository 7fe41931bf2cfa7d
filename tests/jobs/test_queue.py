"""The queue: ten thousand runs are taken at the same cost as ten, each once, and finished ones are kept for a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from database.connect import Connector
from database.connect_args import ConnectArgs
from database.open_session import OPTIONS, open_session
from database.pool import Pool, PoolLimits
from database.statement import Statement
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED, Viewer
from jobs.core.heartbeat import beat
from jobs.core.job_run import JobRunContext, StateTooLargeError
from jobs.core.job_session import JobSession
from jobs.core.retention import prune_runs
from jobs.core.schedule import queue_due
from jobs.core.taking import WorkerId, release_lost, take
from jobs.kind import JobCounts, JobStopped
from tests.support.job_shapes import RUNNING
from tests.support.jobs import (
    CHUNKED,
    FAULTY,
    LOG_TABLE,
    QUICK,
    TEST_KINDS,
    Chunks,
    Faults,
    control,
    queue,
    until_status,
    working,
)

FILL = """
INSERT INTO job_run (type, priority, exclusive_key, parameters)
SELECT 'chunks', n % 3, CASE n % 4 WHEN 0 THEN 'key ' || n % 40 END, '{"chunks": 1}' FROM generate_series(1, $1::int) n
"""


class Counted:
    """A session over a pool that notes the statements, without those of the transaction."""

    def __init__(self, args: ConnectArgs) -> None:
        self.pool = Pool(Connector(args, OPTIONS).open, PoolLimits(min=0, max=2))
        self.session = JobSession(self.pool)
        self.names: list[str] = []
        self.pool.on_statement = self.note

    def note(self, statement: Statement[Any], rows: int, seconds: float) -> None:
        if statement.name != "transaction":
            self.names.append(statement.name)

    def drained(self) -> int:
        number = len(self.names)
        self.names.clear()
        return number


async def test_ten_thousand_runs_cost_the_published_statements(writer: ConnectArgs, connection: Any) -> None:
    counted, worker = Counted(writer), WorkerId(uuid4(), "test")
    for number in (10, 10_000):
        await connection.execute("TRUNCATE job_run CASCADE")
        await connection.execute(FILL, number)
        taken = await take(counted.session, worker, ["chunks"])
        assert (len(taken), counted.drained()) == (min(10, len(taken)), RUNNING["take a batch of runs"])
        contexts = [JobRunContext(run, worker, counted.session) for run in taken]
        await beat(counted.session, worker, contexts)
        assert counted.drained() == RUNNING["a heartbeat of a worker, with nothing new of its runs"]
        for context in contexts:
            context.progress(JobCounts(1, 1, {"done": 1}, {"BAD": 1}), 5, "item")
            context.log("line")
        await beat(counted.session, worker, contexts)
        assert counted.drained() == RUNNING["a heartbeat with new numbers and log lines of its runs"]
        await release_lost(counted.session, worker, 60)
        assert counted.drained() == RUNNING["look for runs of workers that are gone"]
        await queue_due(counted.session, TEST_KINDS)
        assert counted.drained() == RUNNING["look for schedules that are due"]
    await counted.pool.close()
    row = await connection.fetchrow("SELECT * FROM job_run WHERE id = $1", taken[0].id)
    assert (row["succeeded"], row["failed"], row["total"], row["current_item"]) == (1, 1, 5, "item")
    assert await connection.fetchval("SELECT count(*) FROM job_log") == 10


async def test_workers_that_take_at_once_take_each_run_once_and_of_a_key_one(
    writer: ConnectArgs, connection: Any
) -> None:
    await connection.execute(FILL, 400)

    async def take_all(name: str) -> list[int]:
        worker, found = WorkerId(uuid4(), name), []
        async with open_session(writer) as session:
            while taken := await take(session, worker, ["chunks"]):
                found += [run.id for run in taken]
        return found

    found = await asyncio.gather(*(take_all(str(number)) for number in range(8)))

    numbers = [number for one in found for number in one]
    assert len(numbers) == len(set(numbers)) == 300 + 10
    keys = await connection.fetch("SELECT exclusive_key FROM job_run WHERE status = 'RUNNING' AND exclusive_key <> ''")
    assert len(keys) == len({row[0] for row in keys}) == 10


async def test_batches_are_as_large_as_the_setting_says(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(FILL, 60)
    await connection.execute("INSERT INTO setting (key, value) VALUES ('jobs.batch_size', '25')")
    async with open_session(writer) as session:
        taken = await take(session, WorkerId(uuid4(), "x"), ["chunks"])
        assert await take(session, WorkerId(uuid4(), "x"), ["other"]) == []

    assert len(taken) == 25
    assert [run.id % 3 for run in taken] == sorted((run.id % 3 for run in taken), reverse=True)


async def test_runs_that_are_queued_at_once_do_not_exceed_the_bound(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute("INSERT INTO setting (key, value) VALUES ('jobs.queue_max', '10')")

    async def attempt() -> str:
        try:
            await queue(writer, CHUNKED, Chunks(1))
        except CatalogError as error:
            return str(error.extensions["code"])
        return "QUEUED"

    found = await asyncio.gather(*(attempt() for _ in range(20)))

    assert sorted(found) == ["QUEUED"] * 10 + ["QUEUE_FULL"] * 10
    assert await connection.fetchval("SELECT count(*) FROM job_run") == 10


async def test_finished_runs_are_kept_for_a_time_and_up_to_a_number(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(
        """INSERT INTO job_run (worker_id, type, status, queued_at, ended_at)
        SELECT CASE WHEN n % 6 = 5 THEN gen_random_uuid() END,
            'x', (ARRAY['SUCCEEDED', 'FAILED', 'CANCELLED', 'QUEUED', 'PAUSED', 'RUNNING'])[1 + n % 6],
            now() - n * interval '1 hour', CASE WHEN n % 12 < 3 THEN now() - n * interval '1 hour' END
        FROM generate_series(1, 2400) n"""
    )
    await connection.execute("INSERT INTO job_log (job_run_id, level, line) SELECT id, 'INFO', 'x' FROM job_run")
    await connection.execute("INSERT INTO setting (key, value) VALUES ('jobs.kept_runs', '50')")
    async with open_session(writer) as session:
        assert await prune_runs(session) == 1150
        await connection.execute("UPDATE setting SET value = '1000'")
        await connection.execute("INSERT INTO setting (key, value) VALUES ('jobs.kept_days', '2')")
        assert await prune_runs(session) == 50 - 23
        assert await prune_runs(session) == 0

    left = await connection.fetch("SELECT status, count(*) FROM job_run GROUP BY 1")
    assert sum(row[1] for row in left if row[0] in ("SUCCEEDED", "FAILED", "CANCELLED")) == 23
    assert sum(row[1] for row in left if row[0] in ("QUEUED", "PAUSED", "RUNNING")) == 1200
    assert await connection.fetchval("SELECT count(*) FROM job_log") == 1223


async def test_the_last_thousand_lines_of_a_run_are_kept(writer: ConnectArgs, connection: Any) -> None:
    run = await queue(writer, CHUNKED, Chunks(1))
    worker = WorkerId(uuid4(), "x")
    async with open_session(writer) as session:
        [taken] = await take(session, worker, ["chunks"])
        context = JobRunContext(taken, worker, session)
        for part in range(3):
            for number in range(600):
                context.log(f"{part}.{number} \0 \ud800" + "x" * 3000)
            await beat(session, worker, [context])

    lines = await connection.fetch("SELECT line FROM job_log WHERE job_run_id = $1 ORDER BY id", run)
    assert len(lines) == 1000
    assert (lines[0][0][:5], lines[-1][0][:5]) == ("1.200", "2.599")
    assert max(len(line[0]) for line in lines) == 2000
    assert lines[0][0].startswith("1.200 \\x00 \\ud800xxx")


async def test_a_checkpoint_that_cannot_be_stored_fails_its_run(writer: ConnectArgs, connection: Any) -> None:
    await queue(writer, CHUNKED, Chunks(1))
    worker = WorkerId(uuid4(), "x")
    async with open_session(writer) as session:
        [taken] = await take(session, worker, ["chunks"])
        context = JobRunContext(taken, worker, session)
        for state in ({"x": "y" * 70_000}, {"x": "\0"}, {"x": object()}):
            with pytest.raises(StateTooLargeError):
                await control(writer, partial(context.save, state=state, counts=JobCounts()))
        await connection.execute("UPDATE job_run SET attempts = 2")
        with pytest.raises(JobStopped, match="LOST"):
            await control(writer, lambda writer: context.save(writer, {}, JobCounts()))


async def test_a_schedule_queues_a_run_when_it_is_due_and_waits_for_the_last_one(
    writer: ConnectArgs, connection: Any
) -> None:
    await connection.execute(
        """INSERT INTO library (name, folded_name) VALUES ('a', 'a');
        INSERT INTO job_schedule (type, parameters, cron, next_run_at, is_enabled, viewer_libraries, library_id) VALUES
        ('chunks', '{"chunks": 2}', '* * * * *', now() - interval '1 day', true, NULL, NULL),
        ('chunks', '{"chunks": 2}', '* * * * *', now() - interval '1 day', false, NULL, NULL),
        ('chunks', '{"chunks": 2}', '* * * * *', now() + interval '1 day', true, NULL, NULL),
        ('gone', '{}', '0 0 1 1 *', now(), true, NULL, NULL),
        ('chunks', '{"chunks": 2, "library": "library_1"}', '* * * * *', now(), true, '{}', 1)"""
    )

    async def due() -> list[int]:
        async with open_session(writer) as session:
            return await queue_due(session, TEST_KINDS)

    [run] = [number for found in await asyncio.gather(due(), due(), due()) for number in found]

    rows = await connection.fetch(
        "SELECT last_run_id, error, next_run_at > now() AS waits FROM job_schedule ORDER BY id"
    )
    assert [row["last_run_id"] for row in rows] == [run, None, None, None, None]
    assert [row["waits"] for row in rows] == [True, False, True, True, True]
    assert [(row["error"] or "").split(":")[0] for row in rows] == ["", "", "", "NOT_FOUND", "NOT_FOUND"]
    again = "UPDATE job_schedule SET next_run_at = now() WHERE id = 1"
    await connection.execute(again)
    assert await due() == []
    assert await connection.fetchval("SELECT error FROM job_schedule WHERE id = 1") == "Its last run has not ended yet."
    await connection.execute("UPDATE job_run SET status = 'SUCCEEDED'")
    await connection.execute("INSERT INTO setting (key, value) VALUES ('jobs.queue_max', '1')")
    await connection.execute("INSERT INTO job_run (type) VALUES ('other')")
    await connection.execute(again)
    assert await due() == []
    row = await connection.fetchrow(
        "SELECT error, next_run_at < now() + interval '2 minutes' FROM job_schedule WHERE id = 1"
    )
    assert (row[0].split(":")[0], row[1]) == (Code.QUEUE_FULL, True)


async def test_a_run_has_the_rights_of_who_queued_it(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute("INSERT INTO library (name, folded_name) VALUES ('a', 'a'), ('b', 'b')")
    await queue(writer, CHUNKED, Chunks(1, library_id=1), viewer=Viewer((1,)))
    for library in (None, 2):
        with pytest.raises(CatalogError):
            await queue(writer, CHUNKED, Chunks(1, library_id=library), viewer=Viewer((1,)))
    await queue(writer, CHUNKED, Chunks(1))
    async with open_session(writer) as session:
        taken = await take(session, WorkerId(uuid4(), "x"), ["chunks"])

    assert [run.viewer for run in taken] == [Viewer((1,)), UNRESTRICTED]


async def test_a_workers_schedules_are_looked_at_while_it_runs(writer: ConnectArgs, connection: Any) -> None:
    await connection.execute(LOG_TABLE)
    await connection.execute(
        """INSERT INTO job_schedule (type, parameters, cron, next_run_at)
        VALUES ('chunks', '{"chunks": 2}', '0 0 1 1 *', now())"""
    )
    failing = await queue(writer, FAULTY, Faults("NOT_FOUND"))
    async with working(writer, replace(QUICK, slots=1), (lambda session: queue_due(session, TEST_KINDS),)):
        await until_status(connection, failing, "FAILED")
        while await connection.fetchval("SELECT count(*) FROM job_run WHERE status = 'SUCCEEDED'") < 1:
            await asyncio.sleep(0.01)
