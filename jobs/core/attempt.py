"""One attempt of a run: the kind's work, and what becomes of the run by the way in which it ends."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from database.sqlstate import is_transient
from domain.enums import JobLogLevel, JobStatus
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED
from jobs.core.heartbeat import write
from jobs.core.job_run import JobRunContext
from jobs.core.taking import Ending, WorkerId, end, give_back
from jobs.kind import JobKind, JobStopped, StopReason
from jobs.parameters import from_values

log = logging.getLogger("marquee.jobs")

SUCCEEDED = Ending(JobStatus.SUCCEEDED)
STOPPED = {StopReason.CANCEL: Ending(JobStatus.CANCELLED), StopReason.PAUSE: Ending(JobStatus.PAUSED)}


async def attempt(kind: JobKind[Any], context: JobRunContext) -> Ending | None:
    """How it ended; None where the run goes back to the queue, or is no longer this worker's."""
    try:
        context.check()
        last_line = await kind.run(context, from_values(kind.parameters, context.taken.parameters))
        if last_line:
            context.log(last_line)
        return SUCCEEDED
    except JobStopped as stopped:
        return STOPPED.get(stopped.reason)
    except Exception as error:
        if context.stop is StopReason.LOST:
            return None
        return fault(kind, context, error)


def fault(kind: JobKind[Any], context: JobRunContext, error: Exception) -> Ending:
    """What an error means for the run; it gets a line of the run's log."""
    passes = is_transient(error) or isinstance(error, kind.transient)
    if isinstance(error, CatalogError):
        code, message = str(error.extensions["code"]), str(error)
    elif passes:
        code, message = "TRANSIENT", str(error) or type(error).__name__
    else:
        number = uuid4().hex
        log.exception("run %d of job %s failed, error %s", context.run_id, kind.name, number, exc_info=error)
        code, message = "INTERNAL", f"An internal error: quote {number} when you report it."
    context.log(f"{code}: {message}", JobLogLevel.WARNING if passes else JobLogLevel.ERROR)
    return Ending(JobStatus.FAILED, code, message, is_fault=passes)


async def conclude(session: WritingSession, worker: WorkerId, context: JobRunContext, ending: Ending | None) -> None:
    """Stores how an attempt ended, with its last numbers and lines, in one transaction."""
    context.end_step()
    unwritten = context.unwritten(is_last=True)

    async def work(writer: Writer) -> None:
        if unwritten is not None:
            await write(writer, worker, [unwritten], waits=True)  # a heartbeat may just be writing older ones
        if ending is None:
            await give_back(writer, worker, [context.taken])
        else:
            await end(writer, worker, context.taken, ending)

    if context.stop is StopReason.LOST:
        return
    try:
        await transact(session, UNRESTRICTED, "job_end", work)
    except BaseException:
        if unwritten is not None:
            context.keep(unwritten)
        raise
