"""A run as its kind sees it: its session, its checkpoint, its numbers and its log, kept until they are written."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from catalog.transaction import Writer
from database.session import Session
from domain.enums import JobLogLevel
from domain.text import printable, storable
from jobs.core.taking import TakenRun, WorkerId
from jobs.kind import JobCounts, JobStopped, StopReason
from providers.services import OutsideServices

MAX_STATE_BYTES = 65_536
MAX_STEPS = 64
MAX_NAMES = 100
MAX_LINE_LETTERS = 2_000
MAX_ITEM_LETTERS = 1_000
# Lines that wait to be written; the oldest go where a run logs more than that within a heartbeat.
MAX_WAITING_LINES = 1_000

# Where to go on, with the numbers so far ($9: their revision), and the report where there is a new one ($10). A run
# that has come further has a clean record of faults.
SAVE = """
UPDATE job_run SET state = $4::text::jsonb, succeeded = $5, failed = $6, counts = $7::text::jsonb,
    failures = $8::text::jsonb, progress_revision = $9, progressed_at = clock_timestamp(),
    faults = CASE WHEN state = $4::text::jsonb THEN faults ELSE 0 END, report = coalesce($10::text::jsonb, report)
WHERE id = $1 AND worker_id = $2 AND attempts = $3 AND status = 'RUNNING' RETURNING stop_request
"""


class StateTooLargeError(Exception):
    """A fault of a kind of job: what it saves, or reports, is no JSON of at most 64 KB."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that waits to be written."""

    at: datetime
    level: JobLogLevel
    line: str


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What of a run is to be written: its numbers where they changed since, and its new lines.

    revision: of the numbers, counted by the attempt whenever it tells or saves some."""

    run: TakenRun
    revision: int
    counts: JobCounts
    total: int | None
    item: str | None
    steps: list[dict[str, Any]]
    has_numbers: bool
    lines: list[LogLine]


class JobRunContext:
    """What jobs/kind.py calls a JobContext, of one attempt."""

    def __init__(
        self, taken: TakenRun, worker: WorkerId, session: Session, services: OutsideServices | None = None
    ) -> None:
        self.taken = taken
        self.run_id = taken.id
        self.session = session
        self._services = services
        self.viewer = taken.viewer
        self.state: Mapping[str, Any] = taken.state.get("state", {})
        self.counts = JobCounts(*taken.state.get("counts", ()))
        self.stop: StopReason | None = None
        self.worker = worker
        # What was told: what was saved may be rolled back, or be written already.
        self._told = self.counts
        self._told_revision = 0
        self._revision = 0
        self._total = taken.total
        self._item: str | None = None
        self._steps = [dict(step) for step in taken.steps]
        self._has_numbers = False
        self._lines: deque[LogLine] = deque(maxlen=MAX_WAITING_LINES)

    @property
    def services(self) -> OutsideServices:
        """Outside services; RuntimeError where the worker was given none."""
        if self._services is None:
            raise RuntimeError("this worker has no outside services")
        return self._services

    async def save(
        self,
        writer: Writer,
        state: Mapping[str, Any],
        counts: JobCounts,
        report: Mapping[str, Any] | None = None,
    ) -> None:
        counts = bounded(counts)
        text, told = read_state(state, counts), None if report is None else read_json(report, "report")
        self._revision += 1
        saved = await writer.fetch(
            SAVE,
            self.run_id,
            self.worker.id,
            self.taken.attempt,
            text,
            counts.succeeded,
            counts.failed,
            orjson.dumps(dict(counts.by_outcome)).decode(),
            orjson.dumps(dict(counts.by_code)).decode(),
            self._revision,
            told,
        )
        if not saved:
            self.ask_to_stop(StopReason.LOST)
            raise JobStopped(StopReason.LOST)
        if (request := saved[0][0]) is not None:
            self.ask_to_stop(StopReason(request))
        self.state, self.counts = state, counts

    def progress(self, counts: JobCounts, total: int | None = None, item: str = "") -> None:
        self.counts = self._told = bounded(counts)
        self._revision += 1
        self._told_revision = self._revision
        self._total = total if total is not None else self._total
        self._item = clean(item, MAX_ITEM_LETTERS) or self._item
        self._has_numbers = True
        self.check()

    def step(self, name: str) -> None:
        now = datetime.now(UTC).isoformat()
        self._end_step(now)
        if len(self._steps) < MAX_STEPS:
            self._steps.append({"name": clean(name, 200), "startedAt": now, "endedAt": None})
        self._has_numbers = True
        self.check()

    def end_step(self) -> None:
        """The last step ends with the attempt."""
        self._end_step(datetime.now(UTC).isoformat())

    def _end_step(self, at: str) -> None:
        if self._steps and self._steps[-1]["endedAt"] is None:
            self._steps[-1]["endedAt"] = at
            self._has_numbers = True

    def log(self, line: str, level: JobLogLevel = JobLogLevel.INFO) -> None:
        self._lines.append(LogLine(datetime.now(UTC), level, clean(printable(line), MAX_LINE_LETTERS)))

    def check(self) -> None:
        if self.stop is not None:
            raise JobStopped(self.stop)

    def ask_to_stop(self, reason: StopReason) -> None:
        """The first reason counts, but a run that is lost is lost."""
        if self.stop is None or reason is StopReason.LOST:
            self.stop = reason

    def take_back_stop(self) -> None:
        """Somebody resumed it before it had stopped."""
        if self.stop is StopReason.PAUSE:
            self.stop = None

    def unwritten(self, *, is_last: bool = False) -> Unwritten | None:
        """What is to be written by the next heartbeat, which then has it; None where that is nothing.

        is_last: the numbers in any case, since a heartbeat that has them may come too late."""
        self._has_numbers = self._has_numbers or is_last
        if not self._has_numbers and not self._lines:
            return None
        lines = list(self._lines)
        self._lines.clear()
        told = self._told_revision, self._told, self._total, self._item, self._steps
        found = Unwritten(self.taken, *told, self._has_numbers, lines)
        self._has_numbers = False
        return found

    def keep(self, unwritten: Unwritten) -> None:
        """What could not be written waits for the next time."""
        self._has_numbers = self._has_numbers or unwritten.has_numbers
        self._lines.extendleft(reversed(unwritten.lines[: MAX_WAITING_LINES - len(self._lines)]))


def read_state(state: Mapping[str, Any], counts: JobCounts) -> str:
    """What job_run.state has: where to go on, and the numbers there. StateTooLargeError.

    The numbers in the columns are what clients see, and run ahead while a chunk is done."""
    numbers = [counts.succeeded, counts.failed, dict(counts.by_outcome), dict(counts.by_code)]
    return read_json({"state": dict(state), "counts": numbers}, "state")


def read_json(value: Mapping[str, Any], name: str) -> str:
    """What the column of this name has. StateTooLargeError."""
    try:
        text = orjson.dumps(dict(value))
    except orjson.JSONEncodeError as error:
        raise StateTooLargeError(f"The {name} of a run is no JSON: {error}") from error
    if len(text) > MAX_STATE_BYTES or b"\\u0000" in text:
        raise StateTooLargeError(f"The {name} of a run is JSON of at most {MAX_STATE_BYTES} bytes, without U+0000.")
    return text.decode()


def bounded(counts: JobCounts) -> JobCounts:
    """With the first names of outcomes and codes, in words that can be stored."""
    by_outcome = {clean(name, 100): count for name, count in list(counts.by_outcome.items())[:MAX_NAMES]}
    by_code = {clean(name, 100): count for name, count in list(counts.by_code.items())[:MAX_NAMES]}
    return JobCounts(counts.succeeded, counts.failed, by_outcome, by_code)


def clean(text: str, letters: int) -> str:
    """A text that the database can store, of so many letters at most."""
    text = text[:letters]
    return text if storable(text) else text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
