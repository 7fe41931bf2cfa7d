"""The database of one request: whose turn it is, and what its end does to statements that run or wait."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import asyncpg
import pytest

from app.process.open_pool import create_connector, open_pool
from app.settings import Settings
from database.connect_args import ConnectArgs
from database.session import Session
from domain.errors import CatalogError
from tests.support.pools import open_test_pool, sql, until

NUMBER = sql("SELECT $1::int")
SLEEP = sql("SELECT pg_sleep(60)::text")


def number_of(rows: list[Any]) -> int:
    [row] = rows
    return int(row[0])


async def test_statements_that_are_asked_for_at_once_are_sent_in_that_order(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1) as pool:
        sent: list[int] = []
        pool.on_statement = lambda statement, rows, seconds: sent.append(rows)
        database = Session(pool)
        order: list[int] = []

        async def ask(number: int) -> None:
            order.append(number_of(await database.fetch(NUMBER, [number])))

        await asyncio.gather(*(ask(number) for number in range(5)))
        await ask(5)
        await database.close()
        assert order == [0, 1, 2, 3, 4, 5]
        assert (sent, database.statements) == ([1] * 6, 6)


async def test_a_turn_is_handed_over_so_that_nobody_comes_in_between(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        order: list[str] = []

        async def ask(name: str) -> None:
            await database.fetch(NUMBER, [1])
            order.append(name)

        first = asyncio.create_task(ask("first"))
        await asyncio.sleep(0)
        second = asyncio.create_task(ask("second"))
        await first  # by now the second one has the turn, but has not run yet
        await ask("third")
        await second
        await database.close()
        assert order == ["first", "second", "third"]


async def test_who_is_cancelled_when_it_gets_the_turn_passes_it_on(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        first, doomed, last = [asyncio.create_task(database.fetch(NUMBER, [number])) for number in range(3)]

        # After the first statement, before the one that has the turn by then wakes up.
        def note(*statement: object) -> None:
            asyncio.get_running_loop().call_soon(doomed.cancel)

        pool.on_statement = note
        assert [number_of(await first), number_of(await last)] == [0, 2]
        assert doomed.cancelled()
        await database.close()
        assert database.statements == 2


async def test_who_is_cancelled_while_it_waits_is_passed_over(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        first, doomed, last = [asyncio.create_task(database.fetch(NUMBER, [number])) for number in range(3)]
        await asyncio.sleep(0)
        doomed.cancel()
        assert [number_of(await first), number_of(await last)] == [0, 2]
        await database.close()
        assert database.statements == 2


async def test_the_end_of_a_request_ends_what_runs_and_refuses_what_waits(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        running, waiting = [asyncio.create_task(database.fetch(SLEEP, [])) for _ in range(2)]
        while not database.statements:
            await asyncio.sleep(0.01)
        await database.close()
        assert running.cancelled()
        for refused in (waiting, database.fetch(NUMBER, [1])):
            with pytest.raises(CatalogError, match=r"^The request has ended\.$"):
                await refused
        assert database.statements == 1
        await until(lambda: pool.statistics.active == 0)  # the connection is checked first


async def test_a_statement_that_fails_leaves_the_turn_to_the_next(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        slow = asyncio.create_task(database.fetch(SLEEP, [], timeout=0.05))
        next_one = asyncio.create_task(database.fetch(NUMBER, [7]))
        with pytest.raises(TimeoutError):
            await slow
        assert number_of(await next_one) == 7
        await database.close()
        await until(lambda: pool.statistics.active == 0)


async def test_a_connection_that_has_been_told_of_its_end_is_not_seen_by_a_client(writer: ConnectArgs) -> None:
    class Ending:
        """What asyncpg does between the server's last message and the end of the socket."""

        async def bind_execute(self, *given: object) -> None:
            raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        assert number_of(await database.fetch(NUMBER, [1])) == 1
        assert database._connection is not None
        database._connection._protocol = Ending()
        assert number_of(await database.fetch(NUMBER, [2])) == 2
        await database.close()
        assert (pool.statistics.idle, pool.statistics.opened) == (1, 2)


async def test_a_client_that_leaves_while_a_connection_is_made_ready_leaves_none_behind(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(61)%'"
    monkeypatch.setattr("database.connect.READY", "SELECT pg_sleep(61)")
    settings = Settings(database_url=writer.dsn, pool_min=0)
    pool = open_pool(settings, create_connector(writer, settings))
    opening = asyncio.create_task(pool.acquire())
    while not await connection.fetchval(others):
        assert not opening.done(), opening.exception()
        await asyncio.sleep(0.01)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    while await connection.fetchval(others):
        await asyncio.sleep(0.01)
    assert pool.statistics.active == 0
    gc.collect()  # would warn of a connection that nobody has closed
