"""The contract of the cache's back ends: each test runs over each of them."""

from __future__ import annotations

import asyncio

import pytest

from database.connect_args import ConnectArgs
from providers.cache.entry import size_of
from providers.cache.store import Bounds, Counts, Group, GroupStatistics, Selection, Store
from tests.support.cache_stores import NOW, Place, entry

TMDB, OTHER = Group("default", "tmdb"), Group("tenant", "tmdb")


def key_of(number: int | str, provider: str = "tmdb", namespace: str = "default", call: str = "movie/550") -> str:
    return f"{namespace}/{provider}/{call}/{number}"


async def present(store: Store, *keys: str) -> list[bool]:
    return [await store.read(key) is not None for key in keys]


async def test_what_was_written_is_read_and_nothing_else(store: Store) -> None:
    written = entry(b"\x00\xffanswer", ttl=60, stale=30)
    await store.write(key_of(1), written, NOW)
    assert await store.read(key_of(1)) == written
    assert await store.read(key_of(2)) is None


async def test_an_entry_of_nothing_and_a_compressed_one_are_read_as_they_were_written(store: Store) -> None:
    nothing, long = entry(None), entry(b"long " * 10_000)
    await store.write(key_of(1), nothing, NOW)
    await store.write(key_of(2), long, NOW)
    assert (await store.read(key_of(1)), await store.read(key_of(2))) == (nothing, long)
    assert long.is_compressed
    assert long.value(50_000) == b"long " * 10_000


async def test_a_newer_entry_takes_the_place_of_an_older_one(store: Store) -> None:
    await store.write(key_of(1), entry(b"a longer answer"), NOW)
    await store.write(key_of(1), newer := entry(b"short"), NOW)
    assert await store.read(key_of(1)) == newer
    [group] = await store.statistics(NOW)
    assert (group.entries, group.bytes, group.evictions) == (1, size_of(key_of(1), newer), 0)


async def test_what_was_used_least_recently_makes_room(place: Place) -> None:
    async with place.opened(Bounds(entries=3, bytes=100_000)) as store:
        for number in (1, 2, 3):
            await store.write(key_of(number), entry(), NOW + number)
        await store.note({key_of(1): NOW + 4}, {})
        await store.write(key_of(4), entry(), NOW + 5)
        await store.write(key_of(5), entry(), NOW + 6)
        assert await present(store, *map(key_of, (1, 2, 3, 4, 5))) == [True, False, False, True, True]
        [group] = await store.statistics(NOW)
        assert (group.entries, group.evictions) == (3, 2)


async def test_replacing_an_entry_in_a_full_cache_pushes_none_out(place: Place) -> None:
    async with place.opened(Bounds(entries=2, bytes=100_000)) as store:
        await store.write(key_of(1), entry(), NOW)
        await store.write(key_of(2), entry(), NOW + 1)
        await store.write(key_of(2), entry(b"newer"), NOW + 2)
        assert await present(store, key_of(1), key_of(2)) == [True, True]


async def test_the_bound_of_bytes_is_never_passed(place: Place) -> None:
    size = size_of(key_of("00"), entry(bytes(100)))
    async with place.opened(Bounds(entries=1000, bytes=5 * size)) as store:
        for number in range(20):
            await store.write(key_of(f"{number:02}"), entry(bytes(100)), NOW + number)
            [group] = await store.statistics(NOW)
            assert group.bytes == min(number + 1, 5) * size
        await store.write(key_of("20"), entry(bytes(100) + bytes(2 * size)), NOW + 20)
        [group] = await store.statistics(NOW)
        assert (group.entries, group.bytes) == (3, 5 * size)


async def test_those_who_write_at_once_keep_within_the_bounds(place: Place) -> None:
    bounds = Bounds(entries=10, bytes=100_000)
    async with place.opened(bounds) as first, place.opened(bounds) as second:
        keys = [key_of(number) for number in range(40)]
        await asyncio.gather(
            *((first if place % 2 else second).write(key, entry(), NOW + place) for place, key in enumerate(keys))
        )
        [group] = await first.statistics(NOW)
        assert (group.entries, group.evictions) == (10, 30)
        assert sum(await present(first, *keys)) == 10


