"""The queue as who starts and controls runs sees it. Each is done in the caller's transaction.

A viewer of some libraries starts and controls runs on these alone: runs of others are not there for them (NOT_FOUND),
those of the whole catalogue they may see, but not touch (FORBIDDEN)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.transaction import Writer
from domain.bounds import JOB_PRIORITY
from domain.enums import JobStatus
from domain.errors import CatalogError, Code
from domain.ids import format_id
from domain.settings import KNOWN
from jobs.kind import JobKind
from jobs.parameters import from_values, to_json

QUEUE_MAX = "jobs.queue_max"

# A value of the settings, the default where it was not set.
SETTING = """
coalesce((SELECT s.value::text::integer FROM setting s
          WHERE s.key = '{key}' AND s.library_id IS NULL AND s.channel_id IS NULL), {default})
"""

# Who adds to the queue waits for others who do, so that together they do not exceed its bound.
LOCK_QUEUE = "SELECT pg_advisory_xact_lock(hashtext('marquee.job_run'))"

# How many more runs may wait.
ROOM = """
SELECT bound.most - (SELECT count(*) FROM (
    SELECT FROM job_run WHERE status IN ('QUEUED', 'PAUSED') LIMIT bound.most
) waiting), bound.most
FROM (SELECT {most} AS most) bound
"""

LIBRARY_IS_VISIBLE = """
SELECT id FROM library WHERE id = $1 AND ($2::bigint[] IS NULL OR id = any($2::bigint[])) FOR KEY SHARE
"""


ADD = """
INSERT INTO job_run (type, library_id, parameters, viewer_libraries, exclusive_key, priority, max_attempts)
VALUES ($1, $2, $3::text::jsonb, $4, $5, $6, $7) RETURNING id
"""

# A run for who is to change it; the run that works at it commits its chunk first.
LOCK_RUN = """
SELECT id, status, stop_request, library_id, is_command, type, parameters FROM job_run
WHERE id = $1 AND ($2::bigint[] IS NULL OR library_id IS NULL OR library_id = any($2::bigint[])) FOR UPDATE
"""

CANCEL_WAITING = "UPDATE job_run SET status = 'CANCELLED', ended_at = now() WHERE id = $1"
PAUSE_WAITING = "UPDATE job_run SET status = 'PAUSED' WHERE id = $1"
ASK_TO_STOP = "UPDATE job_run SET stop_request = $2 WHERE id = $1"
QUEUE_PAUSED = "UPDATE job_run SET status = 'QUEUED', run_after = now() WHERE id = $1"
SET_PRIORITY = "UPDATE job_run SET priority = $2 WHERE id = $1"

# It goes on where it stood, or from the start; what a command began is a worker's from then on.
QUEUE_AGAIN = """
UPDATE job_run SET status = 'QUEUED', run_after = now(), queued_at = now(), ended_at = NULL, faults = 0,
    error = NULL, error_code = NULL, is_command = false, exclusive_key = $2, max_attempts = $3
WHERE id = $1
"""
FORGET = """
UPDATE job_run SET state = '{}', total = NULL, succeeded = 0, failed = 0, counts = '{}', failures = '{}', steps = '[]',
    current_item = NULL, started_at = NULL, report = NULL
