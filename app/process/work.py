"""Running jobs: in a process of its own, until it is asked to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from functools import partial

from app.collecting import collect_rarely
from app.limits import job_connect_options, job_limits, job_pool_limits
from app.process.outbound import open_services
from app.settings import Settings
from app.telemetry.export import create_span_export
from app.telemetry.metrics import create_metrics
from database.connect import Connector
from database.connect_args import ConnectArgs
from database.notifications import Notifications, Topic
from database.pool import Pool
from jobs.core.schedule import queue_due
from jobs.core.worker import JobWorker
from jobs.kinds import KINDS


class StopRequests:
    """Tells a worker at once that somebody wants a run to stop."""

    def __init__(self, worker: JobWorker) -> None:
        self._worker = worker

    async def set_notified(self, is_notified: bool) -> None:
        self._worker.look_for_requests()

    async def invalidate(self) -> None:
        self._worker.look_for_requests()


async def work(args: ConnectArgs, settings: Settings, on_ready: Callable[[], None] = lambda: None) -> None:
    """Until SIGTERM or Ctrl-C: then runs stop after the chunk that they are at, and go back to the queue. A second
    request ends it at once."""
    connector = Connector(args, job_connect_options(settings))
    pool = Pool(connector.open, job_pool_limits(settings))
    telemetry = create_span_export()
    services = open_services(settings, pool, connector, None if telemetry is None else telemetry.tracer)
    metrics = create_metrics(services.client.statistics)
    worker = JobWorker(pool, KINDS, job_limits(settings), (partial(queue_due, kinds=KINDS),), services=services)
    notifications = Notifications(connector.open_plain)
    notifications.subscribe(Topic.JOB_QUEUED, worker)
    notifications.subscribe(Topic.JOB_STOP, StopRequests(worker))
    await pool.start()
    notifications.start()
    task = asyncio.create_task(worker.run())
    for request in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(request, stop, worker, task)
    collect_rarely()
    on_ready()
    try:
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
    finally:
        await notifications.close()
        await services.close()
        await pool.close()
        for exporting in (telemetry, metrics):
            if exporting is not None:
                await asyncio.to_thread(exporting.close)


def stop(worker: JobWorker, task: asyncio.Task[None]) -> None:
    if worker.is_stopping:
        task.cancel()
    worker.stop()
