"""The cache of providers: how long a cached answer takes, and how often a Zipf load is answered from a full cache.

python -m bench.providers.cache"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from itertools import accumulate
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from database.connect_args import ConnectArgs
from providers.cache.cache import Cache, CacheKey, CachePolicy
from providers.cache.store import Bounds, Selection, Store
from tests.support.cache_stores import Place
from tests.support.databases import TestServer, clone, make_folder, shared
from tests.support.redis_server import PROGRAM, redis_server

KEYS, ENTRIES, SKEW, REQUESTS = 10_000, 1_000, 1.1, 20_000
HITS = 2_000
VALUE = 500
BOUNDS = Bounds(ENTRIES, 1_000_000)
POLICY = CachePolicy(ttl=86_400)


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


async def measure(place: Place) -> str:
    async with place.opened(BOUNDS) as store:
        cache = Cache(store)
        middle, slow = await cached_milliseconds(cache)
        await cache.clear(Selection())
        rate, best, most = await zipf_hit_rate(cache, store)
        held = f"{most:,} of {BOUNDS.bytes:,}"
        return f"| {place.kind} | {middle:.2f} | {slow:.2f} | {rate:.1%} | {best:.1%} | {rate / best:.1%} | {held} |"


async def measure_all(args: ConnectArgs, redis_url: str | None) -> None:
    print("| back end | cached, median ms | 99 % ms | hit rate | best possible | of it | bytes held at most |")  # noqa: T201
    print("|---|---|---|---|---|---|---|")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        places = [Place("postgres", args=args), Place("disk", folder=Path(folder))]
        for place in [*places, *([Place("redis", url=redis_url)] if redis_url else [])]:
            print(await measure(place), flush=True)  # noqa: T201


async def nothing(connection: object) -> None:
    pass


def main() -> None:
    server = TestServer(make_folder())
    try:
        name = f"{server.prefix}_template"
        asyncio.run(shared(server.url, name, nothing))
        args = asyncio.run(clone(server.url, name, f"{server.prefix}_cache"))
        if PROGRAM is None:
            asyncio.run(measure_all(args, None))
            return
        with redis_server() as url:
            asyncio.run(measure_all(args, url))
    finally:
        asyncio.run(server.drop_all())
        server.stop()


if __name__ == "__main__":
    main()
