"""Schedules: jobs that are queued at certain times. Whoever runs jobs looks for schedules that are due.

A schedule whose last run has not ended yet waits for its next time; times that were missed while nobody was there
count once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from cronsim import CronSim, CronSimError

from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from database.row import Row
from domain.errors import CatalogError, Code
from domain.ids import format_id
from domain.viewer import UNRESTRICTED, Viewer
from jobs.core.queue import FOR_ALL, check_library, check_priority, enqueue
from jobs.kind import JobKind
from jobs.parameters import from_values, to_json

MAX_SCHEDULES = 1_000
MAX_CRON_LETTERS = 200
BATCH = 100
RETRY_SECONDS = 60

LOCK_SCHEDULES = "SELECT pg_advisory_xact_lock(hashtext('marquee.job_schedule'))"
COUNT = "SELECT count(*) FROM job_schedule"
INSERT = """
INSERT INTO job_schedule (type, library_id, parameters, viewer_libraries, priority, cron, time_zone, is_enabled,
    next_run_at)
VALUES ($1, $2, $3::text::jsonb, $4, $5, $6, $7, $8, $9) RETURNING id
"""
LOCK = """
SELECT id, library_id, cron, time_zone, is_enabled, priority, version FROM job_schedule
WHERE id = $1 AND ($2::bigint[] IS NULL OR library_id IS NULL OR library_id = any($2::bigint[])) FOR UPDATE
"""
UPDATE = """
UPDATE job_schedule SET cron = $2, time_zone = $3, is_enabled = $4, priority = $5, next_run_at = $6, error = NULL,
    version = version + 1
WHERE id = $1
"""
DELETE = "DELETE FROM job_schedule WHERE id = $1"

# Those that are due; another worker has those that are locked.
DUE = """
SELECT s.id, s.type, s.parameters, s.viewer_libraries, s.priority, s.cron, s.time_zone, clock_timestamp() AS now,
    EXISTS (
        SELECT FROM job_run r WHERE r.id = s.last_run_id AND r.status IN ('QUEUED', 'RUNNING', 'PAUSED')
    ) AS is_active
FROM job_schedule s WHERE s.is_enabled AND s.next_run_at <= clock_timestamp()
ORDER BY s.next_run_at, s.id LIMIT $1 FOR UPDATE OF s SKIP LOCKED
"""
NOTE = """
UPDATE job_schedule SET next_run_at = $2, last_run_id = coalesce($3, last_run_id), error = $4 WHERE id = $1
"""
NOTE_FULL = """
UPDATE job_schedule SET next_run_at = clock_timestamp() + make_interval(secs => $2), error = $3 WHERE id = $1
"""
STILL_ACTIVE = "Its last run has not ended yet."


@dataclass(frozen=True, slots=True)
class Timing:
    """When a schedule is due: in the five fields of cron (minute, hour, day, month, weekday), in a time zone."""

    cron: str
    time_zone: str = "UTC"
    is_enabled: bool = True
    priority: int = 0


def next_time(cron: str, time_zone: str, after: datetime) -> datetime:
    """When it is due next, in UTC. BAD_ARGUMENT for what is no time zone, no cron expression, or never due."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CatalogError(
            Code.BAD_ARGUMENT, "There is no such time zone: Europe/Berlin, for example, is one."
        ) from None
    # Five fields: with six, of seconds, or with special words, nobody is served whose queue is asked now and then.
    if len(cron) > MAX_CRON_LETTERS or len(cron.split()) != 5:
        raise bad_cron("five fields: minute, hour, day, month, weekday")
    try:
        return next(CronSim(cron, after.astimezone(zone))).astimezone(UTC)
    except CronSimError as error:
        raise bad_cron(f"another {str(error).removeprefix('Bad ')}") from None
    except StopIteration:
        raise bad_cron("a time that comes") from None


def bad_cron(words: str) -> CatalogError:
    return CatalogError(Code.BAD_ARGUMENT, f'`cron` needs {words}; "30 4 * * 1-5" is half past four on weekdays.')


