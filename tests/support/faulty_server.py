"""A server over a real socket that does what services do when they fail; and a DNS that says what it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import brotli  # type: ignore[import-untyped]
from aiohttp.abc import AbstractResolver, ResolveResult

from providers.zstd import compress

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Asked:
    """A request as it came. at: by time.monotonic, which the processes of a machine share; peer: of its connection."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    peer: int

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Behaviour = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class FaultyServer:
    """behaviours: by path, what is done one after the other, the last one again and again; otherwise: of
    other paths."""

    behaviours: dict[str, list[Behaviour]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"
    running: int = 0
    most_running: int = 0
    otherwise: Behaviour | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def times(self, path: str) -> int:
        return sum(1 for one in self.asked if one.path == path)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (asked := await read_request(reader, writer)) is not None:
                self.asked.append(asked)
                left = self.behaviours.get(asked.path, [self.otherwise or answer(b'{"ok": true}')])
                self.running += 1
                self.most_running = max(self.most_running, self.running)
                try:
                    await (left.pop(0) if len(left) > 1 else left[0])(asked, writer)
                finally:
                    self.running -= 1
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked | None:
    line = await reader.readline()
    at = time.monotonic()
    if not line or writer.is_closing():
        return None
    method, target, _ = line.decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()).strip():
        name, _, value = line.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body, at, writer.get_extra_info("peername")[1])


@asynccontextmanager
async def faulty_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultyServer]:
    server = FaultyServer(scheme="http" if tls is None else "https")
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def answer(body: bytes, status: int = 200, **headers: str) -> Behaviour:
    """An answer that is complete. headers: with _ for -."""

    async def do(asked: Asked, writer: asyncio.StreamWriter) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        writer.write(head(status, {**JSON, "Content-Length": str(len(body)), **given}) + body)

    return do


def status(code: int, **headers: str) -> Behaviour:
    return answer(b"{}", code, **headers)


def redirect(location: str, code: int = 302) -> Behaviour:
    return answer(b"", code, Location=location)


async def never(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """No first byte."""
    await asyncio.Event().wait()


async def stall(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """The body stops in its middle."""
    writer.write(head(200, {**JSON, "Content-Length": "100"}) + b'{"a":')
    await asyncio.Event().wait()


async def truncate(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(head(200, {**JSON, "Content-Length": "100"}) + b'{"a":')
    await writer.drain()
    writer.close()


async def reset(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """RST in the place of an answer."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(head(200, {**JSON, "Transfer-Encoding": "chunked"}))
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    while not writer.is_closing():
        writer.write(piece)
        await writer.drain()


async def not_http(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example.com ESMTP\r\n\r\n")
    await writer.drain()
    writer.close()


def gzip_bomb(size: int) -> bytes:
    return gzip.compress(b"[" * size, 1)


def bomb(encoding: str, size: int) -> Behaviour:
    """A small answer that is a large one once it is decompressed."""
    plain = b"[" * size
    pack: dict[str, Callable[[], bytes]] = {
        "gzip": lambda: gzip.compress(plain, 1),
        "deflate": lambda: zlib.compress(plain, 1),
        "br": lambda: brotli.compress(plain, quality=1),
        "zstd": lambda: compress(plain),
    }
    return answer(pack[encoding](), Content_Encoding=encoding)


async def endless_headers(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    number = 0
    while not writer.is_closing():
        writer.write(b"".join(b"X-%d: %s\r\n" % (number + place, b"x" * 100) for place in range(100)))
        number += 100
        await writer.drain()


async def long_header(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not writer.is_closing():
        writer.write(b"x" * 0x10000)
        await writer.drain()


async def endless_interim(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Interim answers, none of which is the last one."""
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()


async def huge(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """5 GB, as its head says, and as much as is read of it."""
    writer.write(head(200, {**JSON, "Content-Length": str(5 << 30)}))
    while not writer.is_closing():
        writer.write(b" " * 0x10000)
        await writer.drain()


@dataclass
class FixedResolver(AbstractResolver):
    """A DNS: by name the addresses, which may change between two questions."""

    names: dict[str, list[str]]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in self.names:
            raise OSError(None, "no such name")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self.names[host]
        ]

    async def close(self) -> None:
        pass
