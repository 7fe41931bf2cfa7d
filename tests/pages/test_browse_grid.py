"""The grid of /browse over the demo's movies: thousands of them, by keys, and back to where one was."""

from __future__ import annotations

import re
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.support.browser import BROWSER_MARKS, PATIENCE
from tests.support.browsing import DIST, Browsing, browsing

pytestmark = [*BROWSER_MARKS, pytest.mark.skipif(not DIST.is_file(), reason="the UI is not built: make ui")]
PAGE, AHEAD = 60, 20
FAR = 2000
MAX_NODES = 1000  # of a document with two thousand tiles in it there would be 14,000
# Of a list in view: what it has in the document, and the place of the last tile in view, from 1.
CARDS = "[...document.querySelectorAll('.card')]"
COUNT = "document.querySelectorAll('*').length"
IN_VIEW = f"{CARDS}.filter(card => card.getBoundingClientRect().top < innerHeight).map(card => card.ariaPosInSet)"
# Notes with each request for a page how far the list was in view, in the page itself: nothing happens in between.
WATCH = f"""
window.asked = [];
const send = window.fetch;
window.fetch = (url, init) => {{
  if (String(init?.body).includes('"operationName":"Results"')) {{
    const {{ after }} = JSON.parse(init.body).variables;
    window.asked.push({{ after, seen: Math.max(0, ...{IN_VIEW}.map(Number)) }});
  }}
  return send(url, init);
}};
"""
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Scrolls down until as many tiles were in the document, in the page itself: each step takes two frames.
SCROLL = f"""
async far => {{
  const seen = new Map();
  const busy = () => document.querySelector('[aria-label="Results"]').ariaBusy === 'true';
  const end = performance.now() + {PATIENCE * 1000};
  for (let last = 0; last < far && performance.now() < end; ) {{
    if (!busy()) {{
      for (const card of {CARDS}) {{
        last = Math.max(last, card.ariaPosInSet);
        const item = card.firstElementChild.dataset.item;
        seen.set(`${{card.ariaPosInSet}} ${{item}}`, [Number(card.ariaPosInSet), item]);
      }}
      window.scrollBy(0, 1500);  // less than is in the document: nothing is left out
    }}
    await {DRAWN};
  }}
  return [...seen.values()];
}}
"""


@pytest_asyncio.fixture(loop_scope="session")
async def demo_page(browser: Browser, demo_server: str) -> Any:
    async with browsing(browser, demo_server) as opened:
        yield opened


async def seen(browse: Browsing) -> int:
    return int(await browse.page.evaluate(f"Math.max(0, ...{IN_VIEW}.map(Number))"))


async def scroll_on(browse: Browsing, pixels: int) -> None:
    await browse.page.evaluate(f"pixels => {{ window.scrollBy(0, pixels); return {DRAWN} }}", pixels)


async def test_two_thousand_media_are_scrolled_while_the_document_stays_small(demo_page: Browsing) -> None:
    await demo_page.open("/browse?order=title")
    await expect(demo_page.cards.first).to_be_visible()
    ids: dict[int, str] = {}
    for place, media in await demo_page.page.evaluate(SCROLL, FAR):
        assert ids.setdefault(place, media) == media
    assert sorted(ids) == list(range(1, max(ids) + 1))
    assert len(ids) >= FAR
    assert len(set(ids.values())) == len(ids)
    assert int(await demo_page.page.evaluate(COUNT)) < MAX_NODES
    assert await demo_page.broken_rules() == []


