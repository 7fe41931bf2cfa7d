"""The queue as a worker sees it: runs are taken, ended, given back, and taken away from workers that died.

What a worker may still do to a run depends on three things that are compared by each statement: that it is RUNNING,
by this worker, in this attempt. A worker that was stopped for so long that others took its runs changes nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import uniform
from typing import Any
from uuid import UUID, uuid4

from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from database.row import Row
from domain.enums import JobStatus
from domain.viewer import UNRESTRICTED, Viewer
from jobs.core.queue import setting_sql

BATCH_SIZE = "jobs.batch_size"
# Seconds before the next attempt: doubled by each fault in a row, and a random part of it taken away.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0

LOST_CODE = "WORKER_LOST"
LOST_MESSAGE = "The process that ran it ended without a word."
COMMAND_LOST_MESSAGE = (
    "The command that ran it ended without a word: the same import goes on after the last chunk that was stored."
)
MAX_ERROR_LETTERS = 10_000

# The best runs that may start, a batch of them; of an exclusive key the first, where none runs.
TAKE = """
WITH best AS (
    SELECT q.id FROM job_run q
    WHERE q.status = 'QUEUED' AND q.run_after <= clock_timestamp() AND q.type = any($3::text[])
      AND (q.exclusive_key IS NULL OR NOT EXISTS (
          SELECT FROM job_run o WHERE o.exclusive_key = q.exclusive_key AND o.status = 'RUNNING'
      ) AND NOT EXISTS (
          SELECT FROM job_run b WHERE b.exclusive_key = q.exclusive_key AND b.status = 'QUEUED'
              AND b.run_after <= clock_timestamp() AND b.type = any($3::text[])
              AND (b.priority > q.priority OR b.priority = q.priority AND b.id < q.id)
      ))
    ORDER BY q.priority DESC, q.id LIMIT {batch_size} FOR UPDATE OF q SKIP LOCKED
), alive AS (
    INSERT INTO job_worker (id, name, heartbeat_at)
    SELECT $1::uuid, $2, clock_timestamp() WHERE EXISTS (SELECT FROM best)
    ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
)
UPDATE job_run r SET status = 'RUNNING', worker_id = $1, attempts = attempts + 1,
    started_at = coalesce(started_at, clock_timestamp()), ended_at = NULL, stop_request = NULL, progress_revision = 0
FROM best WHERE r.id = best.id
RETURNING r.id, r.type, r.parameters, r.viewer_libraries, r.state, r.attempts, r.max_attempts, r.total, r.steps,
    r.priority
"""

# Runs that are still this worker's, as it has them ($2: ids, $3: attempts), go back: this attempt does not count.
GIVE_BACK = """
UPDATE job_run r SET worker_id = NULL, stop_request = NULL, attempts = r.attempts - 1,
    status = CASE r.stop_request WHEN 'CANCEL' THEN 'CANCELLED' WHEN 'PAUSE' THEN 'PAUSED' ELSE 'QUEUED' END,
    ended_at = CASE r.stop_request WHEN 'CANCEL' THEN clock_timestamp() END
FROM unnest($2::bigint[], $3::integer[]) AS held (id, attempt)
WHERE r.id = held.id AND r.attempts = held.attempt AND r.worker_id = $1 AND r.status = 'RUNNING'
"""
# Those that it does not know of, since the answer to its TAKE was lost.
GIVE_BACK_UNKNOWN = """
UPDATE job_run SET worker_id = NULL, status = 'QUEUED', stop_request = NULL, attempts = attempts - 1
WHERE worker_id = $1 AND status = 'RUNNING' AND id <> all($2::bigint[])
"""

# Runs of workers that were not heard of for $1 seconds. $2, $3: code and words, $5: those of a command's; $4: who asks,
# and knows that it lives itself. The first time they go on at once; a command's, which has one attempt, has failed.
RELEASE_LOST = """
WITH lost AS (
    SELECT r.id, CASE WHEN r.is_command THEN $5 ELSE $3 END AS words,
        CASE WHEN r.stop_request = 'CANCEL' THEN 'CANCELLED' WHEN r.faults + 1 >= r.max_attempts THEN 'FAILED'
        WHEN r.stop_request = 'PAUSE' THEN 'PAUSED' ELSE 'QUEUED' END AS status
    FROM job_run r LEFT JOIN job_worker w ON w.id = r.worker_id
    WHERE r.status = 'RUNNING' AND r.worker_id <> $4
      AND (w.id IS NULL OR w.heartbeat_at < clock_timestamp() - make_interval(secs => $1))
    ORDER BY r.id FOR UPDATE OF r SKIP LOCKED
), noted AS (
    INSERT INTO job_log (job_run_id, level, line) SELECT id, 'WARNING', words FROM lost
)
UPDATE job_run r SET worker_id = NULL, stop_request = NULL, faults = r.faults + 1, status = lost.status,
    error_code = CASE WHEN lost.status IN ('FAILED', 'QUEUED') THEN $2 ELSE r.error_code END,
    error = CASE WHEN lost.status IN ('FAILED', 'QUEUED') THEN lost.words ELSE r.error END,
    ended_at = CASE WHEN lost.status IN ('FAILED', 'CANCELLED') THEN clock_timestamp() END,
    run_after = clock_timestamp()
        + make_interval(secs => CASE r.faults WHEN 0 THEN 0 ELSE least(600, 2 ^ r.faults) END)
