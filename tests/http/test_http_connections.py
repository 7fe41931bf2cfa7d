"""How many connections there may be, how long each is waited for, and clients that do not take what they are sent."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

import pytest

from app.http.http_connections import Connections
from database.throttled_log import EVERY_SECONDS, ThrottledLog
from tests.support.pools import until
from tests.support.raw_http import GET, Answer, Client, Served, connected, served

START = b"POST / HTTP/1.1\r\nhost: localhost\r\n"
WAIT = b"GET /wait HTTP/1.1\r\n\r\n"
LARGE = b"GET /8000000 HTTP/1.1\r\nhost: localhost\r\n\r\n"


async def trickle(client: Client, start: bytes, part: bytes) -> Answer:
    """The answer to a request that goes on in small parts until it is answered."""

    async def send() -> None:
        client.send(start)
        while True:
            client.send(part)
            await asyncio.sleep(0.01)

    sending = asyncio.create_task(send())
    try:
        return await client.answer()
    finally:
        sending.cancel()


async def ask(server: Served) -> int:
    async with connected(server) as client:
        client.send(GET)
        return (await client.answer()).status


@pytest.mark.parametrize(
    ("start", "part", "code"),
    [
        (b"GET / HTTP/1.1\r\n", b"a:b\r\n", "HEADER_TIMEOUT"),
        (b"GET /", b"a", "HEADER_TIMEOUT"),
        (b"", b"\r\n", "HEADER_TIMEOUT"),
        (START + b"content-length: 100000\r\n\r\n", b"x", "BODY_TIMEOUT"),
        (START + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n", "BODY_TIMEOUT"),
        (START + b"transfer-encoding: chunked\r\n\r\n1;", b"x", "BODY_TIMEOUT"),
        (START + b"transfer-encoding: chunked\r\n\r\n0\r\n", b"a:b\r\n", "BODY_TIMEOUT"),
    ],
)
async def test_a_request_that_comes_byte_by_byte_is_408_however_many_come(
    start: bytes, part: bytes, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.http_connections.BODY_MARGIN", 0)
    async with served(header_timeout=0.2, body_timeout=0.2) as server, connected(server) as client:
        answer = await trickle(client, start, part)
        assert (answer.status, answer.code) == (408, code)
        assert await client.is_closed()
        assert server.application.gone == (code == "BODY_TIMEOUT")
        assert await ask(server) == 200


async def test_a_client_that_says_nothing_is_told_nothing() -> None:
    async with served(header_timeout=0.1) as server, connected(server) as client:
        assert await client.is_closed()


async def test_a_connection_without_a_further_request_is_closed_and_others_go_on() -> None:
    async with served(keep_alive=0.3) as server, connected(server) as idle, connected(server) as other:
        idle.send(GET)
        assert (await idle.answer()).status == 200
        closed = asyncio.create_task(idle.is_closed())
        while not closed.done():
            other.send(GET)
            assert (await other.answer()).status == 200
            await asyncio.sleep(0.02)
        assert closed.result()


async def test_a_request_whose_answer_takes_long_is_waited_for() -> None:
    async with served(keep_alive=0.05, header_timeout=0.05, send_timeout=0.05) as server, connected(server) as client:
        client.send(WAIT + b"GET / HT")
        await asyncio.sleep(0.3)
        server.application.go.set()
        assert (await client.answer()).status == 200
        assert (await client.answer()).code == "HEADER_TIMEOUT"


async def test_the_rest_of_a_body_that_nobody_reads_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.http.http_connections.BODY_MARGIN", 0)
    async with served(body_timeout=0.1) as server, connected(server) as client:
        client.send(b"POST /unread HTTP/1.1\r\ncontent-length: 100\r\n\r\nx")
        assert (await client.answer()).status == 200
        assert await client.is_closed()  # and nothing was said before: it has its answer


async def test_the_oldest_silent_connections_make_room_and_this_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async with served(connections=20) as server, AsyncExitStack() as stack:
        with caplog.at_level(logging.WARNING, "marquee.http"):
            silent = [await stack.enter_async_context(connected(server)) for _ in range(60)]
            assert await ask(server) == 200
            assert await silent[0].is_closed()
            await until(lambda: len(server.connections) < 20)
        assert not silent[-1].reader.at_eof()
    assert [record.getMessage() for record in caplog.records] == [
        "There are 20 connections: the oldest without a whole request are closed for new ones "
        "(MARQUEE_MAX_CONNECTIONS)."
    ]


async def test_idle_ones_go_before_unfinished_ones_and_those_are_told(caplog: pytest.LogCaptureFixture) -> None:
    unfinished = [b"GET / HTTP/1.1\r\n", START + b"content-length: 5\r\n\r\nx"]
    async with served(connections=4) as server, AsyncExitStack() as stack:
        head, body, idle, busy = [await stack.enter_async_context(connected(server)) for _ in range(4)]
        head.send(unfinished[0])
        body.send(unfinished[1])
        idle.send(GET)
        busy.send(WAIT)
        assert (await idle.answer()).status == 200
        await until(lambda: sizes(server.connections) == [1, 1, 1, 1])
        others = [await stack.enter_async_context(connected(server))]
        others[0].send(WAIT)
        assert await idle.is_closed()
        for unlucky in (head, body):
            await until(lambda: len(server.connections.busy) == 1 + len(others) and len(server.connections) == 4)
            others.append(await stack.enter_async_context(connected(server)))
            others[-1].send(WAIT)
            answer = await unlucky.answer()
            assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "TOO_MANY_CONNECTIONS", "1")
        await until(lambda: len(server.connections.busy) == 4 and len(server.connections) == 4)
        refused = await stack.enter_async_context(connected(server))
        answer = await refused.answer()
        assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "TOO_MANY_CONNECTIONS", "1")
        server.application.go.set()
        assert [(await client.answer()).status for client in (busy, *others)] == [200] * 4
        assert "all 4 are answering requests" in caplog.text


def sizes(connections: Connections) -> list[int]:
    return [len(group) for group in (connections.heads, connections.bodies, connections.idle, connections.busy)]


async def test_a_client_that_does_not_read_is_given_up_and_others_are_served() -> None:
    async with served(send_timeout=0.4) as server, connected(server, 65536) as client:
        client.send(LARGE)
        await until(lambda: len(server.connections.stalls) == 1)
        [connection] = server.connections.stalls
        assert connection.unsent() > 1_000_000
        assert await ask(server) == 200
        await until(lambda: len(server.connections) == 0)
        assert server.connections.stalls == {}
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await client.answer()


@pytest.mark.parametrize("last", [b"", b"connection: close\r\n"])
async def test_a_client_that_reads_in_time_gets_its_answer_whole(last: bytes) -> None:
    async with served(send_timeout=0.5, keep_alive=0.1) as server, connected(server, 65536) as client:
        client.send(b"GET /8000000 HTTP/1.1\r\n" + last + b"\r\n")
        await client.reader.readuntil(b"\r\n\r\n")
        left = 8_000_000
        while left:
            left -= len(await client.reader.read(100_000))
            await asyncio.sleep(0.015)
        assert await client.is_closed()


async def test_no_further_request_of_a_client_that_does_not_read_is_read() -> None:
    async with served() as server, connected(server, 65536) as client:
        client.send(LARGE)
        await until(lambda: len(server.connections.stalls) == 1)
        client.send(GET * 100_000)
        await asyncio.sleep(0.1)
        assert len(server.application.asked) == 1
        await client.answer_of(8_000_000)
        assert (await client.answer()).status == 200


async def test_where_too_much_waits_for_clients_the_slowest_are_given_up_soon() -> None:
    async with served(unsent=12_000_000) as server, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(server, 65536)) for _ in range(4)]
        for client in clients:
            client.send(LARGE)
        await until(lambda: len(server.connections.stalls) == 4)
        reading = asyncio.create_task(clients[0].answer_of(8_000_000))
        await until(lambda: len(server.connections) < 4)
        await reading
        assert sum(stall.size for stall in server.connections.stalls.values()) <= 12_000_000


def test_a_line_is_said_at_once_and_then_with_its_number(caplog: pytest.LogCaptureFixture) -> None:
    notices = ThrottledLog()
    for second in range(0, int(EVERY_SECONDS) + 2):
        notices.warn("It happened.", float(second))
        notices.warn("Another thing.", 5.0)
    assert [record.getMessage() for record in caplog.records] == [
        "It happened.",
        "Another thing.",
        "It happened. (60 times since this was last said)",
    ]
