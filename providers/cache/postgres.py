"""The cache in PostgreSQL: the default, since the database is there anyhow. Tables: migrations/0054_provider_cache.sql.

It has a small pool of its own: a request that waited for a second connection of the pool whose first one it holds could
wait for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeVar

from database.pool import Pool, PoolLimits
from database.session import Session
from database.statement import plain
from database.transaction import Transaction, Work
from providers.cache.entry import Entry, size_of
from providers.cache.store import Bounds, Counts, Group, GroupStatistics, Selection, parts_of

T = TypeVar("T")

# Connections of each process, opened when they are needed.
POOL_LIMITS = PoolLimits(min=0, max=2, acquire_timeout=2.0, idle_timeout=60.0)

READ_ENTRY = plain(
    "provider_cache_entry",
    "SELECT data, is_negative, is_compressed, extract(epoch FROM expires_at)::float8,"
    " extract(epoch FROM stale_until)::float8 FROM provider_cache WHERE key = $1",
)
WRITE_ENTRY = plain(
    "provider_cache_store",
    "SELECT provider_cache_store(ROW($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)::provider_cache, $12, $13)",
)
# Another process may note uses of the same entries, or remove them: nobody waits for these notes.
NOTE_USES = plain(
    "provider_cache_uses",
    "UPDATE provider_cache c SET used_at = greatest(c.used_at, u.used_at)"
    " FROM unnest($1::text[], $2::timestamptz[]) u (key, used_at)"
    " WHERE c.key = u.key AND c.key IN (SELECT key FROM provider_cache WHERE key = any($1) FOR UPDATE SKIP LOCKED)",
)
ADD_COUNTS = plain(
    "provider_cache_counts",
    "INSERT INTO provider_cache_count AS c (namespace, provider, hits, misses, evictions)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])"
    " ON CONFLICT (namespace, provider) DO UPDATE SET hits = c.hits + excluded.hits,"
    " misses = c.misses + excluded.misses, evictions = c.evictions + excluded.evictions",
)
TAKE_LOADING = plain(
    "provider_cache_take_lease",
    "INSERT INTO provider_cache_lease AS l (key, holder, expires_at) VALUES ($1, $2, $3)"
    " ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at"
    " WHERE l.expires_at <= $4 RETURNING 1",
)
RELEASE_LEASE = plain("provider_cache_release_lease", "DELETE FROM provider_cache_lease WHERE key = $1 AND holder = $2")
LOCK_TOTAL = plain("provider_cache_lock", "SELECT 1 FROM provider_cache_total FOR UPDATE")
CLEAR_ENTRIES = plain(
    "provider_cache_clear",
    "WITH gone AS (DELETE FROM provider_cache WHERE namespace = coalesce($1, namespace)"
    " AND provider = coalesce($2, provider) AND starts_with(call, $3) AND expires_at <= coalesce($4, expires_at)"
    " RETURNING size), gone_total AS (SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes FROM gone)"
    " UPDATE provider_cache_total t SET entries = t.entries - g.entries, bytes = t.bytes - g.bytes"
    " FROM gone_total g RETURNING g.entries",
)
CLEAR_LEASES = plain("provider_cache_clear_leases", "DELETE FROM provider_cache_lease WHERE expires_at <= $1")
READ_STATISTICS = plain(
    "provider_cache_statistics",
    "SELECT namespace, provider, coalesce(e.entries, 0), coalesce(e.active, 0), coalesce(e.bytes, 0)::bigint,"
    " coalesce(c.hits, 0), coalesce(c.misses, 0), coalesce(c.evictions, 0) FROM provider_cache_count c FULL JOIN"
    " (SELECT namespace, provider, count(*) AS entries, count(*) FILTER (WHERE expires_at > $1) AS active,"
    " sum(size) AS bytes FROM provider_cache GROUP BY namespace, provider) e USING (namespace, provider)"
    ' ORDER BY namespace COLLATE "C", provider COLLATE "C"',
)


class PostgresStore:
    """Entries in a table. `pool`: of its own (POOL_LIMITS); it is closed with the store."""

    name = "postgres"

    def __init__(self, pool: Pool, bounds: Bounds) -> None:
        self.bounds = bounds
        self._pool = pool
        self._is_started = False

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        if not self._is_started:
            self._is_started = True
            await self._pool.start()
        session = Session(self._pool)
        try:
            yield session
        finally:
            await session.close()

    async def read(self, key: str) -> Entry | None:
        async with self._session() as session:
            rows = await session.fetch(READ_ENTRY, [key])
        if not rows:
            return None
        data, is_negative, is_compressed, expires_at, stale_until = rows[0]
        return Entry(data, expires_at, stale_until, is_negative, is_compressed)

    async def write(self, key: str, entry: Entry, now: float) -> None:
        times = moment(entry.expires_at), moment(entry.stale_until), moment(now)
        row = (key, *parts_of(key), entry.data, entry.is_negative, entry.is_compressed, size_of(key, entry), *times)
        await self._transact(lambda writer: writer.fetch(WRITE_ENTRY, [*row, self.bounds.entries, self.bounds.bytes]))

    async def note(self, uses: Mapping[str, float], counts: Mapping[Group, Counts]) -> None:
        async def work(writer: Transaction) -> None:
            if uses:
                await writer.fetch(NOTE_USES, [list(uses), [moment(at) for at in uses.values()]])
            if counts:
                # In one order, so that two who do this never wait for each other.
                rows = [(*group, one.hits, one.misses, one.evictions) for group, one in sorted(counts.items())]
                await writer.fetch(ADD_COUNTS, [list(column) for column in zip(*rows, strict=True)])

        await self._transact(work)

    async def take_lease(self, key: str, holder: str, now: float, seconds: float) -> bool:
        values = [key, holder, moment(now + seconds), moment(now)]
        return bool(await self._transact(lambda writer: writer.fetch(TAKE_LOADING, values)))

    async def release_lease(self, key: str, holder: str) -> None:
        await self._transact(lambda writer: writer.fetch(RELEASE_LEASE, [key, holder]))

    async def clear(self, selection: Selection, now: float) -> int:
        expired = moment(now) if selection.only_expired else None

        async def work(writer: Transaction) -> int:
            await writer.fetch(LOCK_TOTAL)
            values = [selection.namespace, selection.provider, selection.prefix, expired]
            [[number]] = await writer.fetch(CLEAR_ENTRIES, values)
            await writer.fetch(CLEAR_LEASES, [moment(now)])
            return int(number)

        return await self._transact(work)

    async def statistics(self, now: float) -> list[GroupStatistics]:
        async with self._session() as session:
            rows = await session.fetch(READ_STATISTICS, [moment(now)])
        return [GroupStatistics(Group(namespace, provider), *numbers) for namespace, provider, *numbers in rows]

    async def close(self) -> None:
        await self._pool.close()

    async def _transact(self, work: Work[T]) -> T:
        async with self._session() as session:
            return await session.transact(work)


def moment(seconds: float) -> datetime:
    """Seconds since 1970, as PostgreSQL's driver takes a time."""
    return datetime.fromtimestamp(seconds, UTC)
