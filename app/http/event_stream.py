"""GraphQL over server-sent events (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md).

Distinct connections: a request with `Accept: text/event-stream` is answered with the events of its operation.
Single connection: PUT reserves a stream, a GET with its token opens it, each POST with the token starts an operation
whose events go there, and DELETE ends one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import orjson
from starlette.types import Send

from app.http.operations import Caller, Operations
from app.service.graphql_service import Request

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # for nginx
    (b"vary", b"accept"),
]
HEARTBEAT = b":\n\n"
HEARTBEAT_SECONDS = 12.0


def event(name: str, data: bytes = b"") -> bytes:
    """One event; its data is one line of JSON, or nothing: without the line `EventSource` would not tell of it."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data)


def named(id_: str, content: bytes | None = None) -> bytes:
    """The data of an event on a stream that several operations share."""
    return orjson.dumps({"id": id_} if content is None else {"id": id_, "payload": orjson.Fragment(content)})


class EventStream:
    """The open response to one client."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def send(self, data: bytes) -> None:
        """Waits where the client does not read."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def beat(self) -> None:
        """Says now and then that the connection lives: proxies close those over which nothing comes."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self.send(HEARTBEAT)


@asynccontextmanager
async def event_stream(send: Send) -> AsyncIterator[EventStream]:
    """Begins the response, keeps it alive, and ends it."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    stream = EventStream(send)
    await stream.send(HEARTBEAT)
    beating = asyncio.create_task(stream.beat())
    try:
        yield stream
    finally:
        beating.cancel()
        await asyncio.wait([beating])
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def send_results(stream: EventStream, operations: Operations, request: Request, caller: Caller) -> None:
    """The events of one operation on a stream of its own; errors before the execution are a result as well."""
    mutations = caller.scope["method"] == "POST"
    async with aclosing(operations.stream(request, caller, mutations=mutations)) as results:
        async for result in results:
            await stream.send(event("next", result.content))
    await stream.send(event("complete"))


async def send_named_results(
    stream: EventStream, id_: str, operations: Operations, request: Request, caller: Caller
) -> None:
    """The events of one operation on a stream that others share."""
    async with aclosing(operations.stream(request, caller)) as results:
        async for result in results:
            await stream.send(event("next", named(id_, result.content)))
    await stream.send(event("complete", named(id_)))
