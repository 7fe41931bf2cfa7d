"""GraphiQL as a person meets it: a real Chromium, real clicks, and no way to any other host."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Browser, expect

from database.connect_args import ConnectArgs
from tests.support.browser import (
    ACCEPT,
    ANSWER,
    BROWSER_MARKS,
    MODEL_TEXT,
    NARROW,
    QUERY_EDITOR,
    RUN,
    WIDE,
    WRITE_MODEL,
    Visit,
    client_answer,
    visit_graphiql,
)
from tests.support.factories import add_row
from tests.support.in_process import serving_in_process

EXAMPLES = Path(__file__).parents[2] / "ui" / "examples"
REFUSED = EXAMPLES / "09-a-query-that-is-refused.graphql"

pytestmark = BROWSER_MARKS


def example_files() -> list[Path]:
    return [path for path in sorted(EXAMPLES.glob("*.graphql")) if not path.name.endswith(".ids.graphql")]


def text_of(example: Path) -> str:
    return example.read_text(encoding="utf-8")


def title_of(example: Path) -> str:
    return text_of(example).splitlines()[0].removeprefix("# ")


def cost_of(example: Path) -> str:
    cost = re.search(r"^# (\d+ SQL statements?):", text_of(example), re.MULTILINE)
    assert cost is not None, f"{example.name} does not say what it costs"
    return cost[1]


def is_edit(example: Path) -> bool:
    return re.search("^mutation ", text_of(example), re.MULTILINE) is not None


async def open_example(visited: Visit, example: Path) -> None:
    panel = visited.page.get_by_role("region", name="Examples")
    await panel.get_by_role("button").filter(has=visited.page.get_by_text(title_of(example), exact=True)).click()
    is_open = f"text => ({MODEL_TEXT})('operation.graphql') === text"
    await visited.until(is_open, text_of(example))


async def test_the_page_opens_with_all_other_hosts_out_of_reach(graphiql: Visit) -> None:
    assert await graphiql.page.title() == "Marquee"
    await expect(graphiql.page.get_by_role("heading", name="Examples")).to_be_visible()
    assert await graphiql.text("operation.graphql") == text_of(example_files()[0])
    await graphiql.page.wait_for_load_state("networkidle")
    assert graphiql.outside == []
    assert graphiql.errors == []
    panel = await graphiql.page.locator(".graphiql-plugin").bounding_box()
    editor = await graphiql.page.locator(".graphiql-editors").bounding_box()
    assert panel is not None
    assert editor is not None
    assert panel["width"] * 1.6 < editor["width"]


def worker_names(visited: Visit) -> set[str]:
    """The addresses of the workers that run, without the hashes of their files."""
    return {re.sub(r"-[\w-]+\.js$", "", worker.url) for worker in visited.page.workers}


async def test_the_favicon_and_the_workers_come_from_the_server_itself(graphiql: Visit) -> None:
    href = await graphiql.page.locator("link[rel=icon]").get_attribute("href")
    icon = await graphiql.page.request.get(f"{graphiql.server}{href}")
    assert (icon.status, icon.headers["content-type"]) == (200, "image/svg+xml")
    # The editor starts its workers when it first needs them, whenever that is.
    while f"{graphiql.server}/ui/assets/graphql.worker" not in (names := worker_names(graphiql)):
        await graphiql.page.wait_for_event("worker")
    assert all(name.startswith(f"{graphiql.server}/ui/assets/") for name in names)


async def test_a_click_on_run_shows_the_answer_of_the_server(graphiql: Visit) -> None:
    response = await graphiql.run()
    request = response.request
    assert (response.status, request.method) == (200, "POST")
    assert request.headers["accept"] == ACCEPT["accept"]
    assert response.headers["content-type"].startswith("application/graphql-response+json")
    answer = await graphiql.shown_answer()
    assert answer == await client_answer(response)
    assert "errors" not in answer
    title = answer["data"]["media"]["nodes"][0]["title"]
    await expect(graphiql.page.locator(ANSWER)).to_contain_text(title.split()[0])


async def test_the_panel_lists_every_example_with_its_cost(graphiql: Visit) -> None:
    panel = graphiql.page.get_by_role("region", name="Examples")
    await expect(panel.locator("strong")).to_have_text([title_of(example) for example in example_files()])
    await expect(panel.locator("small")).to_have_text([cost_of(example) for example in example_files()])
    told = [button for button in await panel.get_by_role("button").all() if await button.locator("em").count()]
    edits = [title_of(example) for example in example_files() if is_edit(example)]
    assert [await button.locator("strong").inner_text() for button in told] == edits


async def test_every_example_opens_and_is_answered_without_errors(graphiql: Visit) -> None:
    for example in example_files():
        if example != REFUSED:
            await open_example(graphiql, example)
            if is_edit(example):  # of a catalogue that others read: tests/docs/test_graphiql_examples.py runs them
                continue
            response = await graphiql.run()
            answer = await graphiql.shown_answer()
            assert (example.name, response.status, answer.get("errors")) == (example.name, 200, None)
            assert answer == await client_answer(response)


async def test_the_example_of_a_refused_query_shows_the_coded_error(graphiql: Visit) -> None:
    await open_example(graphiql, REFUSED)
    response = await graphiql.run()
    answer = await graphiql.shown_answer()
    assert answer == await client_answer(response)
    assert answer.get("data") is None
    assert re.fullmatch("[A-Z_]+", answer["errors"][0]["extensions"]["code"])
    # Chromium itself notes an answer with status 400 in the console.
    assert all(error.startswith("Failed to load resource") for error in graphiql.errors)
    graphiql.errors.clear()


async def test_an_example_opens_in_a_new_tab_when_something_was_written(graphiql: Visit) -> None:
    await open_example(graphiql, example_files()[1])
    await expect(graphiql.page.get_by_role("tab")).to_have_count(1)
    await graphiql.page.locator(f"{QUERY_EDITOR} .view-lines").click()
    await graphiql.page.keyboard.press("Control+End")
    await graphiql.page.keyboard.type("# mine")
    await open_example(graphiql, example_files()[2])
    await expect(graphiql.page.get_by_role("tab")).to_have_count(2)


async def test_toggling_a_field_in_the_explorer_changes_the_query(graphiql: Visit) -> None:
    await graphiql.page.get_by_role("button", name="Show GraphiQL Explorer").click()
    rating = graphiql.page.locator("[data-field-name=rating]").first
    await rating.click()
    await expect(graphiql.page.locator(QUERY_EDITOR)).to_contain_text("rating")
    assert re.search(r"\brating\b", await graphiql.text("operation.graphql"))
    await rating.click()
    await expect(graphiql.page.locator(QUERY_EDITOR)).not_to_contain_text("rating")
    answer = await (await graphiql.run()).json()
    assert "errors" not in answer


async def test_the_docs_show_the_description_of_a_field(graphiql: Visit) -> None:
    schema = await graphiql.ask('{ __type(name: "Query") { fields { name description } } }')
    description = next(f["description"] for f in schema["__type"]["fields"] if f["name"] == "media")
    await graphiql.page.get_by_role("button", name="Show Documentation Explorer").click()
    docs = graphiql.page.locator(".graphiql-doc-explorer")
    await docs.get_by_role("link", name="Query", exact=True).click()
    await docs.get_by_role("link", name="media", exact=True).click()
    await expect(docs).to_contain_text(re.split(r"[`*_\n]", description)[0].strip())


async def test_completion_offers_fields_and_the_query_is_coloured(graphiql: Visit) -> None:
    await graphiql.until(
        "selector => new Set([...document.querySelectorAll(selector)].map(e => getComputedStyle(e).color)).size >= 4",
        f"{QUERY_EDITOR} .view-line span span",
    )
    await graphiql.page.get_by_role("button", name="New tab").click()
    await graphiql.page.locator(f"{QUERY_EDITOR} .view-lines").click()
    await graphiql.page.keyboard.type("{ mediaI")
    offer = graphiql.page.locator(".suggest-widget .monaco-list-row").first
    await expect(offer).to_contain_text("mediaItem")


async def test_an_example_is_opened_and_run_by_keyboard_alone(graphiql: Visit) -> None:
    example = example_files()[2]
    await graphiql.page.get_by_role("button", name=re.compile(re.escape(title_of(example)))).focus()
    await graphiql.page.keyboard.press("Enter")
    await expect(graphiql.page.locator(f"{QUERY_EDITOR} .monaco-editor.focused")).to_be_visible()
    async with graphiql.page.expect_response(f"{graphiql.server}/graphql") as answer:
        await graphiql.page.keyboard.press("Control+Enter")
    assert await graphiql.shown_answer() == await client_answer(await answer.value)


async def test_a_narrow_screen_stacks_query_and_answer_and_covers_them_with_a_panel(
    browser: Browser, live_server: str
) -> None:
    async with visit_graphiql(browser, live_server, NARROW) as narrow:
        panel = narrow.page.get_by_role("region", name="Examples")
        await expect(panel).to_have_count(0)
        await narrow.page.get_by_role("button", name="Show Examples").click()
        await expect(panel).to_be_in_viewport()
        await open_example(narrow, example_files()[1])
        await expect(panel).to_have_count(0)
        await narrow.run()
        await narrow.shown_answer()
        query = await narrow.page.locator(QUERY_EDITOR).bounding_box()
        answer = await narrow.page.locator(ANSWER).bounding_box()
        assert query is not None
        assert answer is not None
        assert query["y"] + query["height"] <= answer["y"]
        assert answer["x"] + answer["width"] <= NARROW[0]
        assert await narrow.page.evaluate("document.documentElement.scrollWidth") == NARROW[0]


@pytest.mark.parametrize(("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(33, 42, 59)")])
async def test_the_page_follows_the_colour_scheme_of_the_system(
    browser: Browser, live_server: str, scheme: str, background: str
) -> None:
    async with visit_graphiql(browser, live_server, WIDE, scheme) as visited:
        await expect(visited.page.locator(".graphiql-container")).to_have_css("background-color", background)


async def test_a_subscription_is_run_over_a_websocket_and_ends_with_its_run(
    browser: Browser, writer: ConnectArgs
) -> None:
    connection = await asyncpg.connect(**writer.kwargs())
    await add_row(connection, "job_run", type="scan")
    async with (
        serving_in_process(writer) as served,
        visit_graphiql(browser, served.url.removesuffix("/graphql")) as graphiql,
    ):
        await graphiql.page.evaluate(
            WRITE_MODEL,
            ["operation.graphql", 'subscription Watch { jobProgress(id: "job_run_1") { status succeeded } }'],
        )
        await expect(graphiql.page.get_by_role("tab", selected=True)).to_contain_text("Watch")
        await graphiql.page.locator(RUN).click()
        answer = graphiql.page.locator(ANSWER)
        await expect(answer).to_contain_text("QUEUED")
        await connection.execute("UPDATE job_run SET succeeded = 77")
        await expect(answer).to_contain_text("77")
        await connection.execute("UPDATE job_run SET status = 'SUCCEEDED'")
        await expect(answer).to_contain_text("SUCCEEDED")
        await expect(graphiql.page.get_by_role("button", name="Execute query")).to_be_visible()
    await connection.close()
