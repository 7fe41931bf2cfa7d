"""Marquee as one of two subgraphs behind Apollo's gateway and Hive's: what it is asked, and what it sends."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from app.http.application import Application, create_app
from app.process.worker import create_config
from app.settings import Settings
from database.connect_args import ConnectArgs
from database.statement import Statement

FOLDER = Path(__file__).resolve().parents[1] / "gateways"
GATEWAYS = ("apollo", "hive")
NOT_INSTALLED = (
    "" if shutil.which("node") and (FOLDER / "node_modules" / ".installed").exists() else "run `make test-gateways`"
)
START_SECONDS = 60


class Behind:
    """Two gateways and what stands behind them. `asked`: the documents that Marquee was sent; `statements`: by name."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.connection_limits = application.connection_limits
        self.addresses: dict[str, str] = {}
        self.asked: list[str] = []
        self.statements: list[str] = []
        application.state.pool.on_statement = self._note

    def _note(self, statement: Statement[Any], rows: int, seconds: float) -> None:
        self.statements.append(statement.name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application, with what it is asked noted."""
        body = b""

        async def noted() -> Message:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            return message

        await self.application(scope, noted, send)
        if scope["type"] == "http":
            self.asked.append(json.loads(body)["query"])

    async def ask(self, gateway: str, query: str, **variables: Any) -> dict[str, Any]:
        """The answer of a gateway, without what it tells of itself in extensions."""
        self.asked.clear()
        self.statements.clear()
        async with httpx.AsyncClient(timeout=START_SECONDS) as http:
            answer = await http.post(self.addresses[gateway], json={"query": query, "variables": variables})
        body: dict[str, Any] = answer.json()
        body.pop("extensions", None)
        return body

    async def data(self, gateway: str, query: str, **variables: Any) -> Any:
        """The data of an operation that must not fail."""
        body = await self.ask(gateway, query, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]


@asynccontextmanager
async def serving_in_process(behind: Behind) -> AsyncIterator[str]:
    """The address at which the application is served from this very loop."""
    config = create_config(behind)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve([listener]))
        while not server.started:
            assert not task.done(), "the server ended at its start"
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        server.should_exit = True
        await task


@asynccontextmanager
async def open_gateways(args: ConnectArgs) -> AsyncIterator[Behind]:
    """Marquee over a database, the reviews beside it, and both gateways in front of them."""
    behind = Behind(create_app(Settings(database_url=args.dsn, pool_min=1)))
    async with serving_in_process(behind) as address:
        process = await asyncio.create_subprocess_exec(
            *("node", "gateways.mjs", address),
            cwd=FOLDER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                behind.addresses = json.loads(await process.stdout.readline() or b"{}")
            assert set(behind.addresses) == set(GATEWAYS), "the gateways ended at their start; their words are above"
            yield behind
        finally:
            process.stdin.close()
            await process.wait()
