"""COPY within a transaction: in and out, rolled back with it, lost with its connection, a piece in memory at a time."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import asyncpg
import pytest

from database.connect import ConnectOptions
from database.connect_args import ConnectArgs
from database.open_session import open_session
from database.sent_statement import SentStatement
from database.session import Session
from database.statement import Statement
from database.transaction import Transaction
from domain.errors import CatalogError
from tests.support.pools import open_test_pool, sql

COLUMNS = ("number", "word", "facts")
ENDLESS = 10**9


@pytest.fixture
async def table(connection: Any) -> None:
    await connection.execute("CREATE TABLE copied (number bigint PRIMARY KEY, word text, facts jsonb)")


@pytest.fixture
async def session(writer: ConnectArgs, table: None) -> AsyncIterator[Session]:
    async with open_session(writer) as opened:
        yield opened


async def stored(connection: Any) -> int:
    return int(await connection.fetchval("SELECT count(*) FROM copied"))


def records(number: int) -> Iterator[tuple[int, str | None, Any]]:
    for place in range(number):
        yield place, None if place % 2 else f"wörd\t{place}", {"place": place}


async def records_in_time(number: int) -> AsyncIterator[tuple[int, str | None, Any]]:
    for record in records(number):
        await asyncio.sleep(0)
        yield record


async def pid(transaction: Transaction) -> int:
    [[found]] = await transaction.fetch(sql("SELECT pg_backend_pid()"))
    return int(found)


@pytest.mark.parametrize("source", [records, records_in_time])
async def test_records_are_copied_in_with_null_and_json(session: Session, source: Any) -> None:
    noted: list[SentStatement] = []

    def note(statement: Statement[Any]) -> SentStatement:
        noted.append(SentStatement(statement.name, statement.text))
        return noted[-1]

    async def work(transaction: Transaction) -> int:
        return await transaction.copy_in("copied", COLUMNS, source(2_500))

    assert await session.transact(work, note) == 2_500
    rows = await session.fetch(sql("SELECT number, word, facts FROM copied WHERE number < 2 ORDER BY 1"), ())
    assert [tuple(row) for row in rows] == [(0, "wörd\t0", {"place": 0}), (1, None, {"place": 1})]
    assert [(one.name, one.rows) for one in noted] == [("transaction", 0), ("copy", 2_500), ("transaction", 0)]


async def test_a_query_is_copied_out_in_pieces(session: Session) -> None:
    pieces: list[bytes] = []

    async def write(piece: bytes) -> None:
        await asyncio.sleep(0)
        pieces.append(piece)

    async def work(transaction: Transaction) -> int:
        await transaction.copy_in("copied", COLUMNS, records(10_000))
        query = "SELECT number, word FROM copied WHERE number >= $1 AND word = any($2::text[]) ORDER BY number"
        few = await transaction.copy_out(query, (1, ["wörd\t0", "wörd\t2", "it's"]), write)
        assert (few, b"".join(pieces).decode()) == (1, "2,wörd\t2\n")
        return await transaction.copy_out("SELECT * FROM copied", (), write, "text")

    assert await session.transact(work) == 10_000
    assert len(pieces) > 2


async def test_a_rollback_takes_copied_rows_back(session: Session, connection: Any) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.copy_in("copied", COLUMNS, records(10))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await session.transact(work)
    assert await stored(connection) == 0


async def test_what_the_records_raise_ends_the_transaction_and_leaves_the_session_of_use(
    session: Session, connection: Any
) -> None:
    def broken() -> Iterator[tuple[int, str, None]]:
        yield 1, "one", None
        raise OSError("the file is gone")

    async def work(transaction: Transaction) -> None:
        await transaction.copy_in("copied", COLUMNS, broken())

    with pytest.raises(OSError, match="the file is gone"):
        await session.transact(work)
    [[one]] = await session.fetch(sql("SELECT 1"), ())
    assert (one, await stored(connection)) == (1, 0)


async def test_what_takes_the_rows_may_fail(session: Session) -> None:
    async def write(piece: bytes) -> None:
        raise ConnectionResetError("the client has gone")

    async def work(transaction: Transaction) -> None:
        await transaction.copy_in("copied", COLUMNS, records(10))
        await transaction.copy_out("SELECT * FROM copied", (), write)

    with pytest.raises(ConnectionResetError, match="the client has gone"):
        await session.transact(work)
    assert [row[0] for row in await session.fetch(sql("SELECT count(*) FROM copied"), ())] == [0]


@pytest.mark.parametrize("when", ["before", "while"])
async def test_a_connection_that_is_lost_under_a_copy_stores_nothing(
    session: Session, connection: Any, when: str
) -> None:
    async def work(transaction: Transaction) -> None:
        backend = await pid(transaction)

        async def endless() -> AsyncIterator[tuple[int, str, None]]:
            for place in range(ENDLESS):
                if place == 5_000 * (when == "while"):
                    await connection.execute("SELECT pg_terminate_backend($1, 5000)", backend)
                yield place, "word", None

        await transaction.copy_in("copied", COLUMNS, endless())

    with pytest.raises(CatalogError) as raised:
        await session.transact(work)
    assert raised.value.extensions["code"] == "DATABASE_UNAVAILABLE"
    assert await stored(connection) == 0
    await session.fetch(sql("SELECT 1"), ())  # over another connection


async def test_a_copy_that_waits_for_room_hears_that_its_connection_is_lost(session: Session, connection: Any) -> None:
    async def work(transaction: Transaction) -> None:
        backend = await pid(transaction)
        await connection.execute(
            "BEGIN; LOCK TABLE copied IN SHARE MODE"
        )  # the server takes no more than its buffers hold

        async def end() -> None:
            while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            await connection.execute("SELECT pg_terminate_backend($1, 5000)", backend)

        ending = asyncio.create_task(end())
        many = ((place, "word" * 1_000, None) for place in range(ENDLESS))
        try:
            await transaction.copy_in("copied", COLUMNS, many)
        finally:
            await ending

    async with asyncio.timeout(60):
        with pytest.raises(CatalogError) as raised:
            await session.transact(work)
    await connection.execute("ROLLBACK")
    assert raised.value.extensions["code"] == "DATABASE_UNAVAILABLE"


async def test_a_copy_that_is_cancelled_changes_nothing(writer: ConnectArgs, connection: Any, table: None) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[tuple[int, str, None]]:
        for place in range(ENDLESS):
            if place == 5_000:
                begun.set()
            yield place, "word", None

    async def work(transaction: Transaction) -> None:
        await transaction.copy_in("copied", COLUMNS, endless())

    async with open_test_pool(writer, max=1) as pool:
        session = Session(pool)
        task = asyncio.create_task(session.transact(work))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await session.close()
    await connection.execute("SET lock_timeout = '10s'; LOCK TABLE copied")  # nobody holds a row any longer
    assert await stored(connection) == 0


async def test_a_conflict_copies_anew(session: Session, connection: Any) -> None:
    tries: list[int] = []

    async def work(transaction: Transaction) -> None:
        tries.append(len(tries))
        await transaction.copy_in("copied", COLUMNS, [(tries[-1], "taken" if tries[-1] == 0 else "free", None)])

    await connection.execute("INSERT INTO copied VALUES (0, 'by another', NULL)")
    await session.transact(work)
    assert [row[0] for row in await connection.fetch("SELECT word FROM copied ORDER BY number")] == [
        "by another",
        "free",
    ]
    assert tries == [0, 1]


async def test_two_writers_copy_beside_each_other(writer: ConnectArgs, connection: Any, table: None) -> None:
    both = asyncio.Barrier(2)

    async def run(first: int) -> int:
        async def work(transaction: Transaction) -> int:
            await transaction.copy_in("copied", COLUMNS, ((first + place, "w", None) for place in range(2_000)))
            await both.wait()  # both have rows that are not committed
            return await transaction.copy_in("copied", COLUMNS, [(first + 2_000, "w", None)])

        async with open_session(writer) as session:
            return await session.transact(work)

    assert tuple(await asyncio.gather(run(0), run(10_000))) == (1, 1)
    assert await stored(connection) == 4_002


async def test_a_savepoint_undoes_a_part_alone(session: Session, connection: Any) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.copy_in("copied", COLUMNS, records(3))
        with suppress(ValueError):
            async with transaction.savepoint():
                await transaction.copy_in("copied", COLUMNS, [(7, "gone", None)])
                raise ValueError("this part")
        with suppress(asyncpg.UniqueViolationError):
            async with transaction.savepoint():
                await transaction.copy_in("copied", COLUMNS, [(8, "gone too", None), *records(1)])
        async with transaction.savepoint():
            await transaction.copy_in("copied", COLUMNS, [(3, "stays", None)])
            with suppress(ValueError):
                async with transaction.savepoint():
                    await transaction.copy_in("copied", COLUMNS, [(9, "gone", None)])
                    raise ValueError("the inner part")
            await transaction.copy_in("copied", COLUMNS, [(4, "stays", None)])

    await session.transact(work)
    assert [row[0] for row in await connection.fetch("SELECT number FROM copied ORDER BY 1")] == [0, 1, 2, 3, 4]


async def test_a_copy_keeps_some_records_in_memory_alone(session: Session) -> None:
    async def work(transaction: Transaction) -> int:
        return await transaction.copy_in("copied", COLUMNS, ((place, "word" * 100, None) for place in range(50_000)))

    tracemalloc.start()
    try:
        assert await session.transact(work) == 50_000  # 20 MB
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


async def test_a_session_of_a_command_has_the_time_of_the_server_or_its_own(writer: ConnectArgs) -> None:
    async def timeout(session: Session) -> str:
        [[found]] = await session.fetch(sql("SHOW statement_timeout"), ())
        return str(found)

    async with open_session(writer) as session:
        assert await timeout(session) == "0"
    async with open_session(writer, ConnectOptions(statement_timeout=3)) as session:
        assert await timeout(session) == "3s"


async def test_a_session_of_a_command_is_not_opened_where_there_is_no_database() -> None:
    away = ConnectArgs("postgresql://postgres@/nothing?host=/nowhere&sslmode=disable")
    with pytest.raises(OSError, match="No such file"):
        async with open_session(away):
            pass


async def test_the_types_of_columns_are_asked_for_once_a_connection(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    prepare = asyncpg.Connection.prepare

    async def noted(self: Any, text: str, **others: Any) -> Any:
        asked.append(text)
        return await prepare(self, text, **others)

    monkeypatch.setattr(asyncpg.Connection, "prepare", noted)
    for number in range(3):
        await session.transact(partial(copy, [(number, "w", None)]))
    assert asked.count("SELECT number, word, facts FROM copied LIMIT 1") == 1


async def test_types_that_change_between_two_copies_do_not_reach_a_client(session: Session, connection: Any) -> None:
    await session.transact(partial(copy, records(3)))
    await connection.execute("ALTER TABLE copied ALTER number TYPE integer")

    assert await session.transact(partial(copy, [(7, "w", None)])) == 1

    assert await stored(connection) == 4


async def copy(rows: Any, transaction: Transaction) -> int:
    return await transaction.copy_in("copied", COLUMNS, rows)


async def test_asyncpg_copies_records_as_we_ask_it_to(writer: ConnectArgs, table: None, connection: Any) -> None:
    """A canary: PooledConnection calls what copy_records_to_table calls, which is not a part of asyncpg's promises."""
    raw = await asyncpg.connect(**writer.kwargs(), statement_cache_size=0)
    types = (await raw.prepare("SELECT number, word FROM copied LIMIT 1"))._state
    await raw.fetch("SELECT 1")  # the statement need not stay prepared
    text = "COPY copied (number, word) FROM STDIN (FORMAT binary)"

    for first in (0, 2):
        given = iter([(first, "a"), (first + 1, None)])
        assert await raw._protocol.copy_in(text, None, None, given, types, None) == "COPY 2"

    assert await connection.fetch("SELECT number, word FROM copied ORDER BY 1") == [
        (0, "a"),
        (1, None),
        (2, "a"),
        (3, None),
    ]
    with pytest.raises(asyncpg.UniqueViolationError):
        await raw._protocol.copy_in(text, None, None, [(0, "a")], types, None)
    await raw.close()
