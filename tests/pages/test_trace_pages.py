"""The trace pages as a person meets them: a list that can be filtered, and one trace as a waterfall."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.support.browser import ACCEPT, BROWSER_MARKS, NARROW, WIDE, Visit, visit
from tests.support.waiting import until_listed

FIVE_RELATIONS = """query NAME { media(first: 20) { nodes { title tags { name } genres { name } externalIds { value }
    credits(first: 5) { nodes { person { name } } } } } }"""
ONE_STATEMENT = "query NAME { media(first: 3) { nodes { title } } }"
FAILING = 'query NAME { media(first: 3, after: "nonsense") { nodes { title } } }'
HOSTILE = "<img src=x onerror=document.title='broken'>"
SPLIT = "Media.tags came apart into 2 batches: 12 loads came 1.4 ms after the first had been sent"

pytestmark = BROWSER_MARKS
MAX_SCRIPT_BYTES = 300_000  # the editor alone has ten times as many


@pytest_asyncio.fixture(loop_scope="session")
async def pages(browser: Browser, live_server: str) -> AsyncIterator[Visit]:
    async with visit(browser, live_server, WIDE) as visited:
        yield visited


async def leave_trace(visited: Visit, query: str = FIVE_RELATIONS) -> tuple[str, str]:
    """Runs a query under a name of its own; the name, and the id of its trace once that can be read."""
    name = f"Traced{uuid4().hex[:8]}"
    await visited.ask(query.replace("NAME", name))
    return name, await until_listed(visited, name)


async def change_json(page: Page, path: str, change: Callable[[Any], Any]) -> None:
    """Puts what `change` makes of it into the answers of a path."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, json=change(await response.json()))

    await page.route(path, answer)


def rows_of(visited: Visit) -> Locator:
    return visited.page.locator("[data-row]")


def row(visited: Visit, text: str) -> Locator:
    return rows_of(visited).filter(has_text=text)


async def test_the_pages_come_with_a_policy_that_allows_nothing_from_elsewhere(pages: Visit) -> None:
    for path in ("/traces", "/traces/0af7651916cd43dd8448eb211c80319c"):
        answer = await pages.page.request.get(f"{pages.server}{path}", headers={"accept": "text/html"})
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; ")


