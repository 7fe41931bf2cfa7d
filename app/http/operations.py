"""GraphQL operations of any transport: run, written as the bytes of their answers, and sent where it is one answer."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from graphql import GraphQLError, OperationType
from starlette.types import Scope, Send

from app.http.http_request import LEGACY, MODERN, refused
from app.http.persisted_queries import PersistedQueries
from app.http.subscription_run import Result, SubscriptionRun, result_of
from app.service.broadcast import Broadcasts
from app.service.graphql_service import Answer, Request, Service, Timing, written
from app.telemetry.instrumentation import Instrumentation, RequestRecord
from database.pool import Pool
from database.row_signals import RowSignals
from database.session import Session
from domain.viewer import UNRESTRICTED, Viewer
from engine.documents.document import Invalid, Operation

log = logging.getLogger("marquee.http")

CONTENT_TYPES = {kind: (b"content-type", f"{kind}; charset=utf-8".encode()) for kind in (LEGACY, MODERN)}
VARY = (b"vary", b"accept")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends an operation: the scope of its HTTP request, and those of its headers that are about this operation."""

    scope: Scope
    headers: Mapping[bytes, bytes] = field(default_factory=dict)


class Operations:
    """Runs the operations of one event loop.

    jobs: tells which runs of jobs have changed. viewer: tells who sends a request."""

    def __init__(
        self,
        service: Service,
        pool: Pool,
        instrumentation: Instrumentation,
        jobs: RowSignals,
        viewer: Callable[[Scope], Viewer] = lambda scope: UNRESTRICTED,
    ) -> None:
        self.service = service
        self.pool = pool
        self.instrumentation = instrumentation
        self.jobs = jobs
        self.viewer = viewer
        self.broadcasts: Broadcasts[Result] = Broadcasts()
        self.persisted = PersistedQueries(service.limits.length)

    async def run(self, request: Request, scope: Scope, record: RequestRecord, *, queries_only: bool = False) -> bytes:
        """The answer of a query or a mutation."""
        database = record.database = Session(self.pool)
        answer = record.answer
        try:
            viewer = self.viewer(scope)
            await self.service.run(
                request, database, viewer, queries_only=queries_only, stats=record.stats, answer=answer
            )
        finally:
            await database.close()
        record.answered()
        return written(answer, self.service.limits.answer_bytes)

    def prepare(self, request: Request) -> Operation | list[Any]:
        """The operation of a request, or the errors for which it is not executed."""
        try:
            return self.service.prepare(request, Answer({}, Timing()), streams=True)
        except Invalid as invalid:
            return list(invalid.errors)
        except GraphQLError as error:
            return [error.formatted]

    async def stream(self, request: Request, caller: Caller, *, mutations: bool = True) -> AsyncGenerator[Result, None]:
        """The answers of any operation: one of a query or a mutation, of a subscription those of its events.

        Watchers of the same subscription share its run."""
        operation = self.prepare(request)
        if isinstance(operation, list) or operation.type is not OperationType.SUBSCRIPTION:
            yield await self._once(request, caller, mutations=mutations)
            return
        trusted = request.wants_report and self.instrumentation.trusts(caller.scope)
        key = (operation, repr(sorted(request.variables.items())), UNRESTRICTED, request.wants_report, trusted)

        def start() -> AsyncGenerator[Result, None]:
            return SubscriptionRun(self, operation, request, caller).results()

        async with aclosing(self.broadcasts.watch(key, start, internal_error)) as results:
            async for result in results:
                yield result

    async def _once(self, request: Request, caller: Caller, *, mutations: bool) -> Result:
        record = self.instrumentation.begin(caller.scope, caller.headers)
        record.read(request)
        try:
            content = await self.run(request, caller.scope, record, queries_only=not mutations)
            return result_of(record.answer, content)
        except Exception:
            log.exception("an operation failed")
            return internal_error()
        finally:
            record.end(200)


async def respond(send: Send, status: int, media_type: str, content: bytes, more: list[tuple[bytes, bytes]]) -> None:
    """Sends an answer in one piece; `more` headers may begin with another content type."""
    kind = [] if more and more[0][0] == b"content-type" else [CONTENT_TYPES[media_type]]
    headers = [*kind, (b"content-length", b"%d" % len(content)), VARY, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def internal_error() -> Result:
    """What a client gets for a fault of ours, which the log has."""
    error_id = uuid4().hex
    log.error("internal error %s", error_id)
    content = refused("Internal error", "INTERNAL", errorId=error_id)
    extensions = {"code": "INTERNAL", "errorId": error_id}
    return Result(content, [{"message": "Internal error", "extensions": extensions}])
