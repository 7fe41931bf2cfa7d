"""A worker's server in this process, with settings of one's own, and clients of its sockets and event streams."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.http.application import Application, create_app
from app.http.http_connections import Connections
from app.process.worker import Server, create_config
from app.settings import Settings
from database.connect_args import ConnectArgs
from tests.support.pools import until

GRAPHQL_WS = Subprotocol("graphql-transport-ws")
# No test waits for longer for what must come.
PATIENCE = 20.0


@dataclass(frozen=True)
class InProcess:
    """A server that runs here."""

    port: int
    application: Application
    server: Server

    @property
    def connections(self) -> Connections:
        return self.server.config.http.keywords["clients"]  # type: ignore[union-attr, no-any-return]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @asynccontextmanager
    async def socket(self, *, init: Any = {}, **options: Any) -> AsyncIterator[SocketClient]:  # noqa: B006 (read only)
        """A client that was acknowledged; with `init` None one that has not yet begun."""
        address = f"ws://127.0.0.1:{self.port}/graphql"
        options.setdefault("subprotocols", [GRAPHQL_WS])
        async with connect(address, proxy=None, compression=None, max_queue=None, **options) as connection:
            client = SocketClient(connection)
            if init is not None:
                await client.tell("connection_init", payload=init)
                assert await client.next() == {"type": "connection_ack"}
            yield client

    @asynccontextmanager
    async def http(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(headers=headers, timeout=PATIENCE) as client:
            yield client

    async def stop(self) -> None:
        """Asks the server to stop, as a signal does."""
        self.server.should_exit = True


class SocketClient:
    """One WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: Any) -> None:
        await self.connection.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    async def tell(self, kind: str, **more: Any) -> None:
        await self.send({"type": kind, **more})

    async def subscribe(self, id_: str, query: str, **variables: Any) -> None:
        await self.tell("subscribe", id=id_, payload={"query": query, "variables": variables})

    async def next(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.connection.recv())

    async def data(self, id_: str = "1") -> Any:
        """The data of the next result of an operation."""
        message = await self.next()
        assert (message["type"], message["id"]) == ("next", id_), message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def closed(self) -> tuple[int, str]:
        """Code and reason with which the server closes, after all that it still says."""
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


@asynccontextmanager
async def serving_in_process(args: ConnectArgs, **settings: Any) -> AsyncIterator[InProcess]:
    """Serves from its start to its end, and listens for changes; the collector of garbage is left as it was."""
    threshold = gc.get_threshold()
    app = create_app(Settings(database_url=args.dsn, **{"pool_min": 1, **settings}))
    read, write = os.pipe()
    server = Server(create_config(app), write, app.streams)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await until(lambda: server.started)
        try:
            yield InProcess(listener.getsockname()[1], app, server)
        finally:
            server.should_exit = True
            await running
            os.close(read)
            gc.unfreeze()
            gc.set_threshold(*threshold)
