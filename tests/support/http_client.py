"""The whole application over HTTP in this process, and what its answers must look like."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.http.application import create_app
from app.settings import Settings
from database.connect_args import ConnectArgs

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
OK = {"data": {"__typename": "Query"}}


@asynccontextmanager
async def open_http(args: ConnectArgs, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over a database, with settings of one's own."""
    app = create_app(Settings(database_url=args.dsn, **{"pool_min": 1, **settings}))
    await app.state.pool.start()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers={"accept": MODERN}
    ) as client:
        yield client
    await app.state.pool.close()


def is_json(answer: httpx.Response, status: int, media_type: str = MODERN) -> Any:
    """The body of an answer with this status and media type."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, f"{media_type}; charset=utf-8")
    return answer.json()


def refusal(answer: httpx.Response, status: int, code: str, media_type: str = MODERN) -> str:
    """The message of an answer that is one coded error and nothing else."""
    body = is_json(answer, status, media_type)
    assert list(body) == ["errors"]
    [error] = body["errors"]
    assert error["extensions"] == {"code": code}
    return str(error["message"])


async def post(http: httpx.AsyncClient, content: Any, **headers: str) -> httpx.Response:
    """Sends bytes as they are, anything else as JSON."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return await http.post("/graphql", content=raw, headers={"content-type": LEGACY, **headers})
