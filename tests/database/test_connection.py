"""Prepared statements of a connection: their plans, their number, and tables that change under them."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from database.connection import PooledConnection
from database.session import Session
from database.statement import PlanMode
from tests.support.api import Api, open_api
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.pools import open_test_pool, sql, value


async def prepared(connection: PooledConnection, part: str) -> list[tuple[str, int, int]]:
    """Text, generic and custom plans of the statements that the server keeps and that contain this one.

    Asked by an unnamed statement, which is none of them."""
    rows = await connection._raw.fetch(
        "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"
        " WHERE strpos(statement, $1) > 0 ORDER BY statement",
        part,
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("plan", "executions", "generic", "custom"),
    [
        (PlanMode.GENERIC, 5, 0, 5),
        (PlanMode.GENERIC, 12, 7, 5),
        (PlanMode.CUSTOM, 5, 0, 5),
        (PlanMode.CUSTOM, 6, 0, 1),
        (PlanMode.CUSTOM, 12, 0, 2),
        (PlanMode.CUSTOM, 101, 0, 1),
    ],
)
async def test_generic_statements_become_generic_and_custom_ones_never_do(
    writer: ConnectArgs, plan: PlanMode, executions: int, generic: int, custom: int
) -> None:
    async with open_test_pool(writer) as pool:
        connection = await pool.acquire()
        for number in range(executions):
            assert await value(connection, "SELECT $1::bigint", number, plan=plan) == number
        assert await prepared(connection, "SELECT") == [("SELECT $1::bigint", generic, custom)]
        pool.release(connection)


async def test_the_api_s_own_look_ups_keep_a_generic_plan_and_its_filters_custom_ones(
    writer: ConnectArgs, connection: Any
) -> None:
    media = await add_media(connection, await add_library(connection), "Alien", year=1979)
    await mark(connection, "tag", media, await add_name(connection, "tag", "noir"))
    async with open_api(writer, pool_max=1) as api:
        for _ in range(12):
            await api.run("{ media(filter: {year: {min: 1979}}) { nodes { tags { name } } } }")
        held = await api.pool.acquire()
        found = [row[1:] for name in ("tags_by_media_id", "media_pages") for row in await prepared(held, f"/* {name} ")]
        api.pool.release(held)
    assert found == [(7, 5), (0, 2)]


async def test_a_connection_keeps_so_many_statements_and_drops_the_least_recently_used(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, cache_size=4) as pool:
        connection = await pool.acquire()
        for number in range(20):
            assert await value(connection, f"SELECT {number}") == number
            assert await value(connection, "SELECT 100") == 100
        found = [row[0] for row in await prepared(connection, "SELECT")]
        assert found == ["SELECT 100", "SELECT 17", "SELECT 18", "SELECT 19"]
        pool.release(connection)


async def test_without_a_statement_cache_nothing_stays_prepared(writer: ConnectArgs, connection: Any) -> None:
    await add_media(connection, await add_library(connection), "Alien")
    async with open_api(writer, statement_cache_size=0, pool_max=1) as api:
        for _ in range(3):
            data = await api.run("{ media { nodes { title tags { id } library { name } } totalCount } }")
        assert data["media"] == {
            "nodes": [{"title": "Alien", "tags": [], "library": {"name": "Movies"}}],
            "totalCount": 1,
        }
        held = await api.pool.acquire()
        assert await prepared(held, "") == []
        api.pool.release(held)


@pytest.mark.parametrize("cache_size", [0, 200])
async def test_a_table_that_changes_between_two_executions_does_not_reach_a_client(
    writer: ConnectArgs, connection: Any, cache_size: int
) -> None:
    await add_name(connection, "tag", "noir")
    text = '{ tag(id: "tag_1") { name slug } tags { nodes { name } } }'
    answer = {"tag": {"name": "noir", "slug": "noir"}, "tags": {"nodes": [{"name": "noir"}]}}
    async with open_api(writer, pool_max=1, statement_cache_size=cache_size) as api:
        for change in (
            "SELECT 1",
            "ALTER TABLE tag ALTER COLUMN name TYPE varchar(300)",
            "ALTER TABLE tag ADD COLUMN colour text",
            "ALTER TABLE tag ALTER COLUMN name TYPE text",
            "DISCARD PLANS",
        ):
            await connection.execute(change)
            assert await api.run(text) == answer
        assert api.pool.statistics.opened == 1


async def test_a_pooler_that_forgets_prepared_statements_does_not_reach_a_client(api: Api, connection: Any) -> None:
    await add_name(connection, "tag", "noir")
    for _ in range(3):
        assert await api.run('{ tag(id: "tag_1") { name } }') == {"tag": {"name": "noir"}}
        held = await api.pool.acquire()
        await value(held, "SELECT 1")
        await held._raw.execute("DEALLOCATE ALL")
        api.pool.release(held)
    assert api.pool.statistics.opened == 1


async def test_a_value_that_does_not_fit_is_no_lost_connection(writer: ConnectArgs) -> None:
    async with open_test_pool(writer) as pool:
        connection = await pool.acquire()
        with pytest.raises(asyncpg.DataError, match="invalid input for query argument"):
            await value(connection, "SELECT $1::bigint", 2**63)
        assert not connection.broken
        pool.release(connection)
        assert (pool.statistics.idle, pool.statistics.opened) == (1, 1)


async def test_asyncpg_executes_prepared_statements_as_we_ask_it_to(writer: ConnectArgs) -> None:
    """A canary: Connection calls what PreparedStatement.fetch calls, which is not a part of asyncpg's promises."""

    class Own(asyncpg.Record):
        pass

    raw = await asyncpg.connect(**writer.kwargs(), statement_cache_size=0)
    text = "SELECT x, $1::text || x AS y FROM generate_series(1, 3) x"
    statement = await raw.prepare(text, name="a", record_class=Own)
    protocol, state = raw._protocol, statement._state

    rows = await protocol.bind_execute(state, ["n"], "", 0, False, None)

    assert rows == await statement.fetch("n") == [(1, "n1"), (2, "n2"), (3, "n3")]
    assert {type(row) for row in rows} == {Own}
    with pytest.raises(asyncpg.DataError, match="invalid input for query argument"):
        await protocol.bind_execute(state, [1], "", 0, False, None)
    with pytest.raises(asyncpg.InterfaceError, match="the server expects 1 argument for this query, 2 were passed"):
        await protocol.bind_execute(state, ["n", "m"], "", 0, False, None)
    sleep = await raw.prepare("SELECT pg_sleep(60)", name="b")
    with pytest.raises(TimeoutError):
        await protocol.bind_execute(sleep._state, [], "", 0, False, 0.01)
    assert len(await protocol.bind_execute(state, ["n"], "", 0, False, 5.0)) == 3
    raw.terminate()
    with pytest.raises(asyncpg.InterfaceError, match="connection is closed"):
        await protocol.bind_execute(state, ["n"], "", 0, False, None)


async def test_a_type_that_changes_between_two_executions_does_not_reach_a_client(
    writer: ConnectArgs, connection: Any
) -> None:
    await connection.execute("CREATE TYPE pair AS (a int, b int)")
    async with open_test_pool(writer) as pool:
        database = Session(pool)
        text = "SELECT (1, 2)::pair FROM generate_series(1, 2)"
        assert [len(row[0]) for row in await database.fetch(sql(text), [])] == [2, 2]
        await connection.execute("ALTER TYPE pair DROP ATTRIBUTE b")
        await connection.execute("ALTER TYPE pair ADD ATTRIBUTE c text, ADD ATTRIBUTE d text")
        rows = await database.fetch(sql("SELECT (1, 'c', 'd')::pair"), [])
        assert [tuple(row[0]) for row in rows] == [(1, "c", "d")]
        await database.close()
        assert pool.statistics.opened == 2
