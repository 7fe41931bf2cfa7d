"""Clips: on their media, by id, of a channel, many at once."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from domain.viewer import Viewer
from loaders.registry import Loaders
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter
from tests.loaders.test_contract import silent_reader
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_name
from tests.support.plans import MODES, explain, indexes, scans, sorted_rows


async def add_clips(connection: Any, *channels: int | None) -> None:
    """Media 1, 2, ... with a clip each, of these channels, and a movie behind them."""
    library = await add_library(connection)
    for number, channel in enumerate(channels, 1):
        media = await add_media(connection, library, f"M{number}", kind="CLIP")
        await connection.execute(
            "INSERT INTO clip VALUES ($1, $2, $3, $4, $5)", media, channel, 61_234, 2**53 - 1, f"https://e.org/{number}"
        )
    await add_media(connection, library, "Movie")


async def test_a_clip_stands_on_its_media_and_other_media_have_none(api: Api, connection: Any) -> None:
    await add_clips(connection, await add_name(connection, "channel", "Arte"), None)

    data = await api.run(
        "{ media { nodes { clip { id durationSeconds size sourceUrl channel { name } media { title } } } } }"
    )

    facts = {"durationSeconds": 61.234, "size": 2**53 - 1}
    first = {**facts, "id": "clip_1", "sourceUrl": "https://e.org/1", "channel": {"name": "Arte"}}
    second = {**facts, "id": "clip_2", "sourceUrl": "https://e.org/2", "channel": None}
    assert [node["clip"] for node in data["media"]["nodes"]] == [
        {**first, "media": {"title": "M1"}},
        {**second, "media": {"title": "M2"}},
        None,
    ]
    assert sorted(api.statements) == ["channel_by_id", "clip_by_media_id", "media_by_id", "media_pages"]


async def test_what_is_not_known_of_a_clip_is_null(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection), kind="CLIP")
    await connection.execute("INSERT INTO clip (media_id) VALUES ($1)", media)

    data = await api.run('{ clip(id: "clip_1") { durationSeconds size sourceUrl channel { id } } }')

    assert data == {"clip": {"durationSeconds": None, "size": None, "sourceUrl": None, "channel": None}}


async def test_a_clip_is_found_by_its_id_and_is_an_entity(api: Api, connection: Any) -> None:
    await add_clips(connection, None)

    data = await api.run(
        """{ clip(id: "clip_1") { id } none: clip(id: "clip_2") { id } node(id: "clip_1") { __typename }
        _entities(representations: [{ __typename: "Clip", id: "clip_1" }]) { ... on Clip { sourceUrl } } }"""
    )

    assert data == {
        "clip": {"id": "clip_1"},
        "none": None,
        "node": {"__typename": "Clip"},
        "_entities": [{"sourceUrl": "https://e.org/1"}],
    }
    assert api.statements == ["clip_by_media_id"]
    assert await api.codes('{ clip(id: "media_1") { id } }') == ["BAD_ID"]
    assert await api.run('{ clip(id: "clip_1") { id } }', Viewer(())) == {"clip": None}


async def test_many_clips_by_ids_of_clips_or_media_come_in_order_by_one_statement(api: Api, connection: Any) -> None:
    await add_clips(connection, None, None)
    query = "query ($ids: [ID!]!) { clipsByIds(ids: $ids) { id } }"

    data = await api.run(query, ids=["media_2", "clip_1", "media_3", "clip_99", "clip_2"])

    found = [{"id": "clip_2"}, {"id": "clip_1"}, None, None, {"id": "clip_2"}]
    assert data == {"clipsByIds": found}
    assert api.statements == ["clip_by_media_id"]
    assert await api.run(query, ids=[]) == {"clipsByIds": []}
    assert api.statements == []
    assert await api.codes(query, ids=["media_1"] * 501) == ["BAD_ARGUMENT"]


async def test_a_bad_id_among_those_of_clips_fails_alone(api: Api, connection: Any) -> None:
    await add_clips(connection, None)

    answer = await api.answer('{ clipsByIds(ids: ["tag_1", "media_1", "clip_x"]) { id } }')

    assert answer.body["data"] == {"clipsByIds": [None, {"id": "clip_1"}, None]}
    assert [(error["path"], error["extensions"]["code"]) for error in answer.body["errors"]] == [
        (["clipsByIds", 0], "BAD_ID"),
        (["clipsByIds", 2], "BAD_ID"),
    ]


async def test_a_channel_has_its_clips_in_pages_by_the_id_of_the_media(api: Api, connection: Any) -> None:
    one, two = [await add_name(connection, "channel", name) for name in ("one", "two")]
    await add_clips(connection, one, two, one, None, one)
    page = "totalCount nodes { media { title } } pageInfo { hasNextPage endCursor }"

    data = await api.run(f"{{ channels {{ nodes {{ clips(first: 2) {{ {page} }} }} }} }}")

    first, second = [node["clips"] for node in data["channels"]["nodes"]]
    assert (first["totalCount"], second["totalCount"]) == (3, 1)
    assert first["nodes"] == [{"media": {"title": title}} for title in ("M1", "M3")]
    assert second["nodes"] == [{"media": {"title": "M2"}}]
    assert sorted(api.statements) == [
        "channel_pages",
        "clip_count_by_channel_id",
        "clip_pages_by_channel_id",
        "media_by_id",
    ]
    rest = await api.run(
        'query ($after: String) { channel(id: "channel_1") { clips(after: $after) { nodes { id } } } }',
        after=first["pageInfo"]["endCursor"],
    )
    assert rest == {"channel": {"clips": {"nodes": [{"id": "clip_5"}]}}}


async def test_a_clip_outlives_its_channel_but_not_its_media(api: Api, connection: Any) -> None:
    await add_clips(connection, await add_name(connection, "channel", "Arte"))

    await connection.execute("DELETE FROM channel")
    assert await api.run('{ clip(id: "clip_1") { channel { id } } }') == {"clip": {"channel": None}}
    await connection.execute("DELETE FROM media")
    assert await api.run('{ clip(id: "clip_1") { id } }') == {"clip": None}


async def test_a_size_is_a_number_that_clients_can_hold(connection: Any) -> None:
    await add_clips(connection, None)

    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("UPDATE clip SET size = size + 1")


async def test_the_clips_of_a_channel_are_walked_along_their_index(large_reader: Any) -> None:
    ref = Loaders.clip_pages_by_channel_id
    for parents in ([2], list(range(1, 31))):
        for after in (None, (40_000,)):
            asked = PageArguments(20, False, NoFilter(), (), after, None)
            for mode in MODES:
                steps = await explain(large_reader, *ref.compose(silent_reader(), asked, parents), mode)
                assert {"clip_channel_id_media_id", "media_pkey"} <= indexes(steps), (mode, after)
                assert sorted_rows(steps) == 0
                assert {one.read for one in scans(steps)} == {21 * len(parents)}, (mode, after)
