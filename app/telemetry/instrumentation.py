"""Instrumentation of requests: load stats, report, trace, and the log line of a slow request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from starlette.types import Scope

from app.http.access import UNTRUSTED
from app.service.graphql_service import Answer, Request, Timing
from app.service.report import report
from app.telemetry.log import TRACE_ID
from app.telemetry.spans import MAX_NAME_LENGTH, RequestTrace, Telemetry
from database.session import Session
from loaders.core.load_stats import LoadStats

log = logging.getLogger("marquee.slow")


@dataclass(frozen=True, slots=True)
class Instrumentation:
    """What is recorded of requests. `reports`: clients may have them, whom `trusts` trusts; `slow_seconds`: from
    there on a request is logged."""

    telemetry: Telemetry | None
    reports: bool
    slow_seconds: float
    trace_pages: bool
    trusts: Callable[[Scope], bool]

    def begin(self, scope: Scope, headers: Mapping[bytes, bytes]) -> RequestRecord:
        """A request came in."""
        trace = None if self.telemetry is None else self.telemetry.begin(scope, headers)
        if trace is not None:
            TRACE_ID.set(trace.trace_id)
        return RequestRecord(self, scope, trace, headers.get(b"marquee-report", b"") == b"1")


class RequestRecord:
    """One request. `stats` is None if neither a report nor a trace is wanted: then nothing is recorded."""

    __slots__ = (
        "_asked",
        "_instrumentation",
        "_refused",
        "_scope",
        "_started",
        "_trace",
        "answer",
        "database",
        "stats",
    )

    def __init__(self, instrumentation: Instrumentation, scope: Scope, trace: RequestTrace | None, asked: bool) -> None:
        self._instrumentation = instrumentation
        self._scope = scope
        self._trace = trace
        self._asked = asked
        self._refused = False
        self._started = perf_counter()
        self.answer = Answer({}, Timing())
        self.database: Session | None = None
        self.stats: LoadStats | None = LoadStats() if trace is not None and trace.sampled else None

    def read(self, request: Request) -> None:
        """The request was read: now it is known whether it wants a report."""
        self._asked = self._instrumentation.reports and (self._asked or request.wants_report)
        if self._asked and not self._instrumentation.trusts(self._scope):
            self._asked, self._refused = False, True
        if self._asked and self.stats is None:
            self.stats = LoadStats()

    def answered(self) -> None:
        """The service has answered: the report goes into the body."""
        timing = self.answer.timing
        if timing.execution is None:
            return
        if self._refused:
            self._tell({"refused": f"There is no report: {UNTRUSTED}."})
        elif self._asked and self.stats is not None:
            elapsed = perf_counter() - self._started
            found = report(self.stats, timing.execution, elapsed, self.answer.fallback)
            found["traceId"] = self._trace.trace_id if self._trace is not None and self._trace.sampled else None
            found["traceUrl"] = (
                f"/traces/{found['traceId']}" if found["traceId"] and self._instrumentation.trace_pages else None
            )
            self._tell(found)

    def _tell(self, about: dict[str, Any]) -> None:
        """Adds something to the extensions of the answer."""
        self.answer.body.setdefault("extensions", {})["marquee"] = about

    def end(self, status: int) -> list[tuple[bytes, bytes]]:
        """Called before the response is sent, or after a disconnect. Logs a slow request; returns trace headers."""
        elapsed = perf_counter() - self._started
        was_begun = self.answer.timing.started > 0
        if was_begun and not self.answer.timing.ended:
            self.answer.timing.ended = perf_counter()  # given up
        if self.database is not None and elapsed > self._instrumentation.slow_seconds:
            log.warning("slow request", extra=slow_request_fields(self.answer, self.database, self._started, elapsed))
        if self._trace is None:
            return []
        self._trace.end(status, self.answer if was_begun else None, self.stats)
        headers = [(b"traceresponse", self._trace.response_header)]
        if self._trace.sampled and self._instrumentation.trace_pages and self._instrumentation.trusts(self._scope):
            headers.append((b"marquee-trace", f"/traces/{self._trace.trace_id}".encode()))
        return headers


def slow_request_fields(answer: Answer, database: Session, started: float, elapsed: float) -> dict[str, Any]:
    """Where the time of a request went, in milliseconds; the document by its hash, since it can hold literals."""
    timing = answer.timing
    prepared = (timing.execution or timing.ended) - timing.started
    received = timing.started - started
    executed = elapsed - received - prepared - database.waited - database.ran
    return {
        "operation": answer.name and answer.name[:MAX_NAME_LENGTH],
        "operation_type": answer.type,
        "document_hash": answer.document_hash,
        "statements": database.statements,
        "elapsed_ms": round(elapsed * 1000, 1),
        "receive_ms": round(received * 1000, 1),
        "prepare_ms": round(prepared * 1000, 1),
        "connection_ms": round(database.waited * 1000, 1),
        "database_ms": round(database.ran * 1000, 1),
        "execute_ms": round(max(0.0, executed) * 1000, 1),
    }
