"""Artwork: by type, sizes where known, its download, at most 64 a media."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from domain.viewer import Viewer
from loaders.registry import Loaders
from loaders.sql.condition import All, OneOf
from loaders.sql.page_sql import PageArguments
from tests.loaders.test_contract import silent_reader
from tests.support.api import Api
from tests.support.factories import add_artwork, add_library, add_media
from tests.support.plans import MODES, explain, indexes, scans, sorted_rows


async def add_pictures(connection: Any, *types: str) -> None:
    """Pictures 1, 2, ... of media 1, of these types."""
    media = await add_media(connection, await add_library(connection), "A")
    for type in types:
        await add_artwork(connection, media, type, f"https://example.org/{type}.jpg")


async def test_artwork_comes_by_type_with_its_size_where_that_is_known(api: Api, connection: Any) -> None:
    await add_pictures(connection, "THUMBNAIL", "POSTER", "BACKDROP")
    await connection.execute("UPDATE artwork SET width = 300, height = 450 WHERE type = 'POSTER'")

    data = await api.run('{ mediaItem(id: "media_1") { artwork { id type url width height media { title } } } }')

    assert data["mediaItem"]["artwork"] == [
        {
            "id": f"artwork_{number}",
            "type": type,
            "url": f"https://example.org/{type}.jpg",
            "width": width,
            "height": height,
            "media": {"title": "A"},
        }
        for number, type, width, height in (
            (3, "BACKDROP", None, None),
            (2, "POSTER", 300, 450),
            (1, "THUMBNAIL", None, None),
        )
    ]
    # graphql-core's executor brings nothing along.
    assert api.statements == ["media_by_id", *(() if api.service.engine.compiled else ("artwork_by_media_id",))]


async def test_a_picture_that_nobody_wants_a_file_of_has_no_state(api: Api, connection: Any) -> None:
    await add_pictures(connection, "POSTER", "LOGO")
    await connection.execute(
        "UPDATE artwork SET state = 'DOWNLOADED', path = 'a.jpg', updated_at = '2024-01-02T03:04:05Z' WHERE id = 2"
    )

    data = await api.run('{ artwork { nodes { state path } } two: artworkItem(id: "artwork_2") { updatedAt } }')

    assert data == {
        "artwork": {"nodes": [{"state": None, "path": None}, {"state": "DOWNLOADED", "path": "a.jpg"}]},
        "two": {"updatedAt": "2024-01-02T03:04:05+00:00"},
    }


async def test_artwork_is_listed_by_state_and_type(api: Api, connection: Any) -> None:
    await add_pictures(connection, "POSTER", "LOGO", "POSTER", "BACKDROP", "POSTER")
    await connection.execute("UPDATE artwork SET state = CASE WHEN id < 3 THEN 'WANTED' ELSE 'FAILED' END WHERE id < 5")

    data = await api.run(
        """{ all: artwork { totalCount } posters: artwork(type: [POSTER], first: 2) { totalCount nodes { id } }
        wanted: artwork(state: [WANTED]) { nodes { id } }
        both: artwork(type: [POSTER, LOGO], state: [FAILED, WANTED], last: 2) { totalCount nodes { id } }
        none: artwork(state: []) { totalCount nodes { id } } }"""
    )

    assert data == {
        "all": {"totalCount": 5},
        "posters": {"totalCount": 3, "nodes": [{"id": "artwork_1"}, {"id": "artwork_3"}]},
        "wanted": {"nodes": [{"id": "artwork_1"}, {"id": "artwork_2"}]},
        "both": {"totalCount": 3, "nodes": [{"id": "artwork_2"}, {"id": "artwork_3"}]},
        "none": {"totalCount": 0, "nodes": []},
    }


async def test_a_picture_is_found_by_its_id_and_is_an_entity(api: Api, connection: Any) -> None:
    await add_pictures(connection, "LOGO")
    query = """{ artworkItem(id: "artwork_1") { type } none: artworkItem(id: "artwork_2") { id }
        node(id: "artwork_1") { __typename }
        _entities(representations: [{ __typename: "Artwork", id: "artwork_1" }]) { __typename } }"""

    found = {"artworkItem": {"type": "LOGO"}, "none": None, "node": {"__typename": "Artwork"}}
    assert await api.run(query) == {**found, "_entities": [{"__typename": "Artwork"}]}
    assert api.statements == ["artwork_by_id"]
    hidden = {"artworkItem": None, "none": None, "node": None, "_entities": [None]}
    assert await api.run(query, Viewer(())) == hidden
    assert await api.codes('{ artworkItem(id: "media_1") { id } }') == ["BAD_ID"]


async def test_a_downloaded_picture_has_a_file(connection: Any) -> None:
    await add_pictures(connection, "LOGO")

    with pytest.raises(asyncpg.CheckViolationError, match="artwork_downloaded_path"):
        await connection.execute("UPDATE artwork SET state = 'DOWNLOADED'")


async def test_artwork_of_one_state_and_type_is_walked_along_its_index(large_reader: Any) -> None:
    wanted = All((OneOf("a.state", ("DOWNLOADING",)), OneOf("a.type", ("BACKDROP",))))
    middle = await large_reader.fetchval(
        """SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM artwork
        WHERE state = 'DOWNLOADING' AND type = 'BACKDROP'"""
    )
    for mode in MODES:
        for ends in ((None, None), ((middle,), None), (None, (middle,))):
            asked = PageArguments(20, ends[1] is not None, wanted, (), *ends)
            composed = Loaders.artwork_pages.compose(silent_reader(), asked, [0])
            steps = await explain(large_reader, *composed, mode)
            assert indexes(steps) == {"artwork_state_type_id", "media_pkey"}, (mode, asked)
            assert sorted_rows(steps) == 0
            assert {one.read for one in scans(steps)} == {21}, (mode, asked)


async def test_artwork_of_media_is_walked_along_its_index(large_reader: Any) -> None:
    for keys in ([500], list(range(500, 600))):
        statement = Loaders.artwork_by_media_id.statement
        composed = statement.compose("artwork_by_media_id", silent_reader(), keys)
        steps = await explain(large_reader, *composed, "force_generic_plan")
        assert indexes(steps) == {"artwork_media_id_type_id"}
        assert sum(one.read for one in scans(steps)) <= 2 * len(keys)
