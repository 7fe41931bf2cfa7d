"""Automatic persisted queries: a text once, afterwards its hash."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from app.http.http_request import HttpError
from app.http.persisted_queries import PersistedQueries
from database.connect_args import ConnectArgs
from tests.support.http_client import LEGACY, MODERN, OK, is_json, open_http, post, refusal

TEXT = "query A($no: Boolean! = false) { __typename @skip(if: $no) }"


@pytest.fixture
async def http(demo: ConnectArgs) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(demo) as client:
        yield client


def persisted(text: str, **more: Any) -> dict[str, Any]:
    """A request by a text's hash alone."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}, **more}


def by_get(request: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in request.items()}


@pytest.mark.parametrize("media_type", [MODERN, LEGACY])
async def test_a_hash_is_unknown_until_its_text_has_come(http: httpx.AsyncClient, media_type: str) -> None:
    unknown = await post(http, persisted(TEXT), accept=media_type)
    assert refusal(unknown, 200, "PERSISTED_QUERY_NOT_FOUND", media_type) == "PersistedQueryNotFound"
    assert unknown.headers["cache-control"] == "private, no-cache, must-revalidate"
    for request in (persisted(TEXT, query=TEXT), persisted(TEXT), persisted(TEXT, query=None)):
        assert is_json(await post(http, request, accept=media_type), 200, media_type) == OK
    skipped = persisted(TEXT, variables={"no": True}, operationName="A")
    assert is_json(await post(http, skipped, accept=media_type), 200, media_type) == {"data": {}}


async def test_the_same_by_get(http: httpx.AsyncClient) -> None:
    unknown = await http.get("/graphql", params=by_get(persisted(TEXT)))
    assert refusal(unknown, 200, "PERSISTED_QUERY_NOT_FOUND") == "PersistedQueryNotFound"
    for request in (persisted(TEXT, query=TEXT), persisted(TEXT)):
        assert is_json(await http.get("/graphql", params=by_get(request)), 200) == OK
    mutation = "mutation { __typename }"
    assert is_json(await post(http, persisted(mutation, query=mutation)), 200) == {"data": {"__typename": "Mutation"}}
    answer = await http.get("/graphql", params=by_get(persisted(mutation)))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_hash_is_of_its_text_and_is_read_in_either_case(http: httpx.AsyncClient) -> None:
    wrong = await post(http, persisted("{ other }", query=TEXT))
    assert refusal(wrong, 400, "BAD_REQUEST") == "`sha256Hash` is not the SHA-256 of `query` in UTF-8."
    text = "{ __typename } # é"
    assert is_json(await post(http, persisted(text, query=text)), 200) == OK
    request = persisted(text)
    request["extensions"]["persistedQuery"]["sha256Hash"] = sha256(text.encode()).hexdigest().upper()
    assert is_json(await post(http, request), 200) == OK
    request["query"] = "{ media { nodes { title } } }"
    assert refusal(await post(http, request), 400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"version": 2, "sha256Hash": "a"}, 200, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"version": 0}, 200, "PERSISTED_QUERY_NOT_SUPPORTED"),
        ({"sha256Hash": "a"}, 400, "BAD_REQUEST"),
        ({"version": "1", "sha256Hash": "a"}, 400, "BAD_REQUEST"),
        ({"version": 1}, 400, "BAD_REQUEST"),
        ({"version": 1, "sha256Hash": 7}, 400, "BAD_REQUEST"),
        ({"version": 1, "sha256Hash": ""}, 200, "PERSISTED_QUERY_NOT_FOUND"),
        ({}, 400, "BAD_REQUEST"),
        ([], 400, "BAD_REQUEST"),
        ("a", 400, "BAD_REQUEST"),
        (0, 400, "BAD_REQUEST"),
    ],
)
async def test_anything_else_in_the_extension_is_a_coded_error(
    http: httpx.AsyncClient, asked: Any, status: int, code: str
) -> None:
    refusal(await post(http, {"extensions": {"persistedQuery": asked}}), status, code)


async def test_without_the_extension_a_text_is_needed(http: httpx.AsyncClient) -> None:
    for extensions in ({}, {"persistedQuery": None}, {"other": 1}, None):
        answer = await post(http, {"extensions": extensions})
        assert refusal(answer, 400, "BAD_REQUEST") == "The request needs a string `query`."


def test_the_texts_are_bounded_by_number_and_by_bytes_and_the_last_used_stay() -> None:
    queries = PersistedQueries(1_000, most=3, most_bytes=100)
    texts = ["a", "b", "c", "é" * 48]
    for text in texts[:3]:
        queries.complete(persisted(text, query=text))
    assert queries.complete(persisted("a"))["query"] == "a"
    queries.complete(persisted(texts[3], query=texts[3]))
    assert known(queries, *texts) == [True, False, True, True]
    queries.complete(persisted("four", query="four"))
    assert known(queries, *texts, "four") == [False, False, False, True, True]
    queries.complete(persisted("12345", query="12345"))
    assert known(queries, *texts, "four", "12345") == [False, False, False, False, True, True]
    queries.complete(persisted("x" * 101, query="x" * 101))
    assert known(queries, "x" * 101, "four", "12345") == [False, True, True]
    assert queries._bytes == 9


def test_a_text_that_is_too_long_for_a_document_takes_no_place() -> None:
    queries = PersistedQueries(10)
    for text in ("1234567890", "12345678901"):
        queries.complete(persisted(text, query=text))
    assert known(queries, "1234567890", "12345678901") == [True, False]


def known(queries: PersistedQueries, *texts: str) -> list[bool]:
    """Which texts are kept; asked without using them."""
    return [sha256(text.encode()).hexdigest() in queries._known for text in texts]


def test_a_request_that_is_none_is_left_to_others() -> None:
    requests: list[Any] = [None, [], "a", 1, {}, {"extensions": []}]
    for given in (*requests, {"query": 1, "extensions": {"persistedQuery": None}}):
        assert PersistedQueries(1_000).complete(given) is given
    with pytest.raises(HttpError):
        PersistedQueries(1_000).complete({"extensions": {"persistedQuery": []}})
