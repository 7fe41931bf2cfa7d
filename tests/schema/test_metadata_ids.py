"""External ids in refreshes, and media that a viewer does not see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from domain.viewer import Viewer
from tests.support.api import Api, open_api
from tests.support.factories import add_library, add_media
from tests.support.faulty_server import FaultyServer
from tests.support.metadata_server import metadata_server, metadata_services, movie, serve_json, serve_movies

REFRESH = """mutation ($media: [ID!]!, $policy: MetadataPolicy! = FILL) {
    refreshMetadata(media: $media, policy: $policy) { succeeded errors { code item id } } }"""
LOOKUP = "query ($id: ExternalIdInput) { lookup(externalId: $id) { externalIds { media { id } } } }"


@pytest.fixture
async def films() -> AsyncIterator[FaultyServer]:
    async with metadata_server() as server:
        yield server


@pytest.fixture
async def served(films: FaultyServer, writer: ConnectArgs) -> AsyncIterator[Api]:
    """An API whose metadata service is the server of `films`."""
    async with metadata_services(films, writer) as services, open_api(writer) as api:
        api.service.outside = services
        yield api


async def add_film(connection: Any, tmdb: int = 603) -> None:
    if await connection.fetchval("SELECT count(*) FROM library") == 0:
        await add_library(connection)
    media = await add_media(connection, 1, "Mine")
    await connection.execute("INSERT INTO external_id VALUES ('tmdb', $1, $2)", str(tmdb), media)


async def test_of_two_media_with_the_same_new_id_one_gets_it(films: FaultyServer, served: Api, connection: Any) -> None:
    """What the service says of two films is not always true of both: neither fails."""
    for tmdb in (603, 604):
        await add_film(connection, tmdb=tmdb)
        serve_json(films, f"/movie/{tmdb}", movie(tmdb, external_ids={"imdb_id": "tt1"}))
    for policy in ("FILL", "REPLACE"):
        found = await served.run(REFRESH, media=["media_1", "media_2"], policy=policy)
        assert found["refreshMetadata"]["errors"] == []
        rows = await connection.fetch("SELECT source, value, media_id FROM external_id ORDER BY source, value")
        assert [tuple(row) for row in rows] == [("imdb", "tt1", 1), ("tmdb", "603", 1), ("tmdb", "604", 2)]


async def test_an_id_that_cannot_be_asked_for_does_not_hide_the_others(
    films: FaultyServer, served: Api, connection: Any
) -> None:
    media = await add_media(connection, await add_library(connection), "Mine")
    for source, value in (("imdb", "tt 1/2"), ("wikidata", "Q1")):
        await connection.execute("INSERT INTO external_id VALUES ($1, $2, $3)", source, value, media)
    serve_json(films, "/find/Q1", {"movie_results": [movie(603)]})
    serve_movies(films, 603)
    assert (await served.run(REFRESH, media=["media_1"]))["refreshMetadata"]["errors"] == []


async def test_a_library_that_is_not_seen_is_not_refreshed(films: FaultyServer, served: Api, connection: Any) -> None:
    await add_film(connection)
    serve_movies(films, 603)
    found = (await served.run(REFRESH, Viewer((7,)), media=["media_1"]))["refreshMetadata"]
    assert (found["succeeded"], found["errors"]) == (0, [{"code": "NOT_FOUND", "item": 0, "id": "media_1"}])
    candidates = await served.run(LOOKUP, Viewer((7,)), id={"source": "tmdb", "value": "603"})
    assert [one["externalIds"][0]["media"] for one in candidates["lookup"]] == [None]
    assert await connection.fetchval("SELECT version FROM media") == 1
