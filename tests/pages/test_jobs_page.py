"""The page of jobs as a person meets it: what runs, live; what has ended, with reasons; buttons."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, WebSocket, expect

from database.connect_args import ConnectArgs
from jobs import import_places
from tests.support.browser import BROWSER_MARKS, NARROW, WIDE, Visit, visit
from tests.support.databases import clone, drop
from tests.support.factories import add_library, add_row
from tests.support.in_process import serving_in_process

PARAMETERS = {"library": "library_1", "location": "/media/films.jsonl"}
HOSTILE = "<img src=x onerror=document.title='broken'>"
KEY = "a-key-of-sixteen-letters"
DIST = Path(__file__).parents[2] / "ui" / "dist" / "jobs.html"

pytestmark = [*BROWSER_MARKS, pytest.mark.skipif(not DIST.is_file(), reason="the UI is not built: make ui")]


class Jobs:
    """A window with the page, and the database behind it."""

    def __init__(self, visited: Visit, connection: Any) -> None:
        self.visited = visited
        self.page: Page = visited.page
        self.connection = connection

    async def add(self, **columns: Any) -> str:
        given = {"type": "import", **columns}
        if given["type"] == "import":
            given.setdefault("parameters", json.dumps(PARAMETERS))
        return f"job_run_{await add_row(self.connection, 'job_run', **given)}"

    async def log(self, run: str, line: str, level: str = "INFO") -> None:
        await self.connection.execute(
            "INSERT INTO job_log (job_run_id, level, line) VALUES ($1, $2, $3)", number_of(run), level, line
        )

    async def change(self, run: str, change: str, *values: Any) -> None:
        await self.connection.execute(f"UPDATE job_run SET {change} WHERE id = $1", number_of(run), *values)

    async def open(self) -> None:
        await self.visited.open("/jobs")
        await expect(self.page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()

    def run(self, run: str) -> Locator:
        return self.page.locator(f'[data-run="{run}"]')


def number_of(run: str) -> int:
    return int(run.removeprefix("job_run_"))


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where jobs may import from."""
    monkeypatch.setenv(import_places.FOLDERS, "/media")


@asynccontextmanager
async def opened(
    server_url: str,
    prefix: str,
    template: str,
    browser: Browser,
    size: tuple[int, int] = WIDE,
    scheme: str = "light",
    **settings: Any,
) -> AsyncIterator[Jobs]:
    """The page over an empty database of its own."""
    name = f"{prefix}_{uuid4().hex[:8]}"
    args: ConnectArgs = await clone(server_url, template, name)
    connection = await asyncpg.connect(**args.kwargs())
    try:
        async with (
            serving_in_process(args, trace_pages=False, **settings) as served,
            visit(browser, f"http://127.0.0.1:{served.port}", size, scheme) as visited,
        ):
            yield Jobs(visited, connection)
    finally:
        await connection.close()
        await drop(server_url, name)


@pytest_asyncio.fixture(loop_scope="session")
async def jobs(server_url: str, prefix: str, template: str, browser: Browser) -> AsyncIterator[Jobs]:
    async with opened(server_url, prefix, template, browser) as found:
        yield found


RUNNING = {"status": "RUNNING", "total": 200, "succeeded": 40, "failed": 10, "current_item": "/media/Heat (1995).mkv"}


async def test_the_page_has_the_policy_of_the_others_and_says_where_nothing_runs(jobs: Jobs) -> None:
    answer = await jobs.page.request.get(f"{jobs.visited.server}/jobs", headers={"accept": "text/html"})
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
    await jobs.open()
    await expect(jobs.page.get_by_role("status")).to_have_text("Nothing runs, and nothing waits.")
    await expect(jobs.page.get_by_text("No run has ended yet.")).to_be_visible()


