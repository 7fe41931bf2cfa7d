"""The trace pages and their JSON: what is answered for good and bad questions, and what a broken file does not harm."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.http.application import PAGE_HEADERS, create_app
from app.settings import Settings
from database.connect_args import ConnectArgs
from tests.support.http_client import MODERN, is_json, post
from tests.support.receivers import keep, operations, stored

ONE = "query NAME { media(first: 3) { nodes { title tags { name } } } }"
LIST = "/traces/api/list"


@asynccontextmanager
async def open_pages(args: ConnectArgs, state_dir: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The application with trace pages, from its start to its end."""
    given = {"pool_min": 1, "trace_pages": True, "state_dir": state_dir, **settings}
    app = create_app(Settings(database_url=args.dsn, **given))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost", headers={"accept": MODERN}) as http,
    ):
        yield http


@pytest.fixture
async def pages(demo: ConnectArgs, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_pages(demo, tmp_path) as http:
        yield http


async def listed(http: httpx.AsyncClient, number: int, **parameters: str) -> list[Any]:
    """The list once it has this many traces."""
    async with asyncio.timeout(30):
        while len(found := (await http.get(LIST, params=parameters)).json()["traces"]) != number:
            await asyncio.sleep(0.01)
    return list(found)


def code(answer: httpx.Response, status: int) -> str:
    """The code of an answer that is one coded error."""
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")
    [error] = answer.json()["errors"]
    assert list(error["extensions"]) == ["code"]
    return str(error["extensions"]["code"])


async def test_a_request_can_be_read_as_its_trace(pages: httpx.AsyncClient) -> None:
    answer = await post(pages, {"query": ONE.replace("NAME", "Kept")})
    [found] = await listed(pages, 1)
    assert answer.headers["marquee-trace"] == f"/traces/{found['traceId']}"
    assert {name: found[name] for name in ("operation", "type", "statements", "batches", "errors", "split")} == {
        "operation": "Kept",
        "type": "query",
        "statements": 2,
        "batches": 2,
        "errors": 0,
        "split": False,
    }
    read = (await pages.get(f"/traces/api/trace/{found['traceId']}")).json()
    assert read["traceId"] == found["traceId"]
    root, *rest = read["spans"]
    assert (root["name"], root["parentId"], root["startUs"], len(rest)) == ("POST /graphql", None, 0, 8)
    assert found["rows"] == sum(span["attributes"].get("db.response.returned_rows", 0) for span in rest)
    assert found["durationMs"] == pytest.approx(root["durationUs"] / 1000)


async def test_failed_requests_are_counted_as_failed(pages: httpx.AsyncClient) -> None:
    for query in ("{ a(", "{ nothing }", '{ tag(id: "x") { name } }', "{ __typename }"):
        await post(pages, {"query": query})
    await post(pages, b"{")
    found = await listed(pages, 5)
    assert [one["errors"] for one in found] == [0, 0, 1, 1, 1]
    assert len(await listed(pages, 3, errors="1")) == 3


@pytest.mark.parametrize(
    "parameters",
    [
        *("minMs=x", "minMs=-1", "minMs=nan", "minMs=inf", "minMs=1e12", "limit=x", "limit=1.5", "limit=1e3"),
        *("errors=2", "errors=true", "limit=" + "9" * 5_000),
    ],
)
async def test_bad_parameters_are_refused(pages: httpx.AsyncClient, parameters: str) -> None:
    assert code(await pages.get(f"{LIST}?{parameters}"), 400) == "BAD_ARGUMENT"


@pytest.mark.parametrize(
    "parameters", ["", "minMs=&limit=&errors=&operation=", "limit=0", "limit=-1", "limit=99999999999"]
)
async def test_parameters_may_be_empty_or_out_of_range(pages: httpx.AsyncClient, parameters: str) -> None:
    answer = await pages.get(f"{LIST}?{parameters}")
    assert (answer.status_code, answer.json()) == (200, {"enabled": True, "kept": 500, "traces": []})


HOSTILE = ["0" * 32, "x", "%00", "'%20OR%201=1", "..%2e", "%3Cscript%3E", "a" * 5_000, "%ff%fe", "%F0%9F%92%A9"]


@pytest.mark.parametrize("trace_id", HOSTILE)
async def test_an_unknown_trace_is_a_coded_error_and_its_page_the_same_as_any(
    pages: httpx.AsyncClient, trace_id: str
) -> None:
    await post(pages, {"query": ONE})
    assert code(await pages.get(f"/traces/api/trace/{trace_id}"), 404) == "NO_SUCH_TRACE"
    page = await pages.get(f"/traces/{trace_id}")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.content == (await pages.get("/traces")).content
    assert {name: page.headers[name] for name in PAGE_HEADERS} == PAGE_HEADERS


async def test_paths_do_not_lead_out_of_the_pages(pages: httpx.AsyncClient) -> None:
    for path in ("/traces/..%2f..%2fetc%2fpasswd", "/traces/api/trace/..%2f..%2ftraces.sqlite", "/traces/a/b"):
        assert (await pages.get(path)).status_code == 404


async def test_pages_that_are_not_built_are_said_to_be_missing(
    demo: ConnectArgs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.application.DIST", tmp_path)
    async with open_pages(demo, tmp_path) as http:
        for address in ("/traces", f"/traces/{'0' * 32}"):
            answer = await http.get(address)
            assert (answer.status_code, answer.text) == (404, "The pages are not built: run `make ui`.")


async def test_when_off_the_list_says_so_and_no_file_is_written(demo: ConnectArgs, tmp_path: Path) -> None:
    async with open_pages(demo, tmp_path, trace_pages=False) as http:
        answer = await post(http, {"query": ONE}, **{"marquee-report": "1"})
        marquee = is_json(answer, 200)["extensions"]["marquee"]
        assert (marquee["traceId"], marquee["traceUrl"]) == (None, None)
        assert not {"marquee-trace", "traceresponse"} & set(answer.headers)
        assert (await http.get(LIST)).json() == {"enabled": False, "kept": 0, "traces": []}
        assert code(await http.get(f"/traces/api/trace/{'0' * 32}"), 404) == "NO_SUCH_TRACE"
        assert (await http.get("/traces")).status_code == 200
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["broken", "folder", "foreign"])
async def test_a_broken_file_harms_no_request(
    demo: ConnectArgs, tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "traces.sqlite"
    if harm == "broken":
        path.write_bytes(b"this is no database" * 1_000)
    elif harm == "folder":
        path.mkdir()
    else:
        with sqlite3.connect(path) as foreign:
            foreign.execute("CREATE TABLE trace (number INTEGER)")
        foreign.close()
    async with open_pages(demo, tmp_path) as http:
        for _ in range(3):
            assert "errors" not in is_json(await post(http, {"query": ONE}), 200)
        for address in (LIST, f"/traces/api/trace/{'0' * 32}"):
            assert code(await http.get(address), 503) == "TRACES_UNAVAILABLE"
    warnings = [
        record.getMessage() for record in caplog.records if record.getMessage().startswith("traces are not kept")
    ]
    assert len(warnings) == 1


async def test_a_locked_file_harms_no_request_and_is_written_when_free(demo: ConnectArgs, tmp_path: Path) -> None:
    with stored(tmp_path / "traces.sqlite", 10) as tracer:
        keep(tracer, "Before")
    locker = sqlite3.connect(tmp_path / "traces.sqlite", isolation_level=None)
    async with open_pages(demo, tmp_path) as http:
        locker.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            assert "errors" not in is_json(await post(http, {"query": ONE.replace("NAME", "During")}), 200)
        assert [found["operation"] for found in await listed(http, 1)] == ["Before"]
        locker.execute("COMMIT")
        locker.close()
        assert len(await listed(http, 4)) == 4


async def test_traces_that_wait_are_written_at_the_end(demo: ConnectArgs, tmp_path: Path) -> None:
    async with open_pages(demo, tmp_path) as http:
        await asyncio.gather(*(post(http, {"query": ONE}) for _ in range(40)))
    assert len(operations(tmp_path / "traces.sqlite")) == 40


async def test_the_setting_bounds_what_is_kept(demo: ConnectArgs, tmp_path: Path) -> None:
    async with open_pages(demo, tmp_path, traces_kept=3) as http:
        for number in range(6):
            await post(http, {"query": ONE.replace("NAME", f"Q{number}")})
    assert operations(tmp_path / "traces.sqlite") == ["Q5", "Q4", "Q3"]
