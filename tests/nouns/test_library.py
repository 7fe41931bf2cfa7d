"""Libraries: their media and counts; a hidden one does not exist (tests/loaders/test_visibility.py)."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.support.api import Api
from tests.support.factories import add_library, add_media


async def test_a_library_knows_its_media_and_their_number(api: Api, connection: Any) -> None:
    movies = await add_library(connection, "Movies")
    await add_library(connection, "Mixed", None)
    for title in ("B", "A"):
        await add_media(connection, movies, title)

    data = await api.run(
        """{ libraries(orderBy: [{field: NAME}]) { totalCount
        nodes { name kind mediaCount media { nodes { title } } } } }"""
    )

    assert data["libraries"] == {
        "totalCount": 2,
        "nodes": [
            {"name": "Mixed", "kind": None, "mediaCount": 0, "media": {"nodes": []}},
            {"name": "Movies", "kind": "MOVIE", "mediaCount": 2, "media": {"nodes": [{"title": "B"}, {"title": "A"}]}},
        ],
    }
    assert api.statements == ["library_pages", "library_count", "media_pages_by_library_id"]


async def test_no_library_is_null_and_a_foreign_id_an_error(api: Api) -> None:
    assert await api.run('{ library(id: "library_1") { id } }') == {"library": None}
    assert await api.codes('{ library(id: "tag_1") { id } }') == ["BAD_ID"]


async def test_names_of_libraries_are_unique_whatever_their_case(connection: Any) -> None:
    await add_library(connection, "Movies")

    with pytest.raises(asyncpg.UniqueViolationError):
        await add_library(connection, "MOVIES")


async def test_a_library_with_media_cannot_be_deleted(connection: Any) -> None:
    await add_media(connection, await add_library(connection))

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await connection.execute("DELETE FROM library")
