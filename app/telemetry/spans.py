"""Traces: OpenTelemetry spans of a request, made from its load stats once it has ended.

Spans are made from the load stats, so report and trace cannot differ, and a request that is not sampled makes no span.
Export is set up by the standard OTEL_* variables; the trace pages are one more exporter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns, time_ns
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, attach
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.service.graphql_service import Answer
from app.service.report import verdict
from app.telemetry.export import SpanExport, is_disabled, span_exporter
from app.telemetry.query_summary import statement_attributes
from app.telemetry.trace_store import TraceStore
from database.sent_statement import SentStatement
from loaders.core.load_stats import BatchStats, LoadStats

PROPAGATOR = TraceContextTextMapPropagator()
# A request begins with none but its own: requests of one connection, and in tests all, run in one task.
OUTSIDE = Context()
# Any other method is written as _OTHER, as the conventions say: a client may invent one.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
MAX_NAME_LENGTH = 200  # of an operation: it is the client's
MAX_ROOT_FIELDS = 5  # of an operation are recorded


def processors(store: Path | None, kept: int) -> list[SpanProcessor]:
    """Where spans go: to the file of the trace pages, to an OTLP receiver, to both, or nowhere.

    They are closed in this order, and only the receiver may take long."""
    found: list[SpanProcessor] = []
    if store is not None:
        found.append(TraceStore(store, kept))
    if (exporter := span_exporter()) is not None:
        found.append(BatchSpanProcessor(exporter))
    return found


class Telemetry(SpanExport):
    """Begins the traces of requests. The sampler is the SDK's own, set by OTEL_TRACES_SAMPLER."""

    def begin(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> RequestTrace:
        """The trace of an HTTP request, a part of the caller's where it says which."""
        carrier = {
            name: headers[name.encode()].decode("latin-1")
            for name in ("traceparent", "tracestate")
            if name.encode() in headers
        }
        clock = Clock.now()
        span = self.tracer.start_span(
            f"{scope['method'] if scope['method'] in METHODS else 'HTTP'} {scope['path']}",
            context=PROPAGATOR.extract(carrier, OUTSIDE) if carrier else OUTSIDE,
            kind=SpanKind.SERVER,
            start_time=clock.epoch_ns,
        )
        # Calls of outside services are a part of the trace, or are not sampled with it.
        attach(trace.set_span_in_context(span, OUTSIDE))
        return RequestTrace(self.tracer, span, clock, scope)


def create_telemetry(store: Path | None, kept: int) -> Telemetry | None:
    """None where nothing takes spans, or OTEL_SDK_DISABLED says so: then requests are not traced at all."""
    if is_disabled():
        return None
    targets = processors(store, kept)
    return Telemetry(targets) if targets else None


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns seconds of perf_counter into nanoseconds since 1970."""

    epoch_ns: int
    counter_ns: int

    @classmethod
    def now(cls) -> Clock:
        return cls(time_ns(), perf_counter_ns())

    def at(self, seconds: float) -> int:
        return self.epoch_ns + int(seconds * 1e9) - self.counter_ns


class RequestTrace:
    """The trace of one request. Nothing but the server span exists before `end`."""

    __slots__ = ("_clock", "_scope", "_span", "_tracer", "sampled")

    def __init__(self, tracer: trace.Tracer, span: Span, clock: Clock, scope: Mapping[str, Any]) -> None:
        self._tracer = tracer
        self._span = span
        self._clock = clock
        self._scope = scope
        self.sampled = span.is_recording()

    @property
    def trace_id(self) -> str:
        return f"{self._span.get_span_context().trace_id:032x}"

    @property
    def response_header(self) -> bytes:
        """The W3C traceresponse header: which trace and server span this was, and whether it was sampled."""
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}".encode()

    def end(self, status: int, answer: Answer | None, stats: LoadStats | None) -> None:
        """Makes the spans of an answered request; `answer` is None where the request was none."""
        attach(OUTSIDE)
        if not self.sampled:
            return
        span = self._span
        span.set_attributes(server_attributes(self._scope, status))
        if status >= 500:
            span.set_attribute("error.type", str(status))
            span.set_status(Status(StatusCode.ERROR))
        if answer is not None:
            self._operation(answer, stats or LoadStats())
        span.end()

    def _operation(self, answer: Answer, stats: LoadStats) -> None:
        timing = answer.timing
        # The conventions keep the client's own name of the operation out of the span's name: it may be anything.
        span = self._child(self._span, answer.type or "GraphQL Operation", timing.started)
        errors = answer.body.get("errors", [])
        span.set_attributes(operation_attributes(answer, errors, verdict(stats)))
        if errors:
            codes = sorted({str(error.get("extensions", {}).get("code")) for error in errors})
            span.set_status(Status(StatusCode.ERROR, ", ".join(codes)))
        if timing.parsed is not None:
            self._child(span, "GraphQL Parse", timing.started).end(self._clock.at(timing.parsed))
            if timing.validated is not None:
                self._child(span, "GraphQL Validate", timing.parsed).end(self._clock.at(timing.validated))
        if timing.execution is not None:
            execution = self._child(span, "GraphQL Execute", timing.execution)
            apart = stats.split_batches
            for place, batch in enumerate(stats.batches):
                self._batch(execution, batch, is_split=place in apart)
            execution.end(self._clock.at(timing.ended))
        span.end(self._clock.at(timing.ended))

    def _batch(self, parent: Span, batch: BatchStats, *, is_split: bool) -> None:
        span = self._child(parent, f"GraphQL DataLoader Batch {batch.loader}", batch.first_load)
        span.set_attributes(
            {
                "graphql.dataloader.name": batch.loader,
                "graphql.dataloader.batch.size": batch.unique,
                "graphql.dataloader.batch.keys": batch.keys,
                "graphql.dataloader.cache.hit_count": batch.hits,
                "graphql.dataloader.cache.miss_count": batch.keys - batch.hits,
                "graphql.dataloader.wave": batch.wave,
                "graphql.dataloader.wait_ms": round(batch.waited * 1000, 3),
                "graphql.dataloader.run_ms": round(batch.ran * 1000, 3),
                "graphql.dataloader.fields": list(batch.fields),
                "graphql.dataloader.split": is_split,
            }
        )
        # A loader may turn the failure of a statement into one of the keys that it was for.
        error = batch.error or next((sent.error for sent in batch.sent if sent.error is not None), None)
        if error is not None:
            fail(span, error)
        for sent in batch.sent:
            self._statement(span, sent)
        span.end(self._clock.at(batch.ended or batch.first_load))

    def _statement(self, parent: Span, sent: SentStatement) -> None:
        if not sent.was_sent:
            return
        attributes = statement_attributes(sent)
        span = self._child(parent, str(attributes["db.query.summary"]), sent.started, SpanKind.CLIENT)
        span.set_attributes(attributes)
        if sent.error is not None:
            fail(span, sent.error)
        span.end(self._clock.at(sent.ended))

    def _child(self, parent: Span, name: str, started: float, kind: SpanKind = SpanKind.INTERNAL) -> Span:
        context = trace.set_span_in_context(parent)
        return self._tracer.start_span(name, context=context, kind=kind, start_time=self._clock.at(started))


def fail(span: Span, error: str) -> None:
    """Marks a span as failed with the name of an error, never with its words: they can hold literals."""
    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR, error))


def server_attributes(scope: Mapping[str, Any], status: int) -> dict[str, Any]:
    """The HTTP server conventions, without the query string: it can hold literals."""
    found: dict[str, Any] = {
        "http.request.method": scope["method"] if scope["method"] in METHODS else "_OTHER",
        "http.response.status_code": status,
        "http.route": scope["path"],
        "url.path": scope["path"],
        "url.scheme": scope.get("scheme", "http"),
        "network.protocol.version": scope.get("http_version", "1.1"),
    }
    if scope.get("server"):
        found["server.address"], found["server.port"] = scope["server"][:2]
    return {name: value for name, value in found.items() if value is not None}


def is_introspection(root_fields: Sequence[str]) -> bool:
    """Whether an operation asks for nothing but the schema, as tools do when they are opened."""
    return bool(root_fields) and all(name.startswith("__") for name in root_fields)


def operation_attributes(answer: Answer, errors: list[Any], words: str) -> dict[str, Any]:
    """The GraphQL conventions; the document itself stays here, since it can hold literals."""
    found = {
        "graphql.operation.type": answer.type,
        "graphql.operation.name": answer.name and answer.name[:MAX_NAME_LENGTH],
        "graphql.document.hash": answer.document_hash,
        "marquee.root_fields": list(answer.root_fields[:MAX_ROOT_FIELDS]) or None,
        "marquee.introspection": is_introspection(answer.root_fields) or None,
        "marquee.errors": len(errors),
        "marquee.verdict": words,
        "marquee.fallback": answer.fallback,
    }
    return {name: value for name, value in found.items() if value is not None}
