"""The cache over each back end: what is loaded, what is served, and for how long."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable

import pytest

from providers.cache.cache import Cache, Cached, CacheKey, CachePolicy
from providers.cache.store import Selection, Store
from tests.support.cache_stores import BOUNDS, Clock, Place, patient_cache

KEY = CacheKey("default", "tmdb", "movie/550", {"language": "en"})
POLICY = CachePolicy(ttl=60, stale=30, negative_ttl=10, jitter=0)


class Loader:
    """Counts how often it is asked; answers "1", "2" ..., when it may."""

    def __init__(self) -> None:
        self.number = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.answer: Callable[[int], bytes | None] = lambda number: str(number).encode()

    async def __call__(self) -> bytes | None:
        self.number += 1
        number = self.number
        await self.may_answer.wait()
        return self.answer(number)


@pytest.fixture
def load() -> Loader:
    return Loader()


@pytest.fixture
async def cache(store: Store, clock: Clock) -> AsyncIterator[Cache]:
    cache = patient_cache(store, now=clock)
    yield cache
    await cache.close()


async def settled(cache: Cache, load: Loader, number: int) -> None:
    """Until so many loads have begun and all that came of them is done."""
    async with asyncio.timeout(20):
        while load.number < number or cache.is_loading:
            await asyncio.sleep(0.01)


async def test_what_is_kept_is_not_loaded_again(cache: Cache, load: Loader, clock: Clock) -> None:
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"1")
    clock.now += 59
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"1", was_hit=True)
    other = CacheKey("tenant", "tmdb", "movie/550", {"language": "en"})
    assert await cache.get_or_load(other, load, POLICY) == Cached(b"2")


async def test_a_stale_answer_is_served_while_it_is_loaded_once_in_the_background(
    cache: Cache, load: Loader, clock: Clock
) -> None:
    await cache.get_or_load(KEY, load, POLICY)
    clock.now += 61
    load.may_answer.clear()
    for _ in range(3):
        assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"1", is_stale=True, was_hit=True)
    load.may_answer.set()
    await settled(cache, load, 2)
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"2", was_hit=True)
    assert load.number == 2


async def test_a_stale_answer_stays_where_loading_fails(cache: Cache, load: Loader, clock: Clock) -> None:
    await cache.get_or_load(KEY, load, POLICY)
    load.answer = lambda number: 1 // 0  # type: ignore[assignment, return-value]
    clock.now += 61
    for _ in range(3):  # each of them would try again, were there no pause
        assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"1", is_stale=True, was_hit=True)
        await settled(cache, load, 2)
    assert load.number == 2
    clock.now += 6
    assert (await cache.get_or_load(KEY, load, POLICY)).value == b"1"
    await settled(cache, load, 3)
    assert (await cache.statistics()).failures == 0  # the back end is well


async def test_what_another_process_loads_anew_is_not_tried_with_each_hit(
    cache: Cache, store: Store, load: Loader, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cache.get_or_load(KEY, load, POLICY)
    clock.now += 61
    assert await store.take_lease(KEY.text, "another process", clock.now, 30)
    tries = 0
    take_lease = store.take_lease

    async def counted(key: str, holder: str, now: float, seconds: float) -> bool:
        nonlocal tries
        tries += 1
        return await take_lease(key, holder, now, seconds)

    monkeypatch.setattr(store, "take_lease", counted)
    for _ in range(5):
        assert (await cache.get_or_load(KEY, load, POLICY)).is_stale
        await settled(cache, load, 1)
    assert (tries, load.number) == (1, 1)


async def test_a_load_that_is_given_up_while_it_takes_its_lease_leaves_none_behind(
    cache: Cache, store: Store, load: Loader, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, may_answer = asyncio.Event(), asyncio.Event()
    take_lease = store.take_lease

    async def slow(key: str, holder: str, now: float, seconds: float) -> bool:
        """The back end has given the lease, and its answer is still under way."""
        found = await take_lease(key, holder, now, seconds)
        taken.set()
        await may_answer.wait()
        return found

    monkeypatch.setattr(store, "take_lease", slow)
    task = asyncio.create_task(cache.get_or_load(KEY, load, POLICY))
    await taken.wait()
    task.cancel()
    await asyncio.wait([task])
    may_answer.set()

    async with asyncio.timeout(20):
        while not await take_lease(KEY.text, "next", clock.now, 30):
            await asyncio.sleep(0.01)
    assert load.number == 0


async def test_what_is_too_old_is_loaded_anew(cache: Cache, load: Loader, clock: Clock) -> None:
    await cache.get_or_load(KEY, load, POLICY)
    clock.now += 90
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"2")


async def test_that_there_is_nothing_is_kept_for_its_own_time(cache: Cache, load: Loader, clock: Clock) -> None:
    load.answer = lambda number: None
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(None)
    clock.now += 9
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(None, was_hit=True)
    clock.now += 1
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(None)
    assert load.number == 2


async def test_what_is_too_large_is_answered_and_not_kept(cache: Cache, load: Loader) -> None:
    large = os.urandom(BOUNDS.entry_bytes)  # which cannot be compressed
    load.answer = lambda number: large
    assert not (await cache.get_or_load(KEY, load, POLICY)).was_hit
    assert not (await cache.get_or_load(KEY, load, POLICY)).was_hit
    assert (await cache.statistics()).groups[0].entries == 0


async def test_many_who_ask_at_once_share_one_load(cache: Cache, load: Loader) -> None:
    answers = await asyncio.gather(*(cache.get_or_load(KEY, load, POLICY) for _ in range(50)))
    assert (load.number, {answer.value for answer in answers}) == (1, {b"1"})


async def test_who_asks_in_another_process_waits_for_the_one_that_loads(
    place: Place, load: Loader, clock: Clock
) -> None:
    async with place.opened() as first, place.opened() as second:
        caches = patient_cache(first, now=clock), patient_cache(second, now=clock)
        load.may_answer.clear()
        tasks = [asyncio.create_task(cache.get_or_load(KEY, load, POLICY)) for cache in caches for _ in range(3)]
        await asyncio.sleep(0.2)
        load.may_answer.set()
        assert {(await task).value for task in tasks} == {b"1"}
        assert load.number == 1


async def test_another_process_loads_where_the_one_that_did_has_failed(
    place: Place, load: Loader, clock: Clock
) -> None:
    async with place.opened() as first, place.opened() as second:
        load.may_answer.clear()
        task = asyncio.create_task(patient_cache(first, now=clock).get_or_load(KEY, load, POLICY))
        while not load.number:
            await asyncio.sleep(0.01)
        other = asyncio.create_task(patient_cache(second, now=clock).get_or_load(KEY, load, POLICY))
        await asyncio.sleep(0.05)
        load.answer = lambda number: 1 // 0 if number == 1 else b"second"  # type: ignore[assignment, return-value]
        load.may_answer.set()
        with pytest.raises(ZeroDivisionError):
            await task
        assert (await other).value == b"second"


async def test_what_a_load_raises_is_raised_to_all_and_not_kept(cache: Cache, load: Loader) -> None:
    load.answer = lambda number: 1 // 0  # type: ignore[assignment, return-value]
    asked = [cache.get_or_load(KEY, load, POLICY) for _ in range(5)]
    assert [type(error) for error in await asyncio.gather(*asked, return_exceptions=True)] == [ZeroDivisionError] * 5
    load.answer = lambda number: b"well"
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"well")


async def test_one_who_leaves_takes_nothing_from_those_who_wait(cache: Cache, load: Loader) -> None:
    load.may_answer.clear()
    first, second = (asyncio.create_task(cache.get_or_load(KEY, load, POLICY)) for _ in range(2))
    while not load.number or [flight.waiting for flight in cache._flights._flights.values()] != [2]:
        await asyncio.sleep(0.01)
    first.cancel()
    load.may_answer.set()
    assert (await second, load.number) == (Cached(b"1"), 1)


async def test_where_all_have_left_the_load_ends_and_the_next_one_begins(cache: Cache, load: Loader) -> None:
    load.may_answer.clear()
    task = asyncio.create_task(cache.get_or_load(KEY, load, POLICY))
    while not load.number:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    load.may_answer.set()
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"2")


async def test_a_cache_that_is_off_keeps_nothing(store: Store, load: Loader) -> None:
    cache = patient_cache(store, is_enabled=False)
    for answer in (b"1", b"2"):
        assert await cache.get_or_load(KEY, load, POLICY) == Cached(answer)
    statistics = await cache.statistics()
    assert (statistics.is_enabled, statistics.is_available, statistics.groups) == (False, False, [])
    assert await store.statistics(0) == []


async def test_hits_and_misses_of_all_processes_are_counted(place: Place, load: Loader, clock: Clock) -> None:
    async with place.opened() as first, place.opened() as second:
        cache, other = patient_cache(first, now=clock), patient_cache(second, now=clock)
        await cache.get_or_load(KEY, load, POLICY)
        await cache.get_or_load(KEY, load, POLICY)
        await other.get_or_load(KEY, load, POLICY)
        await cache.statistics()
        statistics = await other.statistics()
        assert [statistics.total(name) for name in ("entries", "active", "hits", "misses")] == [1, 1, 2, 1]
        assert await cache.clear(Selection(provider="tmdb")) == 1
        assert await other.get_or_load(KEY, load, POLICY) == Cached(b"2")


async def test_answers_that_come_many_at_a_time_are_put_and_got_as_others_are(
    cache: Cache, load: Loader, clock: Clock
) -> None:
    other = CacheKey("default", "tmdb", "movie/551", {"language": "en"})
    assert await cache.get(KEY) is None
    await cache.put(KEY, b"1", POLICY)
    await cache.put(other, None, POLICY)
    assert await cache.get(KEY) == await cache.get_or_load(KEY, load, POLICY) == Cached(b"1", was_hit=True)
    assert await cache.get(other) == Cached(None, was_hit=True)
    statistics = await cache.statistics()
    assert (load.number, statistics.total("hits"), statistics.total("misses")) == (0, 3, 1)
    clock.now += 11
    assert await cache.get(other) is None
    clock.now += 50
    assert await cache.get(KEY) == Cached(b"1", is_stale=True, was_hit=True)


async def test_a_cache_that_is_off_neither_takes_nor_gives(store: Store, clock: Clock) -> None:
    off, on = Cache(store, is_enabled=False, now=clock), Cache(store, now=clock)
    await off.put(KEY, b"1", POLICY)
    assert await on.get(KEY) is None
    await on.put(KEY, b"1", POLICY)
    assert await off.get(KEY) is None
