"""Who is served with and without keys: every path, every malformed header, and what callers by a proxy do not see."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from app.http import access
from app.http.access import Access, is_direct
from app.http.application import create_app
from app.http.keys import AccessKey, Keys
from app.settings import Settings
from database.connect_args import ConnectArgs
from tests.support.http_client import LEGACY, MODERN, OK, is_json, open_http, post, refusal

KEY, SECOND = "first-key-of-this-test", "second-key-of-this-test"
QUERY = {"query": "{ __typename }"}
PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
# What may be had without a key; a new route is closed until it is written here.
OPEN = {
    *("/", "/healthz", "/readyz", "/browse", "/browse/{rest:path}", "/jobs", "/traces", "/traces/{trace_id}"),
    *("/files/{name}", "/ui"),
}
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def sends(key: str = KEY) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.fixture
async def closed(demo: ConnectArgs, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server with two keys, report and traces."""
    async with open_http(demo, keys=f"{KEY},{SECOND}", trace_pages=True, state_dir=tmp_path) as http:
        yield http


@pytest.fixture
async def local(demo: ConnectArgs, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server without keys."""
    async with open_http(demo, trace_pages=True, state_dir=tmp_path) as http:
        yield http


async def test_each_of_the_keys_opens_the_server(closed: httpx.AsyncClient) -> None:
    for header in (f"Bearer {KEY}", f"Bearer {SECOND}", f"bearer {KEY}", f"BEARER  {KEY} "):
        answer = await post(closed, QUERY, authorization=header)
        assert is_json(answer, 200) == OK, header
    answer = await closed.get("/graphql", params=QUERY, headers=sends())
    assert is_json(answer, 200) == OK


async def test_without_a_key_there_is_one_coded_refusal(closed: httpx.AsyncClient) -> None:
    for media_type in (MODERN, LEGACY):
        answer = await post(closed, QUERY, accept=media_type)
        assert refusal(answer, 401, "UNAUTHENTICATED", media_type) == access.MISSING
        assert answer.headers["www-authenticate"] == "Bearer"
        assert KEY not in answer.text
    assert (await closed.get("/graphql", params=QUERY)).status_code == 401
    assert (await closed.head("/graphql", headers={"accept": LEGACY})).status_code == 401


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer wrong-key-of-this-test",
        f"Bearer {KEY}x".encode(),
        f"Bearer {KEY[:-1]}".encode(),
        f"Bearer {KEY.upper()}".encode(),
        f"Bearer {KEY},{SECOND}".encode(),
        f"Bearer {KEY} {KEY}".encode(),
        f"Bearer Bearer {KEY}".encode(),
        f"Bearer\t{KEY}".encode(),
        f'Bearer "{KEY}"'.encode(),
        f"Basic {KEY}".encode(),
        f"Basic dXNlcjp{KEY}".encode(),
        KEY.encode(),
        b"Bearer " + b"k" * 100_000,
        b"x" * 100_000,
        "Bearer schlüssel".encode(),
        b"Bearer \xff\xfe\x00",
        f"Bearer {KEY}\u200b".encode(),
    ],
)
async def test_a_header_without_a_right_key_is_refused(closed: httpx.AsyncClient, value: bytes) -> None:
    answer = await closed.post("/graphql", json=QUERY, headers=[(b"authorization", value)])
    assert refusal(answer, 401, "UNAUTHENTICATED") == access.WRONG


async def test_two_authorization_headers_are_refused_whatever_they_hold(closed: httpx.AsyncClient) -> None:
    for values in ([KEY, KEY], [KEY, SECOND], [KEY, "wrong"], ["wrong", KEY]):
        headers = [("authorization", f"Bearer {value}") for value in values]
        answer = await closed.post("/graphql", json=QUERY, headers=headers)
        assert refusal(answer, 401, "UNAUTHENTICATED") == access.WRONG


async def test_a_key_elsewhere_than_in_its_header_opens_nothing(closed: httpx.AsyncClient) -> None:
    for parameters, headers in (
        ({"access_token": KEY, "key": KEY}, {}),
        ({}, {"cookie": f"key={KEY}; authorization=Bearer {KEY}"}),
        ({}, {"x-api-key": KEY, "proxy-authorization": f"Bearer {KEY}"}),
    ):
        answer = await closed.post("/graphql", json=QUERY, params=parameters, headers=headers)
        assert answer.status_code == 401


def paths(routes: list[BaseRoute]) -> Iterator[str]:
    for route in routes:
        assert isinstance(route, Route | Mount), route
        yield route.path


async def test_every_route_is_open_by_name_or_wants_a_key(closed: httpx.AsyncClient, writer: ConnectArgs) -> None:
    app: Starlette = create_app(Settings(database_url=writer.dsn))
    found = set(paths(app.routes))
    assert found >= OPEN | {"/graphql", "/traces/api/list", "/traces/api/trace/{trace_id}"}
    for path in found:
        address = path.replace("{trace_id}", TRACE_ID) + ("/nothing" if path == "/ui" else "")
        for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE"):
            answer = await closed.request(method, address, headers={"accept": LEGACY})
            assert (answer.status_code == 401) is (path not in OPEN), (method, address, answer.status_code)


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing", "/graphql/", "//graphql", "/Graphql", "/graphql/x", "/traces/api/list/", "/traces//api/list"),
        *(
            "/traces/api/trace/x/y",
            "/browser",
            "/browse\n/media",
            "/healthz/x",
            "/readyz/",
            "/uix",
            "/ui",
            "/traces\n/api/list",
            "/%2fgraphql",
        ),
    ],
)
async def test_every_other_path_wants_a_key(closed: httpx.AsyncClient, path: str) -> None:
    request = closed.build_request("GET", "/")
    url = request.url.copy_with(raw_path=path.replace("\n", "%0a").encode())
    answer = await closed.send(httpx.Request("GET", url, headers={**request.headers, "accept": PAGE}))
    assert answer.status_code == 401


async def test_pages_are_open_and_hold_no_data(closed: httpx.AsyncClient) -> None:
    for path in ("/browse", "/browse/media/media_1", "/graphql", "/traces", f"/traces/{TRACE_ID}"):
        answer = await closed.get(path, headers={"accept": PAGE})
        assert answer.status_code in (200, 404, 503), path  # not built
        assert answer.headers["content-type"].startswith("text/")
    for accept in (f"{LEGACY},{PAGE}", "*/*", "text/html;q=0.5,application/json"):
        assert (await closed.get("/graphql", params=QUERY, headers={"accept": accept})).status_code == 401
    assert (await closed.post("/graphql", json=QUERY, headers={"accept": PAGE})).status_code == 401


async def test_the_last_accept_header_decides_what_is_a_page_for_all(closed: httpx.AsyncClient) -> None:
    for accepts, is_page in ((["text/html", LEGACY], False), ([LEGACY, "text/html"], True)):
        headers = [("accept", value) for value in accepts]
        answer = await closed.get("/graphql", params=QUERY, headers=headers)
        assert answer.headers["content-type"].startswith("text/") is is_page
        assert (answer.status_code == 401) is not is_page


async def test_readiness_is_open_and_counts_come_with_a_key(closed: httpx.AsyncClient) -> None:
    assert (await closed.get("/readyz")).json() == {"ready": True, "reason": None}
    assert (await closed.get("/readyz", headers=sends("wrong"))).json() == {"ready": True, "reason": None}
    assert set((await closed.get("/readyz", headers=sends())).json()) == {
        *("ready", "reason", "pool", "long", "engine", "providers")
    }


async def test_report_and_traces_come_with_a_key_from_anywhere(closed: httpx.AsyncClient) -> None:
    by_proxy = {"x-forwarded-for": "192.0.2.7", "host": "192.0.2.1", **sends()}
    answer = await post(closed, QUERY, **by_proxy, **{"marquee-report": "1"})
    assert is_json(answer, 200)["extensions"]["marquee"]["verdict"] == "ok"
    assert answer.headers["marquee-trace"].startswith("/traces/")
    assert (await closed.get("/traces/api/list", headers=by_proxy)).status_code == 200
    assert refusal(await closed.get("/traces/api/list"), 401, "UNAUTHENTICATED")


# How requests look that came by a proxy, or by another name than the machine's own.
PROXIED = [
    {"x-forwarded-for": "192.0.2.7"},
    {"x-forwarded-for": ""},
    {"x-forwarded-proto": "https"},
    {"x-forwarded-host": "media.example"},
    {"x-real-ip": "127.0.0.1"},
    {"forwarded": "for=192.0.2.7"},
    {"via": "1.1 proxy"},
    {"host": "192.0.2.1:8000"},
    {"host": "10.1.2.3"},
    {"host": "[2001:db8::1]:8000"},
    {"host": "media.example"},
    {"host": "localhost.example"},
    {"host": "127.0.0.1.example"},
]


@pytest.fixture
async def proxied(demo: ConnectArgs, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server without keys that answers to any name."""
    async with open_http(demo, trace_pages=True, state_dir=tmp_path, allowed_hosts="*") as http:
        yield http


@pytest.mark.parametrize("headers", PROXIED)
async def test_without_keys_a_caller_by_a_proxy_sees_no_report_and_no_traces(
    proxied: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await post(proxied, QUERY, **headers, **{"marquee-report": "1"})
    body = is_json(answer, 200)
    assert body["data"] == {"__typename": "Query"}
    assert body["extensions"] == {"marquee": {"refused": f"There is no report: {access.UNTRUSTED}."}}
    assert "marquee-trace" not in answer.headers
    for path in ("list", f"trace/{TRACE_ID}"):
        answer = await proxied.get(f"/traces/api/{path}", headers={**headers, "accept": LEGACY})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert set((await proxied.get("/readyz", headers=headers)).json()) == {"ready", "reason"}
    # Who does not ask hears nothing of it.
    assert is_json(await post(proxied, QUERY, **headers), 200) == OK


async def test_a_refused_report_leaves_the_warnings_in_the_answer(proxied: httpx.AsyncClient) -> None:
    text = '{ media(first: 1, filter: { genres: { any: [{ name: "no such genre" }] } }) { nodes { id } } }'
    body = is_json(await post(proxied, {"query": text}, via="1.1 proxy", **{"marquee-report": "1"}), 200)
    assert set(body["extensions"]) == {"marquee", "warnings"}
    assert set(body["extensions"]["marquee"]) == {"refused"}
    assert [one["code"] for one in body["extensions"]["warnings"]] == ["UNKNOWN_NAME"]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "a.localhost", "127.0.0.1:8000", "127.1.2.3", "[::1]:9"]
)
async def test_without_keys_a_caller_on_this_machine_sees_all(local: httpx.AsyncClient, host: str) -> None:
    answer = await post(local, QUERY, host=host, **{"marquee-report": "1"})
    assert is_json(answer, 200)["extensions"]["marquee"]["verdict"] == "ok"
    assert answer.headers["marquee-trace"].startswith("/traces/")
    assert (await local.get("/traces/api/list", headers={"host": host})).json()["enabled"]
    assert "pool" in (await local.get("/readyz", headers={"host": host})).json()


