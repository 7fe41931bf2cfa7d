"""Clients that go away, bodies that do not come, rows that vanish: what is left of such requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from graphql import GraphQLError

import app.http.disconnect
from app.http.disconnect import DisconnectMonitor
from app.http.http_request import ClientGoneError
from database.connect_args import ConnectArgs
from engine.relation import present
from tests.support.api import Api, open_api
from tests.support.factories import add_library, add_media, add_name
from tests.support.http_client import open_http
from tests.support.pools import until

TAG = '{ tag(id: "tag_1") { name } }'


@pytest.fixture
async def locked(connection: Any) -> AsyncIterator[Any]:
    """The table of tags, locked against readers until the transaction is rolled back."""
    await add_name(connection, "tag", "noir")
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE tag IN ACCESS EXCLUSIVE MODE")
    yield transaction
    if connection.is_in_transaction():
        await transaction.rollback()


class Channel:
    """The receiving side of a request: its messages, then nothing until the client leaves."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = list(messages)
        self.left = asyncio.Event()

    async def receive(self) -> Any:
        if self.messages:
            return self.messages.pop(0)
        await self.left.wait()
        return {"type": "http.disconnect"}


async def serve(channel: Channel, work: Callable[[], Any]) -> Any:
    """Does work for a client whose body was read."""
    with DisconnectMonitor(10).watch(channel.receive) as client:
        client.has_sent = True
        return await work()


