"""The executor alone, in this process: no HTTP, and rows that were recorded once instead of a database.

Compiled plans and graphql-core take turns; the least CPU of many tries is what each costs without what disturbs it."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import thread_time_ns
from typing import Any, Literal, TypeVar

import orjson

from app.http.application import create_service
from app.process.open_pool import create_connector, open_pool
from app.service.graphql_service import Request, Service
from app.settings import Settings
from bench.queries import Query
from database.connect_args import ConnectArgs
from database.pool import Pool
from database.row import Row
from database.session import Session
from database.statement import Statement
from domain.viewer import UNRESTRICTED

R = TypeVar("R", bound=Row)
Engine = Literal["compiled", "reference"]

ENGINES: tuple[Engine, Engine] = ("compiled", "reference")
WARM_UPS = 5
BATCH = 5  # runs between two readings of the clock


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU milliseconds of one run."""

    compiled: float
    reference: float

    @property
    def ratio(self) -> float:
        return self.reference / self.compiled


class DifferentBodyError(Exception):
    """The engines do not give the same answer."""


class Recorder(Session):
    """A session that keeps what it answers, by the statement's text."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.rows: dict[str, list[Any]] = {}

    async def fetch(self, statement: Statement[R], values: Sequence[object], **given: Any) -> list[R]:
        rows = self.rows[statement.text] = await super().fetch(statement, values, **given)
        return rows


class Memory(Session):
    """A session that answers at once with recorded rows. Its pool is never asked for a connection."""

    def __init__(self, pool: Pool, rows: Mapping[str, list[Any]]) -> None:
        super().__init__(pool)
        self._rows = rows

    async def fetch(self, statement: Statement[R], values: Sequence[object], **given: Any) -> list[R]:
        return list(self._rows[statement.text])


class Subject:
    """One engine with the rows of one query."""

    def __init__(self, service: Service, request: Request, memory: Memory) -> None:
        self._service = service
        self._request = request
        self._memory = memory
        self.least = float("inf")

    async def answer(self) -> bytes:
        """The body as it would be sent."""
        return orjson.dumps((await self._service.run(self._request, self._memory, UNRESTRICTED)).body)

    async def run(self) -> None:
        """Runs a few times and keeps the time of a run in milliseconds, if it is the least so far."""
        run, request, memory = self._service.run, self._request, self._memory
        started = thread_time_ns()
        for _ in range(BATCH):
            await run(request, memory, UNRESTRICTED)
        self.least = min(self.least, (thread_time_ns() - started) / BATCH / 1e6)


async def measure_executor(args: ConnectArgs, queries: Sequence[Query], seconds: float) -> dict[Query, Costs]:
    """What each query costs each engine, measured for so many seconds. Raises DifferentBodyError."""
    settings = {engine: Settings(database_url=args.dsn, engine=engine) for engine in ENGINES}
    services = {engine: create_service(settings[engine]) for engine in ENGINES}
    pool = open_pool(settings["compiled"], create_connector(args, settings["compiled"]))
    await pool.start()
    try:
        return {query: await measure_query(services, pool, query, seconds) for query in queries}
    finally:
        await pool.close()


async def measure_query(services: Mapping[Engine, Service], pool: Pool, query: Query, seconds: float) -> Costs:
    body = orjson.loads(query.bodies("marquee")[0])
    request = Request(body["query"], body["variables"], body["operationName"])
    subjects = [Subject(services[engine], request, await record(services[engine], request, pool)) for engine in ENGINES]
    answers = [await subject.answer() for subject in subjects]
    if answers[0] != answers[1]:
        raise DifferentBodyError(f"{query.name}: compiled plans answer {answers[0]!r}, graphql-core {answers[1]!r}.")
    gc.collect()
    gc.disable()
    try:
        started = thread_time_ns()
        while thread_time_ns() - started < seconds * 1e9:
            for subject in subjects:
                await subject.run()
            gc.collect()
    finally:
        gc.enable()
    return Costs(*(subject.least for subject in subjects))


async def record(service: Service, request: Request, pool: Pool) -> Memory:
    """The rows of a request from the real database, which has seen the document often enough to have a plan for it."""
    for _ in range(WARM_UPS):
        recorder = Recorder(pool)
        await service.run(request, recorder, UNRESTRICTED)
        await recorder.close()
    return Memory(pool, recorder.rows)
