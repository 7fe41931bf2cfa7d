"""Transactions of a request: all or nothing, begun anew after a deadlock, given up with their connection."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from database.connection import PooledConnection
from database.session import Session
from database.transaction import TRIES, Transaction
from domain.errors import CatalogError
from tests.support.factories import add_library, add_media
from tests.support.pools import open_test_pool, sql, until

YEAR = "UPDATE media SET year = {} WHERE id = {}"


@pytest.fixture
async def media(connection: Any) -> None:
    library = await add_library(connection)
    for title in "AB":
        await add_media(connection, library, title)


def unnoted(statement: Any) -> None:
    return None


async def years(connection: Any) -> list[int | None]:
    return [row[0] for row in await connection.fetch("SELECT year FROM media ORDER BY id")]


async def test_what_raises_is_rolled_back_and_the_connection_goes_on(
    writer: ConnectArgs, connection: Any, media: None
) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.fetch(sql(YEAR.format(1, 1)), ())
        raise ValueError("no")

    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        with pytest.raises(ValueError, match="no"):
            await database.transact(work, unnoted)
        assert [row[0] for row in await database.fetch(sql("SELECT year FROM media"), ())] == [None, None]
        await database.close()
        assert pool.statistics.opened == 1


async def test_two_that_wait_for_each_other_both_come_through(
    writer: ConnectArgs, connection: Any, media: None
) -> None:
    begun = [0, 0]
    holds = [False, False]  # whether each holds its first row: the other one begins before it does
    both = asyncio.Event()

    async def run(pool: Any, place: int) -> None:
        first, second = (1, 2) if place else (2, 1)

        async def work(transaction: Transaction) -> None:
            begun[place] += 1
            await transaction.fetch(sql(YEAR.format(10 + place, first)), ())
            holds[place] = True
            if all(holds):
                both.set()
            await both.wait()
            await transaction.fetch(sql(YEAR.format(10 + place, second)), ())

        database = Session(pool)
        await database.transact(work, unnoted)
        await database.close()

    async with open_test_pool(writer) as pool:
        await asyncio.gather(run(pool, 0), run(pool, 1))

    found = await years(connection)
    assert found in ([10, 10], [11, 11])
    # Who gives way is PostgreSQL's choice; one that is begun anew at once may get in the other's way again.
    assert max(begun) > 1


async def test_one_that_is_always_in_the_way_of_others_ends_in_a_code(writer: ConnectArgs, media: None) -> None:
    tries = 0

    async def work(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        raise asyncpg.DeadlockDetectedError("again")

    async with open_test_pool(writer) as pool:
        database = Session(pool)
        with pytest.raises(CatalogError) as raised:
            await database.transact(work, unnoted)
        await database.close()

    assert (raised.value.extensions["code"], tries) == ("CONFLICT", TRIES)


async def test_what_the_catalogue_forbids_is_told_without_the_names_of_its_tables(
    writer: ConnectArgs, media: None
) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.fetch(sql("UPDATE media SET rating_tenths = 101"), ())

    async with open_test_pool(writer) as pool:
        database = Session(pool)
        with pytest.raises(CatalogError, match="A rule of the catalogue forbids this: nothing was changed"):
            await database.transact(work, unnoted)
        await database.close()


async def test_a_transaction_that_is_cancelled_changes_nothing_and_frees_its_rows(
    writer: ConnectArgs, connection: Any, media: None
) -> None:
    written = asyncio.Event()

    async def work(transaction: Transaction) -> None:
        await transaction.fetch(sql(YEAR.format(1, 1)), ())
        written.set()
        await asyncio.sleep(60)

    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        task = asyncio.ensure_future(database.transact(work, unnoted))
        await written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await database.close()
        await until(lambda: pool.statistics.active == 0)
        await connection.execute("SET lock_timeout = '10s'")
        await connection.execute(YEAR.format(5, 1))

    assert await years(connection) == [5, None]


@pytest.mark.parametrize(
    ("at", "code", "year"), [("work", "DATABASE_UNAVAILABLE", None), ("commit", "OUTCOME_UNKNOWN", None)]
)
async def test_a_connection_that_is_lost_under_a_transaction_is_told(
    writer: ConnectArgs, connection: Any, media: None, at: str, code: str, year: int | None
) -> None:
    async def kill(transaction: Transaction) -> None:
        [row] = await transaction.fetch(sql("SELECT pg_backend_pid()"), ())
        await connection.execute("SELECT pg_terminate_backend($1, 5000)", row[0])

    async def work(transaction: Transaction) -> None:
        await transaction.fetch(sql(YEAR.format(1, 1)), ())
        await kill(transaction)
        if at == "work":
            await transaction.fetch(sql(YEAR.format(1, 2)), ())

    async with open_test_pool(writer) as pool:
        database = Session(pool)
        with pytest.raises(CatalogError) as raised:
            await database.transact(work, unnoted)
        await database.close()

    assert raised.value.extensions["code"] == code
    assert await years(connection) == [year, None]


@pytest.mark.parametrize("at", ["BEGIN", "ROLLBACK"])
async def test_a_connection_whose_transaction_may_be_open_still_is_given_to_nobody(
    writer: ConnectArgs, connection: Any, media: None, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    fetch_it = PooledConnection.fetch

    async def fetch_and_be_cancelled(self: PooledConnection, statement: Any, *rest: Any) -> Any:
        if at == "ROLLBACK" and statement.text == at:
            raise asyncio.CancelledError  # before it has got anywhere
        rows = await fetch_it(self, statement, *rest)
        if at == "BEGIN" and statement.text.startswith(at):
            raise asyncio.CancelledError  # a moment too late
        return rows

    async def work(transaction: Transaction) -> None:
        await transaction.fetch(sql(YEAR.format(1, 1)), ())
        raise ValueError("no")

    async with open_test_pool(writer, max=1) as pool:
        database = Session(pool)
        with monkeypatch.context() as patch:
            patch.setattr(PooledConnection, "fetch", fetch_and_be_cancelled)
            with pytest.raises(asyncio.CancelledError):
                await database.transact(work, unnoted)
        await database.close()
        await until(lambda: pool.statistics.active == 0)
        other = Session(pool)
        await other.fetch(sql("SELECT 1"), ())
        await other.close()
        assert pool.statistics.opened == 2