WHERE id = $1
"""

OF_A_COMMAND = "A command runs it in its own process: it can be cancelled, and goes on with the same command."
FOR_ALL = "This job is on the whole catalogue: only who may see all libraries can do this."


def check_priority(priority: int) -> None:
    """BAD_ARGUMENT."""
    if not JOB_PRIORITY.holds(priority):
        raise CatalogError(Code.BAD_ARGUMENT, f"A priority is a whole number {JOB_PRIORITY.description}.")


def setting_sql(key: str) -> str:
    """SQL of a setting of the whole service that is a whole number."""
    return SETTING.replace("{key}", key).replace("{default}", str(KNOWN[key].default))


async def enqueue(writer: Writer, kind: JobKind[Any], parameters: Any, priority: int = 0) -> int:
    """The id of a new run. BAD_ARGUMENT; NOT_FOUND for its library; FORBIDDEN; QUEUE_FULL."""
    check_priority(priority)
    kind.check(parameters)
    library = kind.library(parameters)
    await check_library(writer, library)
    await check_room(writer)
    [[number]] = await writer.fetch(
        ADD,
        kind.name,
        library,
        orjson.dumps(to_json(parameters)).decode(),
        writer.libraries,
        kind.exclusive_key(parameters),
        priority,
        kind.max_attempts,
    )
    return int(number)


async def check_library(writer: Writer, library: int | None) -> None:
    """Whether the viewer may start something on it. NOT_FOUND, FORBIDDEN."""
    if library is None:
        if writer.libraries is not None:
            raise CatalogError(Code.FORBIDDEN, FOR_ALL)
    elif not await writer.fetch(LIBRARY_IS_VISIBLE, library, writer.libraries):
        raise CatalogError(Code.NOT_FOUND, f"There is no library {format_id('library', library)}.")


@dataclass(frozen=True, slots=True)
class LockedRun:
    """A run that nobody else changes meanwhile. is_command: a command does it itself."""

    status: JobStatus
    stop_request: str | None
    is_command: bool
    type: str
    parameters: Mapping[str, Any]


async def check_room(writer: Writer) -> None:
    """QUEUE_FULL; until the transaction ends nobody else can take the room."""
    await writer.fetch(LOCK_QUEUE)
    [[room, most]] = await writer.fetch(ROOM.replace("{most}", setting_sql(QUEUE_MAX)))
    if room < 1:
        message = f"{most} jobs wait already: try again when some have run, or cancel some ({QUEUE_MAX})."
        raise CatalogError(Code.QUEUE_FULL, message)


async def lock_run(writer: Writer, run: int, wanted: str, states: Sequence[JobStatus]) -> LockedRun:
    """NOT_FOUND, FORBIDDEN; WRONG_STATE unless it is in one of the states."""
    found = await writer.fetch(LOCK_RUN, run, writer.libraries)
    if not found:
        raise CatalogError(Code.NOT_FOUND, f"There is no run {format_id('job_run', run)}.")
    _, status, stop_request, library, *others = found[0]
    if library is None and writer.libraries is not None:
        raise CatalogError(Code.FORBIDDEN, FOR_ALL)
    if status not in states:
        possible = ", ".join(states)
        raise CatalogError(Code.WRONG_STATE, f"The run is {status}: only one that is {possible} can be {wanted}.")
    return LockedRun(JobStatus(status), stop_request, *others)


async def cancel(writer: Writer, run: int) -> None:
    """A run that runs ends after the chunk that it is at; one that was cancelled already stays so."""
    states = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED, JobStatus.CANCELLED)
    found = await lock_run(writer, run, "cancelled", states)
    if found.status is JobStatus.RUNNING:
        await writer.fetch(ASK_TO_STOP, run, "CANCEL")
    elif found.status is not JobStatus.CANCELLED:
        await writer.fetch(CANCEL_WAITING, run)


async def pause(writer: Writer, run: int) -> None:
    """A run that runs stops after the chunk that it is at. A wish to cancel it stays. WRONG_STATE for a command's."""
    found = await lock_run(writer, run, "paused", (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED))
    if found.status is JobStatus.RUNNING and found.is_command:
        raise CatalogError(Code.WRONG_STATE, OF_A_COMMAND)
    if found.status is JobStatus.RUNNING and found.stop_request is None:
        await writer.fetch(ASK_TO_STOP, run, "PAUSE")
    elif found.status is JobStatus.QUEUED:
        await writer.fetch(PAUSE_WAITING, run)


async def resume(writer: Writer, run: int) -> None:
    """It goes on where it stopped; a wish to pause it that was not followed yet is taken back."""
    found = await lock_run(writer, run, "resumed", (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED))
    if found.status is JobStatus.RUNNING and found.stop_request == "PAUSE":
        await writer.fetch(ASK_TO_STOP, run, None)
    elif found.status is JobStatus.PAUSED:
        await writer.fetch(QUEUE_PAUSED, run)


def kind_again(kinds: Mapping[str, JobKind[Any]], type: str, values: Mapping[str, Any]) -> tuple[JobKind[Any], Any]:
    """Of a run that has ended the kind and the parameters, for a worker to do it again. WRONG_STATE where none can."""
    kind = kinds.get(type)
    if kind is None:
        raise CatalogError(Code.WRONG_STATE, f"The run cannot be retried: no worker knows jobs of the type {type}.")
    try:
        parameters = from_values(kind.parameters, values)
        kind.check(parameters)
    except CatalogError as error:
        raise CatalogError(Code.WRONG_STATE, f"The run cannot be retried: {error}") from error
    return kind, parameters


async def retry(writer: Writer, run: int, kinds: Mapping[str, JobKind[Any]], *, from_start: bool = False) -> None:
    """Queues a run anew that failed or was cancelled. QUEUE_FULL; WRONG_STATE also where no worker can do it."""
    found = await lock_run(writer, run, "retried", (JobStatus.FAILED, JobStatus.CANCELLED))
    kind, parameters = kind_again(kinds, found.type, found.parameters)
    await check_room(writer)
    await writer.fetch(QUEUE_AGAIN, run, kind.exclusive_key(parameters), kind.max_attempts)
    if from_start:
        await writer.fetch(FORGET, run)


async def set_priority(writer: Writer, run: int, priority: int) -> None:
    check_priority(priority)
    waiting = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED)
    await lock_run(writer, run, "given a priority", waiting)
    await writer.fetch(SET_PRIORITY, run, priority)
