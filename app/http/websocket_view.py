"""graphql-transport-ws: GraphQL over a WebSocket (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

Strawberry's handler of the protocol is not used: it runs operations by Strawberry's own way through graphql-core,
without extensions and persisted queries, and ends by an exception where a message is no object or an id no string."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.http.access import Access
from app.http.cross_site import check_socket
from app.http.http_request import LEGACY, HttpError, refused, request_of
from app.http.operations import Caller, Operations
from app.http.streams import Streams
from domain import exact_json

PROTOCOL = "graphql-transport-ws"
MAX_ID = 256
MAX_REASON = 123  # bytes of the reason of a close frame (RFC 6455)

BAD_MESSAGE, UNAUTHORIZED, FORBIDDEN_SOCKET, INIT_TIMEOUT = 4400, 4401, 4403, 4408
DUPLICATE_ID, TWO_INITS = 4409, 4429


class SocketClosed(Exception):
    """The socket is to be closed for what the client did."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:MAX_REASON].decode(errors="ignore")


class ClientLeft(Exception):
    """The client has closed the socket, or the server stops."""


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """init_seconds: how long connection_init is waited for; operations: of one socket at once."""

    init_seconds: float
    operations: int


class GraphQLSockets:
    """Accepts WebSockets. An ASGI application for one path."""

    def __init__(self, operations: Operations, streams: Streams, access: Access, limits: SocketLimits) -> None:
        self._operations = operations
        self._streams = streams
        self._access = access
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            check_socket(dict(scope["headers"]))
            if PROTOCOL not in scope["subprotocols"]:
                words = f"A WebSocket must offer the subprotocol {PROTOCOL}."
                raise HttpError(400, "SUBPROTOCOL_NOT_SUPPORTED", words)
            with self._streams.opened():
                await Socket(self._operations, self._access, self._limits, scope, receive, send).serve()
        except HttpError as error:
            headers = {name.decode(): value.decode() for name, value in error.headers}
            await Response(refused(str(error), error.code), error.status, headers, LEGACY)(scope, receive, send)


