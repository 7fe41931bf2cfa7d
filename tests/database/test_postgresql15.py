"""PostgreSQL 15 over TLS, as a role that is no superuser: the oldest version that is promised."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from io import StringIO
from urllib.parse import quote

import asyncpg
import pytest
from rich.console import Console

from app.process.provision import DatabaseError, bring_up_to_date, check_room
from app.settings import Settings
from bench.generated.load import load_generated
from database.connect_args import ConnectArgs
from tests.schema.test_statements import variables
from tests.support.api import open_api
from tests.support.http_client import open_http
from tests.support.sessions import session_over
from tests.support.shapes import SHAPES
from tests.support.tls_server import TlsServer, needs_postgresql_15, tls_server

pytestmark = needs_postgresql_15

MEDIA = 300


@pytest.fixture(scope="module")
def server() -> Iterator[TlsServer]:
    """With the newest schema and a part of the demo."""
    with tls_server() as running:
        asyncio.run(fill(running.args("sslmode=require")))
        yield running


@pytest.fixture
def verified(server: TlsServer) -> ConnectArgs:
    return server.args(f"sslmode=verify-full&sslrootcert={quote(str(server.authority))}")


async def fill(args: ConnectArgs) -> None:
    await bring_up_to_date(args, Console(file=StringIO()))
    connection = await asyncpg.connect(**args.kwargs())
    await load_generated(session_over(connection), MEDIA)
    await connection.close()


async def test_every_shape_of_query_is_answered(verified: ConnectArgs) -> None:
    async with open_api(verified) as api:
        assert await api.run("{ media { totalCount } }") == {"media": {"totalCount": MEDIA}}
        for shape in SHAPES:
            body = (await api.answer(shape.query, **variables(10))).body
            assert "errors" not in body, (shape.name, body["errors"])


async def test_connections_are_encrypted_and_the_server_is_ready(verified: ConnectArgs) -> None:
    async with open_http(verified) as http:
        assert (await http.get("/readyz")).status_code == 200
        connection = await asyncpg.connect(**verified.kwargs())
        found = await connection.fetch(
            "SELECT DISTINCT s.ssl, current_setting('server_version_num')::int / 10000 FROM pg_stat_ssl s"
            " JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'marquee'"
        )
        await connection.close()
    assert [tuple(row) for row in found] == [(True, 15)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("sslmode=verify-full&sslrootcert={stranger}", "its certificate is not trusted .*: set sslrootcert"),
        ("sslmode=disable", "no pg_hba.conf entry .* no encryption"),
    ],
)
async def test_a_connection_that_cannot_be_trusted_is_refused_in_words(
    server: TlsServer, options: str, words: str
) -> None:
    args = server.args(options.format(stranger=quote(str(server.stranger))))
    with pytest.raises(DatabaseError, match=words) as refused:
        await check_room(args, Settings())
    with pytest.raises(DatabaseError, match=words):
        await bring_up_to_date(args, Console(file=StringIO()))
    assert "a%3Ab" not in str(refused.value)
    async with open_http(args, acquire_timeout=60) as http:
        answer = await http.post("/graphql", json={"query": "{ media { totalCount } }"})
        assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["DATABASE_UNAVAILABLE"]