async def test_a_run_is_seen_to_come_on_until_it_ends(jobs: Jobs) -> None:
    library = await add_library(jobs.connection, "films")
    run = await jobs.add(library_id=library, **RUNNING)
    await jobs.open()
    card = jobs.run(run)
    await expect(card.get_by_role("heading")).to_have_text("Import · films")
    bar = card.get_by_role("progressbar", name="Import · films")
    await expect(bar).to_have_js_property("value", 25)
    await expect(card).to_contain_text("50 of 200 · 25 % · 10 failed")
    await expect(card).to_contain_text("/media/Heat (1995).mkv")
    await jobs.change(run, "succeeded = 90, current_item = $2", "/media/Ran (1985).mkv")
    await expect(bar).to_have_js_property("value", 50)
    await expect(card).to_contain_text("/media/Ran (1985).mkv")
    for succeeded in range(91, 140):  # how fast it comes on is known once it was seen for a second
        await jobs.change(run, "succeeded = $2", succeeded)
        if re.search(r" a second · .* left", await card.inner_text()):
            break
        await jobs.page.wait_for_timeout(100)
    await expect(card).to_contain_text(re.compile(r"a second · .* left"))
    await jobs.change(
        run,
        "status = 'SUCCEEDED', worker_id = NULL, succeeded = 190, started_at = now() - interval '65 s',"
        " ended_at = now()",
    )
    line = jobs.page.get_by_role("list", name="Ended runs").locator(f'[data-run="{run}"]')
    await expect(line).to_contain_text("done")
    await expect(line).to_contain_text("190 items, 10 failed")
    await expect(line).to_contain_text("1 min 5 s")
    await expect(jobs.page.get_by_role("progressbar")).to_have_count(0)


async def test_a_new_run_appears_by_itself_and_one_without_a_total_only_says_that_it_runs(jobs: Jobs) -> None:
    await jobs.open()
    await expect(jobs.page.get_by_role("status")).to_have_text("Nothing runs, and nothing waits.")
    run = await jobs.add(status="RUNNING", succeeded=1234)
    await expect(jobs.run(run)).to_contain_text("1,234")
    bar = jobs.run(run).get_by_role("progressbar")
    await expect(bar).to_have_js_property("position", -1)
    await jobs.change(run, "total = 2468")
    await expect(bar).to_have_js_property("value", 50)


async def test_a_failed_run_tells_its_reason_and_its_log(jobs: Jobs) -> None:
    run = await jobs.add(
        status="FAILED", error="The disk is full.", error_code="DATABASE_FULL", failures=json.dumps({"DUPLICATE": 3})
    )
    await jobs.log(run, "Reading /media")
    await jobs.log(run, HOSTILE, "ERROR")
    await jobs.open()
    line = jobs.run(run)
    await expect(line).to_contain_text("The disk is full.")
    await line.get_by_role("button", name="Import", exact=True).click()
    await expect(line).to_contain_text("DATABASE_FULL")
    await expect(line).to_contain_text("DUPLICATE 3")
    await expect(line.get_by_role("list", name="Log").get_by_role("listitem")).to_have_count(2)
    await expect(line.get_by_role("list", name="Log")).to_contain_text(HOSTILE)
    assert await jobs.page.title() == "Jobs · Marquee"


REPORT = {
    **{"releases": 1000, "successRate": 0.95, "cacheHits": 400, "releasesPerMinute": None, "seconds": 725.4},
    "failures": [],
    "categories": [{"category": HOSTILE, "releases": 1000, "failed": 50}],
}


async def test_the_report_of_a_run_is_shown_with_its_numbers_and_tables(jobs: Jobs) -> None:
    run = await jobs.add(type="analyse_releases", status="SUCCEEDED", report=json.dumps(REPORT))
    other = await jobs.add(type="maintenance", status="SUCCEEDED")
    await jobs.open()
    await jobs.run(run).get_by_role("button", name="Analyse releases", exact=True).click()
    report = jobs.run(run).get_by_role("region", name="Report")
    await expect(report.get_by_role("term")).to_have_text(
        ["Releases", "Success rate", "Cache hits", "Releases per minute", "Time"]
    )
    await expect(report.get_by_role("definition")).to_have_text(["1,000", "95.0 %", "400", "-", "12 min 5 s"])
    table = report.get_by_role("table", name="Categories")
    await expect(table.get_by_role("columnheader")).to_have_text(["Category", "Releases", "Failed"])
    await expect(table.get_by_role("cell")).to_have_text([HOSTILE, "1,000", "50"])
    await expect(report.get_by_role("table")).to_have_count(1)
    await jobs.run(other).get_by_role("button", name="Maintenance", exact=True).click()
    await expect(jobs.run(other)).to_contain_text("It has logged nothing.")
    await expect(jobs.run(other).get_by_role("region", name="Report")).to_have_count(0)


