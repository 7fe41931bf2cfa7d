"""A small application behind the workers' HTTP protocol, with limits of one's own, and clients that send bytes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import uvicorn

from app.http.connection_limits import ConnectionLimits
from app.http.http_connections import Connections
from app.http.http_protocol import HttpProtocol
from tests.support.pools import until

LIMITS: dict[str, Any] = {
    "connections": 100,
    "header_bytes": 4096,
    "url_bytes": 1024,
    "keep_alive": 60,
    "header_timeout": 60,
    "body_timeout": 60,
    "send_timeout": 60,
    "unsent": 100_000_000,
}
GET = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


@dataclass
class Application:
    """Answers with what it was sent: to /BYTES with so many bytes, to /wait when it is let."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Any] = field(default_factory=list)
    gone: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope)
        body = b""
        while scope["path"] != "/unread":
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return
            body += message["body"]
            if not message["more_body"]:
                break
        if scope["path"] == "/wait":
            await self.go.wait()
        content = b"x" * int(scope["path"][1:]) if scope["path"][1:].isdigit() else body
        headers = [(b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})


@dataclass
class Served:
    """The application on a port of this process."""

    port: int
    application: Application
    connections: Connections


@asynccontextmanager
async def served(**limits: Any) -> AsyncIterator[Served]:
    """Serves with these limits from its start to its end."""
    application = Application()
    connections = Connections(ConnectionLimits(**{**LIMITS, **limits}))
    config = uvicorn.Config(
        application,
        interface="asgi3",
        http=partial(HttpProtocol, clients=connections),  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        try:
            yield Served(listener.getsockname()[1], application, connections)
        finally:
            application.go.set()
            for connection in [*connections.busy, *connections.bodies, *connections.closing]:
                connection.abort()
            server.should_exit = True
            await running


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """Of a refusal."""
        [error] = json.loads(self.body)["errors"]
        assert self.headers["connection"] == "close"
        return str(error["extensions"]["code"])


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, content: bytes) -> None:
        self.writer.write(content)

    async def answer(self) -> Answer:
        """The next one."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split()[1]), headers, body)

    async def answer_of(self, size: int) -> Answer:
        """The next one, which has so many bytes."""
        answer = await self.answer()
        assert (answer.status, len(answer.body)) == (200, size)
        return answer

    async def is_closed(self) -> bool:
        """Waits for the end; False where there was something before it."""
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def connected(server: Served, buffer: int | None = None) -> AsyncIterator[Client]:
    """A client; `buffer`: bytes that the system keeps of what it does not read."""
    opened = socket.socket()
    if buffer is not None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    opened.setblocking(False)
    await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=opened, limit=2**16)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()
