"""What a request leaves behind: nothing that only the collector of cyclic garbage could free.

Collections are rare (app/http), so whatever waits for one would pile up. graphql-core's executor is a cycle of its
own (executor, errors, info), whatever it runs: the requests here are executed by the compiled engine."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from json import dumps
from typing import Any

import asyncpg
import pytest

from app.http.disconnect import DisconnectMonitor
from app.http.http_request import ClientGoneError, HttpError
from database.connect_args import ConnectArgs
from database.connection import OpenedConnection
from database.pool import Pool, PoolLimits
from database.session import Session
from domain.errors import CatalogError
from tests.support.http_client import MODERN, open_http
from tests.support.pools import open_test_pool, sql

REQUESTS = 50
JSON = (b"content-type", b"application/json")
ASKED = b'{"query": "{ __typename }"}'
REPORT = (b"marquee-report", b"1")


@contextmanager
def uncollected() -> Iterator[Counter[str]]:
    """What happens in it is not collected; at its end the classes of the cyclic garbage are counted."""
    found: Counter[str] = Counter()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found.update(type(left).__qualname__ for left in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.unfreeze()


async def ask(application: Any, method: str, query: bytes, body: bytes, *headers: tuple[bytes, bytes]) -> int:
    """The status of the answer to a request in a task of its own."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    statuses: list[int] = []

    async def receive() -> Any:
        if messages:
            return messages.pop()
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {"type": "http", "method": method, "path": "/graphql", "query_string": query, "headers": [*headers]}
    await asyncio.create_task(application(scope, receive, send))
    [status] = statuses
    return status


async def left_by(
    demo: ConnectArgs, method: str, query: bytes, body: bytes, headers: list[tuple[bytes, bytes]], status: int
) -> Counter[str]:
    """The cyclic garbage of many equal requests."""
    async with open_http(demo, engine="compiled") as http:
        application = http._transport.app  # type: ignore[attr-defined]
        await ask(application, method, query, body, *headers)
        with uncollected() as found:
            for _ in range(REQUESTS):
                assert await ask(application, method, query, body, *headers) == status
    return found


@pytest.mark.parametrize(
    ("method", "query", "body", "headers", "status"),
    [
        ("POST", b"", ASKED, [JSON], 200),
        ("POST", b"", ASKED, [JSON, (b"accept", MODERN.encode()), (b"marquee-report", b"1")], 200),
        ("GET", b"query=%7B__typename%7D", b"", [], 200),
        ("POST", b"", b"{", [JSON], 400),
        ("POST", b"", b"{}", [JSON], 400),
        ("POST", b"", b" " * 2_100_000, [JSON], 413),
        ("POST", b"", ASKED, [], 415),
        ("POST", b"", ASKED, [JSON, (b"accept", b"text/plain")], 406),
    ],
)
async def test_a_request_leaves_no_cycle_on_its_way_to_the_executor_and_back(
    demo: ConnectArgs, method: str, query: bytes, body: bytes, headers: list[tuple[bytes, bytes]], status: int
) -> None:
    assert await left_by(demo, method, query, body, headers, status) == {}


@pytest.mark.parametrize("headers", [[JSON], [JSON, REPORT]], ids=["unseen", "with a report"])
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{ mediaItem(id: "media_1") { title tags { name } genres { name } credits { nodes { id } } } }', 200),
        ("{ media(first: 5) { totalCount pageInfo { endCursor } nodes { title tags { name } } } }", 200),
        ("{ media(first: -1) { nodes { id } } }", 200),
        (
            "{ media(first: 100) { nodes { credits(first: 100) { nodes { media { credits { nodes { id } } } } } } } }",
            400,
        ),
        ("{ nonsense }", 400),
    ],
    ids=[
        "one media with lists",
        "a page",
        "an error with a code",
        "a document that asks for too much",
        "a refused document",
    ],
)
async def test_an_execution_leaves_no_cycle(
    demo: ConnectArgs, text: str, status: int, headers: list[tuple[bytes, bytes]]
) -> None:
    body = dumps({"query": text}).encode()

    assert await left_by(demo, "POST", b"", body, [*headers, (b"accept", MODERN.encode())], status) == {}


async def test_a_client_that_leaves_and_a_body_that_is_late_leave_no_cycle() -> None:
    async def serve(*, has_sent: bool) -> None:
        with monitor.watch(gone) as client:
            client.has_sent = has_sent
            await asyncio.sleep(60)

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    monitor = DisconnectMonitor(0.01)
    with uncollected() as found:
        for number in range(REQUESTS):
            with pytest.raises((ClientGoneError, HttpError)):
                await serve(has_sent=number % 2 == 0)
    assert found == {}


async def test_statements_that_wait_for_their_turn_leave_no_cycle(demo: ConnectArgs) -> None:
    async with open_test_pool(demo, max=2) as pool:

        async def request() -> None:
            database = Session(pool)
            await asyncio.gather(*(database.fetch(sql("SELECT $1::int"), [number]) for number in range(3)))
            await database.close()

        await asyncio.gather(*(request() for _ in range(4)))
        with uncollected() as found:
            for _ in range(REQUESTS):
                await asyncio.gather(*(request() for _ in range(4)))
    assert found == {}


async def test_a_wait_for_a_connection_that_is_given_up_leaves_no_cycle(demo: ConnectArgs) -> None:
    raw = await asyncpg.connect(**demo.kwargs())

    async def connect() -> OpenedConnection:
        return OpenedConnection(raw)

    pool = Pool(connect, PoolLimits(min=0, max=1, acquire_timeout=0.01))
    held = await pool.acquire()
    with uncollected() as found:
        for _ in range(REQUESTS):
            with suppress(CatalogError):
                await pool.acquire()
    pool.release(held)
    await pool.close()
    assert found == {}


async def test_a_client_that_stays_for_a_while_leaves_no_cycle() -> None:
    async def stay() -> Any:
        return await asyncio.Event().wait()

    async def serve() -> None:
        with monitor.watch(stay) as client:
            client.has_sent = True
            while client._watcher is None:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    monitor = DisconnectMonitor(10)
    with uncollected() as found:
        for _ in range(5):
            await asyncio.create_task(serve())
            await asyncio.sleep(0)
    assert found == {}
