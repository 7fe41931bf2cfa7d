"""The cache of settings: one load at a time, nobody stuck, nothing old kept."""

from __future__ import annotations

import asyncio

import pytest

from loaders.core.setting_cache import SettingCache


class Source:
    """Gives the numbers of its loads, when told to."""

    def __init__(self) -> None:
        self.loads = 0
        self.go = asyncio.Event()

    async def load(self) -> int:
        self.loads += 1
        number = self.loads
        await self.go.wait()
        return number


async def turns() -> None:
    """Lets everybody come as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_all_who_ask_meanwhile_have_the_one_load() -> None:
    cache, source = SettingCache[int](), Source()
    asking = [asyncio.create_task(cache.get(source.load)) for _ in range(5)]
    await turns()
    source.go.set()

    assert await asyncio.gather(*asking, cache.get(source.load)) == [1] * 6
    assert source.loads == 1


async def test_a_value_expires() -> None:
    cache, source = SettingCache[int](seconds=0.01), Source()
    await cache.set_notified(True)
    source.go.set()

    assert await cache.get(source.load) == 1
    await asyncio.sleep(0.05)
    assert await cache.get(source.load) == 2


async def test_one_who_leaves_hands_the_load_on() -> None:
    cache, source = SettingCache[int](), Source()
    first, *others = [asyncio.create_task(cache.get(source.load)) for _ in range(3)]
    await turns()

    first.cancel()
    await turns()
    source.go.set()

    assert await asyncio.gather(*others) == [2, 2]
    assert first.cancelled()


async def test_an_error_is_its_own_and_the_next_one_tries() -> None:
    cache, source = SettingCache[int](), Source()
    source.go.set()

    async def fail() -> int:
        await asyncio.sleep(0)
        raise ValueError("gone")

    first, second = asyncio.create_task(cache.get(fail)), asyncio.create_task(cache.get(source.load))

    with pytest.raises(ValueError, match="gone"):
        await first
    assert await second == 1
    assert await cache.get(fail) == 1


async def test_what_was_loaded_before_a_change_is_not_kept_nor_given_to_who_asks_after_it() -> None:
    cache, source = SettingCache[int](), Source()
    before = asyncio.create_task(cache.get(source.load))
    await turns()

    await cache.invalidate()
    after = asyncio.create_task(cache.get(source.load))
    await turns()
    source.go.set()

    assert (await before, await after, await cache.get(source.load)) == (1, 2, 2)


async def test_nobody_waits_for_ever_for_one_who_waits_for_them() -> None:
    """As where all connections are held by those who wait for the one without any."""
    cache, stuck, free = SettingCache[int](patience=0.01), Source(), Source()
    free.go.set()
    first = asyncio.create_task(cache.get(stuck.load))
    await turns()

    assert await asyncio.gather(*(cache.get(free.load) for _ in range(5))) == [1] * 5
    assert free.loads == 1
    stuck.go.set()
    assert await first == 1


async def test_a_value_is_kept_for_long_only_where_changes_elsewhere_are_told() -> None:
    cache, source = SettingCache[int](seconds=60, unnotified_seconds=0.01), Source()
    source.go.set()

    assert await cache.get(source.load) == 1
    await asyncio.sleep(0.05)
    assert await cache.get(source.load) == 2

    await cache.set_notified(True)
    assert await cache.get(source.load) == 3
    await asyncio.sleep(0.05)
    assert await cache.get(source.load) == 3

    await cache.set_notified(False)
    assert await cache.get(source.load) == 4
    await asyncio.sleep(0.05)
    assert await cache.get(source.load) == 5
