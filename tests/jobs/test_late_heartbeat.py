"""A heartbeat that comes late: what it has of a run is older than what the end of the run has stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from catalog.transaction import Writer, transact
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.viewer import UNRESTRICTED
from jobs.core.attempt import SUCCEEDED, conclude
from jobs.core.heartbeat import beat
from jobs.core.job_run import JobRunContext
from jobs.core.taking import WorkerId, take
from jobs.kind import JobContext, JobCounts
from jobs.kinds import by_name
from tests.support.jobs import CHUNKED, QUICK, Chunks, queue, until_status, working

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
# A heartbeat waits for the first before it writes numbers, for the second when it has written them.
BEFORE, AFTER = "SELECT FROM job_worker FOR UPDATE", "LOCK TABLE job_log IN EXCLUSIVE MODE"


class Run:
    """A run that a worker has begun, its heartbeats and its end each over a session of its own."""

    def __init__(self, args: ConnectArgs, worker: WorkerId, context: JobRunContext) -> None:
        self.args = args
        self.worker = worker
        self.context = context

    async def beat(self) -> None:
        async with open_session(self.args) as session:
            await beat(session, self.worker, [self.context])

    async def end(self) -> None:
        async with open_session(self.args) as session:
            await conclude(session, self.worker, self.context, SUCCEEDED)


@pytest.fixture
async def run(writer: ConnectArgs, connection: Any) -> AsyncIterator[Run]:
    await queue(writer, CHUNKED, Chunks(1))
    worker = WorkerId(uuid4(), "x")
    async with open_session(writer) as session:
        [taken] = await take(session, worker, ["chunks"])
        yield Run(writer, worker, JobRunContext(taken, worker, session))


@asynccontextmanager
async def held(args: ConnectArgs, lock: str) -> AsyncIterator[None]:
    """What somebody else locks meanwhile."""
    holder = await asyncpg.connect(**args.kwargs())
    async with holder.transaction():
        await holder.execute(lock)
        yield
    await holder.close()


async def until_blocked(connection: Any, number: int) -> None:
    while await connection.fetchval(BLOCKED) < number:
        await asyncio.sleep(0.01)


async def assert_ended(connection: Any, succeeded: int) -> None:
    row = await connection.fetchrow("SELECT status, succeeded FROM job_run")
    assert tuple(row) == ("SUCCEEDED", succeeded)


@pytest.mark.parametrize("later", [5, None], ids=["numbers have changed since", "the heartbeat alone has the numbers"])
async def test_a_heartbeat_that_writes_after_the_end_changes_nothing(
    later: int | None, run: Run, writer: ConnectArgs, connection: Any
) -> None:
    run.context.progress(JobCounts(3))
    async with held(writer, BEFORE):
        late = asyncio.create_task(run.beat())
        await until_blocked(connection, 1)
        if later is not None:
            run.context.progress(JobCounts(later))
        await run.end()
        await assert_ended(connection, later or 3)
    await late
    await assert_ended(connection, later or 3)


async def test_the_end_waits_for_a_heartbeat_that_is_writing_older_numbers(
    run: Run, writer: ConnectArgs, connection: Any
) -> None:
    run.context.progress(JobCounts(3))
    run.context.log("line")
    async with held(writer, AFTER):
        late = asyncio.create_task(run.beat())
        await until_blocked(connection, 1)
        run.context.progress(JobCounts(5))
        ending = asyncio.create_task(run.end())
        await until_blocked(connection, 2)
    await asyncio.gather(late, ending)
    await assert_ended(connection, 5)


async def numbers(connection: Any) -> tuple[int, str, str]:
    return tuple(await connection.fetchrow("SELECT succeeded, counts, current_item FROM job_run"))


async def save(run: Run, counts: JobCounts, *, is_undone: bool = False) -> None:
    """A chunk of the run."""

    async def chunk(writer: Writer) -> None:
        await run.context.save(writer, {"at": counts.succeeded}, counts)
        if is_undone:
            raise ZeroDivisionError

    async with open_session(run.args) as session:
        await transact(session, UNRESTRICTED, "test_chunk", chunk)


async def test_a_heartbeat_does_not_write_older_numbers_over_those_of_a_chunk(
    run: Run, writer: ConnectArgs, connection: Any
) -> None:
    run.context.progress(JobCounts(100, 0, {"pruned": 1}), 300, "a")
    async with held(writer, BEFORE):
        late = asyncio.create_task(run.beat())
        await until_blocked(connection, 1)
        await save(run, JobCounts(100, 0, {"pruned": 2}))  # the same sum, which alone would not tell
    await late
    assert await numbers(connection) == (100, '{"pruned": 2}', "a")
    run.context.progress(JobCounts(200, 0, {"pruned": 2}), 300, "b")
    await run.beat()
    assert await numbers(connection) == (200, '{"pruned": 2}', "b")


async def test_numbers_of_a_chunk_that_was_undone_are_told_to_nobody(run: Run, connection: Any) -> None:
    run.context.progress(JobCounts(100, 0, {"done": 100}), 300, "a")
    await run.beat()
    with pytest.raises(ZeroDivisionError):
        await save(run, JobCounts(200, 0, {"done": 200}), is_undone=True)
    run.context.step("again")  # which gives the heartbeat something to write
    await run.beat()
    assert await numbers(connection) == (100, '{"done": 100}', "a")
    await save(run, JobCounts(150, 0, {"done": 150}))
    await run.end()
    await assert_ended(connection, 150)


async def test_lines_that_a_heartbeat_is_writing_outlive_the_worker_s_end(writer: ConnectArgs, connection: Any) -> None:
    """The run ends, and the worker is to end, while a heartbeat has the run's lines and waits."""
    is_told, may_end = asyncio.Event(), asyncio.Event()

    async def tell(context: JobContext, parameters: Chunks) -> None:
        context.log("a line")
        is_told.set()
        await may_end.wait()

    number = await queue(writer, CHUNKED, Chunks(1))
    kinds = by_name([replace(CHUNKED, run=tell)])
    limits = replace(QUICK, beat_every=600.0)
    async with working(writer, limits, kinds=kinds) as worker:
        await is_told.wait()
        async with held(writer, "LOCK TABLE job_worker IN EXCLUSIVE MODE"):
            worker.look_for_requests()
            await until_blocked(connection, 1)
            may_end.set()
            await until_status(connection, number, "SUCCEEDED")
            worker.stop()
            await asyncio.sleep(0.2)
    assert await connection.fetchval("SELECT count(*) FROM job_log WHERE line = 'a line'") == 1