async def test_the_pages_are_small_and_hold_neither_editor_nor_graphiql(pages: Visit) -> None:
    loaded: list[str] = []
    pages.page.on("response", lambda response: loaded.append(response.url))
    await pages.open("/traces")
    await expect(pages.page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()
    scripts = [url for url in loaded if url.endswith(".js")]
    size = sum([len(await (await pages.page.request.get(url)).body()) for url in scripts])
    assert 0 < size < MAX_SCRIPT_BYTES
    assert not any(re.search("monaco|graphiql|worker", url) for url in scripts)


async def test_the_list_shows_what_each_request_has_cost(pages: Visit) -> None:
    name, trace_id = await leave_trace(pages)
    _, listed = await pages.get(f"/traces/api/list?operation={name}")
    trace = listed["traces"][0]
    await pages.open("/traces")
    line = row(pages, name)
    await expect(line).to_have_attribute("href", f"/traces/{trace_id}")
    await expect(line).to_contain_text("6 statements")
    await expect(line).to_contain_text("6 batches")
    await expect(line).to_contain_text(f"{trace['rows']:,} rows")
    await expect(line.locator("mark")).to_have_count(0)


async def test_the_list_refreshes_itself(pages: Visit) -> None:
    await pages.open("/traces")
    await expect(pages.page.get_by_role("status")).to_contain_text("Refreshes by itself.")
    name, _ = await leave_trace(pages)
    await expect(row(pages, name)).to_be_visible()


async def test_the_list_is_filtered_and_the_way_back_keeps_the_filter(pages: Visit) -> None:
    name, _ = await leave_trace(pages)
    other, _ = await leave_trace(pages, ONE_STATEMENT)
    await pages.open("/traces")
    await expect(row(pages, other)).to_be_visible()
    await pages.page.get_by_label("Operation").fill(name)
    await expect(rows_of(pages)).to_have_count(1)
    await expect(row(pages, name)).to_be_visible()
    assert pages.page.url == f"{pages.server}/traces?operation={name}"
    await row(pages, name).click()
    await expect(pages.page.get_by_role("heading", level=1)).to_have_text(f"query {name}")
    await pages.page.get_by_role("link", name="All traces").click()
    await expect(pages.page.get_by_label("Operation")).to_have_value(name)
    await expect(rows_of(pages)).to_have_count(1)


async def test_a_filter_by_duration_without_a_match_says_so(pages: Visit) -> None:
    name, _ = await leave_trace(pages)
    await pages.open("/traces")
    await pages.page.get_by_label("At least (ms)").fill("3600000")
    await expect(pages.page.get_by_role("heading", name="No trace matches")).to_be_visible()
    await pages.page.get_by_role("button", name="Show all traces").click()
    await expect(row(pages, name)).to_be_visible()


async def test_the_filter_for_errors_leaves_only_failed_requests(pages: Visit) -> None:
    failed, _ = await leave_trace(pages, FAILING)
    fine, _ = await leave_trace(pages)
    await pages.open("/traces")
    await expect(row(pages, fine)).to_be_visible()
    await pages.page.get_by_label("Errors only").check()
    await expect(row(pages, fine)).to_have_count(0)
    await expect(row(pages, failed).locator("mark")).to_have_text("error")
    assert pages.page.url == f"{pages.server}/traces?errors=1"


async def test_a_trace_is_a_waterfall_of_waves_batches_and_statements(pages: Visit) -> None:
    name, trace_id = await leave_trace(pages)
    _, trace = await pages.get(f"/traces/api/trace/{trace_id}")
    batches = [span for span in trace["spans"] if "graphql.dataloader.name" in span["attributes"]]
    await pages.open(f"/traces/{trace_id}")
    await expect(pages.page.get_by_role("heading", level=1)).to_have_text(f"query {name}")
    totals = pages.page.get_by_role("list", name="Totals")
    await expect(totals).to_contain_text("6 statements")
    await expect(totals).to_contain_text("3 waves")
    waves = pages.page.get_by_role("heading", level=2)
    await expect(waves).to_have_text([re.compile(words) for words in ("Root 1 b", "Wave 1 4 b", "Wave 2 1 b")])
    await expect(pages.page.locator(".tl-batch")).to_have_count(len(batches))
    await expect(pages.page.locator(".tl-statement")).to_have_count(6)
    await expect(pages.page.locator(".tl-alarm")).to_have_count(0)
    tags = next(span for span in batches if span["attributes"]["graphql.dataloader.fields"] == ["Media.tags"])
    keys = tags["attributes"]["graphql.dataloader.batch.size"]
    await expect(pages.page.locator(".tl-batch").filter(has_text="Media.tags")).to_contain_text(f"{keys} keys")


async def test_the_bars_stand_where_the_spans_began(pages: Visit) -> None:
    _, trace_id = await leave_trace(pages)
    _, trace = await pages.get(f"/traces/api/trace/{trace_id}")
    end = max(span["startUs"] + span["durationUs"] for span in trace["spans"])
    await pages.open(f"/traces/{trace_id}")
    for span in trace["spans"]:
        if span["kind"] == "CLIENT":
            line = pages.page.locator(".tl-statement").filter(has_text=span["name"])
            track = await line.locator(".tl-track").bounding_box()
            bar = await line.locator(".tl-run").bounding_box()
            assert track is not None
            assert bar is not None
            assert abs((bar["x"] - track["x"]) / track["width"] - span["startUs"] / end) < 0.005


async def test_the_sql_of_a_statement_opens_on_click_and_is_linked_to(pages: Visit) -> None:
    _, trace_id = await leave_trace(pages)
    _, trace = await pages.get(f"/traces/api/trace/{trace_id}")
    span = next(span for span in trace["spans"] if span["name"] == "SELECT tags_by_media_id")
    await pages.open(f"/traces/{trace_id}")
    await row(pages, "SELECT tags_by_media_id").click()
    code = pages.page.get_by_role("region", name="SQL")
    shown = await code.text_content() or ""
    assert re.sub(r"\s+", "", shown) == re.sub(r"\s+", "", span["attributes"]["db.query.text"])
    assert pages.page.url == f"{pages.server}/traces/{trace_id}#{span['spanId']}"
    await pages.page.reload()
    await expect(code).to_have_text(shown)


async def test_list_and_waterfall_are_used_by_keyboard_alone(pages: Visit) -> None:
    name, trace_id = await leave_trace(pages)
    await pages.open(f"/traces?operation={name}")
    await expect(rows_of(pages)).to_have_count(1)
    press = pages.page.keyboard.press
    await press("ArrowDown")
    await expect(row(pages, name)).to_be_focused()
    await press("Enter")
    await expect(pages.page.get_by_role("heading", level=1)).to_have_text(f"query {name}")
    await expect(rows_of(pages).first).to_be_visible()
    await press("ArrowDown")
    await expect(rows_of(pages).first).to_be_focused()
    await press("End")
    await press("ArrowUp")
    await press("ArrowDown")
    await expect(rows_of(pages).last).to_be_focused()
    await press("Enter")
    await expect(pages.page.get_by_role("region", name="SQL")).to_be_visible()
    await press("Escape")
    await expect(pages.page.get_by_role("region", name="SQL")).to_have_count(0)
    await expect(rows_of(pages).last).to_be_focused()
    assert pages.page.url == f"{pages.server}/traces/{trace_id}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_narrow_screens_never_scroll_sideways(browser: Browser, live_server: str, scheme: str) -> None:
    async with visit(browser, live_server, NARROW, scheme) as narrow:
        name, trace_id = await leave_trace(narrow)
        await narrow.open("/traces")
        await expect(row(narrow, name)).to_be_visible()
        assert await narrow.scroll_width() == NARROW[0]
        await narrow.open(f"/traces/{trace_id}")
        await row(narrow, "SELECT credit").first.click()
        await expect(narrow.page.get_by_role("region", name="SQL")).to_be_visible()
        assert await narrow.scroll_width() == NARROW[0]


async def test_hostile_names_and_sql_are_shown_as_text(pages: Visit) -> None:
    _, trace_id = await leave_trace(pages, ONE_STATEMENT)

    def poison_list(listed: Any) -> Any:
        return {**listed, "traces": [{**listed["traces"][0], "operation": HOSTILE, "type": HOSTILE}]}

    def poison_trace(trace: Any) -> Any:
        for span in trace["spans"]:
            span.update(name=HOSTILE, status="ERROR", statusMessage=HOSTILE)
            if "graphql.operation.type" in span["attributes"]:
                span["attributes"]["graphql.operation.name"] = HOSTILE
            if "db.query.text" in span["attributes"]:
                span["attributes"]["db.query.text"] = f"SELECT '{HOSTILE}'"
        return trace

    await change_json(pages.page, "**/traces/api/list*", poison_list)
    await change_json(pages.page, "**/traces/api/trace/*", poison_trace)
    await pages.open("/traces")
    await expect(rows_of(pages)).to_contain_text(HOSTILE)
    await pages.open(f"/traces/{trace_id}")
    await expect(pages.page.get_by_role("heading", level=1)).to_have_text(f"query {HOSTILE}")
    await expect(pages.page.get_by_role("alert")).to_contain_text(HOSTILE)
    await pages.page.locator(".tl-statement button").first.click()
    await expect(pages.page.get_by_role("region", name="SQL")).to_have_text(f"SELECT '{HOSTILE}'")
    await expect(pages.page.locator("main img")).to_have_count(0)
    assert await pages.page.title() == f"query {HOSTILE} · Marquee"


async def test_loads_that_came_apart_are_unmistakable(pages: Visit) -> None:
    _, trace_id = await leave_trace(pages)

    def come_apart(trace: Any) -> Any:
        for span in trace["spans"]:
            if "graphql.operation.type" in span["attributes"]:
                span["attributes"]["marquee.verdict"] = SPLIT
        batches = [span for span in trace["spans"] if "graphql.dataloader.name" in span["attributes"]]
        tags = next(span for span in batches if span["attributes"]["graphql.dataloader.fields"] == ["Media.tags"])
        tags["attributes"]["graphql.dataloader.split"] = True
        return {**trace, "spans": [*trace["spans"], {**tags, "spanId": "0123456789abcdef"}]}

    await change_json(pages.page, "**/traces/api/trace/*", come_apart)
    await pages.open(f"/traces/{trace_id}")
    await expect(pages.page.get_by_role("alert")).to_have_text(f"Came apart{SPLIT}")
    await expect(pages.page.locator(".tl-alarm")).to_have_count(2)
    await expect(pages.page.locator(".tl-alarm").filter(has_text="Media.tags")).to_have_count(2)


async def test_a_failed_operation_says_what_went_wrong(pages: Visit) -> None:
    name, trace_id = await leave_trace(pages, FAILING)
    answer = await pages.page.request.post(
        f"{pages.server}/graphql", data={"query": FAILING.replace("NAME", name)}, headers=ACCEPT
    )
    code = (await answer.json())["errors"][0]["extensions"]["code"]
    await pages.open(f"/traces/{trace_id}")
    await expect(pages.page.get_by_role("alert")).to_contain_text(code)
    await expect(row(pages, f"query {name}").locator("mark")).to_have_text("error")


async def test_a_trace_that_is_not_kept_is_said_to_be_missing(pages: Visit) -> None:
    await pages.open("/traces/ffffffffffffffffffffffffffffffff")
    await expect(pages.page.get_by_role("heading", name="This trace is not here")).to_be_visible(timeout=10_000)
    await expect(pages.page.get_by_role("link", name="All traces")).to_have_attribute("href", "/traces")
    # Chromium itself notes answers with status 404 in the console.
    assert all(error.startswith("Failed to load resource") for error in pages.errors)
    pages.errors.clear()


UNNAMED = "{ media(first: 2) { nodes { title } } tags(first: 1) { nodes { name } } }"


async def test_an_operation_without_a_name_is_told_by_its_fields(pages: Visit) -> None:
    await pages.ask(UNNAMED)
    trace_id = await until_listed(pages, "media tags")
    await pages.open("/traces?operation=media tags")
    await expect(rows_of(pages).first).to_contain_text("query { media, tags }")
    await pages.open(f"/traces/{trace_id}")
    await expect(pages.page.get_by_role("heading", level=1)).to_have_text("query { media, tags }")
    assert await pages.page.title() == "query { media, tags } · Marquee"


async def test_a_trace_and_its_line_in_the_list_tell_the_same_time(pages: Visit) -> None:
    name, trace_id = await leave_trace(pages)

    def last_longer(trace: Any) -> Any:
        """The request took a second more than its operation: a difference that is seen."""
        [server] = [span for span in trace["spans"] if span["kind"] == "SERVER"]
        server["durationUs"] += 1_000_000
        return trace

    def last_longer_in_list(listed: Any) -> Any:
        for trace in listed["traces"]:
            trace["durationMs"] += 1_000
        return listed

    await change_json(pages.page, "**/traces/api/trace/*", last_longer)
    await change_json(pages.page, "**/traces/api/list*", last_longer_in_list)
    await pages.open(f"/traces?operation={name}")
    listed = await row(pages, name).locator(".length b").text_content()
    assert listed is not None
    await pages.open(f"/traces/{trace_id}")
    await expect(pages.page.get_by_role("list", name="Totals").locator("li").first).to_have_text(listed)


async def test_introspection_is_marked_and_does_not_set_the_scale(pages: Visit) -> None:
    name, _ = await leave_trace(pages)
    introspection, _ = await leave_trace(pages, "query NAME { __schema { types { name fields { name } } } }")

    def lengthen(listed: Any) -> Any:
        kept = [trace for trace in listed["traces"] if trace["operation"] in (name, introspection)]
        for trace in kept:
            trace["durationMs"] = 400 if trace["introspection"] else 8
        return {**listed, "traces": kept}

    await change_json(pages.page, "**/traces/api/list*", lengthen)
    await pages.open("/traces")
    await expect(rows_of(pages)).to_have_count(2)
    await expect(row(pages, introspection)).to_contain_text("schema")
    await expect(row(pages, name).locator("meter")).to_have_attribute("max", "8")
    await change_json(
        pages.page,
        "**/traces/api/list*",
        lambda listed: {**listed, "traces": [one for one in listed["traces"] if one["operation"] == introspection]},
    )
    await pages.open("/traces")
    await expect(rows_of(pages)).to_have_count(1)
    assert await row(pages, introspection).locator("meter").get_attribute("max") != "1"


@pytest.mark.parametrize(("enabled", "words"), [(True, "No traces yet"), (False, "Traces are switched off")])
async def test_an_empty_list_says_how_to_get_traces(pages: Visit, enabled: bool, words: str) -> None:
    await change_json(pages.page, "**/traces/api/list*", lambda listed: {**listed, "enabled": enabled, "traces": []})
    await pages.open("/traces")
    await expect(pages.page.get_by_role("heading", name=words)).to_be_visible()
