"""Operations of subscriptions that are watched in this process, without a server."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from app.http.operations import Caller, Operations
from app.http.subscription_run import Result
from app.service.graphql_service import Request
from app.telemetry.instrumentation import Instrumentation
from database.row_signals import RowSignals
from tests.support.api import Api
from tests.support.in_process import PATIENCE

WATCHERS = 1000
CALLER = Caller({"type": "http", "method": "POST", "path": "/graphql", "headers": []})
PROGRESS = "subscription($id: ID!) { jobProgress(id: $id) { status total succeeded failed percent } }"
LIBRARY = "subscription($id: ID!) { jobProgress(id: $id) { succeeded jobRun { id library { name } } } }"


class Watched:
    """An API with the signals of its process, over which operations are watched."""

    def __init__(self, api: Api, jobs: RowSignals) -> None:
        self.api = api
        self.jobs = jobs
        trusting = Instrumentation(None, reports=True, slow_seconds=1000, trace_pages=False, trusts=lambda scope: True)
        self.operations = Operations(api.service, api.pool, trusting, jobs)

    def watch(self, query: str = PROGRESS, id: str = "job_run_1", *, report: bool = False) -> Watcher:
        return Watcher(self.operations, Request(query, {"id": id}, wants_report=report))

    async def change(self, text: str, *values: Any) -> None:
        """Changes something, and tells it as the process is told."""
        await self.connection.execute(text, *values)
        await self.jobs.invalidate()

    connection: Any


class Watcher:
    """One who watches."""

    def __init__(self, operations: Operations, request: Request) -> None:
        self.results = operations.stream(request, CALLER)

    async def result(self) -> Result:
        async with asyncio.timeout(PATIENCE):
            return await anext(self.results)

    async def event(self) -> Any:
        """The data of the next event."""
        result = await self.result()
        assert result.errors is None, result
        return orjson.loads(result.content)["data"]["jobProgress"]

    async def codes(self) -> list[str]:
        """The codes of the errors by which it ends."""
        result = await self.result()
        assert result.errors is not None, result
        assert await self.is_over()
        return [error["extensions"]["code"] for error in result.errors]

    async def is_over(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            return await anext(self.results, None) is None

    async def leave(self) -> None:
        await self.results.aclose()
