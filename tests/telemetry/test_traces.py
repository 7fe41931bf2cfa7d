"""The spans of a request: their tree, their attributes, whose trace they belong to, and what must never be in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.semconv._incubating.attributes import db_attributes as db_draft
from opentelemetry.semconv._incubating.attributes import graphql_attributes as graphql
from opentelemetry.semconv.attributes import (
    db_attributes,
    error_attributes,
    http_attributes,
    network_attributes,
    server_attributes,
    url_attributes,
)

from database.connect_args import ConnectArgs
from database.statement import Statement
from tests.support.factories import add_library, add_media, add_name, add_row
from tests.support.http_client import is_json, post
from tests.support.receivers import Node, Traced, in_order, named, open_traced, tree

FIVE_RELATIONS = """query Five { media(first: 20) { nodes { title tags { name } genres { name } externalIds { value }
    credits(first: 5) { nodes { person { name } } } } } }"""
ONE = "query One { media(first: 3) { nodes { title } } }"
TWO = "query Two { media(first: 3) { nodes { tags { name } } } }"
NOWHERE = ConnectArgs("postgresql://nobody@127.0.0.1:1/nothing")
REPORT = {"marquee-report": "1"}

SERVER_NAMES = {
    http_attributes.HTTP_REQUEST_METHOD,
    http_attributes.HTTP_RESPONSE_STATUS_CODE,
    http_attributes.HTTP_ROUTE,
    url_attributes.URL_PATH,
    url_attributes.URL_SCHEME,
    network_attributes.NETWORK_PROTOCOL_VERSION,
    server_attributes.SERVER_ADDRESS,
}
OPERATION_NAMES = {
    graphql.GRAPHQL_OPERATION_TYPE,
    graphql.GRAPHQL_OPERATION_NAME,
    "graphql.document.hash",
    "marquee.root_fields",
    "marquee.errors",
    "marquee.verdict",
}
BATCH_NAMES = {
    f"graphql.dataloader.{name}"
    for name in (
        *("name", "batch.size", "cache.hit_count", "cache.miss_count"),
        *("batch.keys", "wave", "wait_ms", "run_ms", "fields", "split"),
    )
}
STATEMENT_NAMES = {
    db_attributes.DB_SYSTEM_NAME,
    db_attributes.DB_OPERATION_NAME,
    db_attributes.DB_QUERY_SUMMARY,
    db_attributes.DB_QUERY_TEXT,
    db_draft.DB_RESPONSE_RETURNED_ROWS,
}


@pytest.fixture
async def traced(demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Traced]:
    async with open_traced(demo, monkeypatch) as opened:
        yield opened


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def status(span: ReadableSpan) -> tuple[str, str | None]:
    return span.status.status_code.name, span.status.description


def loads(spans: list[ReadableSpan]) -> list[ReadableSpan]:
    return [span for span in spans if "graphql.dataloader.name" in attributes(span)]


def sent(spans: list[ReadableSpan]) -> list[ReadableSpan]:
    return [span for span in spans if "db.query.text" in attributes(span)]


async def test_a_query_of_five_relations_makes_this_tree(traced: Traced) -> None:
    def batch(name: str) -> Any:
        return f"GraphQL DataLoader Batch {name}", "INTERNAL", [(f"SELECT {name}", "CLIENT", [])]

    relations = ("tags_by_media_id", "genres_by_media_id", "external_ids_by_media_id", "credit_pages_by_media_id")
    batches = [batch(name) for name in ("media_pages", *relations, "person_by_id")]
    prepared: list[Any] = [("GraphQL Parse", "INTERNAL", []), ("GraphQL Validate", "INTERNAL", [])]
    execution = ("GraphQL Execute", "INTERNAL", batches)
    first = await traced.spans_of({"query": FIVE_RELATIONS})
    assert tree(first) == ("POST /graphql", "SERVER", [("query", "INTERNAL", [*prepared, execution])])
    # A document that is known is neither parsed nor validated again.
    second = await traced.spans_of({"query": FIVE_RELATIONS})
    assert tree(second) == ("POST /graphql", "SERVER", [("query", "INTERNAL", [execution])])


async def test_spans_lie_within_their_parents(traced: Traced) -> None:
    spans = await traced.spans_of({"query": FIVE_RELATIONS})
    known = {span.context.span_id: span for span in spans}
    children = [(span, known[span.parent.span_id]) for span in spans if span.parent is not None]
    assert len(children) == len(spans) - 1
    for child, parent in children:
        assert (parent.start_time or 0) <= (child.start_time or 0) <= (child.end_time or 0) <= (parent.end_time or 0)


async def test_names_of_attributes_are_those_of_the_conventions(traced: Traced) -> None:
    spans = await traced.spans_of({"query": FIVE_RELATIONS})
    assert set(attributes(named(spans, "POST /graphql"))) == SERVER_NAMES
    assert set(attributes(named(spans, "query"))) - {"marquee.fallback"} == OPERATION_NAMES
    assert [set(attributes(span)) for span in loads(spans)] == [BATCH_NAMES] * 6
    assert [set(attributes(span)) for span in sent(spans)] == [STATEMENT_NAMES] * 6


async def test_the_attributes_say_what_happened(traced: Traced) -> None:
    spans = await traced.spans_of({"query": TWO})
    assert attributes(named(spans, "POST /graphql")) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/graphql",
        "url.path": "/graphql",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "server.address": "localhost",
    }
    operation = attributes(named(spans, "query"))
    assert len(operation.pop("graphql.document.hash")) == 64
    operation.pop("marquee.fallback", None)  # of the whole suite under MARQUEE_ENGINE=reference
    assert operation == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Two",
        "marquee.root_fields": ("media",),
        "marquee.errors": 0,
        "marquee.verdict": "ok",
    }
    batch = attributes(loads(spans)[1])
    assert batch.pop("graphql.dataloader.wait_ms") >= 0
    assert batch.pop("graphql.dataloader.run_ms") > 0
    assert batch == {
        "graphql.dataloader.name": "tags_by_media_id",
        "graphql.dataloader.batch.size": 3,
        "graphql.dataloader.batch.keys": 3,
        "graphql.dataloader.cache.hit_count": 0,
        "graphql.dataloader.cache.miss_count": 3,
        "graphql.dataloader.wave": 1,
        "graphql.dataloader.fields": ("Media.tags",),
        "graphql.dataloader.split": False,
    }
    statement = attributes(sent(spans)[0])
    assert statement.pop("db.query.text").startswith("SELECT /* media_pages */ m.id AS id")
    assert statement == {
        "db.system.name": "postgresql",
        "db.operation.name": "SELECT",
        "db.query.summary": "SELECT media_pages",
        "db.response.returned_rows": 4,
    }


async def test_the_statements_of_an_edit_are_named_by_what_they_do(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_media(connection, await add_library(connection))
    edits = [
        'updateMedia(items: [{id: "media_1", title: "New"}]) { media { title } }',
        'addTags(items: [{media: ["media_1"], tags: [{name: "noir"}]}]) { succeeded }',
    ]
    async with open_traced(writer, monkeypatch) as traced:
        found = [sent(await traced.spans_of({"query": f"mutation {{ {text} }}"})) for text in edits]
    changed, tagged = [[span.name for span in spans] for spans in found]
    writes = [name for name in changed if not name.startswith("SELECT")]
    assert writes == ["BEGIN", "UPDATE media", "INSERT history_event", "COMMIT"]
    assert changed[1:3] == ["SELECT library", "SELECT media"]
    assert changed[-1] == "SELECT media_by_id"
    assert (tagged[0], tagged[-1]) == ("BEGIN", "COMMIT")
    assert {"INSERT tag", "INSERT media_tag", "INSERT history_event"} <= set(tagged)
    for span in (span for spans in found for span in spans):
        told = attributes(span)
        operation, _, target = span.name.partition(" ")
        assert (told["db.operation.name"], told["db.query.summary"]) == (operation, span.name)
        assert told.get("db.collection.name") in (None, target)
        assert "noir" not in span.name


@pytest.mark.parametrize(
    ("query", "fields", "is_introspection"),
    [
        ("{ a: tags(first: 1) { nodes { id } } b: tags(first: 1) { nodes { id } } }", ("tags",), False),
        (
            "{ ...F ... on Query { genres { totalCount } } } fragment F on Query { tags { totalCount } }",
            ("tags", "genres"),
            False,
        ),
        (
            "{ libraries { totalCount } tags { totalCount } genres { totalCount } people { totalCount }"
            " channels { totalCount } collections { totalCount } }",
            ("libraries", "tags", "genres", "people", "channels"),
            False,
        ),
        ("query IntrospectionQuery { __schema { queryType { name } } }", ("__schema",), True),
        ('{ __type(name: "Media") { name } __typename }', ("__type", "__typename"), True),
        ("{ __typename tags { totalCount } }", ("__typename", "tags"), False),
    ],
)
async def test_an_operation_tells_with_which_fields_it_begins(
    traced: Traced, query: str, fields: tuple[str, ...], is_introspection: bool
) -> None:
    told = attributes(named(await traced.spans_of({"query": query}), "query"))
    assert told["marquee.root_fields"] == fields
    assert told.get("marquee.introspection", False) is is_introspection


async def test_the_resource_has_our_name_until_the_environment_gives_another(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value, expected in [
        ("OTEL_NONE", "", "marquee"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=films,deployment.environment.name=test", "films"),
        ("OTEL_SERVICE_NAME", "pictures", "pictures"),
    ]:
        monkeypatch.setenv(variable, value)
        async with open_traced(demo, monkeypatch) as traced:
            [root, *_] = await traced.spans_of({"query": ONE})
            assert root.resource.attributes["service.name"] == expected
    assert root.resource.attributes["deployment.environment.name"] == "test"


async def test_batches_and_statements_are_those_of_the_report_and_of_the_pool(traced: Traced) -> None:
    log: list[tuple[str, str, int]] = []

    def note(statement: Statement[Any], rows: int, seconds: float) -> None:
        log.append((statement.name, statement.text, rows))

    traced.pool.on_statement = note
    for query in (FIVE_RELATIONS, ONE, "{ a: tags(first: 2) { nodes { name mediaCount } totalCount } __typename }"):
        log.clear()
        traced.exporter.clear()
        report = (await post(traced.http, {"query": query}, **REPORT)).json()["extensions"]["marquee"]
        spans = in_order(traced.spans)
        found = [attributes(span) for span in loads(spans)]
        for name, attribute in [
            ("loader", "name"),
            ("uniqueKeys", "batch.size"),
            ("keys", "batch.keys"),
            ("cacheHits", "cache.hit_count"),
            ("wave", "wave"),
        ]:
            expected = [batch[name] for batch in report["batches"]]
            assert [one[f"graphql.dataloader.{attribute}"] for one in found] == expected
        statements = [attributes(span) for span in sent(spans)]
        assert report["statements"] == len(statements) == len(log) > 0
        assert [
            (span.name.removeprefix("SELECT "), one["db.query.text"], one["db.response.returned_rows"])
            for span, one in zip(sent(spans), statements, strict=True)
        ] == log
        assert report["rows"] == sum(rows for _, _, rows in log)
        assert f"{spans[0].context.trace_id:032x}" == report["traceId"]


@pytest.mark.parametrize(
    ("request_", "names", "codes", "http_status"),
    [
        ({"query": '{ mediaItem(id: "x") { title } }'}, ["query", "GraphQL Execute"], "BAD_ID", 200),
        (
            {"query": '{ a: tag(id: "x") { name } b: media(first: -1) { nodes { id } } }'},
            [],
            "BAD_ID, BAD_PAGE_SIZE",
            200,
        ),
        ({"query": "query Q($id: ID!) { node(id: $id) { id } }"}, ["query", "GraphQL Execute"], "BAD_ARGUMENT", 400),
        ({"query": "{ a("}, ["GraphQL Operation"], "GRAPHQL_PARSE_FAILED", 400),
        ({"query": "{ nothing }"}, ["GraphQL Operation"], "GRAPHQL_VALIDATION_FAILED", 400),
        ({"query": ONE, "operationName": "Other"}, ["GraphQL Operation"], "BAD_REQUEST", 400),
    ],
)
async def test_errors_of_an_operation_are_the_codes_in_its_status(
    traced: Traced, request_: Any, names: list[str], codes: str, http_status: int
) -> None:
    await traced.spans_of({"query": ONE})
    root, operation, *rest = await traced.spans_of(request_)
    assert status(root) == ("UNSET", None)
    assert attributes(root)["http.response.status_code"] == http_status
    assert status(operation) == ("ERROR", codes)
    assert attributes(operation)["marquee.errors"] == len(codes.split(", "))
    if names:
        kept = [span.name for span in (operation, *rest) if span.name not in ("GraphQL Parse", "GraphQL Validate")]
        assert kept == names


async def test_a_dead_database_fails_operation_and_batch_and_no_statement_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_traced(NOWHERE, monkeypatch) as traced:
        answer = await post(traced.http, {"query": ONE}, **REPORT)
        spans = in_order(traced.spans)
    assert answer.json()["extensions"]["marquee"]["statements"] == 0
    assert status(named(spans, "query")) == ("ERROR", "DATABASE_UNAVAILABLE")
    [batch] = loads(spans)
    assert status(batch) == ("ERROR", "DATABASE_UNAVAILABLE")
    assert attributes(batch)[error_attributes.ERROR_TYPE] == "DATABASE_UNAVAILABLE"
    assert sent(spans) == []
    assert status(named(spans, "POST /graphql")) == ("UNSET", None)


async def test_a_statement_that_takes_too_long_is_failed_with_its_batch(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_name(connection, "tag", "noir")
    async with open_traced(writer, monkeypatch, statement_timeout=0.2) as traced:
        await connection.execute("BEGIN; LOCK TABLE tag")
        spans = await traced.spans_of({"query": "{ tags(first: 2) { nodes { name } } }"})
        await connection.execute("ROLLBACK")
    assert status(named(spans, "query")) == ("ERROR", "STATEMENT_TIMEOUT")
    for span in (*loads(spans), *sent(spans)):
        assert status(span) == ("ERROR", "STATEMENT_TIMEOUT")
        assert attributes(span)[error_attributes.ERROR_TYPE] == "STATEMENT_TIMEOUT"
    assert [attributes(span)["db.response.returned_rows"] for span in sent(spans)] == [0]


@pytest.mark.parametrize(
    ("method", "content", "headers", "http_status", "name"),
    [
        ("POST", b"{", {"content-type": "application/json"}, 400, "POST /graphql"),
        ("POST", b"{}", {"content-type": "text/plain"}, 415, "POST /graphql"),
        ("POST", b" " * 3_000_000, {"content-type": "application/json"}, 413, "POST /graphql"),
        ("POST", b"{}", {"accept": "image/png"}, 406, "POST /graphql"),
        ("GET", b"", {}, 400, "GET /graphql"),
        ("PATCH", b"", {}, 405, "PATCH /graphql"),
        ("INVENTED", b"", {}, 405, "HTTP /graphql"),
    ],
)
async def test_a_refused_request_makes_just_the_server_span(
    traced: Traced, method: str, content: bytes, headers: dict[str, str], http_status: int, name: str
) -> None:
    answer = await traced.http.request(method, "/graphql", content=content, headers=headers)
    [span] = traced.spans
    assert (answer.status_code, span.name, status(span)) == (http_status, name, ("UNSET", None))
    assert attributes(span)["http.response.status_code"] == http_status
    assert attributes(span)["http.request.method"] == ("_OTHER" if method == "INVENTED" else method)


async def test_two_requests_at_once_do_not_mix(traced: Traced) -> None:
    queries = [FIVE_RELATIONS, TWO, ONE] * 5
    answers = await asyncio.gather(*(post(traced.http, {"query": query}, **REPORT) for query in queries))
    ids = [is_json(answer, 200)["extensions"]["marquee"]["traceId"] for answer in answers]
    assert len(set(ids)) == len(queries)
    for query, trace_id in zip(queries, ids, strict=True):
        spans = [span for span in traced.spans if f"{span.context.trace_id:032x}" == trace_id]
        [root] = [tree(spans)]
        assert root[0] == "POST /graphql"
        expected = {FIVE_RELATIONS: ("Five", 6), TWO: ("Two", 2), ONE: ("One", 1)}[query]
        assert (attributes(named(spans, "query"))["graphql.operation.name"], len(sent(spans))) == expected


async def test_each_event_of_a_subscription_is_a_trace_of_its_own(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_library(connection)
    await add_row(connection, "job_run", type="scan", library_id=1, status="FAILED")
    watch = 'subscription Watch { jobProgress(id: "job_run_1") { status jobRun { id library { name } } } }'
    async with open_traced(writer, monkeypatch) as traced:
        spans = await traced.spans_of({"query": watch}, accept="text/event-stream")
        batches: list[Node] = [
            ("GraphQL DataLoader Batch job_run_by_id", "INTERNAL", [("SELECT job_run_by_id", "CLIENT", [])]),
            ("GraphQL DataLoader Batch library_by_id", "INTERNAL", [("SELECT library_by_id", "CLIENT", [])]),
        ]
        execution = ("GraphQL Execute", "INTERNAL", batches)
        assert tree(spans) == ("POST /graphql", "SERVER", [("subscription", "INTERNAL", [execution])])
        operation = named(spans, "subscription")
        assert attributes(operation)[graphql.GRAPHQL_OPERATION_NAME] == "Watch"
        missing = await traced.spans_of({"query": watch.replace("_1", "_2")}, accept="text/event-stream")
        assert attributes(named(missing, "subscription"))["marquee.errors"] == 1
