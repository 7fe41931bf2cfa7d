"""Bodies and query strings: those that are no request, those that are too large, and every kind of text in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from database.connect_args import ConnectArgs
from tests.support.factories import add_library, add_name
from tests.support.http_client import LEGACY, MODERN, OK, is_json, open_http, post, refusal

MOST = 2_097_152


@pytest.fixture
async def http(writer: ConnectArgs) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(writer) as client:
        yield client


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not JSON: it is empty"),
        (b"   ", "The body is not JSON"),
        (b"{", "The body is not JSON"),
        (b"{ __typename }", "The body is not JSON"),
        (b'{"query": "\xff"}', "The body is not JSON"),
        (b'{"query": "\xed\xa0\x80"}', "The body is not JSON"),
        (b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}', "The body is not JSON"),
        (b'{"query": "\\udc00"}', "The body is not JSON"),
        (b'{"query": "\x00"}', "The body is not JSON"),
        (
            b'\xef\xbb\xbf{"query": "{ __typename }"}',
            "The body is not JSON: it begins with a byte order mark; send UTF-8",
        ),
        ('{"query": "{ __typename }"}'.encode("utf-16"), "The body is not JSON: it begins with a byte order mark"),
        (b'{"query": "{ __typename }", "variables": {"a": NaN}}', "The body is not JSON"),
        (b'{"query": "{ __typename }", "variables": {"a": Infinity}}', "The body is not JSON"),
        (b'{"query": "{ __typename }"} {}', "The body is not JSON"),
        (b"[" * 100_000, "The body is not JSON"),
        (b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}}", "The body is not"),
        (b"null", "A request is a JSON object"),
        (b"1", "A request is a JSON object"),
        (b'"{ __typename }"', "A request is a JSON object"),
        (b"[]", "A request is a JSON object"),
        (b'[{"query": "{ __typename }"}]', "A request is a JSON object with a string `query`: batches are not taken"),
        (b"{}", "The request needs a string `query`."),
        (b'{"query": null}', "The request needs a string `query`."),
        (b'{"query": 1}', "The request needs a string `query`."),
        (b'{"query": ["{ __typename }"]}', "The request needs a string `query`."),
        (b'{"query": "{ __typename }", "variables": []}', "`variables` is an object."),
        (b'{"query": "{ __typename }", "variables": "{}"}', "`variables` is an object."),
        (b'{"query": "{ __typename }", "variables": false}', "`variables` is an object."),
        (b'{"query": "{ __typename }", "operationName": 0}', "`operationName` is a string."),
        (b'{"query": "{ __typename }", "operationName": {}}', "`operationName` is a string."),
        (b'{"query": "{ __typename }", "extensions": []}', "`extensions` is an object."),
        (b'{"query": "{ __typename }", "extensions": "a"}', "`extensions` is an object."),
    ],
)
async def test_a_body_that_is_no_request_is_400_with_words(http: httpx.AsyncClient, body: bytes, message: str) -> None:
    for media_type in (MODERN, LEGACY):
        answer = await post(http, body, accept=media_type)
        assert refusal(answer, 400, "BAD_REQUEST", media_type).startswith(message)


async def test_a_repeated_key_counts_the_last_time(http: httpx.AsyncClient) -> None:
    assert is_json(await post(http, b'{"query": "{", "query": "{ __typename }"}'), 200) == OK


async def test_unknown_keys_and_unused_variables_do_no_harm(http: httpx.AsyncClient) -> None:
    given = {"query": "{ __typename }", "variables": {"unused": [{}], "": None}, "id": 7, "__proto__": {}}
    assert is_json(await post(http, given), 200) == OK


@pytest.mark.parametrize("number", ["1e400", "123456789012345678901234567890", "2147483648", "-2147483649", "1.5"])
async def test_a_number_that_is_no_int_is_a_coded_error(http: httpx.AsyncClient, number: str) -> None:
    query = "query($n: Int) { media(first: $n) { nodes { id } } }"
    body = f'{{"query": "{query}", "variables": {{"n": {number}}}}}'.encode()
    answer = await post(http, body)
    assert answer.status_code == 400
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] in (["BAD_ARGUMENT"], ["BAD_REQUEST"])


async def test_a_body_of_the_largest_size_is_read_and_one_byte_more_is_413(http: httpx.AsyncClient) -> None:
    request = b'{"query": "{ __typename }"}'
    largest = request + b" " * (MOST - len(request))

    async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 60_000):
            yield body[start : start + 60_000]

    headers = {"content-type": LEGACY}
    assert is_json(await post(http, largest), 200) == OK
    assert is_json(await http.post("/graphql", content=in_pieces(largest), headers=headers), 200) == OK
    for answer in (
        await post(http, largest + b" "),
        await http.post("/graphql", content=in_pieces(largest + b" "), headers=headers),
    ):
        assert refusal(answer, 413, "BODY_TOO_LARGE") == "A request's body has at most 2097152 bytes."


async def test_as_many_media_as_an_edit_takes_fit_into_a_body_with_an_overview_each(
    http: httpx.AsyncClient, connection: Any
) -> None:
    library = await add_library(connection)
    text = "mutation ($items: [NewMedia!]!) { createMedia(items: $items) { succeeded media { title overview } } }"
    for letter in ("a", "映"):
        items = [
            {"library": f"library_{library}", "title": f"{letter} {n}", "overview": letter * 1_000} for n in range(500)
        ]
        answer = await post(http, orjson.dumps({"query": text, "variables": {"items": items}}))
        created = is_json(answer, 200)["data"]["createMedia"]
        assert created["succeeded"] == 500
        assert created["media"] == [{"title": item["title"], "overview": item["overview"]} for item in items]


async def test_a_document_that_is_too_long_is_refused_though_its_body_is_not(http: httpx.AsyncClient) -> None:
    body = is_json(await post(http, {"query": "{ __typename }" + " " * 262_131}), 400)
    [error] = body["errors"]
    assert error["extensions"] == {"code": "DOCUMENT_TOO_LONG", "count": 262_145, "limit": 262_144}
    assert is_json(await post(http, {"query": "{ __typename }" + " " * 262_130}), 200) == OK


async def test_a_body_without_an_end_is_left_as_soon_as_it_is_too_large(http: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    answer = await http.post("/graphql", content=endless(), headers={"content-type": LEGACY})
    assert refusal(answer, 413, "BODY_TOO_LARGE") == "A request's body has at most 2097152 bytes."
    assert sent == 33 * 65_536


async def test_a_declared_length_over_the_cap_is_refused_unread(http: httpx.AsyncClient) -> None:
    answer = await post(http, {"query": "{ __typename }"}, **{"content-length": str(MOST + 1)})
    assert refusal(answer, 413, "BODY_TOO_LARGE") == "A request's body has at most 2097152 bytes."


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/jsonp",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
    ],
)
async def test_any_other_content_type_is_415(http: httpx.AsyncClient, content_type: str) -> None:
    answer = await post(http, {"query": "{ __typename }"}, **{"content-type": content_type})
    assert refusal(answer, 415, "BAD_REQUEST") == "Send the request as application/json in UTF-8."


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON ; Charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_is_json_however_it_is_written(http: httpx.AsyncClient, content_type: str) -> None:
    assert is_json(await post(http, {"query": "{ __typename }"}, **{"content-type": content_type}), 200) == OK


async def test_text_with_nul_is_a_coded_error_or_finds_nothing(http: httpx.AsyncClient) -> None:
    for query, code in (
        ('{ tag(name: "a\\u0000b") { id } }', "BAD_ARGUMENT"),
        ('{ tag(name: "\0") { id } }', "BAD_ARGUMENT"),
        ('{ tags(filter: {contains: "\\u0000"}) { nodes { id } } }', "BAD_ARGUMENT"),
        ('{ media(filter: {title: "\\u{0}"}) { nodes { id } } }', "BAD_ARGUMENT"),
        ('{ node(id: "tag_1\\u0000") { id } }', "BAD_ID"),
        ('{ media(after: "\\u0000") { nodes { id } } }', "BAD_CURSOR"),
    ):
        body = is_json(await post(http, {"query": query}), 200)
        assert [error["extensions"]["code"] for error in body["errors"]] == [code], query
    query = '{ mediaByExternalId(source: "imdb", value: "tt\\u00001") { id } }'
    assert is_json(await post(http, {"query": query}), 200) == {"data": {"mediaByExternalId": None}}
    body = is_json(
        await post(http, {"query": "query($n: String!) { tag(name: $n) { id } }", "variables": {"n": "\0"}}), 200
    )
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_ARGUMENT"]


@pytest.mark.parametrize("literal", ['"\\ud800"', '"\\udc00\\ud800"', '"\\u{d800}"', '"\\u{110000}"', '"a\nb"'])
async def test_text_that_is_no_unicode_is_a_syntax_error(http: httpx.AsyncClient, literal: str) -> None:
    body = is_json(await post(http, {"query": f"{{ tag(name: {literal}) {{ id }} }}"}), 400)
    assert [error["extensions"]["code"] for error in body["errors"]] == ["GRAPHQL_PARSE_FAILED"]


async def test_text_beyond_ascii_goes_in_and_out_unharmed(http: httpx.AsyncClient, connection: Any) -> None:
    await add_name(connection, "tag", "日本 😀 \u2028")
    literal = '{ tag(name: "日本 \\ud83d\\ude00 \\u2028") { name } }'
    assert is_json(await post(http, {"query": literal}), 200) == {"data": {"tag": {"name": "日本 😀 \u2028"}}}
    by_get = {"query": "query($n: String) { tag(name: $n) { name } }", "variables": '{"n": "日本 😀"}'}
    assert is_json(await http.get("/graphql", params=by_get), 200) == {"data": {"tag": {"name": "日本 😀 \u2028"}}}


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_fault(http: httpx.AsyncClient) -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "headers": [(b"content-type", b"application/json")],
        "query_string": b"",
    }
    await http._transport.app(scope, receive, send)  # type: ignore[attr-defined]
    assert sent == []


def test_the_served_application_refuses_bodies_over_the_cap_and_lives_on(live_server: str) -> None:
    headers = {"content-type": LEGACY, "accept": MODERN}
    url = f"{live_server}/graphql"
    for content in (b" " * (MOST + 1), iter([b" " * 700_000] * 3)):
        answer = httpx.post(url, content=content, headers=headers)
        assert refusal(answer, 413, "BODY_TOO_LARGE") == "A request's body has at most 2097152 bytes."
    assert httpx.post(url, content=b'{"query": "{ __typename }"}', headers=headers).json() == OK


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        ("", "The request needs a string `query`."),
        ("query=", "The request needs a string `query`."),
        ("query=%ff", "The query string is not UTF-8."),
        ("query=%ed%a0%80", "The query string is not UTF-8."),
        ("query={__typename}&variables={", "`variables` is not JSON"),
        ("query={__typename}&variables=[]", "`variables` is an object."),
        ("query={__typename}&variables=null&extensions=1", "`extensions` is an object."),
        ("query={__typename}&variables=%22%5Cud800%22", "`variables` is not JSON"),
    ],
)
async def test_a_query_string_that_is_no_request_is_400(
    http: httpx.AsyncClient, query_string: str, message: str
) -> None:
    answer = await http.get(f"/graphql?{query_string}")
    assert refusal(answer, 400, "BAD_REQUEST").startswith(message)


async def test_a_query_string_over_the_cap_is_413(http: httpx.AsyncClient) -> None:
    # As raw ASGI, since clients refuse to send such an address.
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/graphql",
        "headers": [],
        "query_string": b"query=%20" + b"%20" * MOST,
    }
    await http._transport.app(scope, receive, send)  # type: ignore[attr-defined]
    assert sent[0]["status"] == 413
    assert orjson.loads(sent[1]["body"])["errors"][0]["extensions"] == {"code": "BODY_TOO_LARGE"}
