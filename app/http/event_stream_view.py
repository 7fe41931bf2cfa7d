"""Event streams: which request wants one, and the streams that are reserved."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope, Send

from app.http.cross_site import check_site
from app.http.disconnect import DisconnectMonitor
from app.http.event_stream import EventStream, event_stream, send_named_results, send_results
from app.http.http_request import LEGACY, ClientGoneError, HttpError, refused, request_of
from app.http.operations import Caller, Operations, respond
from app.http.streams import Streams
from app.service.graphql_service import Request

log = logging.getLogger("marquee.http")

TOKEN_HEADER = b"x-graphql-event-stream-token"
# How long a reserved stream is waited for, in seconds.
RESERVED_SECONDS = 10.0
MAX_OPERATION_ID = 256

ReadGiven = Callable[[Scope, Mapping[bytes, bytes], Receive], Awaitable[Any]]


class Reservation:
    """A stream for several operations: reserved by PUT, opened by GET."""

    def __init__(self) -> None:
        self.token = token_urlsafe(32)
        self.stream: EventStream | None = None
        self.opened = asyncio.Event()
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def end(self) -> None:
        tasks = list(self.tasks.values())
        self.tasks.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


class EventStreams:
    """Answers requests by event streams. One an event loop.

    read: gives the JSON value in a request; most: operations of one reserved stream; reserves: streams can be reserved,
    since all requests come to this process."""

    def __init__(
        self,
        operations: Operations,
        streams: Streams,
        disconnects: DisconnectMonitor,
        read: ReadGiven,
        *,
        most: int,
        reserves: bool,
    ) -> None:
        self._operations = operations
        self._streams = streams
        self._disconnects = disconnects
        self._read = read
        self._most = most
        self._reserves = reserves
        self._reserved: dict[str, Reservation] = {}

    def wants(self, scope: Scope, headers: Mapping[bytes, bytes], *, accepted: bool) -> bool:
        """Whether a request is about event streams; `accepted`: it prefers one for its answer."""
        if scope["method"] in ("GET", "POST"):
            return accepted or token_of(scope, headers) is not None
        return scope["method"] in ("PUT", "DELETE")

    def admits(self, scope: Scope) -> bool:
        """Whether a request without a key opens a stream that was reserved with one: `EventSource` sends no headers."""
        return scope["path"] == "/graphql" and scope["method"] == "GET" and self._find(scope, {}) is not None

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes], *, accepted: bool
    ) -> None:
        answer: tuple[int, bytes, list[tuple[bytes, bytes]]] | None
        try:
            answer = await self._answer(scope, receive, send, headers, accepted=accepted)
        except ClientGoneError:
            return
        except HttpError as error:
            answer = error.status, refused(str(error), error.code), [*error.headers]
        if answer is not None:
            await respond(send, answer[0], LEGACY, answer[1], answer[2])

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes], *, accepted: bool
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]] | None:
        """Status, content and headers; None where it was answered by a stream."""
        method = scope["method"]
        if method == "PUT":
            return self._reserve()
        given = token_of(scope, headers)
        if (method == "POST" and accepted) or (method == "GET" and given is None):
            await self._distinct(scope, receive, send, headers)
            return None
        reservation = self._find(scope, headers)
        if reservation is None:
            raise HttpError(404, "NO_SUCH_STREAM", "There is no event stream with this token: reserve one by PUT.")
        if method == "GET":
            check_site(headers)
            await self._open(reservation, receive, send)
            return None
        if method == "DELETE":
            return self._end_operation(scope, reservation)
        return await self._start(scope, receive, headers, reservation)

    def _find(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Reservation | None:
        token = token_of(scope, headers)
        return None if token is None else self._reserved.get(token)

    # Distinct connections

    async def _distinct(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[bytes, bytes]) -> None:
        with self._streams.opened(), self._disconnects.watch(receive) as client:
            request = request_of(await self._read(scope, headers, receive), self._operations.persisted)
            client.has_sent = True
            async with event_stream(send) as stream:
                with self._streams.until_closed():
                    await send_results(stream, self._operations, request, Caller(scope, headers))

    # A single connection

    def _reserve(self) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        if not self._reserves:
            words = "With several workers (MARQUEE_WORKERS) streams cannot be reserved: send each operation with "
            raise HttpError(501, "STREAMS_NOT_RESERVED", words + "`Accept: text/event-stream`.")
        if len(self._reserved) >= self._streams.most:
            self._streams.refuse()
        reservation = Reservation()
        self._reserved[reservation.token] = reservation
        loop = asyncio.get_running_loop()
        loop.call_later(RESERVED_SECONDS, self._expire, reservation)
        return 201, reservation.token.encode(), [(b"content-type", b"text/plain; charset=utf-8")]

    def _expire(self, reservation: Reservation) -> None:
        if reservation.stream is None:
            del self._reserved[reservation.token]
            for task in reservation.tasks.values():
                task.cancel()

    async def _open(self, reservation: Reservation, receive: Receive, send: Send) -> None:
        if reservation.stream is not None:
            raise HttpError(409, "STREAM_IS_OPEN", "This event stream is open already.")
        with self._streams.opened(), self._disconnects.watch(receive) as client:
            client.has_sent = True
            async with event_stream(send) as stream:
                reservation.stream = stream
                reservation.opened.set()
                try:
                    with self._streams.until_closed():
                        await asyncio.get_running_loop().create_future()
                finally:
                    del self._reserved[reservation.token]
                    await reservation.end()

    async def _start(
        self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], reservation: Reservation
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """Starts an operation whose events go to the reserved stream; refuses one that would not be executed."""
        with self._disconnects.watch(receive) as client:
            given = await self._read(scope, headers, receive)
            client.has_sent = True
        request = request_of(given, self._operations.persisted)
        id_ = operation_id(given["extensions"].get("operationId") if given.get("extensions") else None)
        if id_ in reservation.tasks:
            raise HttpError(409, "OPERATION_EXISTS", "The stream has an operation with this operationId.")
        if len(reservation.tasks) >= self._most:
            words = f"The stream has {self._most} operations (MARQUEE_MAX_SUBSCRIPTIONS): end one first."
            raise HttpError(429, "TOO_MANY_SUBSCRIPTIONS", words)
        prepared = self._operations.prepare(request)
        if isinstance(prepared, list):
            return 400, orjson.dumps({"errors": prepared}), []
        task = asyncio.create_task(self._run(reservation, id_, request, Caller(scope, headers)))
        reservation.tasks[id_] = task
        return 202, b"", []

    async def _run(self, reservation: Reservation, id_: str, request: Request, caller: Caller) -> None:
        try:
            await reservation.opened.wait()
            assert reservation.stream is not None
            await send_named_results(reservation.stream, id_, self._operations, request, caller)
        except OSError:  # the client has left
            pass
        finally:
            if reservation.tasks.get(id_) is asyncio.current_task():
                del reservation.tasks[id_]

    def _end_operation(self, scope: Scope, reservation: Reservation) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        id_ = operation_id(parameter(scope, "operationId"))
        if (task := reservation.tasks.pop(id_, None)) is not None:
            task.cancel()
        return 200, b"", []


def operation_id(given: object) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= MAX_OPERATION_ID:
        raise HttpError(400, "BAD_REQUEST", f"`operationId` is a string of 1 to {MAX_OPERATION_ID} characters.")
    return given


def token_of(scope: Scope, headers: Mapping[bytes, bytes]) -> str | None:
    """The token of a reserved stream that a request names, if any."""
    given = headers.get(TOKEN_HEADER)
    return given.decode("latin-1") if given is not None else parameter(scope, "token")


def parameter(scope: Scope, name: str) -> str | None:
    """A parameter of the URL."""
    if name.encode() not in scope["query_string"]:
        return None
    found = parse_qs(scope["query_string"].decode("latin-1")).get(name)
    return None if found is None else found[-1]
