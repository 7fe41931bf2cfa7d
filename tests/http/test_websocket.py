"""graphql-transport-ws: the protocol's good and bad cases, over real connections."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from database.connect_args import ConnectArgs
from tests.support.factories import add_name, add_row
from tests.support.in_process import PATIENCE, InProcess, serving_in_process
from tests.support.pools import until

TYPENAME = "{ __typename }"
COSTLY = """{ media(first: 100) { nodes { tags { media(first: 100) { nodes {
    credits(first: 100) { nodes { person { name } } } } } } } } }"""
PROGRESS = "subscription ($id: ID!) { jobProgress(id: $id) { status succeeded jobRun { id } } }"


@pytest.fixture
async def served(writer: ConnectArgs) -> AsyncIterator[InProcess]:
    async with serving_in_process(writer) as serving:
        yield serving


async def test_a_query_and_a_mutation_are_answered_once_and_complete(served: InProcess, connection: Any) -> None:
    await add_name(connection, "tag", "noir")
    async with served.socket() as client:
        await client.subscribe("q", "query ($id: ID!) { tag(id: $id) { name } }", id="tag_1")
        assert await client.next() == {"type": "next", "id": "q", "payload": {"data": {"tag": {"name": "noir"}}}}
        assert await client.next() == {"type": "complete", "id": "q"}
        change = 'mutation { setSetting(key: "retag.after_days", value: 3) { setting { value } } }'
        await client.subscribe("q", change)
        assert await client.data("q") == {"setSetting": {"setting": {"value": 3}}}
        assert await client.next() == {"type": "complete", "id": "q"}
    assert await connection.fetchval("SELECT value FROM setting") == "3"


async def test_a_document_that_is_refused_is_an_error_and_the_socket_goes_on(served: InProcess) -> None:
    async with served.socket() as client:
        for query, code in [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
            (COSTLY, "TOO_COMPLEX"),
        ]:
            await client.subscribe("1", query)
            message = await client.next()
            assert (message["type"], message["id"]) == ("error", "1")
            assert [error["extensions"]["code"] for error in message["payload"]] == [code]
        await client.subscribe("1", TYPENAME)
        assert await client.data() == {"__typename": "Query"}


async def test_an_error_of_a_field_is_part_of_a_result(served: InProcess) -> None:
    async with served.socket() as client:
        await client.subscribe("1", "{ media(first: -1) { nodes { id } } __typename }")
        message = await client.next()
        assert message["type"] == "next"
        assert message["payload"]["errors"][0]["extensions"]["code"] == "BAD_PAGE_SIZE"
        assert message["payload"]["data"] == {"media": None, "__typename": "Query"}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("nonsense", 4400),
        (b"\x00", 4400),
        ("[]", 4400),
        ({"type": "unheard"}, 4400),
        ({}, 4400),
        ({"type": ["ping"]}, 4400),
        ({"type": "ping", "payload": 1}, 4400),
        ({"type": "complete"}, 4400),
        ({"type": "subscribe", "id": 1, "payload": {"query": TYPENAME}}, 4400),
        ({"type": "subscribe", "id": "", "payload": {"query": TYPENAME}}, 4400),
        ({"type": "subscribe", "id": "1" * 257, "payload": {"query": TYPENAME}}, 4400),
        ({"type": "subscribe", "id": "1"}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": 1}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": TYPENAME, "variables": []}}, 4400),
        ({"type": "connection_init"}, 4429),
    ],
)
async def test_a_message_that_is_none_closes_the_socket(served: InProcess, message: Any, code: int) -> None:
    async with served.socket() as client:
        await client.send(message)
        closed, reason = await client.closed()
        assert closed == code
        assert 0 < len(reason.encode()) <= 123


async def test_what_comes_before_the_acknowledgement_is_refused(served: InProcess) -> None:
    async with served.socket(init=None) as client:
        await client.subscribe("1", TYPENAME)
        assert await client.closed() == (4401, "Unauthorized")


async def test_a_client_that_does_not_begin_is_closed_whatever_else_it_says(writer: ConnectArgs) -> None:
    async with serving_in_process(writer, socket_init_timeout=0.3) as served:
        async with served.socket(init=None) as silent, served.socket(init=None) as busy:
            await busy.tell("ping")
            assert await busy.next() == {"type": "pong"}
            for client in (silent, busy):
                assert await client.closed() == (4408, "Connection initialisation timeout")
        await until(lambda: len(served.application.streams) == 0)


async def test_pings_are_answered_with_their_payload_and_pongs_are_taken(served: InProcess) -> None:
    async with served.socket() as client:
        await client.tell("pong")
        await client.tell("ping", payload={"a": 1})
        assert await client.next() == {"type": "pong", "payload": {"a": 1}}
        await client.tell("ping")
        assert await client.next() == {"type": "pong"}


async def test_an_id_is_used_by_one_operation_at_a_time(served: InProcess, connection: Any) -> None:
    await add_row(connection, "job_run", type="scan")
    async with served.socket() as client:
        await client.subscribe("1", PROGRESS, id="job_run_1")
        await client.data()
        await client.tell("complete", id="1")
        await client.tell("complete", id="never begun")
        await client.subscribe("1", PROGRESS, id="job_run_1")  # it is free again
        await client.data()
        await client.subscribe("1", TYPENAME)
        assert await client.closed() == (4409, "Subscriber for 1 already exists")
    await until(lambda: len(served.application.jobs) == 0)


async def test_a_socket_has_so_many_operations_at_once(writer: ConnectArgs, connection: Any) -> None:
    await add_row(connection, "job_run", type="scan")
    async with serving_in_process(writer, max_subscriptions=2) as served, served.socket() as client:
        for id_ in ("1", "2"):
            await client.subscribe(id_, PROGRESS, id="job_run_1")
            await client.data(id_)
        await client.subscribe("3", TYPENAME)
        refused = await client.next()
        assert (refused["type"], refused["id"]) == ("error", "3")
        assert refused["payload"][0]["extensions"] == {"code": "TOO_MANY_SUBSCRIPTIONS"}
        await client.tell("complete", id="1")
        await client.subscribe("3", TYPENAME)
        assert await client.data("3") == {"__typename": "Query"}


async def test_a_process_has_so_many_sockets_and_streams_at_once(writer: ConnectArgs) -> None:
    async with serving_in_process(writer, max_streams=1) as served, served.http() as http:
        async with served.socket() as client:
            with pytest.raises(InvalidStatus) as refused:
                await served.socket().__aenter__()
            assert refused.value.response.status_code == 503
            assert b"TOO_MANY_STREAMS" in refused.value.response.body
            answer = await http.post(served.url, json={"query": TYPENAME}, headers={"accept": "text/event-stream"})
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (503, "TOO_MANY_STREAMS")
            assert (await http.post(served.url, json={"query": TYPENAME})).status_code == 200
            await client.subscribe("1", TYPENAME)
            assert await client.data() == {"__typename": "Query"}
        await until(lambda: len(served.application.streams) == 0)
        async with served.socket() as client:
            pass


@pytest.mark.parametrize(
    ("headers", "is_served"),
    [
        ({}, True),
        ({"origin": "http://127.0.0.1:PORT"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://127.0.0.1:1"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://127.0.0.1:PORT", "sec-fetch-site": "same-origin"}, True),
    ],
)
async def test_a_page_of_another_site_opens_no_socket(
    served: InProcess, headers: dict[str, str], is_served: bool
) -> None:
    sent = {name: value.replace("PORT", str(served.port)) for name, value in headers.items()}
    if is_served:
        async with served.socket(additional_headers=sent) as client:
            await client.subscribe("1", TYPENAME)
            await client.data()
        return
    with pytest.raises(InvalidStatus) as refused:
        await served.socket(additional_headers=sent).__aenter__()
    assert refused.value.response.status_code == 403
    assert b"CROSS_SITE" in refused.value.response.body


async def test_a_socket_for_another_protocol_is_refused(served: InProcess) -> None:
    for subprotocols in (["graphql-ws"], None):
        with pytest.raises(InvalidStatus) as refused:
            await served.socket(subprotocols=subprotocols).__aenter__()
        assert refused.value.response.status_code == 400
        assert b"SUBPROTOCOL_NOT_SUPPORTED" in refused.value.response.body


async def handshake(served: InProcess, host: bytes, path: bytes = b"/graphql") -> bytes:
    """The first line that comes back for a handshake."""
    reader, socket = await asyncio.open_connection("127.0.0.1", served.port)
    socket.write(
        b"GET %b HTTP/1.1\r\nhost: %b\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
        b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        % (path, host)
    )
    head = await reader.readuntil(b"\r\n\r\n")
    socket.close()
    return head.split(b"\r\n")[0]


async def test_a_socket_is_opened_by_a_known_name_at_one_path(served: InProcess) -> None:
    assert b" 101 " in await handshake(served, b"localhost")
    assert b" 421 " in await handshake(served, b"evil.example")
    assert b" 404 " in await handshake(served, b"localhost", b"/other")
    assert b" 414 " in await handshake(served, b"localhost", b"/graphql?" + b"x" * 20_000)
    await until(lambda: len(served.application.streams) == 0)


KEY = "a-key-of-sixteen-letters"


async def test_a_key_comes_in_the_first_message_or_in_a_header(writer: ConnectArgs) -> None:
    async with serving_in_process(writer, keys=KEY) as served:
        for payload in ({}, None, {"Authorization": "Bearer wrong-key-of-letters"}, {"Authorization": 1}, {"key": KEY}):
            async with served.socket(init=None) as client:
                await client.tell("connection_init", payload=payload)
                assert (await client.closed())[0] == 4403
        for name in ("Authorization", "authorization"):
            async with served.socket(init={name: f"Bearer {KEY}"}) as client:
                await client.subscribe("1", TYPENAME)
                await client.data()
        async with served.socket(additional_headers={"authorization": f"Bearer {KEY}"}) as client:
            await client.subscribe("1", TYPENAME)
            await client.data()
        with pytest.raises(InvalidStatus) as refused:
            await served.socket(additional_headers={"authorization": "Bearer wrong-key-of-letters"}).__aenter__()
        assert refused.value.response.status_code == 401


async def test_messages_have_a_size(writer: ConnectArgs) -> None:
    async with serving_in_process(writer, max_body_bytes=100_000) as served:
        async with served.socket() as client:
            await client.subscribe("1", TYPENAME + " " * 90_000)
            await client.data()
            assert (await client.next())["type"] == "complete"
            await client.subscribe("1", TYPENAME + " " * 100_000)
            assert (await client.closed())[0] == 1009
        async with served.socket(init=None) as client:
            await client.tell("connection_init", payload={"a": "x" * 70_000})
            assert (await client.closed())[0] == 1009


async def test_persisted_queries_are_asked_for_and_known_afterwards(served: InProcess) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(TYPENAME.encode()).hexdigest()}}
    async with served.socket() as client:
        await client.tell("subscribe", id="1", payload={"extensions": extensions})
        message = await client.next()
        assert message["payload"][0]["extensions"] == {"code": "PERSISTED_QUERY_NOT_FOUND"}
        await client.tell("subscribe", id="1", payload={"query": TYPENAME, "extensions": extensions})
        await client.data()
        assert (await client.next())["type"] == "complete"
        await client.tell("subscribe", id="1", payload={"extensions": extensions})
        assert await client.data() == {"__typename": "Query"}


async def send_without_end(socket: asyncio.StreamWriter, served: InProcess, data: bytes) -> None:
    """Until the connection is closed; what waits for the client stays small."""
    for _ in range(10_000):
        socket.write(data)
        await asyncio.wait_for(socket.drain(), PATIENCE)
        assert all(one.unsent() < 10_000_000 for one in served.connections.busy)


async def test_a_client_that_does_not_read_is_not_read_from_and_given_up(writer: ConnectArgs) -> None:
    """Its pings would each be answered, and the answers fill the memory."""
    async with serving_in_process(writer, send_timeout=0.5, max_unsent_bytes=65_536) as served:
        reader, socket = await asyncio.open_connection("127.0.0.1", served.port, limit=1024)
        socket.write(
            b"GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        )
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        ping = b"\x89\xfd" + bytes(4) + b"x" * 125
        with pytest.raises(ConnectionError):
            await send_without_end(socket, served, ping * 1000)
        socket.close()
        await until(lambda: len(served.application.streams) == 0)


async def test_the_end_of_the_server_closes_sockets_with_1001(served: InProcess, connection: Any) -> None:
    await add_row(connection, "job_run", type="scan")
    async with served.socket() as client, served.socket(init=None) as silent:
        await client.subscribe("1", PROGRESS, id="job_run_1")
        await client.data()
        await served.stop()
        assert (await client.closed())[0] == 1001
        assert (await silent.closed())[0] == 1001


async def test_an_upgrade_within_requests_that_are_answered_is_a_request_like_others(served: InProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    body = b'{"query": "{ __typename }"}'
    post = (
        b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
        % (len(body), body)
    )
    get = (
        b"GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\n"
        b"upgrade: websocket\r\n\r\n"
    )
    writer.write(post + get)
    for _ in range(2):
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        assert await reader.readuntil(b"}}") == b'{"data":{"__typename":"Query"}}'
    writer.close()
