"""Thumbnails: on their media by offset, by id, in pages by state, their bound."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from domain.viewer import Viewer
from loaders.registry import Loaders
from loaders.sql.condition import All, OneOf
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import Filter
from tests.loaders.test_contract import silent_reader
from tests.support.api import Api
from tests.support.factories import add_library, add_media
from tests.support.plans import MODES, explain, indexes, scans, sorted_rows


async def add_thumbnail(connection: Any, media: int, offset_ms: int, state: str = "PENDING", **columns: Any) -> int:
    values = {"media_id": media, "offset_ms": offset_ms, "state": state, **columns}
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    return int(
        await connection.fetchval(
            f"INSERT INTO thumbnail ({', '.join(values)}) VALUES ({places}) RETURNING id", *values.values()
        )
    )


async def test_a_media_has_its_thumbnails_by_offset(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection), "A")
    await add_thumbnail(connection, media, 90_500)
    await add_thumbnail(connection, media, 0, "FAILED", error="No such file.")
    await add_thumbnail(connection, media, 1, "READY", path="a/1.jpg", width=320, height=180)

    data = await api.run(
        """{ mediaItem(id: "media_1") { thumbnails { id state offsetSeconds path width height error
        media { title } } } }"""
    )

    blank = {"path": None, "width": None, "height": None, "error": None, "media": {"title": "A"}}
    made = {"path": "a/1.jpg", "width": 320, "height": 180}
    assert data["mediaItem"]["thumbnails"] == [
        {**blank, "id": "thumbnail_2", "state": "FAILED", "offsetSeconds": 0.0, "error": "No such file."},
        {**blank, "id": "thumbnail_3", "state": "READY", "offsetSeconds": 0.001, **made},
        {**blank, "id": "thumbnail_1", "state": "PENDING", "offsetSeconds": 90.5},
    ]
    # graphql-core's executor brings nothing along.
    assert api.statements == ["media_by_id", *(() if api.service.engine.compiled else ("thumbnails_by_media_id",))]


async def test_thumbnails_are_listed_by_state_in_the_order_of_their_ids(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for state in ("PENDING", "FAILED", "READY", "PENDING"):
        await add_thumbnail(connection, media, 0, state, path="x")

    data = await api.run(
        """{ all: thumbnails { totalCount } pending: thumbnails(state: [PENDING]) { totalCount nodes { id } }
        some: thumbnails(state: [READY, FAILED, READY], last: 1) { totalCount nodes { id } }
        none: thumbnails(state: []) { totalCount nodes { id } } }"""
    )

    assert data == {
        "all": {"totalCount": 4},
        "pending": {"totalCount": 2, "nodes": [{"id": "thumbnail_1"}, {"id": "thumbnail_4"}]},
        "some": {"totalCount": 2, "nodes": [{"id": "thumbnail_3"}]},
        "none": {"totalCount": 0, "nodes": []},
    }


async def test_a_thumbnail_is_found_by_its_id_and_is_an_entity(api: Api, connection: Any) -> None:
    await add_thumbnail(connection, await add_media(connection, await add_library(connection)), 0)
    query = """{ thumbnail(id: "thumbnail_1") { state } none: thumbnail(id: "thumbnail_2") { id }
        node(id: "thumbnail_1") { __typename }
        _entities(representations: [{ __typename: "Thumbnail", id: "thumbnail_1" }]) { __typename } }"""

    found = {"thumbnail": {"state": "PENDING"}, "none": None, "node": {"__typename": "Thumbnail"}}
    assert await api.run(query) == {**found, "_entities": [{"__typename": "Thumbnail"}]}
    assert api.statements == ["thumbnail_by_id"]
    hidden = {"thumbnail": None, "none": None, "node": None, "_entities": [None]}
    assert await api.run(query, Viewer(())) == hidden
    assert await api.codes('{ thumbnail(id: "artwork_1") { id } }') == ["BAD_ID"]


async def test_a_ready_thumbnail_has_a_file(connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    await add_thumbnail(connection, media, 0)

    with pytest.raises(asyncpg.CheckViolationError, match="thumbnail_ready_path"):
        await connection.execute("UPDATE thumbnail SET state = 'READY'")


async def test_the_thumbnails_in_one_state_are_walked_along_their_index(large_reader: Any) -> None:
    one: Filter = All((OneOf("t.state", ("PENDING",)),))
    middle = await large_reader.fetchval(
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM thumbnail WHERE state = 'PENDING'"
    )
    for after in (None, (middle,)):
        for backward in (False, True):
            asked = PageArguments(20, backward, one, (), None if backward else after, after if backward else None)
            for mode in MODES:
                composed = Loaders.thumbnail_pages.compose(silent_reader(), asked, [0])
                steps = await explain(large_reader, *composed, mode)
                assert indexes(steps) == {"thumbnail_state_id", "media_pkey"}, (mode, asked)
                assert sorted_rows(steps) == 0
                assert {one.read for one in scans(steps)} == {21}, (mode, asked)


async def test_the_thumbnails_of_media_are_walked_along_their_index(large_reader: Any) -> None:
    for keys in ([500], list(range(500, 600))):
        statement = Loaders.thumbnails_by_media_id.statement
        composed = statement.compose("thumbnails_by_media_id", silent_reader(), keys)
        steps = await explain(large_reader, *composed, "force_generic_plan")
        assert indexes(steps) == {"thumbnail_media_id_offset_ms_id"}
        assert sum(one.read for one in scans(steps)) == 2 * len(keys)
