"""The back ends of the cache of providers, each empty, over real servers and files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
from redis import Redis

from database.connect_args import ConnectArgs
from database.connection import OpenedConnection
from database.pool import Pool
from providers.cache.cache import Cache
from providers.cache.disk import DiskStore
from providers.cache.entry import Entry, entry_of
from providers.cache.postgres import POOL_LIMITS, PostgresStore
from providers.cache.redis import RedisStore, connect_redis
from providers.cache.store import Bounds, Store

NOW = 1_800_000_000.0
BOUNDS = Bounds(entries=1000, bytes=1_000_000)
# Seconds that a back end may take in tests, on a machine that is busy with others: a cache that fails open loads again.
PATIENCE = 60.0


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Place:
    """Where a back end keeps its entries. Several can be opened over one place, as by several processes."""

    kind: str
    args: ConnectArgs | None = None
    url: str = ""
    folder: Path = field(default_factory=Path)

    def open(self, bounds: Bounds = BOUNDS) -> Store:
        if self.kind == "postgres":
            return PostgresStore(own_pool(self.args), bounds)
        if self.kind == "disk":
            return DiskStore(self.folder, bounds)
        client = connect_redis(self.url, is_cluster=self.kind == "redis_cluster", seconds=PATIENCE)
        return RedisStore(client, bounds)

    @asynccontextmanager
    async def opened(self, bounds: Bounds = BOUNDS) -> AsyncIterator[Store]:
        store = self.open(bounds)
        try:
            yield store
        finally:
            await store.close()


def patient_cache(store: Store, **given: Any) -> Cache:
    """A cache that waits for its back end."""
    return Cache(store, patience=PATIENCE, **given)


def own_pool(args: ConnectArgs | None) -> Pool:
    assert args is not None

    async def connect() -> OpenedConnection:
        return OpenedConnection(await asyncpg.connect(**args.kwargs(), statement_cache_size=0), 200)

    return Pool(connect, replace(POOL_LIMITS, acquire_timeout=PATIENCE))


def empty_redis(url: str, *, is_cluster: bool) -> None:
    """Removes all keys of a server, or of each node."""
    for node in nodes_of(url) if is_cluster else [url]:
        with Redis.from_url(node) as client:
            client.flushall()


def nodes_of(url: str) -> list[str]:
    """The addresses of the nodes of a cluster."""
    with Redis.from_url(url) as client:
        slots = client.execute_command("CLUSTER", "SLOTS")
    return [f"redis://127.0.0.1:{port}" for port in sorted({slot[2][1] for slot in slots})]


def entry(value: bytes | None = b"answer", ttl: float = 60.0, stale: float = 0.0, at: float = NOW) -> Entry:
    """An entry made at a time."""
    return entry_of(value, at + ttl, at + ttl + stale)
