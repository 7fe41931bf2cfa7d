"""What goes wrong: back ends that are away, full disks, damaged files, commands that Redis must not get."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from database.connect_args import ConnectArgs
from providers.cache.cache import Cache, Cached, CacheKey, CachePolicy
from providers.cache.disk import DiskStore
from providers.cache.redis import RedisStore, connect_redis
from providers.cache.store import Bounds, Selection, Store
from tests.support.cache_stores import BOUNDS, NOW, PATIENCE, Clock, Place, entry, patient_cache
from tests.support.redis_server import needs_redis

KEY = CacheKey("default", "tmdb", "movie/550")
POLICY = CachePolicy(ttl=60)


async def load() -> bytes:
    return b"loaded"


@pytest.mark.parametrize("kind", ["postgres", pytest.param("redis", marks=needs_redis), "disk"])
async def test_where_the_back_end_is_away_all_is_loaded_and_it_is_said_once(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    away = ConnectArgs("postgresql://nobody:secret@127.0.0.1:1/none")
    place = Place(kind, args=away, url="redis://:secret@127.0.0.1:1", folder=tmp_path / "file")
    async with place.opened() as store:
        cache = Cache(store, now=clock)
        with caplog.at_level(logging.WARNING, "marquee.provider_cache"):
            for _ in range(3):
                assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"loaded")
        statistics = await cache.statistics()
    assert (statistics.is_available, statistics.failures) == (False, 1)  # it was left alone after the first
    [line] = [record.getMessage() for record in caplog.records if record.name == "marquee.provider_cache"]
    assert line.startswith(f"The cache of providers ({kind}) fails, so that everything is loaded: ")
    assert "secret" not in line


@needs_redis
async def test_a_back_end_that_comes_back_is_used_again(redis_url: str, clock: Clock) -> None:
    with Redis.from_url(redis_url) as client:
        client.flushall()
    store = RedisStore(connect_redis(redis_url, is_cluster=False, seconds=PATIENCE), BOUNDS)
    cache = patient_cache(store, now=clock)
    store.read, read = fail, store.read  # type: ignore[method-assign]
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"loaded")
    store.read = read  # type: ignore[method-assign]
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"loaded")  # left alone for a while
    clock.now += 6
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"loaded")
    assert await cache.get_or_load(KEY, load, POLICY) == Cached(b"loaded", was_hit=True)
    await store.close()


async def fail(key: str) -> None:
    raise ConnectionError


@needs_redis
@pytest.mark.parametrize("kind", ["redis", "redis_cluster"])
async def test_redis_is_walked_by_scan_and_keys_is_never_sent(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    with Redis.from_url(url) as client, client.monitor() as monitor:
        async with Place(kind, url=url).opened(Bounds(entries=5, bytes=100_000)) as store:
            await use_all(store)
        client.echo("end")
        commands = []
        for sent in monitor.listen():
            commands.append(sent["command"].split()[0].upper())
            if sent["command"] == "ECHO end":
                break
    assert "SCAN" in commands
    assert "KEYS" not in commands


async def use_all(store: Store) -> None:
    for number in range(8):
        await store.write(f"default/tmdb/movie/{number}", entry(), NOW + number)
    await store.note({"default/tmdb/movie/7": NOW}, {})
    await store.take_lease("default/tmdb/movie/1", "holder", NOW, 1)
    await store.release_lease("default/tmdb/movie/1", "holder")
    await store.statistics(NOW)
    for selection in (Selection(provider="tmdb", only_expired=True), Selection(prefix="movie/"), Selection()):
        await store.clear(selection, NOW)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 kB."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)


async def test_a_full_disk_fails_open_and_loses_nothing_that_was_kept(small_disk: Path, clock: Clock) -> None:
    store = DiskStore(small_disk / "cache", Bounds(1000, 10_000_000))
    cache = patient_cache(store, now=clock)
    large = os.urandom(60_000)

    async def load_large() -> bytes:
        return large

    for number in range(6):
        key = CacheKey("default", "tmdb", f"movie/{number}")
        assert (await cache.get_or_load(key, load_large, POLICY)).value == large
        clock.now += 6
    statistics = await cache.statistics()
    assert statistics.failures >= 3
    assert 2 <= statistics.total("entries") <= 3
    assert (await cache.get_or_load(CacheKey("default", "tmdb", "movie/0"), load_large, POLICY)).was_hit
    assert not list((small_disk / "cache").rglob("*.new"))
    await store.close()


async def test_damaged_and_half_written_files_are_no_entries(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, Bounds(entries=3, bytes=100_000))
    keys = [f"default/tmdb/movie/{number}" for number in range(3)]
    for key in keys:
        await store.write(key, entry(), NOW)
    files = sorted(path for path in tmp_path.rglob("*/*/*") if path.is_file())
    files[0].write_bytes(files[0].read_bytes()[:20])
    files[1].write_bytes(b"")
    (files[2].parent / "half.new").write_bytes(b"half")
    (tmp_path / "state.json").write_bytes(b'{"entries": 1')
    (tmp_path / "leases").mkdir()
    assert [await store.read(key) is not None for key in keys].count(True) == 1
    assert [group.entries for group in await store.statistics(NOW)] == [1]
    await store.write("default/tmdb/movie/3", entry(), NOW + 1)
    assert await store.read("default/tmdb/movie/3") == entry()
    assert not list(tmp_path.rglob("half.new"))
    await store.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from providers.cache.disk import DiskStore
from providers.cache.store import Bounds
from tests.support.cache_stores import NOW, entry

async def main() -> None:
    store = DiskStore(Path(sys.argv[1]), Bounds(20, 20_000))
    print("ready", flush=True)
    for number in range(100_000):
        await store.write(f"default/tmdb/movie/{sys.argv[2]}-{number % 50}", entry(bytes(range(256))), NOW + number)

asyncio.run(main())
"""


async def test_processes_that_are_killed_while_they_write_leave_a_folder_within_its_bounds(tmp_path: Path) -> None:
    for turn in range(2):
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, tmp_path, f"{turn}-{one}"], stdout=subprocess.PIPE)
            for one in range(2)
        ]
        for one in writers:
            assert one.stdout is not None
            assert one.stdout.readline() == b"ready\n"
        await asyncio.sleep(0.1)
        for one in writers:
            one.send_signal(signal.SIGKILL)
            one.communicate()
        async with Place("disk", folder=tmp_path).opened() as store:
            [group] = await store.statistics(NOW)
        assert 0 < group.entries <= 20
        assert group.bytes <= 20_000


async def test_the_statements_of_a_hit_and_a_miss_are_as_many_as_published(writer: ConnectArgs, clock: Clock) -> None:
    async with Place("postgres", args=writer).opened() as store:
        sent: list[str] = []
        store._pool.on_statement = lambda statement, rows, seconds: sent.append(statement.name)  # type: ignore[attr-defined]
        cache = patient_cache(store, now=clock)
        await cache.get_or_load(KEY, load, POLICY)
        assert (len(sent), len([name for name in sent if name != "transaction"])) == (14, 6)
        sent.clear()
        await cache.get_or_load(KEY, load, POLICY)
        assert sent == ["provider_cache_entry"]
