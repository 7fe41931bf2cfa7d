"""The cache of providers: how long a cached answer and a miss take, how often a Zipf load is answered from a full
cache, and how much it holds.

Part of `python -m bench.providers`."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from database.connect_args import ConnectArgs
from providers.cache.cache import Cache, CacheKey, CachePolicy
from providers.cache.store import Bounds, Selection, Store
from providers.provider import Call
from tests.support.cache_stores import Place
from tests.support.faulty_server import Asked, answer, faulty_server
from tests.support.outbound import client_of, provider_of
from tests.support.redis_server import PROGRAM, redis_server

KEYS, ENTRIES, SKEW, REQUESTS = 10_000, 1_000, 1.1, 20_000
HITS = 2_000
VALUE = 500
MISSES, AT_ONCE, LATENCY = 200, 5, 0.2
BOUNDS = Bounds(ENTRIES, 1_000_000)
NARROW, NARROW_WRITES = Bounds(ENTRIES, 100_000), 300
POLICY = CachePolicy(ttl=86_400)
COLUMNS = (
    *("back end", "cached, median ms", "99 % ms", "misses, 95 % ms", "hit rate", "best possible", "of it"),
    "bytes held at most",
)


async def load() -> bytes:
    return os.urandom(VALUE)


def key_of(number: int) -> CacheKey:
    return CacheKey("bench", "zipf", "item", {"number": number})


async def cached_milliseconds(cache: Cache) -> tuple[float, float]:
    """Median and 99th percentile of an answer that is there."""
    await cache.get_or_load(key_of(0), load, POLICY)
    times = []
    for _ in range(HITS):
        started = perf_counter()
        await cache.get_or_load(key_of(0), load, POLICY)
        times.append((perf_counter() - started) * 1000)
    return median(times), quantiles(times, n=100)[98]


async def zipf_hit_rate(cache: Cache, store: Store) -> tuple[float, float, int]:
    """Hit rate, that of a cache which always holds the most frequent keys, and the most bytes that were held."""
    weights = [rank**-SKEW for rank in range(1, KEYS + 1)]
    chosen = random.Random(11).choices(range(KEYS), cum_weights=list(accumulate(weights)), k=REQUESTS)
    best = sum(weights[:ENTRIES]) / sum(weights)
    hits, measured, most = 0, 0, 0
    for place, number in enumerate(chosen):
        found = await cache.get_or_load(key_of(number), load, POLICY)
        if place >= REQUESTS // 2:  # it is full by then
            hits, measured = hits + found.was_hit, measured + 1
        if place % 500 == 0:
            most = max(most, sum(group.bytes for group in await store.statistics(0)))
    return hits / measured, best, most


async def miss_milliseconds(store: Store) -> float:
    """95th percentile of answers that a service gives after so long, several at once, each of them stored."""
    async with faulty_server() as server, client_of() as client:
        server.otherwise = slowly
        cache, provider = Cache(store), provider_of(server)
        times: list[float] = []
        numbers = iter(range(MISSES))

        async def ask() -> None:
            for number in numbers:

                async def load(number: int = number) -> bytes:
                    return (await client.call(provider, Call(path=f"/{number}"))).body

                started = perf_counter()
                await cache.get_or_load(CacheKey("bench", "slow", "item", {"number": number}), load, POLICY)
                times.append((perf_counter() - started) * 1000)

        await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return quantiles(times, n=100)[94]


async def slowly(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(LATENCY)
    await answer(os.urandom(VALUE))(asked, writer)


async def most_bytes(place: Place) -> int:
    """Held at most where the bound of bytes is what makes room: answers of 100 to 4,000 bytes, looked at after each."""
    draw, most = random.Random(7), 0
    async with place.opened(NARROW) as store:
        cache = Cache(store)
        for number in range(NARROW_WRITES):
            size = draw.randrange(100, 4_000)

            async def load(size: int = size) -> bytes:
                return os.urandom(size)

            await cache.get_or_load(key_of(number), load, POLICY)
            most = max(most, sum(group.bytes for group in await store.statistics(0)))
        await cache.clear(Selection())
    return most


async def measure(place: Place) -> list[str]:
    """A row of the table."""
    async with place.opened(BOUNDS) as store:
        cache = Cache(store)
        middle, slow = await cached_milliseconds(cache)
        misses = await miss_milliseconds(store)
        await cache.clear(Selection())
        rate, best, most = await zipf_hit_rate(cache, store)
        await cache.clear(Selection())
    narrow = await most_bytes(place)
    held = f"{most:,} of {BOUNDS.bytes:,}; {narrow:,} of {NARROW.bytes:,}"
    figures = [f"{middle:.2f}", f"{slow:.2f}", f"{misses:.0f}", f"{rate:.1%}", f"{best:.1%}", f"{rate / best:.1%}"]
    return [place.kind, *figures, held]


async def measure_caches(args: ConnectArgs) -> list[list[str]]:
    """A row for each back end; without Redis where there is none on this machine."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        places = [Place("postgres", args=args), Place("disk", folder=Path(folder))]
        if PROGRAM is not None:
            places.append(Place("redis", url=stack.enter_context(redis_server())))
        return [await measure(place) for place in places]
