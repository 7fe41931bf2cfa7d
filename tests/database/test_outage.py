"""The database goes away and comes back: single connections, the whole server, a server that hangs, a bare database."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import psutil
import pytest

from app.postgres.embedded import EmbeddedPostgres
from app.process.migrate import migrate
from database import migrations
from database.connect_args import ConnectArgs
from tests.support import serving
from tests.support.api import Api, open_api
from tests.support.databases import clone, drop
from tests.support.factories import add_name
from tests.support.http_client import is_json, open_http, post
from tests.support.pools import WAIT_SECONDS

TAG = '{ tag(id: "tag_1") { name } }'
NOIR = {"tag": {"name": "noir"}}
AWAY = "the database does not answer"
WAITING = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'tag'::regclass"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A server of one's own, to be killed."""
    with serving.state_folder() as folder:
        server = EmbeddedPostgres(folder, {"fsync": "off", "shared_buffers": "16MB"})
        args = server.start()
        asyncio.run(fill(args))
        yield server
        server.stop()


@pytest.fixture
def args(server: EmbeddedPostgres) -> ConnectArgs:
    """How to reach it, running."""
    return server.restart()


async def fill(args: ConnectArgs) -> None:
    await migrate(args)
    connection = await asyncpg.connect(**args.kwargs())
    await add_name(connection, "tag", "noir")
    await connection.close()


async def stop(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGINT)
    await asyncio.to_thread(psutil.wait_procs, [psutil.Process(server.pid)], WAIT_SECONDS)


async def waiting_backend(connection: Any, *known: int) -> int:
    """The server process of a statement that waits for the lock of the table tag."""
    async with asyncio.timeout(WAIT_SECONDS):
        while (pid := await connection.fetchval(WAITING)) is None or pid in known:
            await asyncio.sleep(0.01)
    return int(pid)


@pytest.fixture
async def locker(connection: Any) -> Any:
    """A connection that holds the lock of the table tag until it rolls back."""
    await add_name(connection, "tag", "noir")
    await connection.execute("BEGIN; LOCK TABLE tag")
    return connection


async def test_a_connection_lost_while_idle_is_not_seen_by_a_client(api: Api, connection: Any) -> None:
    await add_name(connection, "tag", "noir")
    assert await api.run(TAG) == NOIR
    for opened in (2, 3):
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name LIKE 'marquee %' AND datname = current_database()"
        )
        assert await api.run(TAG) == NOIR
        assert api.pool.statistics.opened == opened
    assert (api.pool.statistics.active, api.statements) == (0, ["tag_by_id"])


async def test_a_connection_lost_in_the_middle_of_a_statement_is_not_seen_by_a_client(api: Api, locker: Any) -> None:
    request = asyncio.create_task(api.run(TAG))
    await locker.execute("SELECT pg_terminate_backend($1)", await waiting_backend(locker))
    await locker.execute("ROLLBACK")
    assert await request == NOIR
    assert (api.pool.statistics.active, api.pool.statistics.opened) == (0, 2)


async def test_a_connection_lost_twice_is_a_coded_error(api: Api, locker: Any) -> None:
    request = asyncio.create_task(api.answer(TAG))
    first = await waiting_backend(locker)
    await locker.execute("SELECT pg_terminate_backend($1)", first)
    await locker.execute("SELECT pg_terminate_backend($1)", await waiting_backend(locker, first))
    answer = await request
    await locker.execute("ROLLBACK")
    assert answer.body["data"] == {"tag": None}
    [error] = answer.body["errors"]
    assert (error["message"], error["extensions"]) == (
        "The database went away: try again.",
        {"code": "DATABASE_UNAVAILABLE"},
    )
    assert await api.run(TAG) == NOIR
    assert api.pool.statistics.active == 0


async def ready(http: httpx.AsyncClient, reason: str | None = None) -> Any:
    """The answer of /readyz once it gives this reason for not being ready, or none."""
    async with asyncio.timeout(WAIT_SECONDS):
        while (answer := await http.get("/readyz")).json()["reason"] != reason:
            await asyncio.sleep(0.05)
    assert (answer.status_code, answer.json()["ready"]) == ((200, True) if reason is None else (503, False))
    assert (await http.get("/healthz")).json() == {"status": "alive"}
    return answer.json()


async def assert_away(http: httpx.AsyncClient) -> None:
    body = is_json(await post(http, {"query": TAG}), 200)
    assert body["data"] == {"tag": None}
    assert [error["extensions"] for error in body["errors"]] == [{"code": "DATABASE_UNAVAILABLE"}]


