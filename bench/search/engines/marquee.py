"""Marquee itself, by `search` of its GraphQL API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx

from app.process.migrate import migrate
from bench import servers
from bench.database import Database
from bench.search.documents import Document
from bench.search.engines.engine import MOST, Engine
from catalog.search_vocabulary import learn_words
from catalog.transaction import transact
from catalog.upsert.item import Item, MatchBy
from catalog.upsert.upsert import upsert_media
from database.open_session import open_session
from database.session import Session
from database.statement import plain
from domain.text import fold
from domain.viewer import UNRESTRICTED

CHUNK = 500
BY_ID = (MatchBy.EXTERNAL_ID,)
PEER = servers.marquee("search", "Marquee")
LIBRARY = "INSERT INTO library (name, folded_name, kind) VALUES ($1, $2, 'MOVIE') RETURNING id"
VACUUM = "VACUUM (ANALYZE)"
SEARCH = f"""
query search($query: String!) {{
    search(query: $query, types: [MEDIA], first: {MOST}) {{ nodes {{ ... on Media {{ id }} }} }} }}
"""


class MarqueeSearch:
    """Over an empty database, which it fills."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._log = folder / "search-marquee.log"

    def __call__(self, documents: Sequence[Document], queries: Sequence[str]) -> list[list[int]]:
        places = asyncio.run(self.fill(documents))
        with servers.serving(PEER, "auto", self._database, self._log) as server:
            return [[places[one] for one in found] for found in answers(server.port, queries)]

    async def fill(self, documents: Sequence[Document]) -> dict[str, int]:
        """The document of each media, by the id of the media in the API."""
        await migrate(self._database.args)
        places: dict[str, int] = {}
        async with open_session(self._database.args) as session:
            [[library]] = await session.fetch(plain("search", LIBRARY), ("Known", fold("Known")))
            for start in range(0, len(documents), CHUNK):
                chunk = documents[start : start + CHUNK]
                media = await add(session, library, chunk)
                places.update((f"media_{number}", one.id) for number, one in zip(media, chunk, strict=True))
            while await learn_words(session):  # as the server does from time to time
                pass
            await session.fetch(plain("search", VACUUM), ())
        return places


async def add(session: Session, library: int, documents: Sequence[Document]) -> list[int | None]:
    items = [item(place, library, one) for place, one in enumerate(documents)]
    results = await transact(
        session, UNRESTRICTED, "upsert_media", lambda writer: upsert_media(writer, items, match_by=BY_ID)
    )
    return [result.media for result in results]


def item(place: int, library: int, document: Document) -> Item:
    """The same texts that the other engines are given."""
    values = {"library_id": library, "title": document.title, "year": document.year}
    return Item(
        place,
        values={**values, "overview": document.overview or None},
        lists={
            "aliases": [{"title": title} for title in document.aliases],
            "genres": list(document.genres),
            "credits": [{"person_id": name, "role": "ACTOR"} for name in document.people],
            "external_ids": [{"source": "bench", "value": str(document.id)}],
        },
    )


def answers(port: int, queries: Sequence[str]) -> list[list[str]]:
    """Ids of media for each query, in their order."""
    found = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        for query in queries:
            said = client.post("/graphql", json={"query": SEARCH, "variables": {"query": query}}).json()
            if "errors" in said:
                raise servers.ServerError(f"search {query!r}: {said['errors'][0]['message']}")
            found.append([node["id"] for node in said["data"]["search"]["nodes"]])
    return found


def marquee(database: Database, folder: Path, version: str) -> Engine:
    settings = "`search(query, types: [MEDIA])` over HTTP, as it comes."
    return Engine("Marquee", version, settings, MarqueeSearch(database, folder))
