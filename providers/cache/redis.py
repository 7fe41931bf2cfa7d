"""The cache in Redis or Valkey, one server or a cluster.

Entries are spread over a cluster; what they add up to stands in an index whose keys are on one node: when each was
used last, its size and when it expires, the sum of bytes, the counts. All entries are walked by SCAN, which blocks
nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster

from providers.cache.entry import Entry, EntryError, pack, size_of, unpack
from providers.cache.store import Bounds, Counts, Group, GroupStatistics, Selection, parts_of

SECONDS = 2.0
MAX_REDIS_CONNECTIONS = 10
CHUNK = 500
ENTRY, LEASE = "marquee:cache:", "marquee:cache-lease:"
# The braces keep them on one node.
USES, SIZES, SUMS = "{marquee:cache-index}:uses", "{marquee:cache-index}:sizes", "{marquee:cache-index}:sums"
INDEX = (USES, SIZES, SUMS)

# Gives up what is no longer there: the number of entries that were.
FORGET = """
local number = 0
for i = 1, #ARGV do
    local size = redis.call('HGET', KEYS[2], ARGV[i])
    if size then
        redis.call('HINCRBY', KEYS[3], 'bytes', -tonumber(string.match(size, '^%d+')))
        redis.call('HDEL', KEYS[2], ARGV[i])
        redis.call('ZREM', KEYS[1], ARGV[i])
        number = number + 1
    end
end
return number
"""
# Takes an entry into the index; gives the keys of those that make room for it.
RESERVE_SPACE = """
local key, size, ends, now = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local most_entries, most_bytes = tonumber(ARGV[5]), tonumber(ARGV[6])
local function forget(one)
    local kept = redis.call('HGET', KEYS[2], one)
    if kept then
        redis.call('HINCRBY', KEYS[3], 'bytes', -tonumber(string.match(kept, '^%d+')))
        redis.call('HDEL', KEYS[2], one)
    end
    redis.call('ZREM', KEYS[1], one)
