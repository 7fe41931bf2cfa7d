"""No cancellation ever loses a connection of a pool."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from database.connection import PooledConnection
from database.pool import Pool, PoolLimits, PoolStatistics
from database.session import Session
from tests.support.pools import Clock, open_test_pool, sql, until, value


@pytest.mark.parametrize("used_up", [False, True])
async def test_what_is_handed_to_a_waiter_that_is_cancelled_at_once_is_not_lost(
    writer: ConnectArgs, used_up: bool
) -> None:
    async with open_test_pool(writer, max=1, max_statements=1) as pool:
        held = await pool.acquire()
        if used_up:
            await value(held, "SELECT 1")
        waiting = asyncio.create_task(pool.acquire())
        other = asyncio.create_task(pool.acquire())
        await until(lambda: pool.statistics.waiting == 2)
        pool.release(held)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        pool.release(await other)
        assert pool.statistics.idle == 1


async def test_a_cancelled_opening_takes_no_place(writer: ConnectArgs) -> None:
    opening = asyncio.Event()

    async def connect() -> Any:
        opening.set()
        await asyncio.Event().wait()

    pool = Pool(connect, PoolLimits(min=0, max=1))
    task = asyncio.create_task(pool.acquire())
    await opening.wait()
    assert pool.statistics.active == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pool.statistics == PoolStatistics(idle=0, active=0, waiting=0, opened=0)


async def test_a_cancelled_check_takes_no_place(writer: ConnectArgs, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    checking = asyncio.Event()

    async def endless(self: PooledConnection) -> bool:
        checking.set()
        await asyncio.Event().wait()
        return True

    async with open_test_pool(writer, max=1) as pool:
        pool.release(await pool.acquire())
        clock.move(31)
        monkeypatch.setattr(PooledConnection, "answers", endless)
        task = asyncio.create_task(pool.acquire())
        await checking.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert pool.statistics == PoolStatistics(idle=0, active=0, waiting=0, opened=1)
        pool.release(await pool.acquire())


async def test_a_statement_cancelled_in_its_middle_leaves_its_connection_usable(
    writer: ConnectArgs, connection: Any
) -> None:
    running = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"
    async with open_test_pool(writer, max=1) as pool:
        first = await pool.acquire()
        task = asyncio.create_task(first.fetch(sql("SELECT pg_sleep(60)"), [], None))
        while not await connection.fetchval(running):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        pool.release(first)
        again = await pool.acquire()
        assert (again is first, await value(again, "SELECT 7")) == (True, 7)
        assert await connection.fetchval(running) == 0
        pool.release(again)


@pytest.mark.parametrize("seed", range(3))
async def test_random_cancellations_of_many_requests_lose_no_connection(writer: ConnectArgs, seed: int) -> None:
    chance = random.Random(seed)

    async def request(pool: Pool, statements: int) -> int:
        database = Session(pool)
        total = 0
        try:
            for number in range(statements):
                [row] = await database.fetch(sql("SELECT pg_sleep(0.005), $1::int"), [number])
                total += row[1]
        finally:
            await database.close()
        return total

    async with open_test_pool(writer, max=2, max_statements=25) as pool:
        tasks = [asyncio.create_task(request(pool, 5)) for _ in range(32)]
        doomed = chance.sample(tasks, 16)
        for task in doomed:
            await asyncio.sleep(chance.random() * 0.02)
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) or result == 10 for result in results)
        assert [result for task, result in zip(tasks, results, strict=True) if task not in doomed] == [10] * 16
        assert (pool.statistics.active, pool.statistics.waiting) == (0, 0)
        both = [await pool.acquire(), await pool.acquire()]
        assert [await value(connection, "SELECT 7") for connection in both] == [7, 7]
        for connection in both:
            pool.release(connection)
