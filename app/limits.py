"""The limits that follow from the settings, a function each: what has limits knows no settings."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from app.http.connection_limits import MIN_CONNECTIONS, SPARE_FILES, ConnectionLimits, file_limit
from app.settings import Settings
from database.connect import ConnectOptions
from database.pool import PoolLimits
from database.shares import ShareLimits
from engine.limits import Limits
from jobs.core.worker import WorkerLimits
from loaders.core.read_session import Budget
from providers.cache.open_cache import Backend, CacheOptions
from providers.cache.store import Bounds
from providers.files.download import DownloadOptions
from providers.files.ffmpeg import FrameLimits
from providers.files.service import FileBounds
from providers.provider import RateLimit, Timeouts

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


def cache_options(settings: Settings) -> CacheOptions:
    """Of the cache of providers."""
    url = settings.cache_redis_url
    return CacheOptions(
        Bounds(settings.cache_max_entries, settings.cache_max_bytes),
        settings.state_dir / settings.cache_folder,
        Backend(settings.cache_backend),
        "" if url is None else url.get_secret_value(),
        settings.cache_redis_cluster,
        settings.cache_enabled,
    )


def file_bounds(settings: Settings) -> FileBounds:
    """Of files that jobs fetch and read."""
    return FileBounds(
        picture=settings.files_max_bytes,
        video=settings.video_max_bytes,
        parallel=settings.files_parallel,
        video_folders=[Path(part) for part in settings.video_folders.split(":") if part],
    )


def download_options(settings: Settings) -> DownloadOptions:
    """Of downloads of files."""
    hosts = (part.strip().lower() for part in settings.files_private_hosts.split(","))
    return DownloadOptions(
        RateLimit(settings.files_host_rate, 1.0, settings.files_host_parallel),
        Timeouts(settings.provider_connect_timeout, settings.provider_timeout),
        frozenset(host for host in hosts if host),
    )


def frame_limits(settings: Settings) -> FrameLimits:
    """Of ffmpeg."""
    return FrameLimits(settings.thumbnail_timeout, settings.thumbnail_memory)


def thumbnail_widths(settings: Settings) -> list[int]:
    """Each once, the smallest first."""
    return sorted({int(part) for part in settings.thumbnail_widths.split(",")})


def operation_limits(settings: Settings) -> Limits:
    """Of an operation, before anything of it runs."""
    return Limits(
        nodes=settings.max_nodes,
        length=settings.max_document_length,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        fields=settings.max_fields,
        tokens=settings.max_tokens,
        values=settings.max_values,
        answer_bytes=settings.max_answer_bytes,
        page_default=settings.page_default,
        page_max=settings.page_max,
        elements=settings.max_entities,
    )


def budget(settings: Settings) -> Budget:
    """Of an operation while it reads."""
    return Budget(
        rows=settings.max_rows,
        count_seconds=settings.count_timeout,
        page_default=settings.page_default,
        page_max=settings.page_max,
        ids_max=settings.max_entities,
    )
