"""Spans as a real OTLP receiver gets them from `python -m app serve`, set up by the standard variables alone."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.telemetry.trace_store import TRACES, TraceFilter, TraceReader
from database.connect_args import ConnectArgs
from tests.support import serving
from tests.support.receivers import Received, grpc_receiver, http_receiver

TWO = "query Two { media(first: 3) { nodes { title tags { name } } } }"
NAMES = [
    "POST /graphql",
    "query",
    "GraphQL Parse",
    "GraphQL Validate",
    "GraphQL Execute",
    "GraphQL DataLoader Batch media_pages",
    "SELECT media_pages",
    "GraphQL DataLoader Batch tags_by_media_id",
    "SELECT tags_by_media_id",
]
PARENTS = [None, 0, 1, 1, 1, 4, 5, 4, 7]
SERVER, CLIENT, INTERNAL = 2, 3, 1
KINDS = [SERVER, *[INTERNAL] * 5, CLIENT, INTERNAL, CLIENT]
# The last 16 digits decide about a ratio.
LOW, HIGH = "0af7651916cd43dd0000000000000001", "0af7651916cd43ddffffffffffffffff"

Receiver = Callable[[], AbstractContextManager[tuple[str, Received]]]


@pytest.fixture
def state_dir() -> Iterator[Path]:
    with serving.state_folder() as folder:
        yield folder


def exporting(
    state_dir: Path, args: ConnectArgs, endpoint: str, **variables: str
) -> AbstractContextManager[serving.Served]:
    """A server that sends its spans to a receiver."""
    return serving.serving(
        state_dir,
        DATABASE_URL=args.dsn,
        OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
        OTEL_BSP_SCHEDULE_DELAY="50",
        MARQUEE_POOL_MIN="1",
        **variables,
    )


def ask(served: serving.Served, **headers: str) -> httpx.Response:
    answer = httpx.post(f"{served.address}/graphql", json={"query": TWO}, headers=headers)
    assert (answer.status_code, "errors" in answer.json()) == (200, False)
    return answer


def attributes(span: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes}


@pytest.mark.parametrize(("receiver", "protocol"), [(http_receiver, "http/protobuf"), (grpc_receiver, "grpc")])
def test_a_receiver_gets_the_spans_of_a_request(
    state_dir: Path, demo: ConnectArgs, receiver: Receiver, protocol: str
) -> None:
    with (
        receiver() as (endpoint, received),
        exporting(state_dir, demo, endpoint, OTEL_EXPORTER_OTLP_PROTOCOL=protocol) as served,
    ):
        answer = ask(served)
        spans = received.wait(lambda spans: len(spans) == len(NAMES))
    ids = [span.span_id for span in spans]
    assert [span.name for span in spans] == NAMES
    assert [ids.index(span.parent_span_id) if span.parent_span_id else None for span in spans] == PARENTS
    assert [span.kind for span in spans] == KINDS
    assert answer.headers["traceresponse"][:-3] == f"00-{spans[0].trace_id.hex()}-{spans[0].span_id.hex()}"
    assert {span.trace_id for span in spans} == {spans[0].trace_id}
    assert {span.status.code for span in spans} == {0}
    port = int(served.address.rpartition(":")[2])
    assert attributes(spans[0]) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/graphql",
        "url.path": "/graphql",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "server.address": "127.0.0.1",
        "server.port": port,
    }
    assert attributes(spans[1])["graphql.operation.name"] == "Two"
    assert [one.string_value for one in attributes(spans[7])["graphql.dataloader.fields"].values] == ["Media.tags"]
    assert attributes(spans[6])["db.response.returned_rows"] == 4
    [resource] = [one.resource for one in received.requests[0].resource_spans]
    assert attributes(resource)["service.name"] == "marquee"


def test_a_ratio_lets_just_its_part_through(state_dir: Path, demo: ConnectArgs) -> None:
    with (
        http_receiver() as (endpoint, received),
        exporting(
            state_dir,
            demo,
            "http://127.0.0.1:1",
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{endpoint}/v1/traces",
            OTEL_TRACES_SAMPLER="traceidratio",
            OTEL_TRACES_SAMPLER_ARG="0.25",
            OTEL_SERVICE_NAME="films",
        ) as served,
    ):
        for trace_id in (HIGH, LOW, HIGH, LOW):
            flag = "01" if trace_id == LOW else "00"
            answer = ask(served, traceparent=f"00-{trace_id}-b7ad6b7169203331-01")
            assert answer.headers["traceresponse"].startswith(f"00-{trace_id}-")
            assert answer.headers["traceresponse"].endswith(f"-{flag}")
        # The first request, which is not recorded, has parsed and validated the document.
        spans = received.wait(lambda spans: len(spans) >= 2 * (len(NAMES) - 2))
        served.process.terminate()
        served.process.wait(20)
    spans = received.spans()
    assert {span.trace_id.hex() for span in spans} == {LOW}
    assert [span.name for span in spans].count("POST /graphql") == 2
    assert len(spans) == 2 * (len(NAMES) - 2)
    [resource] = [one.resource for one in received.requests[0].resource_spans]
    assert attributes(resource)["service.name"] == "films"


def test_spans_that_wait_are_sent_at_the_end(state_dir: Path, demo: ConnectArgs) -> None:
    with (
        http_receiver() as (endpoint, received),
        exporting(state_dir, demo, endpoint) as served,
    ):
        for _ in range(20):
            ask(served)
        served.process.terminate()
        assert served.process.wait(20) == 0
    assert [span.name for span in received.spans()].count("POST /graphql") == 20


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_receiver_that_is_away_harms_no_request_and_no_end(state_dir: Path, demo: ConnectArgs, protocol: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, so that no other program listens here, but nobody does
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        variables = {"OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "MARQUEE_TRACE_PAGES": "true"}
        with exporting(state_dir, demo, endpoint, **variables) as served:
            for _ in range(20):
                ask(served)
            workers = served.workers()
            served.process.terminate()
            assert served.process.wait(20) == 0
            assert all(map(serving.is_gone, workers))
            assert "Traceback" not in served.said
    assert len(TraceReader(state_dir / TRACES, 100).find(TraceFilter())) == 20
