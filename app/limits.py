"""The limits that follow from the settings, a function each: what has limits knows no settings."""

from __future__ import annotations

import os
from dataclasses import replace

from app.http.connection_limits import MIN_CONNECTIONS, SPARE_FILES, ConnectionLimits, file_limit
from app.settings import Settings
from database.connect import ConnectOptions
from database.pool import PoolLimits
from database.shares import ShareLimits
from jobs.core.worker import WorkerLimits

# Of the pool of a process that runs jobs: connections beside those of runs, and seconds until an unused one is closed.
BESIDE_RUNS, IDLE_SECONDS = 2, 0.5


def connection_limits(settings: Settings) -> ConnectionLimits:
    """Of clients' connections to a worker: also by the files that this process may open."""
    room = file_limit() - settings.pool_max - SPARE_FILES
    return ConnectionLimits(
        connections=min(settings.max_connections, max(room, MIN_CONNECTIONS)),
        header_bytes=settings.max_header_bytes,
        url_bytes=settings.max_url_bytes,
        keep_alive=settings.keep_alive,
        header_timeout=settings.header_timeout,
        body_timeout=settings.body_timeout,
        send_timeout=settings.send_timeout,
        unsent=settings.max_unsent_bytes,
        message_bytes=settings.max_body_bytes,
    )


def connect_options(settings: Settings) -> ConnectOptions:
    """Of a worker's connections to the database."""
    return ConnectOptions(
        statement_timeout=settings.statement_timeout,
        lock_timeout=settings.lock_timeout,
        acquire_timeout=settings.acquire_timeout,
        cache_size=settings.statement_cache_size,
        is_cache_chosen="statement_cache_size" in settings.model_fields_set,
    )


def pool_limits(settings: Settings) -> PoolLimits:
    """Of a worker's pool."""
    return PoolLimits(
        min=settings.pool_min,
        max=settings.pool_max,
        acquire_timeout=settings.acquire_timeout,
        idle_timeout=settings.pool_idle_timeout,
        max_age=settings.pool_max_age,
        max_statements=settings.pool_max_statements,
        check_after=settings.pool_check_after,
        waiting=settings.pool_waiting,
    )


def share_limits(settings: Settings) -> ShareLimits:
    """Of long statements."""
    return ShareLimits(long_places(settings), settings.pool_waiting, settings.acquire_timeout, settings.max_cost)


def long_places(settings: Settings) -> int:
    """How many long statements a worker runs at once: by itself no more than there are processors for all workers, and
    than half of its connections."""
    if settings.pool_long is not None:
        return min(settings.pool_long, settings.pool_max)
    return max(1, min((os.cpu_count() or 1) // settings.workers, settings.pool_max // 2))


def job_workers(settings: Settings) -> int:
    """How many processes of `serve` run jobs."""
    if settings.job_workers is not None:
        return settings.job_workers
    return max(1, (os.cpu_count() or 1) // 2) if settings.database_url is None else 0


def job_limits(settings: Settings) -> WorkerLimits:
    """Of a process that runs jobs."""
    return WorkerLimits(slots=settings.job_slots, lost_after=settings.job_lost_after)


def job_pool_limits(settings: Settings) -> PoolLimits:
    """Of its pool: a connection for each run, for the queue and for heartbeats; none while nothing runs."""
    return PoolLimits(
        min=0, max=settings.job_slots + BESIDE_RUNS, acquire_timeout=settings.acquire_timeout, idle_timeout=IDLE_SECONDS
    )


def job_connect_options(settings: Settings) -> ConnectOptions:
    """Of its connections: the statements of a job take as long as they take."""
    return replace(connect_options(settings), statement_timeout=None)
