"""A worker: takes runs from the queue, a batch at a time, and runs some of them at once, until it is asked to stop.

While it waits it holds no connection: it asks from time to time, and at once when it is told that something was
queued."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import uniform
from typing import Any, TypeVar

from catalog.transaction import Writer, transact
from database.pool import Pool
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED
from jobs.core.attempt import attempt, conclude
from jobs.core.heartbeat import BEAT_EVERY, FAULTS, LOST_AFTER, beat
from jobs.core.job_run import JobRunContext
from jobs.core.job_session import JobSession
from jobs.core.taking import forget_worker, give_back, give_back_unknown, new_worker_id, release_lost, take
from jobs.kind import JobKind, StopReason
from providers.services import OutsideServices

log = logging.getLogger("marquee.jobs")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Times in seconds.

    slots: runs at once; beat_every: heartbeats; lost_after: without a heartbeat for so long a worker counts as dead;
    poll_every: how often the queue is asked while nothing is heard of it; hear_every: while its changes are heard;
    hold: how long a run that was taken waits for a slot before it is given back for others;
    fault_pause: until the next try after a fault of the database."""

    slots: int = 4
    beat_every: float = BEAT_EVERY
    lost_after: float = LOST_AFTER
    poll_every: float = 2.0
    hear_every: float = 15.0
    hold: float = 1.0
    fault_pause: float = 1.0


# What a worker does beside its runs, whenever it looks at the queue: schedules, for example.
Beside = Callable[[JobSession], Awaitable[object]]


