"""Kinds of jobs for tests, and workers over a test's database: in this process, or in one of their own to be killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from app.process.outbound import open_services
from app.settings import Settings
from catalog import library_deletion
from catalog.transaction import Writer, transact
from database.connect import Connector
from database.connect_args import ConnectArgs
from database.open_session import OPTIONS, open_session
from database.pool import Pool, PoolLimits
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED, Viewer
from jobs.core.queue import enqueue
from jobs.core.worker import JobWorker, WorkerLimits
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.kinds import KINDS, by_name
from jobs.parameters import parameter
from providers.services import OutsideServices

CHECKOUT = Path(__file__).resolve().parents[2]
# A worker that is quick about everything.
QUICK = WorkerLimits(
    slots=3, beat_every=0.05, lost_after=600.0, poll_every=0.1, hear_every=0.1, hold=0.2, fault_pause=0.05
)
LOG_TABLE = "CREATE TABLE done (run bigint, chunk integer, attempt integer, PRIMARY KEY (run, chunk))"
NOTE_CHUNK = "INSERT INTO done (run, chunk, attempt) VALUES ($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class Chunks:
    chunks: int = parameter("How many.", default=3)
    pause: float = parameter("Seconds in each of them.", default=0.0)
    key: str | None = parameter("The exclusive key.", default=None)
    library_id: int | None = parameter("Of which library.", default=None, id_of="library")


async def do_chunks(context: JobContext, parameters: Chunks) -> str:
    """Notes each chunk once: a second time would fail."""
    context.step("chunks")
    first, counts = context.state.get("next", 0), context.counts
    for number in range(first, parameters.chunks):
        counts = JobCounts(number + 1, 0, {"done": number + 1})

        async def chunk(writer: Writer, number: int = number, counts: JobCounts = counts) -> None:
            attempt = context.taken.attempt  # type: ignore[attr-defined]
            await writer.fetch(NOTE_CHUNK, context.run_id, number, attempt)
            await asyncio.sleep(parameters.pause)
            await context.save(writer, {"next": number + 1}, counts)

        await transact(context.session, context.viewer, "test_chunk", chunk)
        context.progress(counts, parameters.chunks, f"chunk {number}")
    return "All done."


CHUNKED = JobKind(
    "chunks",
    "Some chunks.",
    Chunks,
    do_chunks,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: parameters.key,
)


@dataclass(frozen=True, slots=True)
class Faults:
    code: str = parameter("Of the error; PYTHON for one of ours.")
    times: int = parameter("How many attempts fail.", default=1_000)
    saves: bool = parameter("Whether it comes further each time.", default=False)


class PassingError(Exception):
    """Passes by itself."""


async def fail(context: JobContext, parameters: Faults) -> None:
    attempt = context.taken.attempt  # type: ignore[attr-defined]
    if parameters.saves:

        async def work(writer: Writer) -> None:
            await context.save(writer, {"attempt": attempt}, JobCounts(attempt))

        await transact(context.session, context.viewer, "test_fault", work)
    if attempt > parameters.times:
        return
    if parameters.code == "PYTHON":
        raise ZeroDivisionError
    if parameters.code == "PASSING":
        raise PassingError("the other side is away")
    raise CatalogError(Code(parameters.code), "A fault.")


FAULTY = JobKind("faults", "Fails.", Faults, fail, transient=(PassingError,), max_attempts=3)
Kinds: TypeAlias = Mapping[str, JobKind[Any]]
TEST_KINDS = by_name([CHUNKED, FAULTY])


async def queue(
    args: ConnectArgs, kind: JobKind[Any], parameters: Any, priority: int = 0, viewer: Viewer = UNRESTRICTED
) -> int:
    """The id of a new run."""
    async with open_session(args) as session:
        return await transact(
            session, viewer, "test_enqueue", lambda writer: enqueue(writer, kind, parameters, priority)
        )


async def control(args: ConnectArgs, work: Callable[[Writer], Awaitable[Any]], viewer: Viewer = UNRESTRICTED) -> Any:
    """What a function of jobs/core gives, in a transaction of its own."""
    async with open_session(args) as session:
        return await transact(session, viewer, "test_control", work)


@asynccontextmanager
async def working(
    args: ConnectArgs,
    limits: WorkerLimits = QUICK,
    beside: Any = (),
    kinds: Kinds | None = None,
    services: OutsideServices | None = None,
) -> AsyncIterator[JobWorker]:
    """A worker, which ends in order."""
    pool = Pool(Connector(args, OPTIONS).open, PoolLimits(min=0, max=limits.slots + 2, idle_timeout=0.1))
    await pool.start()
    worker = JobWorker(pool, kinds or TEST_KINDS, limits, beside, services=services)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 30)
        assert (pool.statistics.active, pool.statistics.waiting) == (0, 0)
        await pool.close()


async def until_status(connection: Any, run: int, *statuses: str) -> Any:
    """The row of a run once it has one of these."""
    for _ in range(12_000):
        row = await connection.fetchrow("SELECT * FROM job_run WHERE id = $1", run)
        if row["status"] in statuses:
            return row
        await asyncio.sleep(0.01)
    raise AssertionError(f"the run is {row['status']}, not {statuses}: {row['error']}")


async def run_to_end(
    args: ConnectArgs,
    connection: Any,
    services: OutsideServices,
    kind: JobKind[Any],
    parameters: Any,
    viewer: Viewer = UNRESTRICTED,
) -> Any:
    """The row of a new run of a real kind once a worker has ended it."""
    run = await queue(args, kind, parameters, viewer=viewer)
    async with working(args, kinds=KINDS, services=services):
        return await until_status(connection, run, "SUCCEEDED", "FAILED")


async def end_after(connection: Any, more: int) -> int:
    """Lets runs that would go on for long end some chunks later, once they are begun again; how many they have then."""
    text = "SELECT max((state -> 'state' ->> 'next')::int) FROM job_run"
    chunks = (await connection.fetchval(text) or 0) + more
    change = "UPDATE job_run SET parameters = jsonb_set(parameters, '{chunks}', to_jsonb($1::int))"
    await connection.execute(change, chunks)
    return int(chunks)


# After a worker was killed: as if so much time had gone by that it is taken for dead.
WORKERS_GONE = "UPDATE job_worker SET heartbeat_at = heartbeat_at - interval '1 hour'"


def worker_process(
    args: ConnectArgs,
    *,
    media_of_a_step: int = library_deletion.MEDIA_OF_A_STEP,
    settings: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, which knows the real kinds too. settings: more variables of its
    environment."""
    env = {**os.environ, **(settings or {}), "DATABASE_URL": args.dsn, "MEDIA_OF_A_STEP": str(media_of_a_step)}
    return subprocess.Popen([sys.executable, "-m", "tests.support.jobs"], cwd=CHECKOUT, env=env)


async def run_until_killed(args: ConnectArgs) -> None:
    library_deletion.MEDIA_OF_A_STEP = int(os.environ["MEDIA_OF_A_STEP"])
    settings, connector = Settings(DATABASE_URL=args.dsn), Connector(args, OPTIONS)
    pool = Pool(connector.open, PoolLimits(min=0, max=4))
    await pool.start()
    services = open_services(settings, pool, connector)
    async with working(args, kinds={**TEST_KINDS, **KINDS}, services=services):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run_until_killed(ConnectArgs(os.environ["DATABASE_URL"])))
