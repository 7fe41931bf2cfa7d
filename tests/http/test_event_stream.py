"""GraphQL over server-sent events, in both modes, over real connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from database.connect_args import ConnectArgs
from tests.support.factories import add_row
from tests.support.in_process import PATIENCE, InProcess, serving_in_process
from tests.support.pools import until

STREAM = {"accept": "text/event-stream"}
TYPENAME = {"query": "{ __typename }"}
PROGRESS = 'subscription { jobProgress(id: "job_run_1") { status succeeded } }'
TOKEN = "x-graphql-event-stream-token"


@pytest.fixture
async def served(writer: ConnectArgs) -> AsyncIterator[InProcess]:
    async with serving_in_process(writer) as serving:
        yield serving


@pytest.fixture
async def http(served: InProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with served.http() as client:
        yield client


class Events:
    """The events of a response."""

    def __init__(self, response: httpx.Response) -> None:
        assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, Any]:
        """Name and data of the next event; comments are left out."""
        name, data = "", None
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    data = json.loads(value) if value else None
                elif not line and name:
                    return name, data
        raise EOFError


@asynccontextmanager
async def stream_of(http: httpx.AsyncClient, url: str, method: str = "POST", **options: Any) -> AsyncIterator[Events]:
    async with http.stream(method, url, headers={**STREAM, **options.pop("headers", {})}, **options) as response:
        if response.status_code != 200:
            await response.aread()
        yield Events(response)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


# Distinct connections


async def test_an_answer_comes_as_an_event_and_the_end_as_another(served: InProcess, http: httpx.AsyncClient) -> None:
    for method, options in [("POST", {"json": TYPENAME}), ("GET", {"params": TYPENAME})]:
        async with stream_of(http, served.url, method, **options) as events:
            assert await events.next() == ("next", {"data": {"__typename": "Query"}})
            assert await events.next() == ("complete", None)
            with pytest.raises(EOFError):
                await events.next()


async def test_what_is_refused_before_the_execution_is_an_event_too(served: InProcess, http: httpx.AsyncClient) -> None:
    for query, code in [("{", "GRAPHQL_PARSE_FAILED"), ("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]:
        async with stream_of(http, served.url, json={"query": query}) as events:
            name, result = await events.next()
            assert (name, list(result), result["errors"][0]["extensions"]["code"]) == ("next", ["errors"], code)
            assert await events.next() == ("complete", None)


async def test_a_mutation_is_not_sent_by_get(served: InProcess, http: httpx.AsyncClient) -> None:
    mutation = {"query": 'mutation { setSetting(key: "retag.after_days", value: 3) { setting { value } } }'}
    async with stream_of(http, served.url, "GET", params=mutation) as events:
        _, result = await events.next()
        assert result["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    async with stream_of(http, served.url, json=mutation) as events:
        assert await events.next() == ("next", {"data": {"setSetting": {"setting": {"value": 3}}}})


async def test_what_is_no_request_is_refused_as_usual(served: InProcess, http: httpx.AsyncClient) -> None:
    answers = [
        await http.post(served.url, content=b"{", headers={**STREAM, "content-type": "application/json"}),
        await http.post(served.url, content=b"{}", headers={**STREAM, "content-type": "text/plain"}),
        await http.post(served.url, json={"query": 1}, headers=STREAM),
        await http.get(served.url, params=TYPENAME, headers={**STREAM, "sec-fetch-site": "cross-site"}),
        await http.get(served.url, params=TYPENAME, headers={**STREAM, "origin": "https://evil.example"}),
    ]
    assert [code_of(answer) for answer in answers] == [
        (400, "BAD_REQUEST"),
        (415, "BAD_REQUEST"),
        (400, "BAD_REQUEST"),
        (403, "CROSS_SITE"),
        (403, "CROSS_SITE"),
    ]


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "OPTIONS"])
async def test_other_methods_have_no_stream(served: InProcess, http: httpx.AsyncClient, method: str) -> None:
    assert (await http.request(method, served.url, headers=STREAM)).status_code == 406
    preflight = {"access-control-request-method": "PUT", "origin": "https://evil.example"}
    refused = await http.options(served.url, headers=preflight)
    assert code_of(refused) == (403, "CROSS_SITE")


async def test_a_subscription_wants_a_stream(served: InProcess, http: httpx.AsyncClient) -> None:
    accept = {"accept": "application/graphql-response+json"}
    answer = await http.post(served.url, json={"query": PROGRESS}, headers=accept)
    assert code_of(answer) == (400, "BAD_REQUEST")
    assert "text/event-stream" in answer.json()["errors"][0]["message"]
    assert (await http.get(served.url, params={"query": PROGRESS}, headers=accept)).status_code == 405


async def test_a_client_that_leaves_ends_its_subscription(
    served: InProcess, http: httpx.AsyncClient, connection: Any
) -> None:
    await add_row(connection, "job_run", type="scan")
    async with stream_of(http, served.url, json={"query": PROGRESS}) as events:
        assert (await events.next())[0] == "next"
        assert (len(served.application.jobs), len(served.application.streams)) == (1, 1)
    await until(lambda: len(served.application.jobs) + len(served.application.streams) == 0)


async def test_the_end_of_the_server_ends_streams_without_a_complete_event(
    served: InProcess, http: httpx.AsyncClient, connection: Any
) -> None:
    await add_row(connection, "job_run", type="scan")
    async with stream_of(http, served.url, json={"query": PROGRESS}) as events:
        await events.next()
        await served.stop()
        with pytest.raises(EOFError):
            await events.next()


async def test_a_stream_without_events_says_that_it_lives(
    served: InProcess, http: httpx.AsyncClient, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.event_stream.HEARTBEAT_SECONDS", 0.01)
    await add_row(connection, "job_run", type="scan")
    async with http.stream("POST", served.url, json={"query": PROGRESS}, headers=STREAM) as response:
        comments = 0
        async for line in response.aiter_lines():
            comments += line == ":"
            if comments == 4:
                break
    assert comments == 4


# A single connection


@asynccontextmanager
async def reserved(served: InProcess, http: httpx.AsyncClient) -> AsyncIterator[tuple[dict[str, str], Events]]:
    """The header that names an open stream, and its events."""
    answer = await http.put(served.url)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "text/plain; charset=utf-8")
    token = {TOKEN: answer.text}
    async with stream_of(http, served.url, "GET", headers=token) as events:
        yield token, events


def operation(id_: object, query: str = TYPENAME["query"]) -> dict[str, Any]:
    return {"query": query, "extensions": {"operationId": id_}}


async def test_the_events_of_several_operations_come_over_one_stream(
    served: InProcess, http: httpx.AsyncClient, connection: Any
) -> None:
    await add_row(connection, "job_run", type="scan")
    async with reserved(served, http) as (token, events):
        answer = await http.post(served.url, json=operation("a", PROGRESS), headers=token)
        assert (answer.status_code, answer.content) == (202, b"")
        progress = {"data": {"jobProgress": {"status": "QUEUED", "succeeded": 0}}}
        assert await events.next() == ("next", {"id": "a", "payload": progress})
        assert (await http.post(served.url, json=operation("b"), headers=token)).status_code == 202
        assert await events.next() == ("next", {"id": "b", "payload": {"data": {"__typename": "Query"}}})
        assert await events.next() == ("complete", {"id": "b"})
        assert (await http.delete(served.url, params={"operationId": "a"}, headers=token)).status_code == 200
        await until(lambda: len(served.application.jobs) == 0)
        assert (await http.post(served.url, json=operation("a"), headers=token)).status_code == 202
        assert (await events.next())[1]["id"] == "a"
    await until(lambda: len(served.application.streams) == 0)
    assert code_of(await http.post(served.url, json=operation("a"), headers=token)) == (404, "NO_SUCH_STREAM")


async def test_operations_wait_for_their_stream_to_be_opened(served: InProcess, http: httpx.AsyncClient) -> None:
    token = (await http.put(served.url)).text
    url = f"{served.url}?token={token}"
    assert (await http.post(url, json=operation("a"))).status_code == 202
    async with stream_of(http, url, "GET") as events:
        assert (await events.next())[1] == {"id": "a", "payload": {"data": {"__typename": "Query"}}}


async def test_a_stream_is_opened_once_and_only_with_its_token(served: InProcess, http: httpx.AsyncClient) -> None:
    async with reserved(served, http) as (token, _):
        assert code_of(await http.get(served.url, headers={**STREAM, **token})) == (409, "STREAM_IS_OPEN")
    wrong = {TOKEN: "x"}
    assert code_of(await http.get(served.url, headers={**STREAM, **wrong})) == (404, "NO_SUCH_STREAM")
    assert code_of(await http.post(served.url, json=operation("a"), headers=wrong)) == (404, "NO_SUCH_STREAM")
    assert code_of(await http.delete(served.url)) == (404, "NO_SUCH_STREAM")


async def test_what_cannot_be_started_is_refused_by_the_answer_to_its_request(
    served: InProcess, http: httpx.AsyncClient, connection: Any
) -> None:
    await add_row(connection, "job_run", type="scan")
    async with reserved(served, http) as (token, events):
        for given in (operation(1), operation(""), {**TYPENAME, "extensions": {}}, TYPENAME):
            assert code_of(await http.post(served.url, json=given, headers=token)) == (400, "BAD_REQUEST")
        answer = await http.post(served.url, json=operation("a", "{ nothing }"), headers=token)
        assert code_of(answer) == (400, "GRAPHQL_VALIDATION_FAILED")
        await http.post(served.url, json=operation("a", PROGRESS), headers=token)
        await events.next()
        assert code_of(await http.post(served.url, json=operation("a"), headers=token)) == (409, "OPERATION_EXISTS")
        assert code_of(await http.delete(served.url, headers=token)) == (400, "BAD_REQUEST")


async def test_a_stream_has_so_many_operations_at_once(writer: ConnectArgs, connection: Any) -> None:
    await add_row(connection, "job_run", type="scan")
    async with (
        serving_in_process(writer, max_subscriptions=1) as served,
        served.http() as http,
        reserved(served, http) as (token, _),
    ):
        await http.post(served.url, json=operation("a", PROGRESS), headers=token)
        assert code_of(await http.post(served.url, json=operation("b"), headers=token)) == (
            429,
            "TOO_MANY_SUBSCRIPTIONS",
        )


async def test_a_reservation_that_nobody_uses_ends(
    served: InProcess, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.event_stream_view.RESERVED_SECONDS", 0.05)
    token = {TOKEN: (await http.put(served.url)).text}
    assert (await http.post(served.url, json=operation("a"), headers=token)).status_code in (202, 404)

    async def is_gone() -> bool:
        return (await http.delete(served.url, params={"operationId": "a"}, headers=token)).status_code == 404

    async with asyncio.timeout(PATIENCE):
        while not await is_gone():
            await asyncio.sleep(0.01)


async def test_streams_are_not_reserved_where_requests_go_to_several_processes(writer: ConnectArgs) -> None:
    async with serving_in_process(writer, workers=2) as served, served.http() as http:
        assert code_of(await http.put(served.url)) == (501, "STREAMS_NOT_RESERVED")
        async with stream_of(http, served.url, json=TYPENAME) as events:
            assert (await events.next())[0] == "next"


async def test_a_token_opens_its_stream_without_a_key_and_nothing_else(writer: ConnectArgs) -> None:
    """`EventSource` of browsers sends no headers of one's own."""
    key = {"authorization": "Bearer a-key-of-sixteen-letters"}
    async with serving_in_process(writer, keys="a-key-of-sixteen-letters") as served, served.http() as http:
        assert (await http.put(served.url)).status_code == 401
        assert (await http.get(served.url, params={**TYPENAME, "token": "x"}, headers=STREAM)).status_code == 401
        token = (await http.put(served.url, headers=key)).text
        url = f"{served.url}?token={token}"
        assert (await http.post(url, json=operation("a"))).status_code == 401
        async with stream_of(http, url, "GET") as events:
            assert (await http.post(url, json=operation("a"), headers=key)).status_code == 202
            assert (await events.next())[1]["payload"] == {"data": {"__typename": "Query"}}
