"""PgBouncer as it comes, in transaction mode: migrations, reads, edits and time limits go through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from app.process.migrate import migrate
from database import migrations
from database.connect_args import ConnectArgs
from database.session import Session
from domain.errors import CatalogError
from tests.support.api import Api, open_api
from tests.support.databases import clone, drop
from tests.support.factories import add_library, add_media, mark
from tests.support.http_client import open_http
from tests.support.pgbouncer import behind, needs_pgbouncer, pgbouncer
from tests.support.pools import sql, until

pytestmark = needs_pgbouncer

MANY = "{ tags { nodes { name media(first: 2) { totalCount nodes { title tags { name } } } } } }"
RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> $1"


@pytest.fixture(scope="module")
def bouncer(server_url: str) -> Iterator[str]:
    with pgbouncer(server_url) as url:
        yield url


@pytest.fixture
def pooled(bouncer: str, writer: ConnectArgs) -> ConnectArgs:
    """A database of one's own, through PgBouncer."""
    return behind(bouncer, writer)


@pytest.fixture(params=[None, 0])
async def api(request: pytest.FixtureRequest, pooled: ConnectArgs) -> AsyncIterator[Api]:
    """The API through PgBouncer, with the setting that was once needed and without it."""
    settings = {} if request.param is None else {"statement_cache_size": request.param}
    async with open_api(pooled, **settings) as opened:
        yield opened


async def test_many_readers_at_once_read_nested_pages(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    tag = await connection.fetchval("INSERT INTO tag (name, folded_name, slug) VALUES ('n', 'n', 'n') RETURNING id")
    for title in "ABC":
        await mark(connection, "tag", await add_media(connection, library, title), tag)
    nodes = [{"title": title, "tags": [{"name": "n"}]} for title in "AB"]
    expected = {"tags": {"nodes": [{"name": "n", "media": {"totalCount": 3, "nodes": nodes}}]}}

    async def read() -> Any:
        database = Session(api.pool)
        try:
            [row] = await database.fetch(sql("SELECT current_setting('jit') IS NOT NULL"), [])
            return row[0]
        finally:
            await database.close()

    assert await asyncio.gather(*(read() for _ in range(40))) == [True] * 40
    for _ in range(5):
        assert await api.run(MANY) == expected


async def test_edits_are_transactions(api: Api, connection: Any) -> None:
    await add_library(connection)
    made = await api.run(
        'mutation { createMedia(items: [{kind: MOVIE, title: "Alien", library: "library_1"}]) { media { id } } }'
    )
    [media] = made["createMedia"]["media"]
    text = "mutation($id: ID!, $tag: String!) { addTags(items: [{media: [$id], tags: [{name: $tag}]}]) { succeeded } }"
    for tag in ("noir", "cult"):
        assert await api.run(text, id=media["id"], tag=tag) == {"addTags": {"succeeded": 1}}
    found = await api.run("query($id: ID!) { mediaItem(id: $id) { title tags { name } } }", id=media["id"])
    assert found == {"mediaItem": {"title": "Alien", "tags": [{"name": "cult"}, {"name": "noir"}]}}


@pytest.mark.parametrize(
    ("more", "settings"),
    [("", {}), ("ignore_startup_parameters = jit, statement_timeout", {"statement_cache_size": 0})],
)
async def test_a_statement_that_takes_too_long_is_ended_in_the_server_too(
    server_url: str, writer: ConnectArgs, connection: Any, more: str, settings: dict[str, Any]
) -> None:
    with pgbouncer(server_url, more) as url:
        async with open_api(behind(url, writer), statement_timeout=0.2, pool_max=1, **settings) as api:
            database = Session(api.pool)
            with pytest.raises(CatalogError) as raised:
                await database.fetch(sql("SELECT pg_sleep(60)::text"), [])
            assert raised.value.extensions["code"] == "STATEMENT_TIMEOUT"
            await database.close()
            while await connection.fetchval(RUNNING, connection.get_server_pid()):
                await asyncio.sleep(0.01)
            assert await api.run("{ libraries { nodes { name } } }") == {"libraries": {"nodes": []}}
            await until(lambda: api.pool.statistics.active == 0)


async def test_settings_of_one_client_do_not_reach_another(pooled: ConnectArgs, api: Api) -> None:
    await api.run("{ libraries { nodes { name } } }")
    other = await asyncpg.connect(**pooled.kwargs(), statement_cache_size=0)
    try:
        found = await other.fetchrow("SELECT current_setting('statement_timeout'), current_setting('jit')")
        fresh = await other.fetchrow(
            "SELECT reset_val, (SELECT reset_val FROM pg_settings WHERE name = 'jit')"
            " FROM pg_settings WHERE name = 'statement_timeout'"
        )
        assert (found[0], found[1]) == (fresh[0], fresh[1])
    finally:
        await other.close()


async def test_a_bare_database_is_migrated_and_readiness_is_what_requests_would_find(
    server_url: str, prefix: str, bouncer: str
) -> None:
    name = f"{prefix}_bare_pooled"
    pooled = behind(bouncer, await clone(server_url, "template0", name))
    async with open_http(pooled, acquire_timeout=2) as http:
        assert (await http.get("/readyz")).status_code == 503
        both = await asyncio.gather(migrate(pooled), migrate(pooled))
        assert sorted(both[0] + both[1]) == [path.name for path in migrations.files()]
        while (await http.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.05)
        admin = await asyncpg.connect(server_url)
        left = await admin.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1", migrations.LOCK
        )
        await admin.close()
        assert left == 0
    await drop(server_url, name)
