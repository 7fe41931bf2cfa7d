"""A server that imitates libraries over HTTP: real answers over a real socket, with the faults that servers have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Any]


@dataclass
class LibraryServer:
    """answers: by path, what is answered: JSON, or what makes it of a request. faults: by path, what is done instead,
    once each. key: the header that must have it, and its value. asked: paths with their queries, as they came."""

    answers: Mapping[str, Any]
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    key: tuple[str, str] | None = None
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    address: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        self.headers.append(request.headers)
        if self.faults.get(request.path):
            found = await self.faults[request.path].pop(0)(request)
            assert isinstance(found, web.StreamResponse)
            return found
        if self.key is not None and request.headers.get(self.key[0]) != self.key[1]:
            return web.Response(status=401)
        if request.path not in self.answers:
            return web.Response(status=404)
        answer = self.answers[request.path]
        return web.json_response(answer(request) if callable(answer) else answer)


@asynccontextmanager
async def serving(server: LibraryServer) -> AsyncIterator[LibraryServer]:
    app = web.Application()
    app.router.add_route("GET", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.address = f"http://127.0.0.1:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


def status(code: int, **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=code, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


def text(body: str, content_type: str = "text/html") -> Answer:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body, content_type=content_type)

    return answer


async def cut_off(request: web.Request) -> web.StreamResponse:
    """The beginning of an answer, then the connection is closed."""
    answer = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await answer.prepare(request)
    await answer.write(b'[{"id": 1')
    assert request.transport is not None
    request.transport.close()
    return answer


async def too_slow(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


def redirect(location: str) -> Answer:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    return answer
