"""What a browser asks for a page of another site."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from database.connect_args import ConnectArgs
from tests.support.http_client import LEGACY, OK, is_json, open_http, post, refusal

QUERY = {"query": "{ __typename }"}
IMAGE = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8"
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
async def http(demo: ConnectArgs) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(demo) as client:
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-dest": "image", "accept": IMAGE},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "origin": "https://evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:3000"},
    ],
)
async def test_a_query_by_get_for_a_page_of_another_site_is_403(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    given = {"accept": LEGACY, **headers}
    answer = await http.get("/graphql", params=QUERY, headers=given)
    assert refusal(answer, 403, "CROSS_SITE", LEGACY).startswith("Pages of other sites may not use this API")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-site", "origin": "http://localhost:3000"},
        {"origin": "http://localhost"},
        {"origin": "HTTP://LOCALHOST"},
        {"origin": "https://localhost:8443", "host": "localhost:8443"},
    ],
)
async def test_a_query_by_get_for_a_page_of_ours_or_for_no_page_is_answered(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert is_json(await http.get("/graphql", params=QUERY, headers=headers), 200) == OK


async def test_a_link_from_another_site_leads_to_graphiql_and_runs_nothing(http: httpx.AsyncClient) -> None:
    headers = {"accept": PAGE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = await http.get("/graphql", params=QUERY, headers=headers)
    assert answer.status_code in (200, 503)  # 503: not built here
    assert answer.headers["content-type"].startswith("text/")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_what_a_page_of_another_site_may_post_unasked_is_415(http: httpx.AsyncClient, content_type: str) -> None:
    headers = {"content-type": content_type, "sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    refusal(await post(http, QUERY, **headers), 415, "BAD_REQUEST")


async def test_a_page_of_another_site_that_asks_first_is_told_no(http: httpx.AsyncClient) -> None:
    headers = {
        "origin": "https://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    answer = await http.options("/graphql", headers=headers)
    refusal(answer, 403, "CROSS_SITE")
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    plain = await http.options("/graphql")
    refusal(plain, 405, "BAD_REQUEST")
    assert plain.headers["allow"] == "GET, POST, PUT, DELETE"
