"""A real Chromium for the tests of the pages: real clicks, and no way to any other host."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Response, Route, WebError, async_playwright, expect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = (1400, 900), (420, 800)
ACCEPT = {"accept": "application/graphql-response+json, application/json;q=0.9"}

# For the `pytestmark` of a module that opens pages.
BROWSER_MARKS = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the PATH"),
]

# A busy machine may take long to show what was asked for: what never comes fails a test later, and nothing else.
PATIENCE = 30.0  # seconds
expect.set_options(timeout=PATIENCE * 1000)

RUN = ".graphiql-execute-button"
QUERY_EDITOR = ".graphiql-query-editor"
ANSWER = ".graphiql-response .result-window"
# Monaco draws only the lines in view; the whole text of an editor is in its model.
MODEL = "__MONACO.editor.getModels().find(model => model.uri.path.endsWith(name))"
MODEL_TEXT = f"name => {MODEL}.getValue()"
OPERATION_NAME = re.compile(r"^query (\w+)", re.MULTILINE)
WRITE_MODEL = f"([name, text]) => {MODEL}.setValue(text)"


@dataclass
class Visit:
    """A browser window and what went wrong in it: requests to other hosts, console and page errors."""

    page: Page
    server: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def elsewhere(self) -> re.Pattern[str]:
        """Addresses of other hosts. Requests for others go on at once, and do not come by this process."""
        return re.compile(rf"^(?!{re.escape(self.server)}/|data:|blob:)")

    async def refuse(self, route: Route) -> None:
        self.outside.append(route.request.url)
        await route.abort()

    def listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def fail(self, error: WebError) -> None:
        self.errors.append(error.error.message)

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.server}{path}")

    async def ask(self, query: str) -> Any:
        """Data of a query that is sent beside the page."""
        answer = await self.page.request.post(f"{self.server}/graphql", data={"query": query}, headers=ACCEPT)
        return (await answer.json()).get("data")

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a path that is read beside the page."""
        answer = await self.page.request.get(f"{self.server}{path}")
        return answer.status, await answer.json()

    async def scroll_width(self) -> int:
        return int(await self.page.evaluate("document.documentElement.scrollWidth"))

    async def until(self, expression: str, argument: Any = None) -> None:
        """Waits until an expression holds in the page. The policy of a page may forbid Playwright's own waiting, which
        evaluates text there."""
        async with asyncio.timeout(PATIENCE):
            while not await self.page.evaluate(expression, argument):
                await asyncio.sleep(0.01)

    async def text(self, model: str) -> str:
        """Text of one of GraphiQL's editors."""
        value: str = await self.page.evaluate(MODEL_TEXT, model)
        return value

    async def write(self, query: str) -> None:
        """Puts a named query into GraphiQL's editor, and waits until its name is known."""
        await self.page.evaluate(WRITE_MODEL, ["operation.graphql", query])
        name = OPERATION_NAME.search(query)
        assert name is not None
        await expect(self.page.get_by_role("tab", selected=True)).to_contain_text(name[1])

    async def run(self) -> Response:
        """Clicks GraphiQL's run button; the server's answer once it has arrived."""
        async with self.page.expect_response(f"{self.server}/graphql") as answer:
            await self.page.locator(RUN).click()
        response = await answer.value
        await response.finished()
        return response

    async def shown_answer(self) -> Any:
        await expect(self.page.locator(ANSWER)).to_contain_text(re.compile('"(data|errors)"'))
        return json.loads(await self.text("response.json"))


async def client_answer(response: Response) -> Any:
    """The answer as a client gets it that does not ask for a report."""
    body = await response.json()
    extensions = {name: value for name, value in body.pop("extensions", {}).items() if name != "marquee"}
    return {**body, "extensions": extensions} if extensions else body


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@asynccontextmanager
async def visit(browser: Browser, server: str, size: tuple[int, int], scheme: Any = "light") -> AsyncIterator[Visit]:
    """A window with an empty page; in the end nothing may have gone wrong in it."""
    width, height = size
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    visited = Visit(await context.new_page(), server)
    await context.route(visited.elsewhere, visited.refuse)
    context.on("console", visited.listen)
    context.on("weberror", visited.fail)
    yield visited
    await context.close()
    assert visited.outside == []
    assert visited.errors == []


@asynccontextmanager
async def visit_graphiql(
    browser: Browser, server: str, size: tuple[int, int] = WIDE, scheme: Any = "light"
) -> AsyncIterator[Visit]:
    """GraphiQL, ready to run queries."""
    async with visit(browser, server, size, scheme) as visited:
        await open_graphiql(visited)
        yield visited


async def open_graphiql(visited: Visit) -> None:
    # The page takes the schema first: completion, docs and explorer depend on it.
    async with visited.page.expect_response(f"{visited.server}/graphql") as introspection:
        await visited.page.goto(f"{visited.server}/graphql", wait_until="commit")
        await visited.page.locator(f"{QUERY_EDITOR} .view-line").first.wait_for()
    await introspection.value
