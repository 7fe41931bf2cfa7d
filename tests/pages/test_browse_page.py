"""The page /browse as a person meets it: the box, the facets, and the grid of what they find."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Route, expect

from tests.support.browser import BROWSER_MARKS, NARROW, QUERY_EDITOR
from tests.support.browsing import AXE, DIST, HOSTILE, Browsing, browsing

pytestmark = [*BROWSER_MARKS, pytest.mark.skipif(not DIST.is_file(), reason="the UI is not built: make ui")]
ALL = "12 media"  # three films, a series, two seasons, six episodes


async def test_the_servers_address_leads_here_and_graphiql_is_one_click_away_and_back(browse: Browsing) -> None:
    await browse.open("/")
    await expect(browse.summary).to_have_text(ALL)
    await browse.page.get_by_role("link", name="GraphiQL").click()
    await browse.page.locator(f"{QUERY_EDITOR} .view-line").first.wait_for()
    await browse.page.get_by_role("link", name="Browse").click()
    await expect(browse.summary).to_have_text(ALL)
    for page in ("Traces", "Jobs"):
        await browse.page.get_by_role("link", name=page).click()
        await expect(browse.page.get_by_role("link", name=page, exact=True)).to_have_attribute("aria-current", "page")
    await browse.page.get_by_role("link", name="Browse").click()
    await expect(browse.card("Heat")).to_be_visible()


async def test_what_is_typed_is_suggested_and_chosen_by_keys(browse: Browsing) -> None:
    await browse.open()
    await expect(browse.summary).to_have_text(ALL)  # it listens to keys
    await browse.page.keyboard.press("/")
    await expect(browse.box).to_be_focused()
    await expect(browse.box).to_have_attribute("aria-expanded", "false")
    await browse.box.press_sequentially("hea")
    options = browse.options
    await expect(options).to_have_text([re.compile("^Heat")])
    await expect(browse.box).to_have_attribute("aria-expanded", "true")
    await browse.box.press("Escape")
    await expect(options).to_have_count(0)
    await expect(browse.box).to_have_value("hea")
    await browse.box.fill("ni")
    await expect(options).to_have_text([re.compile("^Robert De Niro"), re.compile("^Heists of the nineties")])
    await browse.expect_cost(browse.page.locator(".popup"), "Suggestions")
    for key, chosen in (("Down", 0), ("Down", 1), ("Down", None), ("Up", 1), ("Up", 0)):
        await browse.box.press(f"Arrow{key}")
        assert await selected(browse) == (None if chosen is None else f"suggestions-{chosen}")
    await browse.box.press("Enter")
    await browse.expect_heading("Robert De Niro")
    await expect(options).to_have_count(0)


async def selected(browse: Browsing) -> str | None:
    """The id of the option that the box says is active, which is the one that is selected."""
    active = await browse.box.get_attribute("aria-activedescendant")
    ids = await browse.page.locator('[role="option"][aria-selected="true"]').evaluate_all("all => all.map(e => e.id)")
    assert ids == ([] if active is None else [active])
    return active


async def test_words_are_searched_by_enter_and_stand_in_the_address(browse: Browsing) -> None:
    await browse.open()
    await browse.box.fill("ronin")
    await browse.box.press("Enter")
    await expect(browse.cards).to_have_count(1)
    await expect(browse.card("Ronin")).to_be_visible()
    await expect(browse.summary).to_have_text("1 found")
    await expect(browse.box_of("Crime")).to_be_visible()
    await expect(browse.card("Ronin").locator("mark")).to_have_text("Ronin")
    await expect(browse.box).to_be_focused()
    await browse.expect_address("/browse?q=ronin")
    assert await browse.page.title() == "ronin · Marquee"
    await browse.page.go_back()
    await expect(browse.summary).to_have_text(ALL)
    await expect(browse.box).to_have_value("")


async def test_words_find_people_and_names_and_tell_by_what_a_media_was_found(browse: Browsing) -> None:
    await browse.open("/browse?q=niro")
    await expect(browse.cards).to_have_count(3)
    await expect(browse.summary).to_have_text("3 found")
    await expect(browse.card("Person Robert De Niro")).to_contain_text("2 media")
    await expect(browse.card("Heat")).to_contain_text("Person: Robert De Niro")
    await browse.box_of("Drama").check()  # what has no genre is not found any longer
    await expect(browse.cards).to_have_text([re.compile("Heat")])
    await browse.open("/browse?q=crime")
    await browse.card("Genre Crime").click()
    await browse.expect_address("/browse?genre=Crime")


async def test_words_with_wrong_letters_find_what_was_meant_and_say_so(browse: Browsing) -> None:
    await browse.open("/browse?q=ronni")
    told = browse.page.get_by_role("list", name="Read otherwise").get_by_role("listitem")
    await expect(told).to_have_text(["“ronni” is also read as ronin"])
    await expect(browse.cards).to_have_text([re.compile("Ronin")])
    await expect(browse.box_of("1990s")).to_be_visible()
    await browse.open("/browse?q=robret+nrio")
    await expect(told).to_have_text(["“robret” is also read as robert", "“nrio” is also read as niro"])
    await expect(browse.cards).to_have_text([re.compile("Robert De Niro")])
    await browse.open("/browse?q=ronin")
    await expect(browse.summary).to_have_text("1 found")
    await expect(told).to_have_count(0)


async def test_facets_count_what_words_find_and_the_other_facets_leave(browse: Browsing) -> None:
    await browse.open("/browse?q=niro")
    facets = browse.page.get_by_role("complementary", name="Facets")
    genres = facets.get_by_role("group", name="Genre").locator("label")
    await expect(genres).to_have_text(["Crime 2", "Drama 1"])
    await expect(facets.get_by_role("group", name="Kind").locator("label")).to_have_text(["Movie 2"])
    await browse.expect_cost(facets, "FoundFacets")
    await browse.box_of("Drama").check()
    await expect(browse.summary).to_have_text("1 found")
    await expect(genres).to_have_text(["Crime 2", "Drama 1"])  # one of both
    await expect(facets.get_by_role("group", name="Rating").locator("label")).to_have_text(["8.0 to 8.9 1"])
    await browse.expect_address("/browse?q=niro&genre=Drama")


async def test_a_suggestion_is_chosen_by_a_click(browse: Browsing) -> None:
    await browse.open()
    await browse.box.fill("heis")
    await browse.options.filter(has_text="heist Tag").click()
    await expect(browse.summary).to_have_text("2 media")
    await browse.expect_address("/browse?tag=heist")


async def test_facets_narrow_what_is_found_and_the_back_button_widens_it(browse: Browsing) -> None:
    await browse.open()
    await browse.box_of("Crime").check()
    await expect(browse.summary).to_have_text("2 media")
    await browse.box_of("Drama").focus()
    await browse.page.keyboard.press("Space")  # one of both
    await expect(browse.box_of("Drama")).to_be_checked()
    await browse.box_of("1990s").check()
    await browse.expect_address("/browse?genre=Crime&genre=Drama&decade=1990")
    await browse.box_of("Crime").uncheck()
    await expect(browse.cards).to_have_text([re.compile("Heat")])
    await browse.page.get_by_role("list", name="Chosen").get_by_role("link", name="Remove Genre Drama").click()
    await expect(browse.summary).to_have_text("3 media")
    for expected in ("1 media", "2 media", "2 media", "2 media", ALL):
        await browse.page.go_back()
        await expect(browse.summary).to_have_text(expected)
    await expect(browse.box_of("Crime")).not_to_be_checked()


async def test_the_address_alone_brings_words_facets_and_order(browse: Browsing) -> None:
    await browse.open("/browse?q=ronin&kind=MOVIE&genre=Crime&order=title")
    await expect(browse.cards).to_have_text([re.compile("Ronin")])
    await expect(browse.box).to_have_value("ronin")
    for value in ("Movie", "Crime"):
        await expect(browse.box_of(value)).to_be_checked()
    await browse.page.get_by_role("link", name="Remove all").click()
    await browse.expect_address("/browse?q=ronin&order=title")


async def test_another_order_is_chosen_and_kept_in_the_address(browse: Browsing) -> None:
    await browse.open("/browse?genre=Crime")
    await expect(browse.cards).to_have_text([re.compile("Heat"), re.compile("Ronin")])
    await browse.page.get_by_label("Order").select_option("Newest")
    await expect(browse.cards).to_have_text([re.compile("Ronin"), re.compile("Heat")])
    await browse.expect_address("/browse?genre=Crime&order=year")


async def test_nothing_found_is_said_with_a_way_out(browse: Browsing) -> None:
    await browse.open("/browse?q=zzzz&genre=Crime")
    await expect(browse.results.get_by_role("heading", name="Nothing found")).to_be_visible()
    await expect(browse.summary).to_have_text("Nothing found")
    await expect(browse.results).to_contain_text("No media for “zzzz” with what is chosen.")
    await browse.page.get_by_role("link", name="Look without what is chosen").click()
    await browse.expect_address("/browse?q=zzzz")
    await browse.page.get_by_role("link", name="All media").click()
    await expect(browse.summary).to_have_text(ALL)


async def test_each_view_says_what_it_took(browse: Browsing) -> None:
    await browse.open()
    await browse.expect_cost(browse.results, "Results")
    await browse.expect_cost(browse.page.get_by_role("complementary", name="Facets"), "Facets")


async def test_a_title_is_shown_as_it_is_written(browse: Browsing) -> None:
    await browse.open("/browse?order=year")
    await expect(browse.card(HOSTILE).locator("> b")).to_have_text(HOSTILE)
    await browse.card(HOSTILE).click()
    await browse.expect_heading(HOSTILE)
    assert await browse.page.title() == f"{HOSTILE} · Marquee"


async def test_an_error_of_the_server_is_shown_and_tried_again(browse: Browsing) -> None:
    async def fail(route: Route) -> None:
        await route.fulfill(json={"errors": [{"message": "The database is away: try later."}]})

    await browse.page.route("**/graphql", fail)
    await browse.open()
    problem = browse.results.get_by_role("alert")
    await expect(problem).to_contain_text("The database is away: try later.")
    await browse.page.unroute("**/graphql")
    await problem.get_by_role("button", name="Try again").click()
    await expect(browse.summary).to_have_text(ALL)
    await expect(problem).to_have_count(0)


async def test_a_server_that_does_not_answer_is_told_of(browse: Browsing) -> None:
    await browse.page.route("**/graphql", lambda route: route.abort())
    await browse.open("/browse?genre=Crime")
    await expect(browse.results.get_by_role("alert")).to_contain_text("No answer from 127.0.0.1")
    await browse.page.unroute("**/graphql")
    await browse.results.get_by_role("button", name="Try again").click()
    await expect(browse.summary).to_have_text("2 media")
    browse.visited.errors.clear()  # Chromium notes requests that fail


async def test_a_narrow_screen_has_room_for_all_and_facets_open_by_a_button(
    browser: Browser, small_server: str
) -> None:
    async with browsing(browser, small_server, NARROW) as browse:
        await browse.open()
        await expect(browse.card("Heat")).to_be_in_viewport()
        assert await browse.visited.scroll_width() == NARROW[0]
        await expect(browse.box_of("Crime")).to_be_hidden()
        await browse.page.get_by_role("button", name="Filters").click()
        await browse.box_of("Crime").check()
        await expect(browse.page.get_by_role("button", name="Filters (1)")).to_be_visible()
        await expect(browse.summary).to_have_text("2 media")
        assert await browse.visited.scroll_width() == NARROW[0]
        assert await browse.broken_rules() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_in_either_colours(browser: Browser, small_server: str, scheme: str) -> None:
    assert AXE.is_file()
    async with browsing(browser, small_server, scheme=scheme) as browse:
        await browse.open("/browse?genre=Crime")
        await expect(browse.cards).to_have_count(2)
        await expect(browse.box_of("Drama")).to_be_visible()
        assert await browse.broken_rules() == []
        await browse.box.fill("hea")
        await expect(browse.options).to_have_count(1)
        assert await browse.broken_rules() == []
        await browse.open("/browse?q=zzzz")
        await expect(browse.results.get_by_role("heading", name="Nothing found")).to_be_visible()
        assert await browse.broken_rules() == []
