"""A small catalogue for the page /browse, and what its tests look at."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, Response, expect

from app.settings import CHECKOUT
from catalog.search_vocabulary import learn_words
from database.connect_args import ConnectArgs
from database.open_session import open_session
from tests.support.browser import PATIENCE, WIDE, Visit, visit
from tests.support.factories import (
    add_artwork,
    add_collection,
    add_credit,
    add_external_id,
    add_library,
    add_media,
    add_media_file,
    add_name,
    add_person,
    add_person_id,
    add_row,
    mark,
)

HOSTILE = "<img src=x onerror=document.title='broken'> 🎬"
POSTER = "https://pictures.example/heat.jpg"
DIST = CHECKOUT / "ui" / "dist" / "browse.html"
AXE = CHECKOUT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
# Which rules a page breaks, and where.
BROKEN = "axe.run().then(({violations}) => violations.map(({id, nodes}) => [id, ...nodes.map(({html}) => html)]))"


async def fill(connection: Any) -> None:
    """Three films, of which two have one genre, and a series of two seasons."""
    films = await add_library(connection, "Films")
    crime, drama = [await add_name(connection, "genre", name) for name in ("Crime", "Drama")]
    heist = await add_name(connection, "tag", "heist")
    heat = await add_media(
        connection,
        films,
        "Heat",
        year=1995,
        rating_tenths=83,
        runtime_minutes=170,
        original_title="Heat (original)",
        overview="A thief and a detective.",
        metadata={"mood": "cold", "discs": [1, 2]},
    )
    ronin = await add_media(connection, films, "Ronin", year=1998, rating_tenths=72)
    await add_media(connection, films, HOSTILE, year=2021, rating_tenths=10)
    for media, genres in ((heat, (crime, drama)), (ronin, (crime,))):
        await mark(connection, "genre", media, *genres)
        await mark(connection, "tag", media, heist)
    await add_people(connection, heat, ronin)
    await add_collection(connection, "Heists of the nineties", ronin, heat, kind="BOX_SET")
    await add_external_id(connection, heat, "imdb", "tt0113277")
    await add_artwork(connection, heat, url=POSTER, width=600)
    await add_media_file(connection, heat, "/films/Heat (1995).mkv", size=4_100_000_000, container="mkv")
    alias = {"title": "Fuego contra fuego", "folded_title": "fuego contra fuego", "language": "es"}
    await add_row(connection, "media_alias", media_id=heat, **alias)
    await add_series(connection)


async def add_people(connection: Any, heat: int, ronin: int) -> None:
    """One of both films, with an id elsewhere, and as many others of the first that the cast has a second page."""
    niro = await add_person(connection, "Robert De Niro")
    await add_person_id(connection, niro, "imdb", "nm0000134")
    await add_credit(connection, heat, niro, character="Neil McCauley")
    await add_credit(connection, ronin, niro, character="Sam")
    await add_credit(connection, heat, await add_person(connection, "Michael Mann"), "DIRECTOR", 1)
    for number in range(2, 60):
        await add_credit(connection, heat, await add_person(connection, f"Extra {number}"), position=number)


async def add_series(connection: Any) -> None:
    shows = await add_library(connection, "Shows", "SERIES")
    series = await add_media(connection, shows, "Spaced", kind="SERIES", year=1999, rating_tenths=80)
    for season in (1, 2):
        parent = await add_media(
            connection, shows, f"Season {season}", kind="SEASON", parent_id=series, season_number=season
        )
        for episode in (1, 2, 3):
            await add_media(
                connection,
                shows,
                f"Part {season}.{episode}",
                kind="EPISODE",
                parent_id=parent,
                season_number=season,
                episode_number=episode,
            )


async def learn(args: ConnectArgs, connection: Any) -> None:
    """Lets search know the words of the catalogue; what others have under way may put that off."""
    async with open_session(args) as session, asyncio.timeout(PATIENCE):
        while not await connection.fetchval("SELECT true FROM search_word WHERE word = 'ronin'"):
            await learn_words(session)


class Browsing:
    """A window with the page."""

    def __init__(self, visited: Visit) -> None:
        self.visited = visited
        self.page: Page = visited.page
        self.answers: list[tuple[str, Response]] = []
        self.page.on("response", self._keep)

    def _keep(self, response: Response) -> None:
        if response.url.endswith("/graphql") and response.request.method == "POST":
            self.answers.append(((response.request.post_data_json or {}).get("operationName", ""), response))

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("combobox", name="Search media, people and tags")

    @property
    def options(self) -> Locator:
        return self.page.get_by_role("listbox", name="Suggestions").get_by_role("option")

    @property
    def results(self) -> Locator:
        return self.page.get_by_role("region", name="Results")

    @property
    def summary(self) -> Locator:
        return self.results.get_by_role("status")

    @property
    def cards(self) -> Locator:
        return self.page.get_by_role("list", name="Media").get_by_role("listitem")

    def card(self, title: str) -> Locator:
        return self.cards.get_by_role("link", name=title)

    def box_of(self, value: str) -> Locator:
        """The check box of a value of a facet."""
        return self.page.get_by_role("complementary", name="Facets").get_by_role("checkbox", name=value)

    async def open(self, path: str = "/browse") -> None:
        await self.visited.open(path)

    async def expect_address(self, path: str) -> None:
        """Waits until path and query are these."""
        await expect(self.page).to_have_url(f"{self.visited.server}{path}")

    async def expect_cost(self, view: Locator, operation: str) -> None:
        """Waits for what a view says that it took, which is what the last answer of an operation says."""
        note = view.locator(".cost")
        await expect(note).to_have_text(re.compile(r"\d SQL statements?\b"))
        response = [answer for name, answer in self.answers if name == operation][-1]
        number = (await response.json())["extensions"]["marquee"]["statements"]
        await expect(note).to_have_text("1 SQL statement" if number == 1 else f"{number} SQL statements")

    async def broken_rules(self) -> list[Any]:
        """What axe-core finds wrong on the page as it is."""
        await self.page.evaluate(AXE.read_text())
        found: list[Any] = await self.page.evaluate(BROKEN)
        return found

    async def expect_heading(self, name: str) -> None:
        """Waits for the page of one thing; its heading has the focus."""
        heading = self.page.get_by_role("heading", level=1, name=name, exact=True)
        await expect(heading).to_be_focused()


@asynccontextmanager
async def browsing(
    browser: Browser, server: str, size: tuple[int, int] = WIDE, scheme: str = "light"
) -> AsyncIterator[Browsing]:
    """A window of its own; in the end nothing may have gone wrong in it."""
    async with visit(browser, server, size, scheme) as visited:
        yield Browsing(visited)
