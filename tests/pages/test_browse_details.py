"""Pages of one media, a person and a collection, how one comes to them and back, and pictures of other hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from database.connect_args import ConnectArgs
from tests.conftest import FIRST_KEY
from tests.support.browser import BROWSER_MARKS, NARROW
from tests.support.browsing import DIST, POSTER, Browsing, browsing
from tests.support.in_process import serving_in_process

pytestmark = [*BROWSER_MARKS, pytest.mark.skipif(not DIST.is_file(), reason="the UI is not built: make ui")]
PIXEL = Path(__file__).parents[1] / "data" / "pixel.png"
HEAT = (
    *("Heat (original)", "Films", "Fuego contra fuego", "tt0113277", "Heists of the nineties", "cold", "[1,2]"),
    *("/films/Heat (1995).mkv", "4.1 GB", "2 h 50 min", "1995", "8.3", "heist", "Crime", "Drama", "Poster", POSTER),
    *("Robert De Niro", "Neil McCauley", "Michael Mann", "Director", "Spanish", "Box set", "A thief and a detective."),
)


async def test_a_media_is_shown_with_all_that_is_known_of_it(browse: Browsing) -> None:
    await browse.open("/browse/media/media_1")
    await browse.expect_heading("Heat")
    main = browse.page.get_by_role("main")
    for known in HEAT:
        await expect(main).to_contain_text(known)
    await browse.expect_cost(main.locator("> .view-head"), "MediaDetails")
    assert await browse.page.locator("img:not(.brand img)").count() == 0
    assert await browse.broken_rules() == []


async def test_the_rest_of_a_long_cast_is_asked_for(browse: Browsing) -> None:
    await browse.open("/browse/media/media_1")
    cast = browse.page.get_by_role("region", name="Cast and crew").get_by_role("listitem")
    await expect(cast).to_have_count(50)
    await browse.page.get_by_role("button", name="More cast and crew").click()
    await expect(cast).to_have_count(60)
    await expect(browse.page.get_by_role("button", name="More cast and crew")).to_have_count(0)


async def test_names_of_a_media_lead_to_all_that_have_them(browse: Browsing) -> None:
    for kind, name in (("Genres", "Crime"), ("Tags", "heist")):
        await browse.open("/browse/media/media_1?q=heat")
        await browse.page.get_by_role("list", name=kind).get_by_role("link", name=name).click()
        await expect(browse.summary).to_have_text("2 media")
        await expect(browse.box).to_have_value("")


async def test_a_person_is_shown_with_their_media_and_back_is_where_one_was(browse: Browsing) -> None:
    await browse.open("/browse?genre=Crime")
    await browse.card("Heat").click()
    await browse.expect_heading("Heat")
    await browse.expect_address("/browse/media/media_1?genre=Crime")
    await browse.page.get_by_role("link", name="Robert De Niro").click()
    await browse.expect_heading("Robert De Niro")
    await expect(browse.cards).to_have_text([re.compile("Ronin"), re.compile("Heat")])
    await expect(browse.page.get_by_role("main")).to_contain_text("nm0000134")
    assert await browse.broken_rules() == []
    await browse.page.get_by_role("link", name="Results").click()
    await browse.expect_address("/browse?genre=Crime")
    await expect(browse.card("Heat")).to_be_focused()
    await browse.page.go_forward()
    await browse.page.go_forward()
    await browse.expect_heading("Robert De Niro")


async def test_a_collection_is_shown_in_its_order(browse: Browsing) -> None:
    await browse.open("/browse/media/media_1")
    await browse.page.get_by_role("link", name="Heists of the nineties").click()
    await browse.expect_heading("Heists of the nineties")
    await expect(browse.cards).to_have_text([re.compile("Ronin"), re.compile("Heat")])
    # Nobody came from results: the link leads to them all the same.
    await browse.page.get_by_role("link", name="Results").click()
    await expect(browse.summary).to_have_text("12 media")


async def test_a_series_has_its_seasons_and_these_their_episodes(browse: Browsing) -> None:
    await browse.open("/browse?kind=SERIES")
    await browse.card("Spaced").click()
    seasons = browse.page.get_by_role("region", name="Seasons")
    await expect(seasons.locator("summary")).to_have_text([re.compile("Season 1"), re.compile("Season 2")])
    await expect(seasons.locator("summary").first).to_contain_text("3 episodes")
    await expect(seasons.get_by_role("link")).to_have_count(0)
    await seasons.locator("summary").nth(1).press("Enter")
    await expect(seasons.locator(".episode a")).to_have_text(["Part 2.1", "Part 2.2", "Part 2.3"])
    await expect(seasons.locator(".cost")).to_contain_text("SQL statement")
    assert await browse.broken_rules() == []
    await seasons.get_by_role("link", name="Part 2.2").click()
    await browse.expect_heading("Part 2.2")
    above = browse.page.get_by_role("navigation", name="Part of").get_by_role("link")
    await expect(above).to_have_text(["Spaced", "Season 2"])
    await above.nth(1).click()
    await browse.expect_heading("Season 2")
    episodes = browse.page.get_by_role("region", name="Episodes")
    await expect(episodes.get_by_role("link")).to_have_text(["Part 2.1", "Part 2.2", "Part 2.3"])


async def test_what_is_not_there_is_told_of(browse: Browsing) -> None:
    for path in (
        "/browse/media/media_999",
        "/browse/person/person_999",
        "/browse/collection/collection_999",
        "/browse/x",
    ):
        await browse.open(path)
        await expect(browse.page.get_by_role("heading", name="There is nothing at this address")).to_be_visible()


async def test_a_wrong_id_is_answered_in_the_servers_words(browse: Browsing) -> None:
    await browse.open("/browse/media/%F0%9F%8E%AC%22%3Cb%3E")
    await expect(browse.page.get_by_role("alert")).to_contain_text("id")
    await expect(browse.page.get_by_role("button", name="Try again")).to_be_visible()


async def test_a_page_of_a_media_fits_a_narrow_dark_screen(browser: Browser, small_server: str) -> None:
    async with browsing(browser, small_server, NARROW, "dark") as browse:
        await browse.open("/browse/media/media_1")
        await browse.expect_heading("Heat")
        assert await browse.visited.scroll_width() == NARROW[0]
        assert await browse.broken_rules() == []


async def test_a_setting_brings_pictures_of_other_hosts_and_a_drawn_one_where_they_fail(
    browser: Browser, small_catalogue: ConnectArgs
) -> None:
    async with (
        serving_in_process(small_catalogue, trace_pages=False, outside_pictures=True) as served,
        browsing(browser, f"http://127.0.0.1:{served.port}") as browse,
    ):
        await browse.page.route(POSTER, lambda route: route.fulfill(path=PIXEL))
        await browse.open("/browse?genre=Crime")
        await expect(browse.card("Heat").locator("img")).to_have_js_property("naturalWidth", 1)
        await expect(browse.card("Ronin").locator("img")).to_have_count(0)
        await browse.page.unroute(POSTER)
        await browse.open("/browse/media/media_1")
        await expect(browse.page.locator(".hero .drawn")).to_be_visible()
        assert set(browse.visited.outside) == {POSTER}
        browse.visited.outside.clear()
        browse.visited.errors.clear()  # Chromium notes requests that fail


async def test_whoever_may_see_no_reports_is_told_so(browse: Browsing) -> None:
    await browse.page.set_extra_http_headers({"x-forwarded-for": "192.0.2.7"})
    await browse.open()
    await expect(browse.results.locator(".cost")).to_have_text("No report")
    await expect(browse.results.locator(".cost")).to_have_attribute("title", re.compile("through a proxy|by no proxy"))


async def test_a_server_with_keys_is_asked_once_the_person_has_given_one(
    browser: Browser, small_catalogue: ConnectArgs
) -> None:
    async with (
        serving_in_process(small_catalogue, trace_pages=False, keys=FIRST_KEY) as served,
        browsing(browser, f"http://127.0.0.1:{served.port}") as browse,
    ):
        await browse.open("/browse?kind=MOVIE")
        dialog = browse.page.get_by_role("dialog", name="This server requires a key")
        await dialog.get_by_label("Key").fill(FIRST_KEY)
        await dialog.get_by_role("button", name="Continue").click()
        await expect(browse.summary).to_have_text("3 media")
        await expect(browse.cards.first).to_be_visible()
        browse.visited.errors[:] = [error for error in browse.visited.errors if "status of 401" not in error]
