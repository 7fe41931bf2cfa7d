"""A server that wants a key, in processes of its own: GraphiQL and the trace pages ask for it, and nothing shows it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from app.settings import ConnectArgs
from tests.browser import ANSWER, BROWSER_MARKS, NARROW, QUERY_EDITOR, WIDE, Visit, visit
from tests.serving import Served, command, serving

KEY, OTHER, WRONG = "right-key-of-this-test", "other-key-of-this-test", "wrong-key-of-this-test"
QUERY = "query Typename { __typename }"

pytestmark = BROWSER_MARKS


@pytest.fixture(scope="module")
def served(demo: ConnectArgs) -> Iterator[Served]:
    """`python -m app serve` on all addresses of this machine, with two keys and trace pages."""
    with tempfile.TemporaryDirectory(prefix="marquee-test-") as folder:
        settings = {"MARQUEE_HOST": "0.0.0.0", "MARQUEE_KEYS": f"{KEY},{OTHER}", "MARQUEE_TRACE_PAGES": "true"}
        with serving(Path(folder), DATABASE_URL=demo.dsn, **settings) as running:
            yield running


def address_of(served: Served) -> str:
    return served.address.replace("0.0.0.0", "127.0.0.1")


@pytest_asyncio.fixture(loop_scope="module")
async def visited(browser: Browser, served: Served) -> AsyncIterator[Visit]:
    async with visit(browser, address_of(served), WIDE) as opened:
        yield opened
        # Chromium itself notes answers with status 401 in the console.
        opened.errors[:] = [error for error in opened.errors if "status of 401" not in error]


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
    await give(visited, f" {OTHER} ")
    await expect(dialog(visited)).to_have_count(0)
    await visited.page.locator(f"{QUERY_EDITOR} .view-line").first.wait_for()
    response = await visited.run()
    assert response.request.headers["authorization"] == f"Bearer {OTHER}"
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
    await give(visited, KEY)
    await expect(visited.page.get_by_role("heading", name="Traces", exact=True)).to_be_visible()
    await expect(visited.page.locator("[data-row], .empty").first).to_be_visible()
    await visited.page.reload()
    await expect(visited.page.locator("[data-row], .empty").first).to_be_visible()
    await expect(dialog(visited)).to_have_count(0)
    assert KEY not in visited.page.url
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
    await give(visited, KEY)
    await expect(dialog(visited)).to_have_count(0)
    await expect(visited.page.locator("[data-row], .empty").first).to_be_visible()


async def test_an_authorization_header_written_in_graphiql_goes_before_the_key(visited: Visit) -> None:
    await visited.page.add_init_script(f"sessionStorage['marquee-key'] ??= '{KEY}'")
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


async def test_the_dialog_fits_a_narrow_dark_screen(browser: Browser, served: Served) -> None:
    async with visit(browser, address_of(served), NARROW, "dark") as narrow:
        await narrow.open("/traces")
        await expect(dialog(narrow)).to_be_in_viewport(ratio=1)
        assert await narrow.scroll_width() == NARROW[0]
        narrow.errors.clear()


async def test_no_process_shows_the_key_in_its_arguments_its_output_or_its_files(served: Served) -> None:
    async with httpx.AsyncClient(base_url=address_of(served)) as http:
        for key in (KEY, WRONG):
            headers = {"authorization": f"Bearer {key}", "marquee-report": "1"}
            answer = await http.post(
                "/graphql", json={"query": "{ media(first: 1) { nodes { title } } }"}, headers=headers
            )
            assert answer.status_code == (200 if key == KEY else 401)
            assert KEY not in answer.text
        for path in ("/healthz", "/readyz", "/traces/api/list", "/graphql"):
            assert KEY not in (await http.get(path, headers={"authorization": f"Bearer {KEY}"})).text
    assert "  Key       required of every request (MARQUEE_KEYS)" in served.said.splitlines()
    assert '"wrong key"' in served.said
    workers = served.workers()
    assert workers
    kept = [file.read_bytes() for file in served.output.parent.rglob("*") if file.is_file()]
    assert any(b"media_pages" in content or b"SELECT" in content for content in kept)  # the traces are among them
    for key in (KEY, OTHER, WRONG):
        assert not any(key in word for process in [*workers, *served.family()] for word in command(process))
        assert not any(key.encode() in content for content in kept)