async def test_the_next_page_is_asked_for_before_the_end_by_its_cursor_alone(demo_page: Browsing) -> None:
    await demo_page.page.add_init_script(WATCH)
    await demo_page.open()
    await expect(demo_page.cards.first).to_be_visible()
    for pages in (1, 2, 3):
        # Row by row, until as many are in view as the page after these needs to be asked for.
        while (place := await seen(demo_page)) < pages * PAGE - AHEAD:
            assert len(await demo_page.page.evaluate("asked")) == pages, place
            await scroll_on(demo_page, 100)
        await demo_page.visited.until(f"asked.length === {pages + 1}")
    asked = await demo_page.page.evaluate("asked")
    assert asked[0] == {"after": None, "seen": 0}
    assert len({one["after"] for one in asked}) == len(asked)
    for pages, one in enumerate(asked[1:], 1):
        assert pages * PAGE - AHEAD <= one["seen"] < pages * PAGE


async def test_whoever_comes_back_finds_the_list_as_it_was(demo_page: Browsing) -> None:
    await demo_page.open()
    await expect(demo_page.cards.first).to_be_visible()
    while await seen(demo_page) < 3 * PAGE:
        await scroll_on(demo_page, 1000)
    card = demo_page.cards.nth(20).get_by_role("link")
    media = await card.get_attribute("data-item")
    title = await card.locator("> b").inner_text()
    await card.focus()  # which brings it into view
    await scroll_on(demo_page, 0)
    where = await demo_page.page.evaluate("scrollY")
    await demo_page.page.keyboard.press("Enter")
    await demo_page.expect_heading(title)
    assert await demo_page.page.evaluate("scrollY") == 0
    asked = len(demo_page.answers)
    await demo_page.page.go_back()
    await expect(demo_page.page.locator(f'[data-item="{media}"]')).to_be_focused()
    assert abs(await demo_page.page.evaluate("scrollY") - where) <= 1
    await expect(
        demo_page.page.get_by_role("complementary", name="Facets").get_by_role("checkbox").first
    ).to_be_visible()
    assert [name for name, _ in demo_page.answers[asked:] if name == "Results"] == []


async def test_the_keyboard_alone_is_enough(demo_page: Browsing) -> None:
    await demo_page.open()
    await expect(demo_page.cards.first).to_be_visible()
    await demo_page.page.keyboard.press("Tab")
    await expect(demo_page.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await demo_page.page.keyboard.press("Enter")
    await demo_page.cards.first.get_by_role("link").focus()
    columns = await demo_page.page.evaluate(f"new Set({CARDS}.map(card => card.style.left)).size")
    for key, place in (("ArrowRight", 2), ("ArrowDown", 2 + columns), ("ArrowLeft", 1 + columns), ("ArrowUp", 1)):
        await demo_page.page.keyboard.press(key)
        await expect(demo_page.page.locator(f'[aria-posinset="{place}"] a')).to_be_focused()
    for row in range(1, 15):  # further than what is in the document at first
        await demo_page.page.keyboard.press("ArrowDown")
        await expect(demo_page.page.locator(f'[aria-posinset="{1 + row * columns}"] a')).to_be_focused()
    # What has the focus stays in the document, however far one scrolls.
    place = 1 + 14 * columns
    await demo_page.page.evaluate("window.scrollTo(0, 0)")
    await expect(demo_page.page.locator('[aria-posinset="1"]')).to_be_in_viewport()
    await expect(demo_page.page.locator(f'[aria-posinset="{place}"] a')).to_be_focused()
    title = await demo_page.page.locator(f'[aria-posinset="{place}"] a > b').inner_text()
    await demo_page.page.keyboard.press("Enter")
    await demo_page.expect_heading(title)


async def test_a_window_of_another_size_gets_other_columns(demo_page: Browsing) -> None:
    await demo_page.open()
    for width in (1900, 700, 420):
        await demo_page.page.set_viewport_size({"width": width, "height": 800})
        shown = re.compile(r"\d")
        await expect(demo_page.cards.first).to_have_text(shown)
        await demo_page.visited.until(
            f"{CARDS}.every(card => card.getBoundingClientRect().right <= innerWidth) && {CARDS}.length > 4"
        )
        assert await demo_page.visited.scroll_width() == width
