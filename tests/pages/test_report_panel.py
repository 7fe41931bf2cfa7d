"""GraphiQL's report panel as a person meets it: what an answer has cost, beside the answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, Request, Route, expect

from tests.support.browser import (
    BROWSER_MARKS,
    NARROW,
    Visit,
    client_answer,
    open_graphiql,
    visit_graphiql,
)
from tests.support.waiting import until_traced

FIVE_RELATIONS = (Path(__file__).parents[2] / "ui" / "examples" / "02-a-hundred-movies-in-full.graphql").read_text(
    encoding="utf-8"
)
HOSTILE = "<img src=x onerror=document.title='broken'>"
SPLIT = "Media.tags came apart into 2 batches: 12 loads came 1.4 ms after the first batch had been sent"

pytestmark = BROWSER_MARKS


def panel_of(visited: Visit) -> Locator:
    return visited.page.get_by_role("region", name="Report", exact=True)


def rows_of(visited: Visit) -> Locator:
    return panel_of(visited).locator("[data-row]")


async def run(visited: Visit, query: str = FIVE_RELATIONS) -> Any:
    """The report of a query that was written and run."""
    await visited.write(query)
    response = await visited.run()
    return (await response.json()).get("extensions", {}).get("marquee")


async def change_answers(page: Page, changes: Any) -> None:
    """Puts the report that `changes` makes of it, or none, into the answers of runs."""

    async def change(route: Route) -> None:
        if route.request.headers.get("marquee-report") != "1":
            await route.fallback()
            return
        response = await route.fetch()
        body = await response.json()
        report = changes(body.pop("extensions", {}).get("marquee"))
        await route.fulfill(response=response, json={**body, "extensions": {"marquee": report}} if report else body)

    await page.route("**/graphql", change)


def come_apart(report: Any) -> Any:
    """A report whose tags were sent in two batches."""
    tags = next(batch for batch in report["batches"] if batch["fields"] == ["Media.tags"])
    tags["split"] = True
    late = {**tags, "keys": 12, "uniqueKeys": 12, "startMs": tags["startMs"] + 1.4}
    return {
        **report,
        "statements": report["statements"] + 1,
        "verdict": SPLIT,
        "batches": [*report["batches"], late],
    }


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


async def test_a_run_shows_statements_rows_and_the_verdict_ok(graphiql: Visit) -> None:
    await expect(panel_of(graphiql)).to_contain_text("Run a query to see what it costs.")
    traces = panel_of(graphiql).get_by_role("link", name="Traces of all requests (new tab)")
    await expect(traces).to_have_attribute("href", "/traces")
    report = await run(graphiql)
    assert (report["statements"], report["verdict"]) == (6, "ok")
    summary = panel_of(graphiql).get_by_role("status")
    await expect(summary).to_contain_text("6 statements")
    await expect(summary).to_contain_text(f"{report['rows']:,} rows")
    await expect(panel_of(graphiql)).to_contain_text("✓ ok")
    await expect(panel_of(graphiql).get_by_role("alert")).to_have_count(0)


async def test_batches_are_bars_in_their_waves_with_keys_and_rows(graphiql: Visit) -> None:
    report = await run(graphiql)
    waves = sorted({batch["wave"] for batch in report["batches"]})
    names = ["Root" if wave == 0 else f"Wave {wave}" for wave in waves]
    await expect(panel_of(graphiql).get_by_role("heading")).to_have_text([re.compile(name) for name in names])
    await expect(rows_of(graphiql)).to_have_count(len(report["batches"]))
    assert len(report["batches"]) == 6
    for batch in report["batches"]:
        row = rows_of(graphiql).filter(has_text=batch["fields"][0])
        await expect(row).to_contain_text(f"{batch['rows']:,} row")
        await expect(row).to_contain_text(f"{batch['uniqueKeys']:,} key")
        bar = await row.locator(".tl-run").bounding_box()
        assert bar is not None
        assert bar["width"] >= 2


async def test_the_answer_shows_no_report_and_introspection_asks_for_none(browser: Browser, live_server: str) -> None:
    asked: list[tuple[str, str | None]] = []

    async with visit_graphiql(browser, live_server) as visited:

        def note(request: Request) -> None:
            if request.method == "POST":
                name = json.loads(request.post_data or "{}").get("operationName")
                asked.append((name, request.headers.get("marquee-report")))

        visited.page.on("request", note)
        await open_graphiql(visited)
        await visited.write(FIVE_RELATIONS)
        response = await visited.run()
        assert "marquee" in (await response.json())["extensions"]
        assert await visited.shown_answer() == await client_answer(response)
        assert "extensions" not in await visited.shown_answer()
    assert asked == [("IntrospectionQuery", None), ("AHundredMoviesInFull", "1")]


async def test_the_sql_of_a_batch_opens_on_click_and_is_copied(graphiql: Visit) -> None:
    report = await run(graphiql)
    tags = next(batch for batch in report["batches"] if batch["fields"] == ["Media.tags"])
    row = rows_of(graphiql).filter(has_text="Media.tags")
    await expect(panel_of(graphiql).locator("pre")).to_have_count(0)
    await row.click()
    await expect(row).to_have_attribute("aria-expanded", "true")
    code = panel_of(graphiql).get_by_role("region", name="SQL")
    await expect(code).to_be_in_viewport()
    shown = await code.text_content()
    assert squeezed(shown or "") == squeezed(tags["sql"][0])
    assert "\nFROM " in (shown or "")
    await graphiql.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await panel_of(graphiql).get_by_role("button", name="Copy").click()
    await expect(panel_of(graphiql).get_by_role("button", name="Copied")).to_be_visible()
    assert await graphiql.page.evaluate("navigator.clipboard.readText()") == shown
    await row.click()
    await expect(code).to_have_count(0)


async def test_the_link_to_the_trace_leads_to_its_waterfall(graphiql: Visit) -> None:
    report = await run(graphiql)
    await until_traced(graphiql, report["traceId"])
    link = panel_of(graphiql).get_by_role("link", name="Trace of this run (new tab)")
    async with graphiql.page.context.expect_page() as opened:
        await link.click()
    waterfall = await opened.value
    await expect(waterfall.get_by_role("heading", level=1)).to_have_text("query AHundredMoviesInFull")
    await expect(waterfall.get_by_role("list", name="Totals")).to_contain_text("6 batches")
    await expect(waterfall.locator(".tl-batch")).to_have_count(6)
    assert waterfall.url == f"{graphiql.server}{report['traceUrl']}"


async def test_loads_that_came_apart_are_unmistakable(graphiql: Visit) -> None:
    await change_answers(graphiql.page, come_apart)
    await run(graphiql)
    panel = panel_of(graphiql)
    await expect(panel.get_by_role("alert")).to_have_text(SPLIT)
    await expect(panel).to_contain_text("Came apart")
    await expect(panel).not_to_contain_text("✓ ok")
    await expect(panel).to_contain_text("7 statements")
    await expect(rows_of(graphiql).filter(has_text="split")).to_have_count(2)
    await expect(rows_of(graphiql).filter(has_text="split").filter(has_text="Media.tags")).to_have_count(2)


async def test_hostile_names_and_sql_are_shown_as_text(graphiql: Visit) -> None:
    def poison(report: Any) -> Any:
        first = {**report["batches"][0], "fields": [HOSTILE], "loader": HOSTILE, "sql": [f"SELECT '{HOSTILE}'"]}
        return {**report, "verdict": f"{HOSTILE} came apart", "batches": [first]}

    await change_answers(graphiql.page, poison)
    await run(graphiql)
    await rows_of(graphiql).click()
    panel = panel_of(graphiql)
    await expect(panel.get_by_role("alert")).to_have_text(f"{HOSTILE} came apart")
    await expect(panel.get_by_role("region", name="SQL")).to_have_text(f"SELECT '{HOSTILE}'")
    await expect(rows_of(graphiql)).to_contain_text(HOSTILE)
    await expect(panel.locator("img")).to_have_count(0)
    assert await graphiql.page.title() == "Marquee"


async def test_without_a_report_the_panel_says_so_in_one_line(graphiql: Visit) -> None:
    await change_answers(graphiql.page, lambda report: None)
    await run(graphiql)
    await expect(panel_of(graphiql)).to_contain_text("No report: this server does not give them.")
    await expect(rows_of(graphiql)).to_have_count(0)
    box = await panel_of(graphiql).bounding_box()
    assert box is not None
    assert box["height"] < 60


async def test_the_report_belongs_to_its_tab_and_goes_with_its_answer(graphiql: Visit) -> None:
    await run(graphiql)
    await expect(rows_of(graphiql)).to_have_count(6)
    await graphiql.page.get_by_role("button", name="New tab").click()
    await expect(rows_of(graphiql)).to_have_count(0)
    await graphiql.page.get_by_role("tab", name="AHundredMoviesInFull").click()
    await expect(rows_of(graphiql)).to_have_count(6)
    examples = graphiql.page.get_by_role("region", name="Examples")
    await examples.get_by_role("button", name=re.compile("Movies with their tags and genres")).click()
    await expect(rows_of(graphiql)).to_have_count(0)
    await expect(panel_of(graphiql)).to_contain_text("Run a query to see what it costs.")


async def test_the_panel_is_sized_and_folded_by_keyboard_and_stays_so(graphiql: Visit) -> None:
    await run(graphiql)
    handle = panel_of(graphiql).get_by_role("separator", name="Height of the report")
    before = await panel_of(graphiql).bounding_box()
    await handle.focus()
    await graphiql.page.keyboard.press("ArrowUp")
    await expect(handle).to_have_attribute("aria-valuenow", "60")
    after = await panel_of(graphiql).bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"]
    await graphiql.page.keyboard.press("Tab")
    await graphiql.page.keyboard.press("Enter")
    await expect(rows_of(graphiql)).to_have_count(0)
    await open_graphiql(graphiql)
    await run(graphiql)
    fold = panel_of(graphiql).get_by_role("button", name="Report", exact=True)
    await expect(fold).to_have_attribute("aria-expanded", "false")
    await expect(panel_of(graphiql)).to_contain_text("6 statements")
    await fold.press("Enter")
    await expect(handle).to_have_attribute("aria-valuenow", "60")
    await expect(rows_of(graphiql)).to_have_count(6)


async def test_the_panel_is_sized_with_the_mouse(graphiql: Visit) -> None:
    await run(graphiql)
    handle = panel_of(graphiql).get_by_role("separator", name="Height of the report")
    box = await handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await graphiql.page.mouse.move(x, y)
    await graphiql.page.mouse.down()
    await graphiql.page.mouse.move(x, y + 120, steps=4)
    await graphiql.page.mouse.up()
    moved = await handle.bounding_box()
    assert moved is not None
    assert abs(moved["y"] + moved["height"] / 2 - (y + 120)) < 12


async def test_a_narrow_screen_shows_the_report_below_the_answer(browser: Browser, live_server: str) -> None:
    async with visit_graphiql(browser, live_server, NARROW) as narrow:
        report = await run(narrow)
        await expect(rows_of(narrow)).to_have_count(len(report["batches"]))
        await expect(rows_of(narrow).first).to_be_in_viewport()
        box = await panel_of(narrow).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= NARROW[0]
        assert await narrow.scroll_width() == NARROW[0]
        await rows_of(narrow).last.press("Enter")
        await expect(panel_of(narrow).get_by_role("region", name="SQL")).to_be_in_viewport()
