"""The pool's rules: sizes, waiting, ages, checks."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import asyncpg
import pytest

from app.limits import pool_limits
from app.settings import Settings
from database.connect_args import ConnectArgs
from database.connection import OpenedConnection, PooledConnection
from database.pool import Pool, PoolLimits, PoolStatistics
from domain.errors import CatalogError
from tests.support.pools import Clock, backend, open_test_pool, until, value


def code_of(error: CatalogError) -> str:
    return error.extensions["code"]


def test_the_defaults_of_pool_and_settings_are_one_set() -> None:
    settings = Settings(database_url="postgresql://nowhere")
    assert PoolLimits() == PoolLimits(2, 10, 8.0, 300.0, 1800.0, 50_000, 30.0, 500)
    assert pool_limits(settings) == PoolLimits()


async def test_it_opens_its_minimum_at_the_start_and_its_maximum_when_needed(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, min=2, max=3) as pool:
        assert pool.statistics == PoolStatistics(idle=2, active=0, waiting=0, opened=2)
        held = [await pool.acquire() for _ in range(3)]
        assert pool.statistics == PoolStatistics(idle=0, active=3, waiting=0, opened=3)
        assert len({await backend(connection) for connection in held}) == 3
        for connection in held:
            pool.release(connection)
        assert pool.statistics == PoolStatistics(idle=3, active=0, waiting=0, opened=3)


async def test_the_connection_used_last_is_used_next(writer: ConnectArgs) -> None:
    async with open_test_pool(writer) as pool:
        first, second = await pool.acquire(), await pool.acquire()
        pool.release(second)
        pool.release(first)
        again = await pool.acquire()
        assert again is first
        pool.release(again)


async def test_who_waits_is_counted_and_served_in_turn(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1) as pool:
        held = await pool.acquire()
        order: list[int] = []

        async def wait(number: int) -> None:
            connection = await pool.acquire()
            order.append(number)
            pool.release(connection)

        waiting = [asyncio.create_task(wait(number)) for number in range(5)]
        await until(lambda: pool.statistics.waiting == 5)
        pool.release(held)
        await asyncio.gather(*waiting)
        assert order == [0, 1, 2, 3, 4]
        assert pool.statistics == PoolStatistics(idle=1, active=0, waiting=0, opened=1)


async def test_who_waits_for_too_long_is_told_that_the_database_is_busy(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1, acquire_timeout=1) as pool:
        held = await pool.acquire()
        with pytest.raises(CatalogError) as raised:
            await pool.acquire()
        assert (code_of(raised.value), pool.statistics.waiting) == ("DATABASE_BUSY", 0)
        assert str(raised.value) == "No connection became free in time: try again."
        pool.release(held)
        pool.release(await pool.acquire())


async def test_idle_connections_are_closed_down_to_the_minimum(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, min=1, idle_timeout=0.1) as pool:
        held = [await pool.acquire() for _ in range(4)]
        processes = [await backend(connection) for connection in held]
        for connection in held:
            pool.release(connection)
        await until(lambda: pool.statistics.idle == 1)
        kept = await pool.acquire()
        assert await backend(kept) == processes[-1]
        pool.release(kept)


async def test_a_connection_over_its_age_is_replaced(writer: ConnectArgs, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    async with open_test_pool(writer, max_age=1800, check_after=10_000) as pool:
        first = await pool.acquire()
        clock.move(1800)
        pool.release(first)
        assert pool.statistics.idle == 1
        clock.move(1)
        second = await pool.acquire()
        assert (second is first, pool.statistics.opened) == (False, 2)
        clock.move(1801)
        pool.release(second)
        assert pool.statistics == PoolStatistics(idle=0, active=0, waiting=0, opened=2)


async def test_a_connection_is_replaced_after_so_many_statements(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max_statements=3) as pool:
        for opened in (1, 1, 1, 2):
            connection = await pool.acquire()
            await value(connection, "SELECT 1")
            assert pool.statistics.opened == opened
            pool.release(connection)


async def test_a_connection_is_checked_only_after_idling(writer: ConnectArgs, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    checks: list[PooledConnection] = []
    answers = PooledConnection.answers

    async def noted(self: PooledConnection) -> bool:
        checks.append(self)
        return await answers(self)

    monkeypatch.setattr(PooledConnection, "answers", noted)
    async with open_test_pool(writer, check_after=30) as pool:
        connection = await pool.acquire()
        for idled, checked in ((0, 0), (30, 0), (31, 1), (5, 1)):
            pool.release(connection)
            clock.move(idled)
            assert await pool.acquire() is connection
            assert len(checks) == checked
        pool.release(connection)


async def test_a_connection_that_does_not_answer_the_check_is_replaced_unseen(
    writer: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)

    async def silent(self: PooledConnection) -> bool:
        return False

    async with open_test_pool(writer) as pool:
        first = await pool.acquire()
        pool.release(first)
        clock.move(31)
        monkeypatch.setattr(PooledConnection, "answers", silent)
        second = await pool.acquire()
        assert (second is first, await value(second, "SELECT 7")) == (False, 7)
        pool.release(second)
        assert pool.statistics == PoolStatistics(idle=1, active=0, waiting=0, opened=2)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.CannotConnectNowError("starting"),
        asyncpg.InvalidPasswordError("secret"),
    ],
)
async def test_a_connection_that_does_not_open_is_a_coded_error_and_takes_no_place(error: Exception) -> None:
    async def connect() -> Any:
        raise error

    pool = Pool(connect, PoolLimits(min=1, max=1, acquire_timeout=0.1))
    await pool.start()
    for _ in range(3):
        with pytest.raises(CatalogError) as raised:
            await pool.acquire()
        assert code_of(raised.value) == "DATABASE_UNAVAILABLE"
        assert str(raised.value) == "The database does not answer: try again."
    assert pool.statistics == PoolStatistics(idle=0, active=0, waiting=0, opened=0)
    await pool.close()


async def test_a_database_that_is_away_is_tried_again_until_it_is_back(writer: ConnectArgs) -> None:
    away = [ConnectionRefusedError(), asyncpg.CannotConnectNowError("starting"), asyncpg.ConnectionFailureError("no")]

    async def connect() -> OpenedConnection:
        if away:
            raise away.pop()
        return OpenedConnection(await asyncpg.connect(**writer.kwargs(), statement_cache_size=0))

    pool = Pool(connect, PoolLimits(min=0, max=1))
    first, second = asyncio.create_task(pool.acquire()), asyncio.create_task(pool.acquire())
    await until(lambda: pool.statistics == PoolStatistics(idle=0, active=1, waiting=1, opened=0, opening=1))
    pool.release(await first)
    pool.release(await second)
    assert pool.statistics == PoolStatistics(idle=1, active=0, waiting=0, opened=1)
    await pool.close()


@pytest.mark.parametrize(
    "error",
    [asyncpg.InvalidPasswordError("secret"), asyncpg.InvalidCatalogNameError("none"), ssl.SSLError("untrusted")],
)
async def test_what_no_second_try_mends_is_told_at_once(error: Exception) -> None:
    tries = 0

    async def connect() -> OpenedConnection:
        nonlocal tries
        tries += 1
        raise error

    pool = Pool(connect, PoolLimits(min=0, max=1, acquire_timeout=60))
    with pytest.raises(CatalogError) as raised:
        await pool.acquire()
    assert (code_of(raised.value), tries) == ("DATABASE_UNAVAILABLE", 1)


async def test_how_many_wait_for_a_connection_is_bounded(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1, waiting=2) as pool:
        held = await pool.acquire()
        waiting = [asyncio.create_task(pool.acquire()) for _ in range(2)]
        await until(lambda: pool.statistics.waiting == 2)
        with pytest.raises(CatalogError, match=r"^2 requests wait already: try again later\.$") as raised:
            await pool.acquire()
        assert code_of(raised.value) == "DATABASE_BUSY"
        pool.release(held)
        for one in waiting:
            pool.release(await one)


async def test_who_waits_for_a_place_gets_it_before_those_who_come_later(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1, max_statements=1) as pool:
        held = await pool.acquire()
        await value(held, "SELECT 1")
        waiting = asyncio.create_task(pool.acquire())
        await until(lambda: pool.statistics.waiting == 1)
        pool.release(held)
        late = asyncio.create_task(pool.acquire())
        first = await waiting
        assert not late.done()
        pool.release(first)
        pool.release(await late)
