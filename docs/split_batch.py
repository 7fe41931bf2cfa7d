"""A batch that comes apart, to look at: python -m docs.split_batch

The resolver of one field awaits something before it loads, for every second film: the loads of that field then come in
two batches. The script prints the report, and leaves a trace that the trace pages of a server with the same state
folder show (start it with `make serve`)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple, cast

import strawberry
from graphql import execute, parse

from app.service.graphql_service import Answer, Timing
from app.service.report import report
from app.settings import read_settings
from app.telemetry.spans import Telemetry
from app.telemetry.trace_store import TRACES, TraceStore
from database.sent_statement import SentStatement
from domain.viewer import UNRESTRICTED
from engine.relation import observe
from loaders.core.load_stats import LoadStats
from loaders.core.read_session import ReadSession
from loaders.registry import Loaders
from schema.core.context import Context


class TagRow(NamedTuple):
    key: int
    name: str


class Example:
    """Stands in for the database: every film has one tag."""

    async def fetch(
        self, statement: Any, values: Sequence[Any], *, timeout: float | None = None, sent: Any = None
    ) -> Any:
        started = perf_counter()
        await asyncio.sleep(0.002)
        rows = [TagRow(int(key), f"tag {key}") for key in values[0][1:-1].split(", ")]  # "{1, 2}"
        if isinstance(sent, SentStatement):
            sent.started, sent.ended, sent.rows = started, perf_counter(), len(rows)
        return rows


@strawberry.type
class Tag:
    name: str


@strawberry.type
class Film:
    number: int
    outside: strawberry.Private[asyncio.Future[None]]  # an answer from elsewhere, for which all films wait

    @strawberry.field
    async def tags(self, info: strawberry.Info) -> list[Tag]:
        if self.number % 2:
            await asyncio.shield(self.outside)  # the fault: this field waits for something else before it loads
        observe(info.context.observer, info._raw_info)
        return await info.context.loaders.tags_by_media_id.load(self.number)  # type: ignore[no-any-return]


@strawberry.type
class Query:
    @strawberry.field
    async def films(self) -> list[Film]:
        outside = asyncio.ensure_future(asyncio.sleep(0.005))
        return [Film(number=number, outside=outside) for number in range(1, 11)]


async def main() -> None:
    settings = read_settings()
    stats = LoadStats()
    telemetry = Telemetry([TraceStore(settings.state_dir / TRACES, settings.traces_kept)])
    trace = telemetry.begin({"method": "POST", "path": "/graphql", "server": ("127.0.0.1", 8000)}, {})
    answer = Answer({}, Timing(perf_counter()), True, "query", "SplitBatch")
    answer.timing.execution = perf_counter()
    context = Context(Loaders(ReadSession(Example(), UNRESTRICTED, stats=stats)), cast(Any, None))  # nothing is written
    executing: Any = execute(
        strawberry.Schema(Query)._schema, parse("query SplitBatch { films { tags { name } } }"), context_value=context
    )
    result = await executing
    if result.errors:
        raise result.errors[0]
    answer.body = {"data": result.data}
    answer.timing.ended = perf_counter()
    print(json.dumps(report(stats, answer.timing.execution, answer.timing.ended - answer.timing.started), indent=2))  # noqa: T201
    trace.end(200, answer, stats)
    telemetry.close()
    print(f"/traces/{trace.trace_id}")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
