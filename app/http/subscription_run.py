"""One run of a subscription: its events, each executed as an operation over a session and with loaders of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from graphql import located_error

from app.service.graphql_service import Answer, Request, present, written
from database.session import Session
from domain.viewer import UNRESTRICTED
from engine.documents.document import Operation
from engine.executor import Outcome
from loaders.core.load_stats import LoadStats
from loaders.registry import Loaders
from schema.core.context import SubscriptionContext
from schema.core.deadline import Deadline

if TYPE_CHECKING:
    from app.http.operations import Caller, Operations
    from app.telemetry.instrumentation import RequestRecord


@dataclass(frozen=True, slots=True)
class Result:
    """One answer of an operation, as JSON. `errors`: of a refusal, or those by which a subscription ends."""

    content: bytes
    errors: list[Any] | None = None


def result_of(answer: Answer, content: bytes) -> Result:
    return Result(content, None if answer.executed else answer.body["errors"])


class SubscriptionRun:
    """Runs a subscription from its first event to its last."""

    def __init__(self, operations: Operations, operation: Operation, request: Request, caller: Caller) -> None:
        self._operations = operations
        self._operation = operation
        self._request = request
        self._caller = caller
        self._record: RequestRecord | None = None  # of the event under way

    async def results(self) -> AsyncGenerator[Result, None]:
        """The answers of all events, and an error where there are none or it ends by one."""
        operation, variables = self._operation, self._request.variables
        outside = self._operations.service.outside
        context = SubscriptionContext(self._operations.jobs, self._begin, outside)
        events = await self._operations.service.engine.source_events(operation, variables, context)
        if isinstance(events, Outcome):
            context.begin_event()
            yield await self._failed(events.errors or [])
            return
        source = aiter(events)
        try:
            while True:
                context.is_begun = False
                try:
                    event = await anext(source)
                except StopAsyncIteration:
                    return
                except Exception as error:
                    if not context.is_begun:
                        context.begin_event()
                    yield await self._failed([located_error(error, None, list(operation.root_fields))])
                    return
                if not context.is_begun:
                    context.begin_event()
                yield await self._executed(context, event)
        finally:
            await self._end()
            await close_source(source)

    def _begin(self) -> tuple[Loaders, Session, Deadline]:
        """An event has come: a record, a session, loaders and time for it."""
        operations, operation = self._operations, self._operation
        service = operations.service
        record = self._record = operations.instrumentation.begin(self._caller.scope, self._caller.headers)
        record.read(self._request)
        if record.stats is None and service.guard:
            record.stats = LoadStats()
        answer = record.answer
        answer.timing.started = perf_counter()
        answer.type, answer.name, answer.root_fields = operation.type.value, operation.name, operation.root_fields
        answer.document_hash = service.documents.get(self._request.text).hash
        session = record.database = Session(operations.pool)
        loaders = Loaders(service.reader(operation, session, UNRESTRICTED, record.stats))
        return loaders, session, Deadline(service.seconds, service.operation_seconds)

    async def _executed(self, context: SubscriptionContext, event: Any) -> Result:
        assert self._record is not None
        service, answer = self._operations.service, self._record.answer
        await service.execute(self._operation, self._request.variables, context, answer, event)
        answer.timing.ended = perf_counter()
        self._record.answered()
        content = written(answer, service.limits.answer_bytes)
        await self._end()
        return Result(content)

    async def _failed(self, errors: list[Any]) -> Result:
        assert self._record is not None
        answer = self._record.answer
        answer.body = {"errors": [present(error) for error in errors]}
        answer.timing.ended = perf_counter()
        content = written(answer, self._operations.service.limits.answer_bytes)
        await self._end()
        return Result(content, answer.body["errors"])

    async def _end(self) -> None:
        """The event is over: its connection goes back to the pool."""
        record, self._record = self._record, None
        if record is not None:
            if record.database is not None:
                await record.database.close()
            record.end(200)


async def close_source(source: AsyncIterator[Any]) -> None:
    """Ends a source of events, which may be in the middle of one."""
    if (aclose := getattr(source, "aclose", None)) is not None:
        with suppress(RuntimeError):
            await aclose()
