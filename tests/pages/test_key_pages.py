"""GraphiQL and the trace pages of a server that requires a key, and of one without that is reached by a proxy."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from app.http.access import UNTRUSTED
from tests.conftest import FIRST_KEY, SECOND_KEY
from tests.support.browser import ANSWER, BROWSER_MARKS, NARROW, QUERY_EDITOR, WIDE, Visit, visit
from tests.support.serving import Served

WRONG = "wrong-key-of-this-test"
NO_TRACES = {"enabled": True, "kept": 500, "traces": []}
QUERY = "query Typename { __typename }"

pytestmark = BROWSER_MARKS


@pytest_asyncio.fixture(loop_scope="session")
async def visited(browser: Browser, keyed_server: Served) -> AsyncIterator[Visit]:
    async with visit(browser, keyed_server.address, WIDE) as opened:
        yield opened
        # Chromium itself notes answers with status 401 in the console.
        opened.errors[:] = [error for error in opened.errors if "status of 401" not in error]


@pytest_asyncio.fixture(loop_scope="session")
async def proxied(browser: Browser, live_server: str) -> AsyncIterator[Visit]:
    """A server without keys, as it is seen by a proxy."""
    async with visit(browser, live_server, WIDE) as opened:
        await opened.page.set_extra_http_headers({"x-forwarded-for": "192.0.2.7"})
        yield opened
        opened.errors[:] = [error for error in opened.errors if "status of 403" not in error]


def dialog(visited: Visit) -> Locator:
    return visited.page.get_by_role("dialog", name="This server requires a key")


async def give(visited: Visit, key: str) -> None:
    await dialog(visited).get_by_label("Key").fill(key)
    await dialog(visited).get_by_role("button", name="Continue").click()


async def test_graphiql_asks_for_the_key_and_goes_on_with_it(visited: Visit) -> None:
    await visited.open("/graphql")
    await expect(dialog(visited)).to_be_visible()
    await expect(dialog(visited).get_by_label("Key")).to_be_focused()
    await expect(dialog(visited).get_by_role("alert")).to_have_count(0)
    for wrong in (WRONG, "schlüssel"):
        await give(visited, wrong)
        await expect(dialog(visited).get_by_role("alert")).to_have_text("The server does not accept this key.")
    await give(visited, f" {SECOND_KEY} ")
    await expect(dialog(visited)).to_have_count(0)
    await visited.page.locator(f"{QUERY_EDITOR} .view-line").first.wait_for()
    response = await visited.run()
    assert response.request.headers["authorization"] == f"Bearer {SECOND_KEY}"
    assert "errors" not in await visited.shown_answer()
    await expect(visited.page.get_by_role("region", name="Report", exact=True)).to_contain_text("statements")
    # The new tab needs no other look at the key.
    async with visited.page.context.expect_page() as opening:
        await visited.page.get_by_role("link", name=re.compile("^Trace")).click()
    trace = await opening.value
    await expect(trace.get_by_role("list", name="Totals")).to_be_visible()
    await expect(trace.get_by_role("dialog")).to_have_count(0)


async def test_the_key_stays_in_its_tab_and_in_its_header(visited: Visit) -> None:
    await visited.open("/traces")
    await expect(dialog(visited)).to_be_visible()
    await give(visited, FIRST_KEY)
    await expect(visited.page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()
    await expect(visited.page.locator("[data-row], .empty").first).to_be_visible()
    await visited.page.reload()
    await expect(visited.page.locator("[data-row], .empty").first).to_be_visible()
    await expect(dialog(visited)).to_have_count(0)
    assert FIRST_KEY not in visited.page.url
    assert await visited.page.context.cookies() == []
    assert await visited.page.evaluate("JSON.stringify(localStorage)") == "{}"
    other = await visited.page.context.new_page()
    await other.goto(f"{visited.server}/traces")
    await expect(other.get_by_role("dialog", name="This server requires a key")).to_be_visible()


async def test_a_key_that_was_changed_is_asked_for_anew(visited: Visit) -> None:
    await visited.page.add_init_script(f"sessionStorage['marquee-key'] ??= '{WRONG}'")
    await visited.open("/traces")
    await expect(dialog(visited).get_by_role("alert")).to_have_text("The server does not accept this key.")
    await visited.page.keyboard.press("Escape")
    await expect(dialog(visited)).to_be_visible()
    await give(visited, FIRST_KEY)
    await expect(dialog(visited)).to_have_count(0)
    await expect(visited.page.locator("[data-row], .empty").first).to_be_visible()


async def test_an_authorization_header_written_in_graphiql_goes_before_the_key(visited: Visit) -> None:
    await visited.page.add_init_script(f"sessionStorage['marquee-key'] ??= '{FIRST_KEY}'")
    await visited.open("/graphql")
    await visited.page.locator(f"{QUERY_EDITOR} .view-line").first.wait_for()
    await visited.write(QUERY)
    await visited.page.get_by_role("button", name="Headers").click()
    await visited.page.evaluate(
        "text => __MONACO.editor.getModels().find(m => m.uri.path.endsWith('request-headers.json')).setValue(text)",
        f'{{"Authorization": "Bearer {WRONG}"}}',
    )
    await expect(visited.page.locator(".graphiql-editor-tool")).to_contain_text(WRONG)
    response = await visited.run()
    assert (response.status, response.request.headers["authorization"]) == (401, f"Bearer {WRONG}")
    await expect(visited.page.locator(ANSWER)).to_contain_text("UNAUTHENTICATED")
    await expect(dialog(visited)).to_have_count(0)


async def test_the_dialog_fits_a_narrow_dark_screen(browser: Browser, keyed_server: Served) -> None:
    async with visit(browser, keyed_server.address, NARROW, "dark") as narrow:
        await narrow.open("/traces")
        await expect(dialog(narrow)).to_be_in_viewport(ratio=1)
        assert await narrow.scroll_width() == NARROW[0]
        narrow.errors.clear()


async def test_the_command_for_a_first_trace_says_where_the_key_goes(visited: Visit) -> None:
    await visited.page.add_init_script(f"sessionStorage['marquee-key'] ??= '{FIRST_KEY}'")
    await visited.page.route("**/traces/api/list*", lambda route: route.fulfill(json=NO_TRACES))
    await visited.open("/traces")
    await expect(visited.page.get_by_role("region", name="Command")).to_contain_text(
        "-H 'authorization: Bearer YOUR_KEY'"
    )


async def test_without_keys_the_pages_say_why_they_show_nothing_to_callers_by_a_proxy(proxied: Visit) -> None:
    await proxied.open("/graphql")
    await proxied.page.locator(f"{QUERY_EDITOR} .view-line").first.wait_for()
    await proxied.write(QUERY)
    await proxied.run()
    assert await proxied.shown_answer() == {"data": {"__typename": "Query"}}
    report = proxied.page.get_by_role("region", name="Report", exact=True)
    await expect(report).to_contain_text(f"There is no report: {UNTRUSTED}.")
    await proxied.open("/traces")
    await expect(proxied.page.get_by_role("alert")).to_have_text(f"There are no traces here: {UNTRUSTED}.")
    await proxied.open("/traces/0af7651916cd43dd8448eb211c80319c")
    await expect(proxied.page.get_by_role("heading", name="Traces are not shown here")).to_be_visible()
    await expect(proxied.page.get_by_role("dialog")).to_have_count(0)
