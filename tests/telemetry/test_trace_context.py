"""Whose trace a request belongs to, whether it is recorded at all, and that it holds nothing of a client's text."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.telemetry.spans import create_telemetry
from database.connect_args import ConnectArgs
from tests.support.http_client import is_json, post
from tests.support.receivers import Traced, named, open_traced

ONE = "query One { media(first: 3) { nodes { title tags { name } } } }"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
REPORT = {"marquee-report": "1"}
# The ratio is that of the last 16 digits to the highest number of 16 digits.
LOW, HIGH = "0af7651916cd43dd0000000000000001", "0af7651916cd43ddffffffffffffffff"


@pytest.fixture
async def traced(demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Traced]:
    async with open_traced(demo, monkeypatch) as opened:
        yield opened


async def test_a_request_becomes_a_part_of_the_trace_that_its_caller_names(traced: Traced) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=value"}
    answer = await post(traced.http, {"query": ONE}, **headers, **REPORT)
    root = named(traced.spans, "POST /graphql")
    assert root.parent is not None
    assert (f"{root.parent.span_id:016x}", root.parent.is_remote) == (PARENT, True)
    assert {f"{span.context.trace_id:032x}" for span in traced.spans} == {TRACE}
    assert root.context.trace_state.to_header() == "vendor=value"
    assert answer.headers["traceresponse"] == f"00-{TRACE}-{root.context.span_id:016x}-01"
    assert is_json(answer, 200)["extensions"]["marquee"]["traceId"] == TRACE


async def test_a_caller_that_records_nothing_is_followed(traced: Traced) -> None:
    answer = await post(traced.http, {"query": ONE}, traceparent=f"00-{TRACE}-{PARENT}-00", **REPORT)
    assert traced.spans == ()
    assert answer.headers["traceresponse"].startswith(f"00-{TRACE}-")
    assert answer.headers["traceresponse"].endswith("-00")
    report = is_json(answer, 200)["extensions"]["marquee"]
    assert (report["statements"], report["traceId"], report["traceUrl"]) == (2, None, None)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-01-more",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-0g",
        f"00-{TRACE}\xe9-{PARENT}-01",
        "00-" * 5_000,
    ],
)
async def test_a_malformed_traceparent_is_ignored(traced: Traced, header: str) -> None:
    raw = {b"traceparent": header.encode("latin-1")}
    answer = await traced.http.post("/graphql", json={"query": ONE}, headers=raw)
    root = named(traced.spans, "POST /graphql")
    assert (answer.status_code, root.parent) == (200, None)
    assert f"{root.context.trace_id:032x}" != TRACE
    assert answer.headers["traceresponse"].startswith(f"00-{root.context.trace_id:032x}-")


@pytest.mark.parametrize(
    ("sampler", "ratio", "trace_id", "flag", "is_recorded"),
    [
        ("traceidratio", "0.5", LOW, "00", True),
        ("traceidratio", "0.5", HIGH, "01", False),
        ("traceidratio", "0", LOW, "01", False),
        ("traceidratio", "1", HIGH, "00", True),
        ("parentbased_traceidratio", "0.5", LOW, "00", False),
        ("parentbased_traceidratio", "0", HIGH, "01", True),
        ("always_on", "", HIGH, "00", True),
        ("always_off", "", LOW, "01", False),
    ],
)
async def test_the_sampler_of_the_environment_decides(
    demo: ConnectArgs,
    monkeypatch: pytest.MonkeyPatch,
    sampler: str,
    ratio: str,
    trace_id: str,
    flag: str,
    is_recorded: bool,
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", ratio)
    async with open_traced(demo, monkeypatch) as traced:
        answer = await post(traced.http, {"query": ONE}, traceparent=f"00-{trace_id}-{PARENT}-{flag}")
        assert len(traced.spans) == (9 if is_recorded else 0)
        assert answer.headers["traceresponse"].endswith("-01" if is_recorded else "-00")


@pytest.mark.parametrize("variable", ["OTEL_TRACES_SAMPLER=always_off", "OTEL_SDK_DISABLED=true"])
async def test_an_unsampled_request_keeps_no_stats_and_starts_no_span(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(*variable.split("="))
    made: list[str] = []
    monkeypatch.setattr("app.telemetry.instrumentation.LoadStats", lambda: made.append("stats"))
    monkeypatch.setattr("app.telemetry.spans.RequestTrace._child", lambda *arguments: made.append("span"))
    async with open_traced(demo, monkeypatch) as traced:
        answer = await post(traced.http, {"query": ONE})
        assert "errors" not in is_json(answer, 200)
        assert (made, traced.spans) == ([], ())
        assert ("traceresponse" in answer.headers) == ("always_off" in variable)


def test_requests_are_not_traced_where_nothing_takes_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    assert create_telemetry(None, 1) is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    assert create_telemetry(None, 1) is None


MARKER = "MARKER31337"
NUMBER = 1987654321  # long enough to be in no random id
LEAKS: list[dict[str, Any]] = [
    {"query": f'{{ media(filter: {{ title: "{MARKER}" }}) {{ nodes {{ id }} totalCount }} }}'},
    {"query": f'{{ media(filter: {{ tags: {{ any: [{{ name: "{MARKER}" }}] }} }}) {{ nodes {{ id }} }} }}'},
    {"query": f"{{ media(filter: {{ year: {{ min: {NUMBER} }} }}) {{ nodes {{ id }} totalCount }} }}"},
    {"query": f'{{ people(filter: {{ name: "{MARKER}" }}) {{ nodes {{ id }} }} }}'},
    {"query": f'{{ mediaByExternalId(source: "{MARKER}", value: "{MARKER}") {{ id }} }}'},
    {"query": f'{{ media(after: "{MARKER}") {{ nodes {{ id }} }} }}'},
    {"query": f"{{ media(first: {NUMBER}) {{ nodes {{ id }} }} }}"},
    {"query": f'{{ node(id: "{MARKER}") {{ id }} }}'},
    {"query": f'{{ mediaItem(id: "media_{NUMBER}") {{ id tags {{ name }} }} }}'},
    {"query": f'{{ nodes(ids: ["tag_{NUMBER}", "{MARKER}"]) {{ id }} }}'},
    {"query": f"{{ {MARKER} }}"},
    {"query": f"{{ __typename(a: {NUMBER}) @{MARKER} }}"},
    {"query": f"{{ media(orderBy: [{{ field: {MARKER} }}]) {{ nodes {{ id }} }} }} # {MARKER}"},
    {"query": f'{{ "{MARKER} }}'},
    {"query": f"{MARKER}"},
    {"query": f"query Q($a: String = {json.dumps(MARKER)}) {{ media(filter: {{ title: $a }}) {{ nodes {{ id }} }} }}"},
    {"query": "query Q($id: ID!) { node(id: $id) { id } }", "variables": {"id": MARKER}},
    {"query": "query Q($n: Int!) { media(first: $n) { nodes { id } } }", "variables": {"n": MARKER}},
    {"query": "query Q($n: Int!) { media(first: $n) { nodes { id } } }", "variables": {"n": NUMBER}},
    {"query": "{ __typename }", "variables": {MARKER: MARKER}, "extensions": {MARKER: MARKER}},
    {"query": "query Q { __typename }", "operationName": MARKER},
    {"query": f'{{ _entities(representations: [{{ __typename: "Tag", id: "{MARKER}" }}]) {{ __typename }} }}'},
    {"query": f'{{ _entities(representations: [{{ __typename: "{MARKER}" }}]) {{ __typename }} }}'},
    {"query": f"query {{ media(first: 1) {{ nodes {{ {MARKER}: title a{NUMBER}: tags {{ {MARKER}: name }} }} }} }}"},
    {MARKER: MARKER},
]


async def test_no_text_or_number_of_a_client_leaves_in_a_span(traced: Traced) -> None:
    for request in LEAKS:
        await post(traced.http, request, **REPORT)
    await post(traced.http, f'{{"{MARKER}'.encode())
    await post(traced.http, {"query": ONE}, **{f"x-{MARKER}": MARKER, "cookie": MARKER, "user-agent": MARKER})
    await post(
        traced.http,
        {"query": ONE},
        authorization=MARKER,
        host=f"{MARKER}.localhost",
        baggage=f"a={MARKER}",
        referer=MARKER,
    )
    await traced.http.get("/graphql", params={"query": f'{{ node(id: "{MARKER}") {{ id }} }}', MARKER: MARKER})
    await traced.http.request(MARKER, "/graphql")
    assert sum(span.name.endswith("/graphql") for span in traced.spans) == len(LEAKS) + 5
    for span in traced.spans:
        text = span.to_json() + str(dict(span.resource.attributes))
        assert MARKER.lower() not in text.lower(), text
        assert str(NUMBER) not in text, text


async def test_the_name_of_an_operation_is_one_attribute_and_nothing_else(traced: Traced) -> None:
    spans = await traced.spans_of({"query": f"query {MARKER} {{ media(first: 1) {{ nodes {{ id }} }} }}"})
    operation = named(spans, "query")
    assert dict(operation.attributes or {})["graphql.operation.name"] == MARKER
    assert sum(span.to_json().count(MARKER) for span in spans) == 1