class JobWorker:
    """Runs jobs over a pool of its own, of a connection for each slot and one more.

    services: for the kinds of job that call outside services."""

    def __init__(
        self,
        pool: Pool,
        kinds: Mapping[str, JobKind[Any]],
        limits: WorkerLimits,
        beside: tuple[Beside, ...] = (),
        *,
        services: OutsideServices | None = None,
    ) -> None:
        self.id = new_worker_id()
        self._pool = pool
        self._services = services
        self._kinds = kinds
        self._limits = limits
        self._beside = beside
        self._session = JobSession(pool)
        self._running: dict[int, JobRunContext] = {}
        self._waiting: deque[JobRunContext] = deque()
        self._taken_at = 0.0
        self._tidy_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._beat_now = asyncio.Event()
        self._has_ended = False  # its runs have, and no heartbeat follows
        self._hears = False
        self._stopping = False
        self._is_unsure = False  # it may have runs that it does not know of
        self.taken = 0

    async def set_notified(self, is_notified: bool) -> None:
        """Of database/notifications.py: whether it is told of what is queued."""
        self._hears = is_notified
        self._wake.set()

    async def invalidate(self) -> None:
        """Something was queued."""
        self._wake.set()

    def look_for_requests(self) -> None:
        """Somebody wants a run to stop: the next heartbeat is due now."""
        self._beat_now.set()

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    def stop(self) -> None:
        """Asks it to end: its runs go back to the queue after the chunk that they are at."""
        self._stopping = True
        for context in self._running.values():
            context.ask_to_stop(StopReason.SHUTDOWN)
        self._wake.set()

    async def run(self) -> None:
        """Until it was asked to stop, and its runs have stopped. Faults of the database are waited for."""
        beating = asyncio.create_task(self._keep_beating())
        try:
            while not self._stopping:
                self._wake.clear()
                is_busy = await self._or_fault(self._look_for_work, default=False)
                if not is_busy or len(self._running) >= self._limits.slots:
                    await self._wait()
            await self._or_fault(self._give_back_waiting)
            while self._tasks:
                await asyncio.wait(self._tasks)
            # A heartbeat under way may have lines of runs that have ended meanwhile: nobody else has them.
            self._has_ended = True
            self._beat_now.set()
            await asyncio.wait([beating])
        finally:
            beating.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(beating, *self._tasks, return_exceptions=True)
            with suppress(*FAULTS):
                await forget_worker(self._session, self.id)

    async def _or_fault(self, work: Callable[[], Awaitable[T]], default: T | None = None) -> T | None:
        """What it gives; the default, after a pause, where the database cannot be asked."""
        try:
            return await work()
        except FAULTS as error:
            log.warning("jobs wait for the database: %s", str(error) or type(error).__name__)
            read_only = isinstance(error, CatalogError) and error.extensions["code"] == Code.READ_ONLY.value
            pause = self._limits.fault_pause * (60 if read_only else 1)
            if not self._stopping:
                await asyncio.sleep(uniform(pause / 2, pause))
            return default

    async def _wait(self) -> None:
        """Until something was queued, a run has ended, or it is time to ask."""
        every = self._limits.hear_every if self._hears else self._limits.poll_every
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), uniform(every / 2, every))

    async def _look_for_work(self) -> bool:
        """Whether there may be more to take."""
        if self._is_unsure:
            await give_back_unknown(self._session, self.id, [*self._running, *(one.run_id for one in self._waiting)])
            self._is_unsure = False
        await self._tidy()
        self._start_waiting()
        if self._waiting or len(self._running) >= self._limits.slots:
            return False
        self._is_unsure = True
        taken = await take(self._session, self.id, list(self._kinds))
        self._is_unsure = False
        self.taken += len(taken)
        self._taken_at = asyncio.get_running_loop().time()
        self._waiting.extend(JobRunContext(run, self.id, JobSession(self._pool), self._services) for run in taken)
        self._start_waiting()
        return bool(taken)

    async def _tidy(self) -> None:
        """What all workers do for all from time to time: each of them, since any may be the only one."""
        now = asyncio.get_running_loop().time()
        if now < self._tidy_at:
            return
        await release_lost(self._session, self.id, self._limits.lost_after)
        for beside in self._beside:
            await beside(self._session)
        self._tidy_at = now + self._limits.poll_every / 2

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < self._limits.slots and not self._stopping:
            context = self._waiting.popleft()
            self._running[context.run_id] = context
            task = asyncio.create_task(self._run_one(context))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run_one(self, context: JobRunContext) -> None:
        """One attempt; its end is told as soon as the database takes it."""
        try:
            ending = await attempt(self._kinds[context.taken.type], context)
            while context.stop is not StopReason.LOST:
                try:
                    await conclude(context.session, self.id, context, ending)
                    break
                except FAULTS as error:
                    log.warning("the end of run %d cannot be stored yet: %s", context.run_id, error)
                    if self._stopping:  # whoever finds it goes on from its checkpoint
                        break
                    await asyncio.sleep(uniform(self._limits.fault_pause / 2, self._limits.fault_pause))
        finally:
            await context.session.close()
            del self._running[context.run_id]
            self._start_waiting()
            if not self._waiting:
                self._wake.set()

    async def _give_back_waiting(self) -> None:
        """Those that were taken and not begun."""
        runs = [context.taken for context in self._waiting]
        self._waiting.clear()
        if not runs:
            return

        async def work(writer: Writer) -> None:
            await give_back(writer, self.id, runs)

        self._is_unsure = True
        await transact(self._session, UNRESTRICTED, "job_give_back", work)
        self._is_unsure = False

    async def _keep_beating(self) -> None:
        """A heartbeat whenever one is due, while there are runs."""
        session = JobSession(self._pool)
        while not self._has_ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._beat_now.wait(), self._limits.beat_every)
            self._beat_now.clear()
            held = [*self._running.values(), *self._waiting]
            try:
                if held:
                    await beat(session, self.id, held)
                waited = asyncio.get_running_loop().time() - self._taken_at
                if self._waiting and waited > self._limits.hold:
                    await self._give_back_waiting()
            except FAULTS as error:
                log.warning("a heartbeat was left out: %s", str(error) or type(error).__name__)
