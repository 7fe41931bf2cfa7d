"""Finished runs are kept for a time and up to a number (settings jobs.kept_days, jobs.kept_runs), then removed."""

from __future__ import annotations

from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from domain.viewer import UNRESTRICTED
from jobs.core.queue import setting_sql

RUNS_A_TIME = 1_000

# Those that are too old or too many, the oldest first. What waits or runs is never removed.
PRUNE = """
DELETE FROM job_run WHERE id IN (
    SELECT f.id FROM job_run f
    WHERE f.status IN ('SUCCEEDED', 'FAILED', 'CANCELLED') AND (
        coalesce(f.ended_at, f.queued_at) < now() - make_interval(days => {days})
        OR (coalesce(f.ended_at, f.queued_at), f.id) <= (
            SELECT coalesce(k.ended_at, k.queued_at), k.id FROM job_run k
            WHERE k.status IN ('SUCCEEDED', 'FAILED', 'CANCELLED')
            ORDER BY coalesce(k.ended_at, k.queued_at) DESC, k.id DESC LIMIT 1 OFFSET {runs}
        )
    ) ORDER BY coalesce(f.ended_at, f.queued_at), f.id LIMIT $1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""

# Workers that ended without a word long ago, and whose runs others have.
PRUNE_WORKERS = """
DELETE FROM job_worker w WHERE w.heartbeat_at < now() - interval '1 day'
AND NOT EXISTS (SELECT FROM job_run r WHERE r.worker_id = w.id)
"""


async def prune_runs(session: WritingSession) -> int:
    """How many runs were removed, with their logs: in transactions of a thousand."""
    text = PRUNE.replace("{days}", setting_sql("jobs.kept_days")).replace("{runs}", setting_sql("jobs.kept_runs"))

    async def work(writer: Writer) -> int:
        return len(await writer.fetch(text, RUNS_A_TIME))

    async def forget_workers(writer: Writer) -> None:
        await writer.fetch(PRUNE_WORKERS)

    removed = 0
    while found := await transact(session, UNRESTRICTED, "job_prune", work):
        removed += found
    await transact(session, UNRESTRICTED, "job_prune_workers", forget_workers)
    return removed
