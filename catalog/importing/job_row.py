"""An import of the command line as a run of a job, so that whoever looks at these sees it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.importing import progress
from catalog.transaction import Writer

TYPE = "import"

# Runs of commands that were killed: no worker has them, and their library is free, or this one could not begin.
END_KILLED = """
UPDATE job_run SET status = 'FAILED', ended_at = now(), error = 'The import was killed; another one went on with it.'
WHERE type = $1::text AND library_id = $2::bigint AND status = 'RUNNING' AND worker_id IS NULL
"""
ADD_RUN = """
INSERT INTO job_run (type, library_id, status, started_at, attempts, parameters)
VALUES ($1::text, $2::bigint, 'RUNNING', now(), 1, $3::jsonb) RETURNING id
"""
UPDATE_RUN = """
UPDATE job_run SET succeeded = $2::integer, failed = $3::integer, counts = $4::jsonb, failures = $5::jsonb,
    total = $6::integer, progressed_at = clock_timestamp()
WHERE id = $1::bigint RETURNING stop_request IS NOT NULL
"""
END_ROW = """
UPDATE job_run SET status = $2::text, error = left($3::text, 10000), error_code = $4::text, ended_at = clock_timestamp()
WHERE id = $1::bigint AND status = 'RUNNING'
"""


async def end_killed(writer: Writer, library: int) -> None:
    """Ends what commands have left, once it is known that none of them runs any more."""
    await writer.fetch(END_KILLED, TYPE, library)


async def add_run(writer: Writer, library: int, parameters: Mapping[str, Any]) -> int:
    """The id of a run that has begun."""
    await end_killed(writer, library)
    [[run]] = await writer.fetch(ADD_RUN, TYPE, library, dict(parameters))
    return int(run)


async def update_run(writer: Writer, run: int, counts: progress.ImportCounts, total: int | None) -> bool:
    """Whether somebody has asked the run to stop."""
    succeeded = counts.done - counts.failed
    rows = await writer.fetch(UPDATE_RUN, run, succeeded, counts.failed, counts.by_outcome, counts.reasons, total)
    return bool(rows and rows[0][0])


async def end_row(writer: Writer, run: int, status: str, error: str | None = None, code: str | None = None) -> None:
    """status: of JobStatus. error, code: of a FAILED one."""
    await writer.fetch(END_ROW, run, status, error, code)