@pytest.mark.parametrize("request_to_end", [signal.SIGQUIT, signal.SIGKILL])
async def test_a_server_killed_in_the_middle_of_a_query_and_restarted(
    server: EmbeddedPostgres, args: ConnectArgs, request_to_end: signal.Signals
) -> None:
    async with open_http(args, acquire_timeout=1) as http:
        assert is_json(await post(http, {"query": TAG}), 200) == {"data": NOIR}
        await ready(http)
        locker = await asyncpg.connect(**args.kwargs())
        await locker.execute("BEGIN; LOCK TABLE tag")
        request = asyncio.create_task(post(http, {"query": TAG}))
        await waiting_backend(locker)

        assert server.pid is not None
        family = psutil.Process(server.pid).children()
        os.kill(server.pid, request_to_end)
        if request_to_end is signal.SIGKILL:
            # Its processes end when they notice, which one that waits for a lock does not.
            for process in family:
                process.kill()
        body = is_json(await request, 200)
        assert [error["extensions"]["code"] for error in body["errors"]] == ["DATABASE_UNAVAILABLE"]
        locker.terminate()
        await assert_away(http)
        await ready(http, AWAY)
        many = await asyncio.gather(*(post(http, {"query": TAG}) for _ in range(40)))
        codes = {error["extensions"]["code"] for answer in many for error in answer.json()["errors"]}
        assert codes == {"DATABASE_UNAVAILABLE"}

        server.restart()
        assert is_json(await post(http, {"query": TAG}), 200) == {"data": NOIR}
        pool = (await ready(http))["pool"]
        assert (pool["active"], pool["waiting"]) == (0, 0)


async def test_reads_and_edits_wait_for_a_database_that_restarts(server: EmbeddedPostgres, args: ConnectArgs) -> None:
    async with open_http(args, acquire_timeout=WAIT_SECONDS, request_timeout=2 * WAIT_SECONDS, pool_max=2) as http:
        assert is_json(await post(http, {"query": TAG}), 200) == {"data": NOIR}
        await stop(server)
        name = f"after {server.pid}"
        edit = f'mutation {{ createLibrary(name: "{name}") {{ library {{ name }} }} }}'
        asked = [TAG, edit, TAG, TAG, TAG]
        requests = [asyncio.create_task(post(http, {"query": text})) for text in asked]
        async with asyncio.timeout(WAIT_SECONDS):
            while (pool := (await ready(http, AWAY))["pool"])["waiting"] < 3:
                await asyncio.sleep(0.05)
        assert (pool["opening"], pool["waiting"]) == (2, 3)

        server.restart()
        created = {"createLibrary": {"library": {"name": name}}}
        answers = [is_json(await request, 200) for request in requests]
        assert answers == [{"data": created if text == edit else NOIR} for text in asked]


async def test_an_edit_that_finds_its_connection_lost_begins_over_another_one(api: Api, connection: Any) -> None:
    assert await api.run("{ libraries { nodes { name } } }") == {"libraries": {"nodes": []}}
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE application_name LIKE 'marquee %' AND datname = current_database()"
    )
    created = await api.run('mutation { createLibrary(name: "Films") { library { name } } }')
    assert created == {"createLibrary": {"library": {"name": "Films"}}}
    assert await connection.fetchval("SELECT count(*) FROM library") == 1


async def test_an_application_that_starts_before_its_database_serves_when_that_is_there(
    server: EmbeddedPostgres, args: ConnectArgs
) -> None:
    await stop(server)
    async with open_http(args, acquire_timeout=1) as http:
        await ready(http, AWAY)
        await assert_away(http)
        server.restart()
        assert is_json(await post(http, {"query": TAG}), 200) == {"data": NOIR}
        await ready(http)


async def test_a_server_that_hangs_holds_up_no_request_for_longer_than_it_may_take(
    server: EmbeddedPostgres, args: ConnectArgs
) -> None:
    async with open_http(args, request_timeout=2, acquire_timeout=1, pool_max=2) as http:
        assert is_json(await post(http, {"query": TAG}), 200) == {"data": NOIR}
        assert server.pid is not None
        postmaster = psutil.Process(server.pid)
        family = [postmaster, *postmaster.children()]
        for process in family:
            process.suspend()
        try:
            answers = await asyncio.gather(*(post(http, {"query": TAG}) for _ in range(6)))
            codes = {error["extensions"]["code"] for answer in answers for error in answer.json()["errors"]}
            assert codes <= {"REQUEST_TIMEOUT", "DATABASE_BUSY", "DATABASE_UNAVAILABLE"}
            assert all("errors" in answer.json() for answer in answers)
            await ready(http, AWAY)
        finally:
            for process in family:
                process.resume()
        await ready(http)
        assert is_json(await post(http, {"query": TAG}), 200) == {"data": NOIR}
        pool = (await http.get("/readyz")).json()["pool"]
        assert (pool["active"], pool["waiting"]) == (0, 0)


async def test_a_database_that_is_not_migrated_or_not_there_is_not_ready(
    server_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    name = f"{prefix}_bare"
    args = await clone(server_url, "template0", name)
    async with open_http(args) as http:
        count = len(migrations.files())
        await ready(http, f"{count} migrations are pending: run `make migrate`")
        await migrate(args)
        await ready(http)

        edited = tmp_path / migrations.files()[0].name
        edited.write_text("-- edited")
        monkeypatch.setattr("database.migrations.FOLDER", tmp_path)
        reason = f"{edited.name} was edited after it was applied: add a new migration instead."
        await ready(http, reason)
        monkeypatch.undo()

        await drop(server_url, name)
        await ready(http, AWAY)
        await assert_away(http)


async def test_a_count_asked_of_a_database_that_is_away_is_an_error_and_not_null(
    server: EmbeddedPostgres, args: ConnectArgs
) -> None:
    async with open_api(args, acquire_timeout=1) as api:
        assert await api.run("{ media { totalCount } }") == {"media": {"totalCount": 0}}
        await stop(server)
        assert await api.codes("{ media { totalCount } }") == ["DATABASE_UNAVAILABLE"]
