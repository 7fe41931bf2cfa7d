"""GraphQL over HTTP: methods, media types, status codes, several operations, and who gets the page."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.http.http_request import read_accept, wanted
from app.service.graphql_service import Answer, Service
from database.connect_args import ConnectArgs
from tests.support.factories import add_library, add_media
from tests.support.http_client import LEGACY, MODERN, OK, is_json, open_http, post, refusal

UI = Path(__file__).resolve().parents[2] / "ui"
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
async def http(writer: ConnectArgs) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(writer) as client:
        yield client


async def test_a_query_is_answered_by_post_and_by_get(http: httpx.AsyncClient) -> None:
    assert is_json(await post(http, {"query": "{ __typename }"}), 200) == OK
    assert is_json(await http.get("/graphql", params={"query": "{ __typename }"}), 200) == OK


async def test_variables_and_operation_name_arrive_by_post_and_by_get(http: httpx.AsyncClient) -> None:
    query = "query A($no: Boolean!) { __typename @skip(if: $no) } query B { b: __typename }"
    given = {"query": query, "variables": {"no": True}, "operationName": "A", "extensions": {"any": 1}}
    assert is_json(await post(http, given), 200) == {"data": {}}
    flat: dict[str, Any] = {**given, "variables": '{"no": true}', "extensions": "{}"}
    assert is_json(await http.get("/graphql", params=flat), 200) == {"data": {}}


async def test_null_and_missing_parameters_are_the_same(http: httpx.AsyncClient) -> None:
    nulls = {"query": "{ __typename }", "variables": None, "operationName": None, "extensions": None}
    assert is_json(await post(http, nulls), 200) == OK


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", LEGACY),
        ("*/*", LEGACY),
        ("application/*", LEGACY),
        ("application/*, text/plain;q=0.5", LEGACY),
        (LEGACY, LEGACY),
        (MODERN, MODERN),
        (MODERN.upper(), MODERN),
        (f"{MODERN}; charset=utf-8", MODERN),
        (f"{MODERN}, {LEGACY}", MODERN),
        (f"{LEGACY}, {MODERN}", LEGACY),
        (f"{MODERN}, {LEGACY};q=0.9", MODERN),
        (f"{MODERN};q=0.1, {LEGACY};q=0.9", LEGACY),
        (f"{MODERN};q=0, */*", LEGACY),
        (f"{LEGACY};q=0, */*", MODERN),
        (f"{MODERN};q=0.5, */*;q=0.1", MODERN),
        (f"text/plain, {MODERN} ; q=0.3", MODERN),
        (f"{LEGACY};q=oops, {MODERN};q=0.001", MODERN),
        (f",, {MODERN},", MODERN),
    ],
)
async def test_the_media_type_is_the_best_of_those_accepted(
    http: httpx.AsyncClient, accept: str, media_type: str
) -> None:
    answer = await post(http, {"query": "{ __typename }"}, accept=accept)
    assert is_json(answer, 200, media_type) == OK
    assert answer.headers["vary"] == "accept"


@pytest.mark.parametrize(
    "accept",
    ["text/plain", "image/*", f"{MODERN};q=0", "*/*;q=0", f"{LEGACY};q=0, {MODERN};q=0, */*", "text/html;q=1"],
)
async def test_an_answer_that_nobody_accepts_is_406(http: httpx.AsyncClient, accept: str) -> None:
    answer = await post(http, {"query": "{ __typename }"}, accept=accept)
    assert refusal(answer, 406, "BAD_REQUEST", LEGACY) == f"Answers come as {MODERN} or {LEGACY}."


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "BAD_REQUEST"),
        ("query($n: Int!) { media(first: $n) { nodes { id } } }", "BAD_ARGUMENT"),
        ("mutation { a }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment A on Query { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("type A { a: Int }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __typename @defer }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_refused_document_is_400_unless_the_old_media_type_is_asked_for(
    http: httpx.AsyncClient, query: str, code: str
) -> None:
    for media_type, status in ((MODERN, 400), (LEGACY, 200)):
        body = is_json(await post(http, {"query": query}, accept=media_type), status, media_type)
        assert list(body) == ["errors"]
        assert {error["extensions"]["code"] for error in body["errors"]} == {code}


async def test_an_error_of_a_field_is_200_with_its_data(http: httpx.AsyncClient) -> None:
    body = is_json(await post(http, {"query": '{ __typename node(id: "x") { id } }'}), 200)
    assert body["data"] == {"__typename": "Query", "node": None}
    assert [(error["path"], error["extensions"]) for error in body["errors"]] == [(["node"], {"code": "BAD_ID"})]


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "OPTIONS", "TRACE", "SOMETHING"])
async def test_any_other_method_is_405_and_told_which_are_allowed(http: httpx.AsyncClient, method: str) -> None:
    answer = await http.request(method, "/graphql", params={"query": "{ __typename }"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, PUT, DELETE")


@pytest.mark.parametrize(("name", "status"), [("A", 200), ("", 400), ("C", 400), ("a", 400), ("\0", 400)])
async def test_of_several_operations_one_is_named(http: httpx.AsyncClient, name: str, status: int) -> None:
    answer = await post(http, {"query": "query A { __typename } query B { __typename }", "operationName": name})
    if status == 200:
        assert is_json(answer, 200) == OK
    else:
        assert refusal(answer, 400, "BAD_REQUEST") == "Name one of the document's operations in operationName."


async def test_an_unknown_operation_name_is_refused_even_for_a_single_operation(http: httpx.AsyncClient) -> None:
    answer = await post(http, {"query": "query A { __typename }", "operationName": "B"})
    assert refusal(answer, 400, "BAD_REQUEST") == "Name one of the document's operations in operationName."
    assert is_json(await post(http, {"query": "query A { __typename }", "operationName": ""}), 200) == OK


@pytest.mark.parametrize("media_type", [MODERN, LEGACY])
async def test_a_mutation_by_get_is_405_and_told_to_come_by_post(http: httpx.AsyncClient, media_type: str) -> None:
    for query in ("mutation { __typename }", "query A { __typename } mutation B { __typename }"):
        params = {"query": query, "operationName": "B"} if " B " in query else {"query": query}
        answer = await http.get("/graphql", params=params, headers={"accept": media_type})
        assert refusal(answer, 405, "BAD_REQUEST", media_type) == "Only queries may be sent by GET."
        assert answer.headers["allow"] == "POST"
    params = {"query": "query A { __typename } mutation B { __typename }", "operationName": "A"}
    assert is_json(await http.get("/graphql", params=params), 200) == OK


@pytest.mark.parametrize("query", ["subscription { __typename }", "mutation { nothing }"])
async def test_what_is_not_valid_is_not_valid_by_get_either(http: httpx.AsyncClient, query: str) -> None:
    body = is_json(await http.get("/graphql", params={"query": query}), 400)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]


async def test_a_browser_gets_the_page_and_a_client_the_api(
    writer: ConnectArgs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "graphiql.html").write_text("<title>page</title>")
    monkeypatch.setattr("app.http.application.DIST", tmp_path)
    async with open_http(writer) as client:
        for accept in (PAGE, "text/html", f"text/html, {LEGACY};q=0.9", f"{MODERN};q=0, text/html;q=0.1"):
            page = await client.get("/graphql?query={__typename}", headers={"accept": accept})
            assert (page.status_code, page.text) == (200, "<title>page</title>")
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
            assert page.headers["x-content-type-options"] == "nosniff"
        for accept in ("*/*", LEGACY, MODERN, f"{LEGACY}, text/html", "text/html;q=0, */*", f"{MODERN}, {PAGE}"):
            answer = await client.get("/graphql?query={__typename}", headers={"accept": accept})
            assert answer.json() == OK, accept
        head = await client.head("/graphql", headers={"accept": "text/html"})
        assert (head.status_code, head.text) == (200, "")
        assert (await client.post("/graphql", headers={"accept": PAGE, "content-type": LEGACY})).status_code == 400


async def test_without_a_built_page_a_browser_is_told_how_to_build_it(
    writer: ConnectArgs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.application.DIST", tmp_path)
    async with open_http(writer) as client:
        answer = await client.get("/graphql", headers={"accept": PAGE})
        assert (answer.status_code, answer.text) == (503, "GraphiQL is not built here: run `make ui`.\n")
        assert (await client.get("/ui/assets/main.js")).status_code == 404


async def test_a_fault_of_ours_is_masked_and_found_in_the_log_by_its_id(
    http: httpx.AsyncClient, connection: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await add_media(connection, await add_library(connection))
    await connection.execute("ALTER TABLE media_tag RENAME TO secret_table")

    with caplog.at_level(logging.ERROR, "marquee.graphql"):
        body = is_json(await post(http, {"query": "{ media { nodes { tags { id } } } }"}), 200)

    [error] = body["errors"]
    assert error["message"] == "Internal error"
    assert error["path"] == ["media", "nodes", 0, "tags"]
    assert error["extensions"] == {"code": "INTERNAL", "errorId": error["extensions"]["errorId"]}
    assert "media_tag" not in json.dumps(body)
    [record] = [record for record in caplog.records if record.name == "marquee.graphql"]
    assert error["extensions"]["errorId"] in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], asyncpg.UndefinedTableError)


async def test_an_answer_that_is_no_json_is_a_fault_of_ours(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(service: Service, *given: Any, answer: Answer, **more: Any) -> None:
        answer.body = {"data": {"number": 2**64}}

    monkeypatch.setattr(Service, "run", run)
    [error] = is_json(await post(http, {"query": "{ __typename }"}), 500)["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("Internal error", "INTERNAL")
    [record] = [record for record in caplog.records if record.name == "marquee.http"]
    assert error["extensions"]["errorId"] in record.getMessage()


@pytest.mark.parametrize(
    ("path", "status"), [("/graphql/", 307), ("/Graphql", 404), ("/graphql/x", 404), ("//graphql", 404)]
)
async def test_only_the_one_path_is_graphql(http: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await http.post(f"http://localhost{path}", json={"query": "{ __typename }"})
    assert (answer.status_code, answer.headers.get("location")) == (
        status,
        "http://localhost/graphql" if status == 307 else None,
    )


async def test_headers_are_remembered_up_to_a_number_and_a_length(http: httpx.AsyncClient) -> None:
    read_accept.cache_clear()
    padding = ", text/plain" * 100
    for _ in range(2):
        answer = await post(http, {"query": "{ __typename }"}, accept=f"{LEGACY}{padding}")
        assert is_json(answer, 200, LEGACY) == OK
    assert read_accept.cache_info().currsize == 0
    for number in range(300):
        wanted(b"text/plain;q=0.%d, */*" % number)
    assert read_accept.cache_info().currsize == 256


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on the PATH")
@pytest.mark.skipif(not (UI / "node_modules" / "graphql-http").is_dir(), reason="ui/node_modules lacks graphql-http")
def test_all_audits_of_graphql_over_http_pass(live_server: str) -> None:
    command = ["node", "ui/tests/audit.mjs", f"{live_server}/graphql"]
    done = subprocess.run(command, cwd=UI.parent, capture_output=True, timeout=60, check=True)
    results = json.loads(done.stdout)
    assert [result for result in results if result[0] != "ok"] == []
    assert len(results) == 61
