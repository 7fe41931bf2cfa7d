"""Heads that are too large, requests that come slowly or all at once, and other protocols, as bytes on a connection."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import inspect
import weakref
from collections.abc import Iterator

import pytest
from uvicorn.protocols.http import flow_control, httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.http.http_protocol import PIECE
from app.http.http_refusals import MAX_HEADERS
from tests.support.pools import until
from tests.support.raw_http import GET, Client, Served, connected, served

START = b"POST / HTTP/1.1\r\nhost: localhost\r\n"
CHUNKED = START + b"transfer-encoding: chunked\r\n\r\n"


def endless(start: bytes, part: bytes) -> Iterator[bytes]:
    yield start
    for _ in range(2_000):
        yield part * (PIECE // len(part))


async def send_until_answered(client: Client, parts: Iterator[bytes]) -> int:
    """How many bytes could be sent before the client heard anything; 32 MB is the end."""
    sent = 0
    for part in parts:
        client.send(part)
        await client.writer.drain()
        sent += len(part)
        await asyncio.sleep(0)
        if client.reader._buffer:  # type: ignore[attr-defined]
            break
    return sent


async def is_served(server: Served) -> bool:
    async with connected(server) as client:
        client.send(GET)
        return (await client.answer()).status == 200


@pytest.mark.parametrize(
    ("start", "part", "status", "code"),
    [
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n", 431, "HEADERS_TOO_LARGE"),
        (b"GET / HTTP/1.1\r\n", b":\r\n" + b"a:\r\n" * 100, 400, "BAD_REQUEST"),
        (b"GET / HTTP/1.1\r\na: ", b"x", 431, "HEADERS_TOO_LARGE"),
        (b"GET / HTTP/1.1\r\n", b"x", 431, "HEADERS_TOO_LARGE"),
        (b"GET /", b"x", 414, "URL_TOO_LONG"),
        (b"GET /?a=", b"%20", 414, "URL_TOO_LONG"),
        (b"", b"\r\n", 431, "HEADERS_TOO_LARGE"),
        (CHUNKED + b"1;a=", b"x", 431, "HEADERS_TOO_LARGE"),
        (CHUNKED + b"1\r\nx\r\n0\r\na: ", b"x", 431, "HEADERS_TOO_LARGE"),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"a: b\r\n", 431, "HEADERS_TOO_LARGE"),
    ],
)
async def test_what_has_no_end_is_refused_soon(start: bytes, part: bytes, status: int, code: str) -> None:
    async with served() as server, connected(server) as client:
        sent = await send_until_answered(client, endless(start, part))
        answer = await client.answer()
        assert (answer.status, answer.code) == (status, code)
        assert sent < 3_000_000  # what the system's buffers take before the refusal is heard
        assert await is_served(server)


async def test_a_refusal_is_read_by_a_client_that_sends_all_before_it_reads() -> None:
    async with served() as server, connected(server) as client:
        for part in endless(b"GET / HTTP/1.1\r\na: ", b"x"):
            client.send(part)
            await client.writer.drain()
        assert (await client.answer()).code == "HEADERS_TOO_LARGE"


@pytest.mark.parametrize(("url", "head", "status"), [(1024, 4096, 200), (1025, 3000, 414), (10, 4097, 431)])
async def test_heads_are_taken_to_the_byte(url: int, head: int, status: int) -> None:
    path = b"/" + b"u" * (url - 1)
    rest = head - url - len("host") - len("localhost") - len("a") - 2 * 4
    async with served() as server, connected(server) as client:
        client.send(b"GET " + path + b" HTTP/1.1\r\nhost: localhost\r\na: " + b"x" * rest + b"\r\n\r\n")
        assert (await client.answer()).status == status


@pytest.mark.parametrize(("number", "status"), [(MAX_HEADERS, 200), (MAX_HEADERS + 1, 431)])
async def test_headers_are_counted(number: int, status: int) -> None:
    async with served() as server, connected(server) as client:
        client.send(b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * number + b"\r\n")
        assert (await client.answer()).status == status


async def test_a_head_may_come_with_a_large_body_and_in_single_bytes() -> None:
    body = b"y" * 200_000
    async with served() as server, connected(server) as client:
        client.send(START + b"a: " + b"x" * 3000 + b"\r\ncontent-length: 200000\r\n\r\n" + body)
        assert (await client.answer()).body == body
        for byte in GET:
            client.send(bytes([byte]))
            await asyncio.sleep(0)
        assert (await client.answer()).status == 200


async def test_a_body_in_the_smallest_chunks_is_read() -> None:
    async with served() as server, connected(server) as client:
        client.send(CHUNKED + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n" + GET)
        assert (await client.answer()).body == b"x" * 20_000
        assert (await client.answer()).status == 200


async def test_what_follows_a_body_in_chunks_is_no_header() -> None:
    async with served() as server, connected(server) as client:
        client.send(CHUNKED + b"1\r\nx\r\n0\r\nauthorization: Bearer a\r\n\r\n")
        assert (await client.answer()).body == b"x"
        [scope] = server.application.asked
        assert [name for name, _ in scope["headers"]] == [b"host", b"transfer-encoding"]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http:// HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n",
        START + b"content-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        START + b"content-length: 1\r\ncontent-length: 1\r\n\r\nx",
        START + b"content-length: -1\r\n\r\n",
        START + b"content-length: 99999999999999999999\r\n\r\n",
        START + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        START + b"transfer-encoding: gzip\r\n\r\n",
        START + b"a : b\r\n\r\n",
        START + b"a: b\r\n continued\r\n\r\n",
        START + b"a: b\0c\r\n\r\n",
        CHUNKED + b"x\r\n",
        CHUNKED + b"1\r\nxy\r\n",
    ],
)
async def test_what_is_not_http_is_400_in_words(sent: bytes) -> None:
    async with served() as server, connected(server) as client:
        client.send(sent)
        answer = await client.answer()
        assert (answer.status, answer.code) == (400, "BAD_REQUEST")
        assert await client.is_closed()


async def test_bytes_that_are_no_request_are_refused_after_the_answers_before_them() -> None:
    async with served() as server, connected(server) as client:
        client.send(b"GET /wait HTTP/1.1\r\n\r\n" + GET + b"nonsense\r\n\r\n" + GET)
        await until(lambda: len(server.application.asked) == 1)
        server.application.go.set()
        assert [(await client.answer()).status for _ in range(3)] == [200, 200, 400]
        assert await client.is_closed()


async def test_any_number_of_requests_that_are_sent_at_once_are_answered_and_few_are_kept_waiting() -> None:
    async with served() as server, connected(server) as client:
        client.send(b"GET /wait HTTP/1.1\r\n\r\n" + GET * 5_000)
        await until(lambda: len(server.connections.busy) == 1 and len(server.application.asked) == 1)
        await asyncio.sleep(0.05)
        [connection] = server.connections.busy
        assert len(connection.pipeline) <= PIECE // len(GET) + 1  # type: ignore[attr-defined]
        server.application.go.set()
        for _ in range(5_001):
            assert (await client.answer()).status == 200


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
@pytest.mark.parametrize("pause", [False, True])
async def test_a_request_that_asks_for_another_protocol_is_answered_in_http_1_with_its_body(
    protocol: bytes, pause: bool
) -> None:
    start = START + b"connection: Upgrade, HTTP2-Settings\r\nupgrade: " + protocol + b"\r\nhttp2-settings: a\r\n"
    requests = (
        start + b"content-length: 2\r\n\r\nxx" + start + b"transfer-encoding: chunked\r\n\r\n2\r\nyy\r\n0\r\n\r\n"
    )
    async with served() as server, connected(server) as client:
        for byte in [bytes([byte]) for byte in requests] if pause else [requests]:
            client.send(byte)
            await asyncio.sleep(0)
        client.send(GET)
        assert [(await client.answer()).body for _ in range(3)] == [b"xx", b"yy", b""]
        assert (b"upgrade", protocol) in server.application.asked[0]["headers"]


async def test_a_client_that_waits_for_a_100_hears_it_and_one_that_is_answered_without_is_closed() -> None:
    expecting = b"host: localhost\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    async with served() as server, connected(server) as client:
        client.send(b"POST / HTTP/1.1\r\n" + expecting)
        assert (await client.answer()).status == 100
        client.send(b"xx")
        assert (await client.answer()).body == b"xx"
        client.send(b"POST /unread HTTP/1.1\r\n" + expecting)
        assert (await client.answer()).status == 200
        assert await client.is_closed()


async def test_a_connection_that_has_ended_is_not_kept() -> None:
    async with served() as server:
        for sent in (GET, b"GET", b"nonsense\r\n\r\n", GET + b"GET", b""):
            async with connected(server) as client:
                client.send(sent)
                await until(lambda: len(server.connections) == 1)
        await until(lambda: len(server.connections) == 0)
        assert server.connections.stalls == {}


async def test_a_connection_that_has_ended_leaves_no_cycle() -> None:
    requests = (GET, GET * 3, b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: a\r\n\r\n", b"")
    async with served() as server:
        gc.collect()
        gc.disable()
        try:
            for sent in requests:
                async with connected(server) as client:
                    await until(lambda: len(server.connections.heads) == 1)
                    [kept] = [weakref.ref(one) for one in server.connections.heads]
                    client.send(sent)
                    await asyncio.sleep(0.02)
                await until(lambda: len(server.connections) == 0)
                await asyncio.sleep(0.02)
                assert kept() is None, sent
        finally:
            gc.enable()


def test_what_this_uses_of_uvicorn_is_what_it_was() -> None:
    """app/http/http_protocol.py replaces parts of these: read them again when this fails."""
    parts = [inspect.getsource(HttpToolsProtocol), inspect.getsource(httptools_impl.RequestResponseCycle)]
    parts.append(inspect.getsource(flow_control.FlowControl))
    assert [hashlib.sha256(part.encode()).hexdigest()[:16] for part in parts] == [
        "18fdf324b11bf160",
        "e67d470d435dcc1c",
        "126debcdaa894c83",
    ]
