"""What a worker tells the database about once a second: that it lives, and how far its runs have come; and what it is
told: which of them are to stop. The same number of statements however many runs it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from catalog.transaction import Writer, transact
from database.connection import DATABASE_ERRORS
from database.protocols import WritingSession
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED
from jobs.core.job_run import JobRunContext, Unwritten
from jobs.core.taking import WorkerId
from jobs.kind import StopReason

MAX_LINES = 1_000
# Seconds between heartbeats, and without any after which a process counts as dead.
BEAT_EVERY, LOST_AFTER = 1.0, 30.0
# What may come of asking the database, and is waited for.
FAULTS = (*DATABASE_ERRORS, CatalogError)

BEAT = """
INSERT INTO job_worker (id, name, heartbeat_at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
"""

# A run whose chunk is being committed is locked by that: its numbers come with the chunk, or with the next heartbeat.
# Those of a chunk that was committed since these were told are newer, and stay.
WRITE_PROGRESS = """
UPDATE job_run r SET
    succeeded = CASE WHEN p.revision > r.progress_revision THEN p.succeeded ELSE r.succeeded END,
    failed = CASE WHEN p.revision > r.progress_revision THEN p.failed ELSE r.failed END,
    counts = CASE WHEN p.revision > r.progress_revision THEN p.counts ELSE r.counts END,
    failures = CASE WHEN p.revision > r.progress_revision THEN p.failures ELSE r.failures END,
    progress_revision = greatest(p.revision, r.progress_revision), total = p.total,
    current_item = coalesce(p.current_item, r.current_item), steps = p.steps, progressed_at = clock_timestamp()
FROM jsonb_to_recordset($2::text::jsonb) AS p (
    id bigint, attempt integer, revision integer, succeeded integer, failed integer, counts jsonb, failures jsonb,
    total integer, current_item text, steps jsonb
), (
    SELECT l.id FROM job_run l WHERE l.id = any($3::bigint[]) ORDER BY l.id FOR UPDATE SKIP LOCKED
) free
WHERE r.id = p.id AND free.id = p.id AND r.attempts = p.attempt AND r.worker_id = $1 AND r.status = 'RUNNING'
RETURNING r.id
"""

WRITE_LINES = """
INSERT INTO job_log (job_run_id, at, level, line)
SELECT n.run, n.at, n.level, n.line
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[]) WITH ORDINALITY AS n (run, at, level, line, place)
WHERE EXISTS (SELECT FROM job_run r WHERE r.id = n.run) ORDER BY n.place
"""

# All but the last lines of each run.
PRUNE_LINES = """
DELETE FROM job_log l USING (
    SELECT run.id, (
        SELECT k.id FROM job_log k WHERE k.job_run_id = run.id ORDER BY k.id DESC LIMIT 1 OFFSET $2
    ) AS last FROM unnest($1::bigint[]) AS run (id)
) old
WHERE l.job_run_id = old.id AND l.id <= old.last
"""

# The runs that are this worker's, and what they are asked to do.
REQUESTS = "SELECT id, attempts, stop_request FROM job_run WHERE worker_id = $1 AND status = 'RUNNING'"


async def beat(session: WritingSession, worker: WorkerId, contexts: Sequence[JobRunContext]) -> None:
    """Tells, and asks the runs to stop that are to. What could not be told is kept for the next time."""
    unwritten = {context.run_id: (context, found) for context in contexts if (found := context.unwritten())}

    async def work(writer: Writer) -> tuple[set[int], dict[int, tuple[int, str | None]]]:
        await writer.fetch(BEAT, worker.id, worker.name)
        written = await write(writer, worker, [found for _, found in unwritten.values()])
        requests = {row[0]: (row[1], row[2]) for row in await writer.fetch(REQUESTS, worker.id)}
        return written, requests

    try:
        written, requests = await transact(session, UNRESTRICTED, "job_beat", work)
    except BaseException:
        for context, found in unwritten.values():
            context.keep(found)
        raise
    for number, (context, found) in unwritten.items():
        if found.has_numbers and number not in written:
            context.keep(without_lines(found))
    tell(contexts, requests)


def tell(contexts: Sequence[JobRunContext], requests: Mapping[int, tuple[int, str | None]]) -> None:
    """Asks runs to stop: those that somebody wants to, and those that are no longer this worker's."""
    for context in contexts:
        attempt, request = requests.get(context.run_id, (0, None))
        if attempt != context.taken.attempt:
            context.ask_to_stop(StopReason.LOST)
        elif request is not None:
            context.ask_to_stop(StopReason(request))
        else:
            context.take_back_stop()


async def write(writer: Writer, worker: WorkerId, unwritten: Sequence[Unwritten], *, waits: bool = False) -> set[int]:
    """The ids of the runs whose numbers were written. waits: for runs that are locked, rather than leave them out."""
    numbers = [record(found) for found in unwritten if found.has_numbers]
    written: set[int] = set()
    if numbers:
        values = orjson.dumps(numbers).decode(), [one["id"] for one in numbers]
        text = WRITE_PROGRESS.replace(" SKIP LOCKED", "") if waits else WRITE_PROGRESS
        written = {row[0] for row in await writer.fetch(text, worker.id, *values)}
    lines = [(found.run.id, line.at, line.level.value, line.line) for found in unwritten for line in found.lines]
    if lines:
        await writer.fetch(WRITE_LINES, *map(list, zip(*lines, strict=True)))
        await writer.fetch(PRUNE_LINES, sorted({line[0] for line in lines}), MAX_LINES)
    return written


def record(found: Unwritten) -> dict[str, object]:
    return {
        "id": found.run.id,
        "attempt": found.run.attempt,
        "revision": found.revision,
        "succeeded": found.counts.succeeded,
        "failed": found.counts.failed,
        "counts": dict(found.counts.by_outcome),
        "failures": dict(found.counts.by_code),
        "total": found.total,
        "current_item": found.item,
        "steps": found.steps,
    }


def without_lines(found: Unwritten) -> Unwritten:
    return replace(found, lines=[])