async def test_statistics_are_by_namespace_and_provider(store: Store) -> None:
    await store.write(key_of(1), entry(ttl=10, stale=100), NOW)
    await store.write(key_of(2), entry(ttl=100), NOW)
    await store.write(key_of(1, namespace="tenant"), entry(ttl=10), NOW)
    await store.note({}, {TMDB: Counts(hits=3, misses=2), OTHER: Counts(misses=1)})
    await store.note({}, {TMDB: Counts(hits=1)})
    size = size_of(key_of(1), entry())
    assert await store.statistics(NOW + 50) == [
        GroupStatistics(TMDB, entries=2, active=1, bytes=2 * size, hits=4, misses=2),
        GroupStatistics(OTHER, entries=1, active=0, bytes=size - 1, hits=0, misses=1),
    ]


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        (Selection(), []),
        (Selection(namespace="default"), ["other"]),
        (Selection(provider="tmdb"), ["tags"]),
        (Selection(provider="tmdb", prefix="movie/"), ["series", "tags"]),
        (Selection(prefix="series/1["), ["movie", "expired", "other", "tags"]),
        (Selection(prefix="*"), ["movie", "expired", "series", "other", "tags"]),
        (Selection(only_expired=True), ["movie", "series", "other", "tags"]),
        (Selection(namespace="tenant", only_expired=True), ["movie", "expired", "series", "other", "tags"]),
    ],
    ids=str,
)
async def test_what_is_selected_is_cleared(store: Store, selection: Selection, left: list[str]) -> None:
    keys = {
        "movie": key_of(1),
        "expired": key_of(2),
        "series": key_of(1, call="series/1[*]"),
        "other": key_of(1, namespace="tenant"),
        "tags": key_of(1, provider="tagger", call="tags"),
    }
    for name, key in keys.items():
        await store.write(key, entry(ttl=10 if name == "expired" else 100, stale=100), NOW)
    assert await store.clear(selection, NOW + 50) == len(keys) - len(left)
    assert [name for name, key in keys.items() if await store.read(key)] == left
    assert sum(group.entries for group in await store.statistics(NOW)) == len(left)


async def test_what_was_cleared_makes_room(place: Place) -> None:
    async with place.opened(Bounds(entries=3, bytes=100_000)) as store:
        for number in (1, 2, 3):
            await store.write(key_of(number), entry(), NOW)
        await store.clear(Selection(), NOW)
        for number in (4, 5, 6):
            await store.write(key_of(number), entry(), NOW)
        assert await present(store, *map(key_of, (4, 5, 6))) == [True, True, True]


async def test_one_holder_has_a_lease_until_it_is_released(place: Place) -> None:
    async with place.opened() as first, place.opened() as second:
        assert await first.take_lease(key_of(1), "first", NOW, 30)
        assert not await second.take_lease(key_of(1), "second", NOW, 30)
        assert await second.take_lease(key_of(2), "second", NOW, 30)
        await second.release_lease(key_of(1), "second")  # it is not the second's
        assert not await second.take_lease(key_of(1), "second", NOW, 30)
        await first.release_lease(key_of(1), "first")
        assert await second.take_lease(key_of(1), "second", NOW, 30)


async def test_of_many_who_ask_one_gets_the_lease(store: Store) -> None:
    taken = await asyncio.gather(*(store.take_lease(key_of(1), f"holder{number}", NOW, 30) for number in range(20)))
    assert sum(taken) == 1


async def test_a_lease_whose_holder_died_ends(store: Store) -> None:
    assert await store.take_lease(key_of(1), "dead", NOW, 0.05)
    await asyncio.sleep(0.1)  # Redis has a clock of its own
    assert await store.take_lease(key_of(1), "alive", NOW + 0.1, 30)
    await store.release_lease(key_of(1), "dead")
    assert not await store.take_lease(key_of(1), "third", NOW + 0.2, 30)


async def test_long_keys_and_letters_of_all_scripts_are_kept(store: Store) -> None:
    key = key_of(1, call="映画/" + "é" * 195)
    await store.write(key, entry(), NOW)
    assert await store.read(key) == entry()
    assert await store.clear(Selection(prefix="映画/é"), NOW) == 1


async def test_lower_bounds_are_kept_after_some_writes(place: Place) -> None:
    async with place.opened(Bounds(500, 10_000_000)) as store:
        for number in range(500):
            await store.write(key_of(number), entry(b"x"), float(number))
    async with place.opened(Bounds(10, 10_000_000)) as store:
        for number in range(500, 520):
            await store.write(key_of(number), entry(b"x"), float(number))
        [group] = await store.statistics(NOW)
        assert (group.entries, await store.read(key_of(519)) is None) == (10, False)
        assert await store.read(key_of(499)) is None


async def test_a_write_removes_a_bounded_number_of_entries(writer: ConnectArgs) -> None:
    """Of 1,000 far over the bounds each write removes 200; nothing is kept until there is room."""
    place = Place("postgres", args=writer)
    async with place.opened(Bounds(1_000, 10_000_000)) as store:
        for number in range(1_000):
            await store.write(key_of(number), entry(b"x"), float(number))
    async with place.opened(Bounds(10, 10_000_000)) as store:
        kept = []
        for number in range(1_000, 1_006):
            await store.write(key_of(number), entry(b"x"), float(number))
            [group] = await store.statistics(NOW)
            kept.append((group.entries, group.evictions))
    assert kept == [(800, 200), (600, 400), (400, 600), (200, 800), (10, 991), (10, 992)]
