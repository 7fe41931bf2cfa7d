"""A run that a command does in its own process. No worker takes it, but it has a heartbeat as theirs have: whoever sees
that the process has died ends it, and it is cancelled as any other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

import orjson

from catalog.transaction import Writer, transact
from database.session import Session
from domain.viewer import UNRESTRICTED
from jobs.core.attempt import conclude
from jobs.core.heartbeat import BEAT_EVERY, FAULTS, LOST_AFTER, beat
from jobs.core.job_run import JobRunContext
from jobs.core.taking import LOST_CODE, Ending, TakenRun, WorkerId, forget_worker, new_worker_id, release_lost
from jobs.kind import JobCounts, JobKind, JobStopped, StopReason
from jobs.parameters import to_json

log = logging.getLogger("marquee.jobs")

END_SECONDS = 10.0
GONE_ON = "The command that ran it ended without a word; another import went on with it."

# Runs of commands on a library of which it is known that none lives any more.
END_KILLED = """
UPDATE job_run SET status = 'FAILED', worker_id = NULL, stop_request = NULL, ended_at = now(),
    error_code = $2, error = $3
WHERE library_id = $1::bigint AND status = 'RUNNING' AND is_command
"""
# A run that has begun. It has its key unless somebody else who runs has it, and may have died.
BEGIN_COMMAND = """
WITH alive AS (
    INSERT INTO job_worker (id, name, heartbeat_at) VALUES ($1::uuid, $2, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
)
INSERT INTO job_run (type, library_id, parameters, exclusive_key, status, worker_id, is_command, attempts, max_attempts,
    started_at)
SELECT $3::text, $4::bigint, $5::text::jsonb, CASE WHEN NOT EXISTS (
        SELECT FROM job_run o WHERE o.exclusive_key = $6::text AND o.status = 'RUNNING'
    ) THEN $6 END, 'RUNNING', $1, true, 1, 1, clock_timestamp()
RETURNING id
"""
# A run that was given up for lost, as that of a computer that slept is, and that nobody has tried again; or that was
# taken back already.
TAKE_BACK = """
UPDATE job_run SET status = 'RUNNING', worker_id = $2, ended_at = NULL, error_code = NULL, error = NULL
WHERE id = $1 AND is_command AND (status = 'FAILED' AND error_code = $3 OR status = 'RUNNING' AND worker_id = $2)
RETURNING id
"""


async def end_killed(writer: Writer, library: int) -> None:
    """Ends what commands have left on a library, once it is known that none of them runs any more."""
    await writer.fetch(END_KILLED, library, LOST_CODE, GONE_ON)


async def take_back(writer: Writer, worker: WorkerId, run: int) -> bool:
    """Whether a run that was given up for lost is the command's again."""
    return bool(await writer.fetch(TAKE_BACK, run, worker.id, LOST_CODE))


class CommandContext(JobRunContext):
    """The run as the command sees it. That it was given up for lost does not end it as long as nobody else has it."""

    seems_lost = False

    def ask_to_stop(self, reason: StopReason) -> None:
        if reason is StopReason.LOST:
            self.seems_lost = True
        else:
            super().ask_to_stop(reason)

    async def save(
        self,
        writer: Writer,
        state: Mapping[str, Any],
        counts: JobCounts,
        report: Mapping[str, Any] | None = None,
    ) -> None:
        try:
            await super().save(writer, state, counts, report)
        except JobStopped:
            if not await take_back(writer, self.worker, self.run_id):
                raise
            await super().save(writer, state, counts, report)

    def settle(self, *, is_ours: bool) -> None:
        """What has become of a run that seemed to be lost."""
        self.seems_lost = False
        if not is_ours:
            super().ask_to_stop(StopReason.LOST)


class CommandRun:
    """At most one run. session: of its own, since the heartbeat does not wait for what the run does, and its end must
    not depend on how that was stopped."""

    def __init__(self, session: Session, lost_after: float = LOST_AFTER) -> None:
        self._session = session
        self._lost_after = lost_after
        self._tidy_at = 0.0
        self.worker = new_worker_id()
        self.context: CommandContext | None = None

    async def begin(self, writer: Writer, kind: JobKind[Any], parameters: Any) -> CommandContext:
        """A run that has begun; in the transaction that begins the work, and again where that is begun anew."""
        library, shown = kind.library(parameters), to_json(parameters)
        if library is not None:
            await end_killed(writer, library)
        [[number]] = await writer.fetch(
            BEGIN_COMMAND,
            self.worker.id,
            self.worker.name,
            kind.name,
            library,
            orjson.dumps(shown).decode(),
            kind.exclusive_key(parameters),
        )
        taken = TakenRun(int(number), kind.name, shown, UNRESTRICTED, {}, 1, 1, None, [])
        # A heartbeat that sees it waits for this transaction, which has the row of the worker.
        self.context = CommandContext(taken, self.worker, self._session)
        return self.context

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Heartbeats meanwhile."""
        task = asyncio.create_task(self._keep_beating())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _keep_beating(self) -> None:
        while True:
            try:
                await self._tidy()
                await self._beat()
            except FAULTS as error:
                log.info("a heartbeat was left out: %s", str(error) or type(error).__name__)
            await asyncio.sleep(BEAT_EVERY)

    async def _tidy(self) -> None:
        """Runs of others that have died: this may be the only one who looks."""
        if monotonic() >= self._tidy_at:
            await release_lost(self._session, self.worker, self._lost_after)
            self._tidy_at = monotonic() + self._lost_after / 2

    async def _beat(self) -> None:
        context = self.context
        if context is None:
            return
        await beat(self._session, self.worker, [context])
        if context.seems_lost:

            async def work(writer: Writer) -> bool:
                return await take_back(writer, self.worker, context.run_id)

            context.settle(is_ours=await transact(self._session, UNRESTRICTED, "job_take_back", work))

    async def end(self, ending: Ending) -> None:
        """The run ends whatever happens to this task, as far as the database can be told within some seconds."""
        if self.context is None:
            return
        task = asyncio.create_task(self._end(self.context, ending))
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError as error:
                cancelled = error
        self.context = None
        if cancelled is not None:
            raise cancelled

    async def _end(self, context: CommandContext, ending: Ending) -> None:
        with suppress(*FAULTS, TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                # It waits for the transaction that began the run, where that was stopped and nobody knows how it ended.
                await self._beat()
                await conclude(self._session, self.worker, context, ending)
                await forget_worker(self._session, self.worker)