FROM lost WHERE r.id = lost.id RETURNING r.id
"""

# The end of an attempt by success, by a fault for good, or by a wish ($4: the status).
END = """
UPDATE job_run SET worker_id = NULL, stop_request = NULL, status = $4, error_code = $5, error = $6,
    ended_at = CASE WHEN $4 <> 'PAUSED' THEN clock_timestamp() END
WHERE id = $1 AND worker_id = $2 AND attempts = $3 AND status = 'RUNNING' RETURNING status
"""

# The end of an attempt by a fault that may pass: the next one is due after a pause that doubles with each fault in a
# row, $6 of it at least; after too many in a row the run has failed.
END_BY_FAULT = """
UPDATE job_run SET worker_id = NULL, stop_request = NULL, faults = faults + 1, error_code = $4, error = $5,
    status = CASE WHEN faults + 1 >= max_attempts THEN 'FAILED' WHEN stop_request = 'CANCEL' THEN 'CANCELLED'
        WHEN stop_request = 'PAUSE' THEN 'PAUSED' ELSE 'QUEUED' END,
    ended_at = CASE WHEN faults + 1 >= max_attempts OR stop_request = 'CANCEL' THEN clock_timestamp() END,
    run_after = clock_timestamp() + make_interval(secs => least({longest}, {first} * 2 ^ faults) * $6)
WHERE id = $1 AND worker_id = $2 AND attempts = $3 AND status = 'RUNNING' RETURNING status
"""

FORGET_WORKER = "DELETE FROM job_worker WHERE id = $1"


@dataclass(frozen=True, slots=True)
class WorkerId:
    """A process that runs jobs. name: for people, its machine and process."""

    id: UUID
    name: str


def new_worker_id() -> WorkerId:
    """Of this process."""
    return WorkerId(uuid4(), f"{socket.gethostname()[:150]} {os.getpid()}")


@dataclass(frozen=True, slots=True)
class TakenRun:
    """A run that was taken, as the database has it. attempt: its number, from 1."""

    id: int
    type: str
    parameters: dict[str, Any]
    viewer: Viewer
    state: dict[str, Any]
    attempt: int
    max_attempts: int
    total: int | None
    steps: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended. is_fault: by a fault that may pass."""

    status: JobStatus
    code: str | None = None
    message: str | None = None
    is_fault: bool = False


async def take(session: WritingSession, worker: WorkerId, kinds: Sequence[str]) -> list[TakenRun]:
    """The next batch of runs, the best first; none where none may start."""
    text = TAKE.replace("{batch_size}", setting_sql(BATCH_SIZE))

    async def work(writer: Writer) -> list[Row]:
        return await writer.fetch(text, worker.id, worker.name, list(kinds))

    rows = await transact(session, UNRESTRICTED, "job_take", work)
    return [taken(row) for row in sorted(rows, key=lambda row: (-row["priority"], row["id"]))]


def taken(row: Row) -> TakenRun:
    libraries = row["viewer_libraries"]
    return TakenRun(
        row["id"],
        row["type"],
        row["parameters"],
        Viewer(None if libraries is None else tuple(libraries)),
        row["state"],
        row["attempts"],
        row["max_attempts"],
        row["total"],
        row["steps"],
    )


async def give_back(writer: Writer, worker: WorkerId, runs: Collection[TakenRun]) -> None:
    """Runs that were not begun, or that the end of the worker stopped between two chunks."""
    await writer.fetch(GIVE_BACK, worker.id, [run.id for run in runs], [run.attempt for run in runs])


async def give_back_unknown(session: WritingSession, worker: WorkerId, held: Collection[int]) -> None:
    """Runs that the database says are this worker's, and that it does not hold."""

    async def work(writer: Writer) -> None:
        await writer.fetch(GIVE_BACK_UNKNOWN, worker.id, list(held))

    await transact(session, UNRESTRICTED, "job_give_back", work)


async def release_lost(session: WritingSession, worker: WorkerId, timeout: float) -> list[int]:
    """The ids of the runs of other workers that were not heard of for `timeout` seconds: queued anew, or failed."""

    async def work(writer: Writer) -> list[int]:
        words = LOST_MESSAGE, worker.id, COMMAND_LOST_MESSAGE
        return [row[0] for row in await writer.fetch(RELEASE_LOST, timeout, LOST_CODE, *words)]

    return await transact(session, UNRESTRICTED, "job_release_lost", work)


async def end(writer: Writer, worker: WorkerId, run: TakenRun, ending: Ending) -> JobStatus | None:
    """The status of the run from now on; None where it was no longer this worker's."""
    message = None if ending.message is None else storable_error(ending.message)
    if ending.is_fault:
        text = END_BY_FAULT.replace("{first}", str(FIRST_PAUSE)).replace("{longest}", str(LONGEST_PAUSE))
        values: list[object] = [ending.code, message, uniform(0.5, 1.0)]
    else:
        text, values = END, [ending.status.value, ending.code, message]
    ended = await writer.fetch(text, run.id, worker.id, run.attempt, *values)
    return JobStatus(ended[0][0]) if ended else None


def storable_error(message: str) -> str:
    return message[:MAX_ERROR_LETTERS].replace("\0", "").encode("utf-8", "replace").decode()


async def forget_worker(session: WritingSession, worker: WorkerId) -> None:
    """A worker that ends in order leaves nothing."""

    async def work(writer: Writer) -> None:
        await writer.fetch(FORGET_WORKER, worker.id)

    await transact(session, UNRESTRICTED, "job_worker_end", work)