end
forget(key)
local gone = {}
while redis.call('ZCARD', KEYS[1]) + 1 > most_entries
        or tonumber(redis.call('HGET', KEYS[3], 'bytes') or '0') + size > most_bytes do
    local oldest = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
    if not oldest then
        redis.call('HSET', KEYS[3], 'bytes', 0)
        break
    end
    forget(oldest)
    local group = string.match(oldest, '^[^/]+/[^/]+')
    redis.call('HINCRBY', KEYS[3], 'evictions:' .. group, 1)
    gone[#gone + 1] = oldest
end
redis.call('ZADD', KEYS[1], now, key)
redis.call('HSET', KEYS[2], key, ARGV[2] .. ' ' .. ends)
redis.call('HINCRBY', KEYS[3], 'bytes', size)
return gone
"""
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


def connect_redis(url: str, *, is_cluster: bool, seconds: float = SECONDS) -> Any:
    """A client of a server, or of a cluster of which the address names a node. Connects when it is first used.

    seconds: that it waits for a connection or an answer.

    Raises ValueError for what is no address of Redis."""
    times = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    if is_cluster:
        return RedisCluster.from_url(url, **times)
    # The plain pool raises where all connections are in use.
    pool = BlockingConnectionPool.from_url(url, max_connections=MAX_REDIS_CONNECTIONS, timeout=seconds, **times)
    return Redis.from_pool(pool)  # which is closed with it


class RedisStore:
    """Entries on a server or a cluster. `client`: of `connect_redis`; it is closed with the store."""

    name = "redis"

    def __init__(self, client: Any, bounds: Bounds) -> None:
        self.bounds = bounds
        self._client = client
        self._connecting = asyncio.Lock()
        self._is_connected = False

    async def _connected(self) -> Any:
        """A cluster's client closes connections under those who use it before it knows all nodes."""
        async with self._connecting:
            if not self._is_connected:
                await self._client.initialize()
                self._is_connected = True
        return self._client

    async def read(self, key: str) -> Entry | None:
        client = await self._connected()
        packed = await client.get(ENTRY + key)
        if packed is None:
            return None
        try:
            found, entry = unpack(packed)
        except EntryError:
            return None
        return entry if found == key else None

    async def write(self, key: str, entry: Entry, now: float) -> None:
        client = await self._connected()
        values = key, size_of(key, entry), entry.expires_at, now, self.bounds.entries, self.bounds.bytes
        await self._remove(await client.eval(RESERVE_SPACE, len(INDEX), *INDEX, *values))
        milliseconds = max(1, int((entry.stale_until - now) * 1000))
        await client.set(ENTRY + key, pack(key, entry), px=milliseconds)
        if await client.zscore(USES, key) is None:  # another one has made it go before it was there
            await self._remove([key])

    async def note(self, uses: Mapping[str, float], counts: Mapping[Group, Counts]) -> None:
        client = await self._connected()
        pipeline = client.pipeline(transaction=False)
        if uses:
            pipeline.zadd(USES, dict(uses), xx=True, gt=True)
        for group, one in counts.items():
            for name in ("hits", "misses", "evictions"):
                if number := getattr(one, name):
                    pipeline.hincrby(SUMS, f"{name}:{'/'.join(group)}", number)
        await pipeline.execute()

    async def take_lease(self, key: str, holder: str, now: float, seconds: float) -> bool:
        client = await self._connected()
        return bool(await client.set(LEASE + key, holder, nx=True, px=max(1, int(seconds * 1000))))

    async def release_lease(self, key: str, holder: str) -> None:
        client = await self._connected()
        await client.eval(RELEASE, 1, LEASE + key, holder)

    async def clear(self, selection: Selection, now: float) -> int:
        number = 0
        async for chunk in self._indexed():
            keys = [
                key
                for key, (_, expires_at) in chunk.items()
                if selection.has(key) and not (selection.only_expired and expires_at > now)
            ]
            number += await self._forget(keys)
        if not selection.only_expired:
            await self._clear_unknown(selection)
        return number

    async def statistics(self, now: float) -> list[GroupStatistics]:
        client = await self._connected()
        groups: dict[Group, GroupStatistics] = {}
        async for chunk in self._indexed():
            for key, (size, expires_at) in chunk.items():
                group = parts_of(key).group
                one = groups.setdefault(group, GroupStatistics(group))
                one.entries, one.bytes, one.active = one.entries + 1, one.bytes + size, one.active + (expires_at > now)
        for name, number in (await client.hgetall(SUMS)).items():
            what, _, words = name.decode().partition(":")
            if words:
                group = Group(*words.split("/", 1))
                setattr(groups.setdefault(group, GroupStatistics(group)), what, int(number))
        return [groups[group] for group in sorted(groups)]

    async def close(self) -> None:
        await self._client.aclose()

    async def _indexed(self) -> AsyncIterator[dict[str, tuple[int, float]]]:
        """The index in parts: the size of each entry, and when it expires. One may come twice if others write."""
        client = await self._connected()
        cursor, seen = 0, set[str]()
        while True:
            cursor, found = await client.hscan(SIZES, cursor, count=CHUNK)
            chunk = {}
            for key, words in found.items():
                if (name := key.decode()) not in seen:
                    size, expires_at = words.split()
                    chunk[name] = int(size), float(expires_at)
            seen.update(chunk)
            yield chunk
            if cursor == 0:
                return

    async def _clear_unknown(self, selection: Selection) -> None:
        """Removes entries that the index does not know, as after a crash between the two."""
        client = await self._connected()
        keys = []
        async for name in client.scan_iter(match=ENTRY + pattern(selection), count=CHUNK):
            key = name.decode().removeprefix(ENTRY)
            if selection.has(key):
                keys.append(key)
            if len(keys) >= CHUNK:
                await self._forget(keys)
                keys = []
        await self._forget(keys)

    async def _forget(self, keys: list[str]) -> int:
        client = await self._connected()
        if not keys:
            return 0
        await self._remove(keys)
        return int(await client.eval(FORGET, len(INDEX), *INDEX, *keys))

    async def _remove(self, keys: Iterable[str | bytes]) -> None:
        """One by one, since each may be on another node."""
        client = await self._connected()
        names = [ENTRY + (key if isinstance(key, str) else key.decode()) for key in keys]
        if names:
            pipeline = client.pipeline(transaction=False)
            for name in names:
                pipeline.execute_command("UNLINK", name)  # a cluster's pipeline has no method for it
            await pipeline.execute()


def pattern(selection: Selection) -> str:
    """What the names of the entries look like, for SCAN."""
    words = [selection.namespace, selection.provider]
    return "/".join("*" if word is None else escaped(word) for word in words) + f"/{escaped(selection.prefix)}*"


def escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "*?[]\\^" else letter for letter in text)