async def create_schedule(writer: Writer, kind: JobKind[Any], parameters: Any, timing: Timing) -> int:
    """Its id. BAD_ARGUMENT, NOT_FOUND, FORBIDDEN; TOO_MANY."""
    check_priority(timing.priority)
    kind.check(parameters)
    due = next_time(timing.cron, timing.time_zone, datetime.now(UTC))
    library = kind.library(parameters)
    await check_library(writer, library)
    await writer.fetch(LOCK_SCHEDULES)
    [[there]] = await writer.fetch(COUNT)
    if there >= MAX_SCHEDULES:
        raise CatalogError(Code.TOO_MANY, f"There are at most {MAX_SCHEDULES} schedules: delete some.")
    [[number]] = await writer.fetch(
        INSERT,
        kind.name,
        library,
        orjson.dumps(to_json(parameters)).decode(),
        writer.libraries,
        timing.priority,
        timing.cron,
        timing.time_zone,
        timing.is_enabled,
        due,
    )
    return int(number)


async def update_schedule(writer: Writer, number: int, changes: Mapping[str, Any], version: int | None) -> None:
    """`changes`: fields of Timing. NOT_FOUND, FORBIDDEN, VERSION_CONFLICT, BAD_ARGUMENT."""
    row = await lock_schedule(writer, number)
    if version is not None and version != row["version"]:
        message = f"The schedule has version {row['version']}, not {version}: read it again."
        raise CatalogError(Code.VERSION_CONFLICT, message)
    timing = Timing(**{name: changes.get(name, row[name]) for name in Timing.__slots__})
    check_priority(timing.priority)
    due = next_time(timing.cron, timing.time_zone, datetime.now(UTC))
    await writer.fetch(UPDATE, number, timing.cron, timing.time_zone, timing.is_enabled, timing.priority, due)


async def delete_schedule(writer: Writer, number: int) -> None:
    """What it has queued stays. NOT_FOUND, FORBIDDEN."""
    await lock_schedule(writer, number)
    await writer.fetch(DELETE, number)


async def lock_schedule(writer: Writer, number: int) -> Row:
    """NOT_FOUND; FORBIDDEN."""
    found = await writer.fetch(LOCK, number, writer.libraries)
    if not found:
        raise CatalogError(Code.NOT_FOUND, f"There is no schedule {format_id('job_schedule', number)}.")
    if found[0]["library_id"] is None and writer.libraries is not None:
        raise CatalogError(Code.FORBIDDEN, FOR_ALL)
    return found[0]


async def queue_due(session: WritingSession, kinds: Mapping[str, JobKind[Any]]) -> list[int]:
    """The ids of the runs that were queued, for the schedules that are due."""

    async def work(writer: Writer) -> list[int]:
        queued = [await queue_one(writer, row, kinds) for row in await writer.fetch(DUE, BATCH)]
        return [number for number in queued if number is not None]

    return await transact(session, UNRESTRICTED, "job_schedule_due", work)


async def queue_one(writer: Writer, row: Row, kinds: Mapping[str, JobKind[Any]]) -> int | None:
    """Queues the run of a schedule that is due, and says when it is due again; why it queued none, where it did not."""
    run, error = None, STILL_ACTIVE if row["is_active"] else None
    if not row["is_active"]:
        try:
            run = await queue_run(writer, row, kinds)
        except CatalogError as refused:
            error = f"{refused.extensions['code']}: {refused}"
            if refused.extensions["code"] == Code.QUEUE_FULL:
                await writer.fetch(NOTE_FULL, row["id"], RETRY_SECONDS, error)
                return None
    due = next_time(row["cron"], row["time_zone"], row["now"])
    await writer.fetch(NOTE, row["id"], due, run, error)
    return run


async def queue_run(writer: Writer, row: Row, kinds: Mapping[str, JobKind[Any]]) -> int:
    """For who has made the schedule. CatalogError."""
    if row["type"] not in kinds:
        raise CatalogError(Code.NOT_FOUND, f"There is no job {row['type']} in this version.")
    kind = kinds[row["type"]]
    libraries = row["viewer_libraries"]
    owner = Writer(writer.name, Viewer(None if libraries is None else tuple(libraries)), writer.transaction)
    return await enqueue(owner, kind, from_values(kind.parameters, row["parameters"]), row["priority"])