async def test_the_work_of_a_client_that_leaves_is_cancelled() -> None:
    channel, ended = Channel(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    asyncio.get_running_loop().call_later(0.05, channel.left.set)
    with pytest.raises(ClientGoneError):
        await serve(channel, work)

    assert ended.is_set()


async def test_a_client_that_had_left_before_the_work_began_is_noticed_too() -> None:
    channel = Channel()
    channel.left.set()

    with pytest.raises(ClientGoneError):
        await serve(channel, lambda: asyncio.sleep(60))


async def test_a_channel_that_fails_is_a_client_that_left() -> None:
    class Broken(Channel):
        async def receive(self) -> Any:
            raise OSError("the socket is gone")

    with pytest.raises(ClientGoneError):
        await serve(Broken(), lambda: asyncio.sleep(60))


async def test_work_that_goes_on_in_spite_of_a_departure_is_not_answered_and_leaves_the_task_as_it_was() -> None:
    channel = Channel()
    channel.left.set()

    async def stubborn() -> str:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(60)
        return "done"

    with pytest.raises(ClientGoneError):
        await serve(channel, stubborn)

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


@pytest.mark.parametrize("has_left", [False, True])
async def test_a_server_that_ends_cancels_a_request_whether_its_client_has_left_or_not(has_left: bool) -> None:
    channel, begun, ending = Channel(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ending.set()
            if has_left:  # the second cancellation comes while the first is dealt with
                await asyncio.sleep(60)

    task = asyncio.create_task(serve(channel, work))
    await begun.wait()
    if has_left:
        channel.left.set()
        await ending.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_request_that_is_over_soon_never_waits_for_its_client_to_leave(demo: ConnectArgs) -> None:
    async with open_http(demo) as http:
        channel = Channel({**request(), "body": b'{"query": "{ __typename }"}'})
        asked: list[int] = []
        receive = channel.receive

        async def counted() -> Any:
            asked.append(1)
            return await receive()

        async def send(message: Any) -> None:
            pass

        await http._transport.app(SCOPE, counted, send)  # type: ignore[attr-defined]
        await asyncio.sleep(2 * app.http.disconnect.LOOK_SECONDS)
    assert asked == [1]


async def test_nobody_looks_where_there_are_no_clients() -> None:
    monitor = DisconnectMonitor(10)
    with monitor.watch(Channel().receive) as client:
        client.has_sent = True
        assert monitor._timer is not None
        await asyncio.sleep(3 * app.http.disconnect.LOOK_SECONDS)
        watcher = client._watcher
        assert watcher is not None
    await until(lambda: monitor._timer is None)
    assert monitor.clients == set()
    assert watcher.cancelled()


async def test_a_client_that_leaves_takes_its_statement_and_connection_along(
    writer: ConnectArgs, connection: Any, locked: Any
) -> None:
    async with open_http(writer, pool_max=2) as http:
        application = http._transport.app  # type: ignore[attr-defined]
        pool = application.state.pool
        channels = [Channel(request()) for _ in range(6)]
        calls = [asyncio.create_task(application(SCOPE, channel.receive, unexpected)) for channel in channels]
        await until(lambda: (pool.statistics.active, pool.statistics.waiting) == (2, 4))

        for channel in channels:
            channel.left.set()
        await asyncio.gather(*calls)

        await until(lambda: (pool.statistics.active, pool.statistics.waiting) == (0, 0))
        await locked.rollback()
        answer = await http.post("/graphql", json={"query": TAG})
        assert answer.json() == {"data": {"tag": {"name": "noir"}}}


SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/graphql",
    "headers": [(b"content-type", b"application/json")],
    "query_string": b"",
}


def request() -> dict[str, Any]:
    return {"type": "http.request", "body": b'{"query": "{ tag(id: \\"tag_1\\") { name } }"}', "more_body": False}


async def unexpected(message: Any) -> None:
    raise AssertionError(f"nobody is there for {message}")


async def test_a_body_that_does_not_come_is_not_waited_for(demo: ConnectArgs) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async with open_http(demo, body_timeout=0.01) as http:
        channel = Channel({"type": "http.request", "body": b"{", "more_body": True})
        await http._transport.app(SCOPE, channel.receive, send)  # type: ignore[attr-defined]

    [start, body] = sent
    assert (start["status"], dict(start["headers"])[b"connection"]) == (408, b"close")
    [error] = orjson.loads(body["body"])["errors"]
    assert error == {
        "message": "The body did not come within 0.01 s.",
        "extensions": {"code": "BODY_TIMEOUT"},
    }


async def test_a_request_that_times_out_leaves_no_lines_in_the_log(
    writer: ConnectArgs, locked: Any, caplog: pytest.LogCaptureFixture
) -> None:
    query = "{ " + " ".join(f't{n}: tag(id: "tag_{n}") {{ name }}' for n in range(1, 30)) + " }"
    with caplog.at_level(logging.DEBUG):
        async with open_api(writer, request_timeout=0.2) as api:
            assert await api.codes(query) == ["REQUEST_TIMEOUT"]
            await until(lambda: api.pool.statistics.active == 0)
        await asyncio.sleep(0)

    assert [record.getMessage() for record in caplog.records if record.name == "asyncio" and record.levelno > 10] == []


async def test_a_row_that_vanished_after_its_parent_was_read_is_told_by_a_code() -> None:
    vanished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    vanished.set_result(None)

    with pytest.raises(GraphQLError) as raised:
        await present(vanished)

    assert raised.value.extensions == {"code": "GONE"}


async def test_a_library_that_is_hidden_between_two_statements_is_gone_not_a_fault(
    api: Api, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = await add_media(connection, await add_library(connection), "The Vanishing")
    monkeypatch.setattr("loaders.library.LIBRARY_BY_ID._variants", {})
    monkeypatch.setattr(
        "loaders.library.LIBRARY_BY_ID._text", "SELECT 1::bigint AS key WHERE 1 = any($1::text::bigint[]) AND false"
    )

    answer = await api.answer(f'{{ mediaItem(id: "media_{media}") {{ title library {{ name }} }} }}')

    [error] = answer.body["errors"]
    assert (error["extensions"], error["path"]) == ({"code": "GONE"}, ["mediaItem", "library"])


async def test_the_trace_of_a_client_that_left_says_what_it_had_asked_for(
    writer: ConnectArgs, connection: Any, locked: Any, tmp_path: Any
) -> None:
    async with open_http(writer, trace_pages=True, state_dir=tmp_path) as http:
        channel = Channel({**request(), "body": b'{"query": "query Left { tag(id: \\"tag_1\\") { name } }"}'})
        call = asyncio.create_task(http._transport.app(SCOPE, channel.receive, unexpected))  # type: ignore[attr-defined]
        await until(lambda: http._transport.app.state.pool.statistics.active == 1)  # type: ignore[attr-defined]
        channel.left.set()
        await call
        traces: list[Any] = []
        for _ in range(300):
            traces = (await http.get("/traces/api/list")).json()["traces"]
            if traces:
                break
            await asyncio.sleep(0.01)
        await locked.rollback()

    assert [(trace["operation"], trace["type"], trace["batches"]) for trace in traces] == [("Left", "query", 1)]


async def test_a_wait_for_a_connection_that_fails_is_told_as_a_wait(
    writer: ConnectArgs, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_http(writer, pool_max=1, pool_min=0, acquire_timeout=0.2, slow_request=0) as http:
        pool = http._transport.app.state.pool  # type: ignore[attr-defined]
        held = await pool.acquire()
        answer = await http.post("/graphql", json={"query": TAG}, headers={"marquee-report": "1"})
        pool.release(held)

    [batch] = answer.json()["extensions"]["marquee"]["batches"]
    [line] = [record for record in caplog.records if record.name == "marquee.slow"]
    assert answer.json()["errors"][0]["extensions"]["code"] == "DATABASE_BUSY"
    assert (batch["statements"], batch["runMs"]) == (0, 0)
    assert batch["waitMs"] >= 199
    assert vars(line)["connection_ms"] >= 199
