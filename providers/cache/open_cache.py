"""The cache that was chosen, ready to be used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from database.connection import OpenedConnection
from database.pool import Pool
from providers.cache.cache import Cache
from providers.cache.disk import DiskStore
from providers.cache.postgres import POOL_LIMITS, PostgresStore
from providers.cache.redis import RedisStore, connect_redis
from providers.cache.store import Bounds, Store
from providers.statistics import Statistics


class Backend(StrEnum):
    """Where entries are kept."""

    POSTGRES = "postgres"
    REDIS = "redis"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """Which cache. redis_url: where it is Redis; folder: where it is the disk."""

    bounds: Bounds
    folder: Path
    backend: Backend = Backend.POSTGRES
    redis_url: str = ""
    is_cluster: bool = False
    is_enabled: bool = True


def open_cache(
    options: CacheOptions, connect: Callable[[], Awaitable[OpenedConnection]], statistics: Statistics | None = None
) -> Cache:
    """The cache of a process; it connects when it is first used. `connect` opens a connection to the database;
    `statistics`: where this process's hits and misses are counted too."""
    return Cache(open_store(options, connect), is_enabled=options.is_enabled, statistics=statistics)


def open_store(options: CacheOptions, connect: Callable[[], Awaitable[OpenedConnection]]) -> Store:
    if options.backend is Backend.DISK:
        return DiskStore(options.folder, options.bounds)
    if options.backend is Backend.REDIS:
        return RedisStore(connect_redis(options.redis_url, is_cluster=options.is_cluster), options.bounds)
    return PostgresStore(Pool(connect, POOL_LIMITS), options.bounds)