class Socket:
    """One client's socket."""

    def __init__(
        self,
        operations: Operations,
        access: Access,
        limits: SocketLimits,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._runner = operations
        self._access = access
        self._limits = limits
        # Operations are recorded as requests of their own, by whose socket they came.
        self._scope = {**scope, "type": "http", "method": "GET"}
        self._receive = receive
        self._send = send
        self._is_begun = False
        self._is_acknowledged = False
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._running: set[asyncio.Task[None]] = set()  # those that were ended but are not over yet as well

    async def serve(self) -> None:
        """From the handshake to the end."""
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        deadline = asyncio.get_running_loop().time() + self._limits.init_seconds
        closed: SocketClosed | None = None
        try:
            while True:
                async with asyncio.timeout_at(None if self._is_acknowledged else deadline):
                    await self._take(await self._message())
        except TimeoutError:
            closed = SocketClosed(INIT_TIMEOUT, "Connection initialisation timeout")
        except SocketClosed as error:
            closed = error
        except (ClientLeft, OSError):
            pass
        finally:
            await self._end_operations()
        if closed is not None:
            with suppress(OSError):
                await self._send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})

    async def _end_operations(self) -> None:
        self._tasks.clear()
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    async def _message(self) -> Mapping[str, Any]:
        event = await self._receive()
        if event["type"] != "websocket.receive":
            raise ClientLeft
        text = event.get("text")
        if text is None:
            raise SocketClosed(BAD_MESSAGE, "Messages are texts.")
        try:
            message = exact_json.loads(text.encode())
        except ValueError as error:
            raise SocketClosed(BAD_MESSAGE, f"The message is not JSON: {error}") from None
        if not isinstance(message, dict):
            raise SocketClosed(BAD_MESSAGE, "A message is a JSON object.")
        return message

    async def _take(self, message: Mapping[str, Any]) -> None:
        kind = message.get("type")
        if kind == "subscribe":
            await self._subscribe(message)
        elif kind == "complete":
            if (task := self._tasks.pop(read_id(message), None)) is not None:
                task.cancel()
        elif kind == "ping":
            await self._tell({"type": "pong", **payload_of(message)})
        elif kind == "pong":
            payload_of(message)
        elif kind == "connection_init":
            await self._begin(message)
        else:
            raise SocketClosed(BAD_MESSAGE, "The `type` of the message is none of graphql-transport-ws.")

    async def _begin(self, message: Mapping[str, Any]) -> None:
        if self._is_begun:
            raise SocketClosed(TWO_INITS, "Too many initialisation requests")
        self._is_begun = True
        payload = payload_of(message).get("payload") or {}
        given = payload.get("Authorization", payload.get("authorization"))
        if isinstance(given, str) and given.isascii() and not self._has_header():
            self._scope["headers"] = [*self._scope["headers"], (b"authorization", given.encode())]
        if not self._access.serves(self._scope):
            raise SocketClosed(FORBIDDEN_SOCKET, "Forbidden: the payload wants `Authorization`: `Bearer KEY`.")
        self._is_acknowledged = True
        await self._tell({"type": "connection_ack"})

    def _has_header(self) -> bool:
        return any(name == b"authorization" for name, _ in self._scope["headers"])

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        if not self._is_acknowledged:
            raise SocketClosed(UNAUTHORIZED, "Unauthorized")
        id_ = read_id(message)
        if id_ in self._tasks:
            raise SocketClosed(DUPLICATE_ID, f"Subscriber for {id_} already exists")
        if len(self._tasks) >= self._limits.operations or len(self._running) >= 2 * self._limits.operations:
            words = (
                f"This WebSocket has {self._limits.operations} operations (MARQUEE_MAX_SUBSCRIPTIONS): end one first."
            )
            await self._refuse(id_, words, "TOO_MANY_SUBSCRIPTIONS")
            return
        payload = message.get("payload")
        if not isinstance(payload, dict):
            raise SocketClosed(BAD_MESSAGE, "`payload` is an object.")
        try:
            request = request_of(payload, self._runner.persisted)
        except HttpError as error:
            if error.code == "BAD_REQUEST":
                raise SocketClosed(BAD_MESSAGE, str(error)) from None
            await self._refuse(id_, str(error), error.code)
            return
        task = self._tasks[id_] = asyncio.create_task(self._run(id_, request))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, id_: str, request: Any) -> None:
        """Sends what comes of an operation."""
        task = asyncio.current_task()
        try:
            async with aclosing(self._runner.stream(request, Caller(self._scope))) as results:
                async for result in results:
                    if result.errors is not None:
                        self._forget(id_, task)
                        await self._tell({"id": id_, "type": "error", "payload": result.errors})
                        return
                    await self._tell({"id": id_, "type": "next", "payload": orjson.Fragment(result.content)})
            self._forget(id_, task)
            await self._tell({"id": id_, "type": "complete"})
        except OSError:  # the client has left
            pass
        finally:
            self._forget(id_, task)

    def _forget(self, id_: str, task: asyncio.Task[Any] | None) -> None:
        """From now on the id may be used again."""
        if self._tasks.get(id_) is task:
            del self._tasks[id_]

    async def _refuse(self, id_: str, message: str, code: str) -> None:
        error = {"message": message, "extensions": {"code": code}}
        await self._tell({"id": id_, "type": "error", "payload": [error]})

    async def _tell(self, message: Mapping[str, Any]) -> None:
        """Sends a message: waits where the client does not read what it was sent before."""
        await self._send({"type": "websocket.send", "text": orjson.dumps(message).decode()})


def read_id(message: Mapping[str, Any]) -> str:
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= MAX_ID:
        raise SocketClosed(BAD_MESSAGE, f"`id` is a string of 1 to {MAX_ID} characters.")
    return id_


def payload_of(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload under its name where there is one: an object."""
    payload = message.get("payload")
    if payload is None:
        return {}
    if not isinstance(payload, dict):
        raise SocketClosed(BAD_MESSAGE, "`payload` is an object.")
    return {"payload": payload}
