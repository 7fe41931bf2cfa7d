"""Where spans arrive in tests: in a list, in the file of the trace pages, or at a real OTLP receiver (HTTP, gRPC)."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import httpx
import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from app.http.application import create_app
from app.settings import Settings
from app.telemetry.spans import Telemetry
from app.telemetry.trace_store import TraceFilter, TraceReader, TraceStore
from database.connect_args import ConnectArgs
from database.pool import Pool
from tests.support.http_client import MODERN, post

# A node of a trace: name, kind, children in the order of their starts.
Node = tuple[str, str, list[Any]]


@dataclass(frozen=True)
class Traced:
    """The application in this process, and the spans that it has made."""

    http: httpx.AsyncClient
    pool: Pool
    exporter: InMemorySpanExporter

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """In the order of their ends."""
        return self.exporter.get_finished_spans()

    async def spans_of(self, content: Any, **headers: str) -> list[ReadableSpan]:
        """The spans of one POST request, in the order of their starts."""
        self.exporter.clear()
        await post(self.http, content, **headers)
        return in_order(self.spans)


@asynccontextmanager
async def open_traced(args: ConnectArgs, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> AsyncIterator[Traced]:
    """The application with a list as the target of its spans; OTEL_* is read as it is set by now."""
    exporter = InMemorySpanExporter()
    monkeypatch.setattr("app.telemetry.spans.processors", lambda store, kept: [SimpleSpanProcessor(exporter)])
    app = create_app(Settings(database_url=args.dsn, **{"pool_min": 1, **settings}))
    await app.state.pool.start()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers={"accept": MODERN}) as http:
        yield Traced(http, app.state.pool, exporter)
    await app.state.outside.close()
    await app.state.pool.close()


def in_order(spans: Sequence[ReadableSpan]) -> list[ReadableSpan]:
    """By their starts; of those that start together the parents first, which end last."""
    return sorted(spans, key=lambda span: (span.start_time or 0, -(span.end_time or 0)))


def named(spans: Sequence[ReadableSpan], name: str) -> ReadableSpan:
    """The only span of a name."""
    [found] = [span for span in spans if span.name == name]
    return found


def tree(spans: Sequence[ReadableSpan]) -> Node:
    """The only tree that the spans make."""
    children: dict[int, list[ReadableSpan]] = {}
    known = {span.context.span_id for span in spans if span.context is not None}
    roots = []
    for span in in_order(spans):
        if span.parent is None or span.parent.span_id not in known:
            roots.append(span)
        else:
            children.setdefault(span.parent.span_id, []).append(span)

    def node(span: ReadableSpan) -> Node:
        assert span.context is not None
        return span.name, span.kind.name, [node(child) for child in children.get(span.context.span_id, [])]

    [root] = roots
    return node(root)


@contextmanager
def stored(path: Path, kept: int) -> Iterator[Tracer]:
    """A tracer whose traces are kept in a file; all are written at the end."""
    telemetry = Telemetry([TraceStore(path, kept)])
    try:
        yield telemetry.tracer
    finally:
        telemetry.close()


def keep(
    tracer: Tracer,
    operation: str | None,
    *,
    children: int = 0,
    errors: int = 0,
    nanoseconds: int = 1_000_000,
    fields: tuple[str, ...] = ("media",),
    introspection: bool = False,
) -> str:
    """Makes a trace as a request does: its children end first, its server span last. Its id."""
    server = tracer.start_span("POST /graphql", start_time=1_000_000_000)
    context = trace.set_span_in_context(server)
    span = tracer.start_span("query", context=context, start_time=1_000_000_000)
    span.set_attributes({"graphql.operation.type": "query", "marquee.root_fields": fields})
    if operation is not None:
        span.set_attribute("graphql.operation.name", operation)
    if introspection:
        span.set_attribute("marquee.introspection", True)
    span.set_attributes({"marquee.errors": errors, "marquee.verdict": "ok"})
    inside = trace.set_span_in_context(span)
    for number in range(children):
        tracer.start_span(f"child {number}", context=inside, start_time=1_000_000_000).end(1_000_000_001)
    span.end(1_000_000_000 + nanoseconds)
    server.end(1_000_000_000 + nanoseconds)
    return f"{server.get_span_context().trace_id:032x}"


def operations(path: Path, question: TraceFilter | None = None) -> list[str | None]:
    return [found["operation"] for found in TraceReader(path, 1).find(question or TraceFilter(limit=500))]


class Received:
    """What an OTLP receiver got."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.arrived = threading.Condition()

    def add(self, request: ExportTraceServiceRequest) -> None:
        with self.arrived:
            self.requests.append(request)
            self.arrived.notify_all()

    def spans(self) -> list[Any]:
        """All spans, by their starts."""
        found = [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        return sorted(found, key=lambda span: (span.start_time_unix_nano, -span.end_time_unix_nano))

    def wait(self, condition: Callable[[list[Any]], bool], seconds: float = 30.0) -> list[Any]:
        """The spans once they fulfil the condition."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: condition(self.spans()), seconds), [one.name for one in self.spans()]
            return self.spans()


@contextmanager
def http_receiver() -> Iterator[tuple[str, Received]]:
    """A receiver of OTLP over HTTP with protobuf, and its endpoint."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            is_ours = (self.path, self.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
            if is_ours:
                received.add(ExportTraceServiceRequest.FromString(body))
            self.send_response(200 if is_ours else 400)
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def grpc_receiver() -> Iterator[tuple[str, Received]]:
    """A receiver of OTLP over gRPC, and its endpoint."""
    received = Received()

    class Servicer(TraceServiceServicer):
        def Export(self, request: ExportTraceServiceRequest, context: Any) -> ExportTraceServiceResponse:
            received.add(request)
            return ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(Servicer(), server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}", received
    finally:
        server.stop(None).wait()