async def test_the_report_of_a_run_that_goes_on_is_read_anew(jobs: Jobs) -> None:
    run = await jobs.add(type="analyse_releases", status="RUNNING", total=400, report=json.dumps({"releases": 100}))
    await jobs.open()
    await jobs.run(run).get_by_role("button", name="Log and numbers of Analyse releases").click()
    report = jobs.run(run).get_by_role("region", name="Report")
    await expect(report).to_contain_text("100")
    await jobs.change(run, "succeeded = 300, report = $2", json.dumps({"releases": 300}))
    await expect(report).to_contain_text("300")


async def test_the_history_is_paged(jobs: Jobs) -> None:
    for _ in range(45):
        await jobs.add(status="SUCCEEDED")
    await jobs.open()
    lines = jobs.page.get_by_role("list", name="Ended runs").locator("> li")
    await expect(lines).to_have_count(20)
    older = jobs.page.get_by_role("button", name="Older runs")
    for number in (40, 45):
        await older.click()
        await expect(lines).to_have_count(number)
    await expect(older).to_have_count(0)
    assert [await lines.nth(place).get_attribute("data-run") for place in (0, 44)] == ["job_run_45", "job_run_1"]


async def answer_mutations(jobs: Jobs, sent: list[Any], answer: Any) -> None:
    """Takes the place of the server where a mutation is sent."""

    async def take(route: Route) -> None:
        body = route.request.post_data_json if route.request.method == "POST" else None
        if isinstance(body, dict) and body["query"].startswith("mutation"):
            sent.append((body["query"].split("{")[1].split("(")[0].strip(), body["variables"]))
            await route.fulfill(json=answer)
        else:
            await route.fallback()

    await jobs.page.route("**/graphql", take)


async def test_buttons_send_what_a_run_can_be_told_in_its_state(jobs: Jobs) -> None:
    sent: list[Any] = []
    await answer_mutations(jobs, sent, {"data": {}})
    states = ["RUNNING", "QUEUED", "PAUSED", "FAILED", "CANCELLED", "SUCCEEDED"]
    runs = {status: await jobs.add(status=status) for status in states}
    await jobs.open()
    offered = {status: await labels(jobs.run(run)) for status, run in runs.items()}
    assert offered == {
        "RUNNING": ["Pause Import", "Cancel Import"],
        "QUEUED": ["Pause Import", "Cancel Import"],
        "PAUSED": ["Resume Import", "Cancel Import"],
        "FAILED": ["Retry Import"],
        "CANCELLED": ["Retry Import"],
        "SUCCEEDED": [],
    }
    for status, label in [("RUNNING", "Pause"), ("RUNNING", "Cancel"), ("PAUSED", "Resume"), ("FAILED", "Retry")]:
        await jobs.run(runs[status]).get_by_role("button", name=f"{label} Import").click()
        await expect(jobs.run(runs[status]).get_by_role("button", name=f"{label} Import")).to_be_enabled()
    assert sent == [
        ("pauseJob", {"id": runs["RUNNING"]}),
        ("cancelJob", {"id": runs["RUNNING"]}),
        ("resumeJob", {"id": runs["PAUSED"]}),
        ("retryJob", {"id": runs["FAILED"]}),
    ]
    await jobs.change(runs["RUNNING"], "stop_request = 'CANCEL'")
    await expect(jobs.run(runs["RUNNING"])).to_contain_text("is being cancelled")
    await expect(jobs.run(runs["RUNNING"]).locator(".actions button")).to_have_count(0)


async def test_no_button_is_offered_that_cannot_work(jobs: Jobs) -> None:
    elsewhere = json.dumps({**PARAMETERS, "location": "/home/films.jsonl"})
    runs = {
        await jobs.add(status="FAILED", parameters=elsewhere): [],
        await jobs.add(status="CANCELLED", type="thumbnails"): [],
        await jobs.add(status="RUNNING", is_command=True): ["Cancel Import"],
        await jobs.add(status="FAILED", is_command=True): ["Retry Import"],
    }
    await jobs.open()
    assert {run: await labels(jobs.run(run)) for run in runs} == runs


async def labels(run: Locator) -> list[str]:
    await expect(run).to_be_visible()
    return await run.locator(".actions button").all_text_contents()