async def test_without_keys_an_authorization_header_means_nothing(local: httpx.AsyncClient) -> None:
    assert is_json(await post(local, QUERY, **sends("anything")), 200) == OK


@pytest.mark.parametrize(
    ("scope", "direct"),
    [
        ({}, True),
        ({"client": None}, True),
        ({"client": ("127.0.0.1", 1)}, True),
        ({"client": ("::1", 1)}, True),
        ({"client": ("192.0.2.7", 1)}, False),
        ({"http_version": "1.1"}, True),
        ({"http_version": "1.0"}, False),
        ({"headers": [(b"host", b"localhost"), (b"host", b"media.example")]}, False),
    ],
)
def test_the_connection_tells_of_a_proxy_too(scope: dict[str, Any], direct: bool) -> None:
    assert is_direct({"headers": [], **scope}) is direct


async def test_refused_requests_leave_no_trace_and_run_nothing(closed: httpx.AsyncClient) -> None:
    for _ in range(3):
        await post(closed, {"query": "query Refused { media(first: 1) { nodes { title } } }"}, **sends("wrong"))
    counts = (await closed.get("/readyz", headers=sends())).json()
    assert counts["engine"]["plans"] == 0
    assert "Refused" not in (await closed.get("/traces/api/list", headers=sends())).text


