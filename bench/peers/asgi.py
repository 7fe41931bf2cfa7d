"""The smallest server of JSON over HTTP that uvicorn takes: no framework, no routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import asyncpg
import orjson

from bench.peers.statements import NoReset, open_pool

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = Callable[[Any, str, dict[str, Any]], Awaitable[bytes]]


class Application:
    """Gives `answer` a connection, the operation's name and its variables, and sends the bytes that it returns."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.pool: asyncpg.Pool | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message["body"]
            more = message.get("more_body", False)
        request = orjson.loads(body)
        assert self.pool is not None
        async with self.pool.acquire() as connection:
            content = await self.answer(connection, request["operationName"], request["variables"])
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def live(self, receive: Receive, send: Send) -> None:
        """Opens the pool at the start and closes it at the end."""
        await receive()
        self.pool = await open_pool(NoReset)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})
