"""Searches for tests: hits by the names of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from database.session import Session
from domain.enums import SearchCorrect, SearchType
from domain.search_query import parse_query
from domain.viewer import UNRESTRICTED, Viewer
from loaders.core.read_session import Budget, ReadSession
from loaders.registry import Loaders
from loaders.search.page import SearchPage, search_arguments
from loaders.sql.source import Filter
from tests.support.api import Api

NAMES = """
SELECT 'MEDIA', id, title FROM media UNION ALL SELECT 'PERSON', id, name FROM person
UNION ALL SELECT 'TAG', id, name FROM tag UNION ALL SELECT 'GENRE', id, name FROM genre
UNION ALL SELECT 'CHANNEL', id, name FROM channel UNION ALL SELECT 'COLLECTION', id, name FROM collection
"""


async def search_page(
    api: Api,
    text: str,
    *,
    types: Sequence[SearchType] | None = None,
    filter: Filter | None = None,
    correct: SearchCorrect = SearchCorrect.NEVER,
    first: int = 20,
    after: str | None = None,
    viewer: Viewer = UNRESTRICTED,
) -> SearchPage:
    """A page of a search, by loaders of its own."""
    arguments = search_arguments(
        Budget(), query=parse_query(text), types=types, filter=filter, correct=correct, first=first, after=after
    )
    session = Session(api.pool)
    try:
        [page] = await Loaders.search_pages.bind(Loaders(ReadSession(session, viewer)), arguments).load_batch([0])
    finally:
        await session.close()
    if isinstance(page, Exception):
        raise page
    return page


async def found(api: Api, connection: Any, text: str, **arguments: Any) -> list[str]:
    """Titles and names of what a search finds, in its order."""
    names = {(type, id): name for type, id, name in await connection.fetch(NAMES)}
    page = await search_page(api, text, **arguments)
    return [names[hit.type.value, hit.id] for hit in page.edges]