def test_wrong_keys_are_logged_once_a_second_with_their_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = iter((0.0, 0.1, 0.5, 0.99, 1.0, 1.5, 7.0))
    monkeypatch.setattr(access, "monotonic", lambda: next(clock))
    rules = Access(Keys([AccessKey(KEY)]))
    wrong = {"path": "/graphql", "method": "POST", "client": ("192.0.2.7", 1), "headers": [(b"authorization", b"no")]}
    for _ in range(7):
        assert not rules.admits(wrong)
    assert not rules.admits({**wrong, "headers": []})  # no attempt
    assert rules.admits({**wrong, "headers": [(b"authorization", f"Bearer {KEY}".encode())]})
    logged = [(record.message, vars(record)["attempts"], vars(record)["client"]) for record in caplog.records]
    assert logged == [("wrong key", number, "192.0.2.7") for number in (1, 4, 2)]


async def test_neither_right_nor_wrong_keys_are_ever_logged(
    closed: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "wrong-key-of-this-test"

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    with caplog.at_level(logging.DEBUG):
        for key in (KEY, wrong):
            await post(closed, QUERY, **sends(key))
            await closed.get("/readyz", headers=sends(key))
            await closed.get("/traces/api/list", headers=sends(key))
            await post(closed, b"{", **sends(key))
        monkeypatch.setattr("app.http.graphql_view.request_of", fail)
        assert (await post(closed, QUERY, **sends())).status_code == 500
    assert {record.name for record in caplog.records} >= {"marquee.access", "marquee.http"}
    said = caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    assert KEY not in said
    assert wrong not in said