async def test_what_the_server_refuses_is_said(jobs: Jobs) -> None:
    await answer_mutations(jobs, [], {"errors": [{"message": "It has ended."}], "data": None})
    run = await jobs.add(status="QUEUED")
    await jobs.open()
    await jobs.run(run).get_by_role("button", name="Cancel Import").click()
    await expect(jobs.run(run).get_by_role("alert")).to_have_text("It has ended.")


async def test_the_page_is_used_by_keyboard_alone(jobs: Jobs) -> None:
    sent: list[Any] = []
    await answer_mutations(jobs, sent, {"data": {}})
    run = await jobs.add(status="QUEUED")
    await jobs.open()
    await jobs.run(run).get_by_role("button", name="Pause Import").focus()
    await jobs.page.keyboard.press("Tab")
    await jobs.page.keyboard.press("Enter")
    await expect(jobs.run(run).get_by_role("button", name="Cancel Import")).to_be_enabled()
    assert sent == [("cancelJob", {"id": run})]
    await jobs.run(run).get_by_role("button", name="Log and numbers of Import").press("Enter")
    await expect(jobs.run(run)).to_contain_text("It has logged nothing.")
    await expect(jobs.run(run).get_by_role("button", name="Less of Import")).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_narrow_screens_never_scroll_sideways_and_follow_the_scheme(
    server_url: str, prefix: str, template: str, browser: Browser, scheme: str
) -> None:
    async with opened(server_url, prefix, template, browser, NARROW, scheme) as narrow:
        await narrow.add(**{**RUNNING, "current_item": "/media/" + "long" * 100})
        failed = await narrow.add(status="FAILED", error="No " + "space" * 100)
        await narrow.log(failed, "x" * 500)
        await narrow.open()
        await narrow.run(failed).get_by_role("button", name="Import", exact=True).click()
        await expect(narrow.run(failed).get_by_role("list", name="Log")).to_be_visible()
        assert await narrow.visited.scroll_width() == NARROW[0]
        background = {"light": "rgb(244, 246, 250)", "dark": "rgb(19, 27, 42)"}[scheme]
        await expect(narrow.page.locator("body")).to_have_css("background-color", background)


async def test_motion_is_left_out_for_who_wants_none(jobs: Jobs) -> None:
    run = await jobs.add(status="RUNNING")
    await jobs.page.emulate_media(reduced_motion="reduce")
    await jobs.open()
    await expect(jobs.run(run).get_by_role("progressbar")).to_have_css("animation-name", "none")


async def test_a_server_with_keys_is_asked_with_one_over_the_socket_too(
    server_url: str, prefix: str, template: str, browser: Browser
) -> None:
    async with opened(server_url, prefix, template, browser, keys=KEY) as jobs:
        run = await jobs.add(**RUNNING)
        sockets: list[WebSocket] = []
        jobs.page.on("websocket", lambda socket: sockets.append(socket))  # playwright wants a function
        await jobs.open()
        await jobs.page.get_by_role("textbox", name="Key").fill(KEY)
        await jobs.page.get_by_role("button", name="Continue").click()
        await expect(jobs.run(run)).to_contain_text("50 of 200")
        await jobs.change(run, "succeeded = 90")
        await expect(jobs.run(run)).to_contain_text("100 of 200")
        assert [socket.is_closed() for socket in sockets] == [False]
        # Chromium itself notes answers with status 401 in the console.
        assert all(error.startswith("Failed to load resource") for error in jobs.visited.errors)
        jobs.visited.errors.clear()


async def test_without_a_websocket_the_page_reads_the_list_again_and_again(jobs: Jobs) -> None:
    await jobs.page.route_web_socket("**/graphql", lambda socket: None)  # nobody answers
    run = await jobs.add(**RUNNING)
    await jobs.open()
    await expect(jobs.run(run)).to_contain_text("50 of 200")
    await jobs.change(run, "succeeded = 90")
    await expect(jobs.run(run)).to_contain_text("100 of 200")


async def test_a_waiting_run_is_paused_resumed_cancelled_and_tried_again(jobs: Jobs) -> None:
    run = await jobs.add(type="maintenance", status="QUEUED")
    await jobs.open()
    for label, state in [("Pause", "paused"), ("Resume", "waiting"), ("Cancel", "cancelled"), ("Retry", "waiting")]:
        await jobs.run(run).get_by_role("button", name=f"{label} Maintenance").click()
        await expect(jobs.run(run).locator(".state")).to_have_text(state)
