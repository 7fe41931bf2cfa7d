"""Requests over real connections to uvicorn, as a worker sets it up: one after the other, at once, and given up."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from app.http.application import create_app
from app.process.worker import create_config
from app.settings import Settings
from database.connect_args import ConnectArgs
from database.pool import Pool
from tests.support.factories import add_name
from tests.support.pools import until
from tests.support.receivers import open_traced

TYPENAME = "{ __typename }"
TAG = '{ tag(id: "tag_1") { name } }'


@dataclass(frozen=True)
class Served:
    """A uvicorn in this process."""

    port: int
    pool: Pool


@asynccontextmanager
async def serving_here(args: ConnectArgs, **settings: Any) -> AsyncIterator[Served]:
    """Serves from its start to its end; the collector of garbage is left as it was."""
    threshold = gc.get_threshold()
    app = create_app(Settings(database_url=args.dsn, **{"pool_min": 1, **settings}))
    server = uvicorn.Server(create_config(app))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        try:
            yield Served(listener.getsockname()[1], app.state.pool)
        finally:
            server.should_exit = True
            await running
            gc.unfreeze()
            gc.set_threshold(*threshold)


class Client:
    """One connection, and requests as bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *queries: str, **headers: str) -> None:
        """Sends requests, all at once."""
        self.writer.write(b"".join(request(query, **headers) for query in queries))

    async def answer(self) -> tuple[int, Any]:
        """Status and body of the next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1]), json.loads(body)

    async def leave(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def request(query: str, **headers: str) -> bytes:
    body = json.dumps({"query": query}).encode()
    given = {"host": "localhost", "content-type": "application/json", "content-length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST /graphql HTTP/1.1\r\n{lines}\r\n".encode() + body


@asynccontextmanager
async def connected(served: Served) -> AsyncIterator[Client]:
    client = Client(*await asyncio.open_connection("127.0.0.1", served.port))
    try:
        yield client
    finally:
        await client.leave()


@pytest.fixture
async def locked(connection: Any) -> AsyncIterator[Any]:
    """A tag, whose table is locked against readers until the transaction is rolled back."""
    await add_name(connection, "tag", "noir")
    await connection.execute("BEGIN; LOCK TABLE tag IN ACCESS EXCLUSIVE MODE")
    yield connection
    await connection.execute("ROLLBACK")


OK = (200, {"data": {"__typename": "Query"}})
NOIR = (200, {"data": {"tag": {"name": "noir"}}})


async def test_requests_that_follow_each_other_on_a_connection_are_answered_in_turn(demo: ConnectArgs) -> None:
    async with serving_here(demo) as served, connected(served) as client:
        for _ in range(3):
            client.send(TYPENAME)
            assert await client.answer() == OK
            client.send("{ nothing }", accept="application/graphql-response+json")
            status, body = await client.answer()
            assert (status, list(body)) == (400, ["errors"])


async def test_requests_that_are_sent_at_once_are_answered_in_their_order(writer: ConnectArgs, connection: Any) -> None:
    await add_name(connection, "tag", "noir")
    async with serving_here(writer) as served, connected(served) as client:
        client.send(TAG, TYPENAME, TAG, "{", TYPENAME)
        assert await client.answer() == NOIR
        assert await client.answer() == OK
        assert await client.answer() == NOIR
        assert (await client.answer())[0] == 200
        assert await client.answer() == OK


async def test_a_request_that_comes_while_the_one_before_it_waits_is_answered_after_it(
    writer: ConnectArgs, locked: Any
) -> None:
    async with serving_here(writer) as served, connected(served) as client:
        client.send(TAG)
        await until(lambda: served.pool.statistics.active == 1)
        client.send(TYPENAME)
        await asyncio.sleep(0.1)  # by then somebody waits for the first one's client to leave
        await locked.execute("ROLLBACK")
        assert await client.answer() == NOIR
        assert await client.answer() == OK


async def test_a_client_that_leaves_takes_its_statement_along_and_others_are_served(
    writer: ConnectArgs, locked: Any
) -> None:
    async with serving_here(writer, pool_max=1) as served, connected(served) as client:
        client.send(TAG)
        await until(lambda: served.pool.statistics.active == 1)
        await client.leave()
        await until(lambda: served.pool.statistics.active == 0)
        await locked.execute("ROLLBACK")
        async with connected(served) as other:
            other.send(TAG)
            assert await other.answer() == NOIR


async def test_a_body_in_pieces_is_waited_for(demo: ConnectArgs) -> None:
    async with serving_here(demo) as served, connected(served) as client:
        whole = request(TYPENAME)
        for piece in (whole[:20], whole[20:-20], whole[-20:-5], whole[-5:]):
            client.writer.write(piece)
            await asyncio.sleep(0.05)
        assert await client.answer() == OK


async def test_the_scheme_that_a_proxy_tells_stands_in_redirects(demo: ConnectArgs) -> None:
    async with serving_here(demo) as served, connected(served) as client:
        client.writer.write(b"GET /graphql/ HTTP/1.1\r\nhost: localhost\r\nx-forwarded-proto: https\r\n\r\n")
        head = (await client.reader.readuntil(b"\r\n\r\n")).decode().lower()
    assert "location: https://localhost/graphql\r\n" in head


async def test_the_scheme_that_a_proxy_tells_stands_in_traces(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_traced(demo, monkeypatch) as traced:
        for given, scheme in (("https", "https"), ("gopher", "http")):
            spans = await traced.spans_of({"query": TYPENAME}, **{"x-forwarded-proto": given})
            assert spans[0].attributes is not None
            assert spans[0].attributes["url.scheme"] == scheme
