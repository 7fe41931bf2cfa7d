"""History: newest first, by types, what outlives its media, what follows it, and who sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from domain.viewer import Viewer
from loaders.registry import Loaders
from loaders.sql.condition import All, OneOf
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter
from tests.loaders.test_contract import silent_reader
from tests.loaders.test_plans import SIZE, Place, assert_flat, biggest_parents, pages, place
from tests.support.api import Api
from tests.support.derived import delete_media, insert_row, settle, update_media
from tests.support.factories import add_library, add_media
from tests.support.plans import MODES, explain, indexes, scans


async def add_event(connection: Any, media: int, type: str = "UPDATED", day: int = 1) -> None:
    at = datetime(2024, 1, day, tzinfo=UTC)
    await insert_row(connection, "history_event", {"media_id": media, "type": type, "at": at})


async def places_of(connection: Any) -> list[tuple[int, int]]:
    return [tuple(row) for row in await connection.fetch("SELECT media_id, library_id FROM history_event ORDER BY id")]


async def test_media_have_their_history_newest_first_and_by_types(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    one, two, _ = [await add_media(connection, library) for _ in range(3)]
    for type_, day in [("CREATED", 1), ("TAGGED", 3), ("UPDATED", 2), ("FAILED", 3)]:
        await add_event(connection, one, type_, day)
    await add_event(connection, two)

    data = await api.run(
        """{ media { nodes { history(first: 3) { totalCount nodes { type } }
        some: history(types: [CREATED, UPDATED, DELETED], last: 1) { totalCount nodes { type } } } } }"""
    )

    assert [
        ([event["type"] for event in node[name]["nodes"]], node[name]["totalCount"])
        for name in ("history", "some")
        for node in data["media"]["nodes"]
    ] == [
        (["FAILED", "TAGGED", "UPDATED"], 4),
        (["UPDATED"], 1),
        ([], 0),
        (["CREATED"], 2),
        (["UPDATED"], 1),
        ([], 0),
    ]
    assert sorted(api.statements) == [
        "history_event_count_by_media_id",
        "history_event_count_by_media_id",
        "history_event_pages_by_media_id",
        "history_event_pages_by_media_id",
        "media_pages",
    ]


async def test_the_whole_history_pages_both_ways(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for day in (2, 1, 3, 1):
        await add_event(connection, media, day=day)

    data = await api.run(
        """{ first: history(first: 2) { nodes { id } pageInfo { endCursor } }
        last: history(last: 2) { nodes { id } pageInfo { startCursor } } }"""
    )

    numbers = {name: [node["id"].removeprefix("history_event_") for node in data[name]["nodes"]] for name in data}
    assert numbers == {"first": ["3", "1"], "last": ["4", "2"]}
    after, before = data["first"]["pageInfo"]["endCursor"], data["last"]["pageInfo"]["startCursor"]
    rest = await api.run(
        f"""{{ history(after: "{after}") {{ nodes {{ id }} }}
        back: history(before: "{before}", last: 2) {{ nodes {{ id }} }}
        mediaItem(id: "media_1") {{ history(after: "{after}") {{ nodes {{ id }} }} }} }}"""
    )
    assert rest["back"]["nodes"] == data["first"]["nodes"]
    assert rest["history"]["nodes"] == rest["mediaItem"]["history"]["nodes"] == data["last"]["nodes"]


async def test_an_event_outlives_its_media(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media = await add_media(connection, library, "A")
    event_row = {"media_id": media, "type": "IMPORTED", "detail": '{"from": [1, null]}'}
    await insert_row(connection, "history_event", event_row)
    asked = """{ history { nodes { id type detail mediaId media { title } } }
        node(id: "history_event_1") { ... on HistoryEvent { mediaId } }
        _entities(representations: [{ __typename: "HistoryEvent", id: "history_event_1" }]) {
            ... on HistoryEvent { type } } }"""
    event = {"id": "history_event_1", "type": "IMPORTED", "detail": {"from": [1, None]}, "mediaId": "media_1"}

    data = await api.run(asked)
    assert data["history"]["nodes"] == [{**event, "media": {"title": "A"}}]
    assert (data["node"], data["_entities"]) == ({"mediaId": "media_1"}, [{"type": "IMPORTED"}])
    assert sorted(api.statements) == ["history_event_by_id", "history_event_pages", "media_by_id"]

    await delete_media(connection)
    assert (await api.run(asked))["history"]["nodes"] == [{**event, "media": None}]
    one = '{ historyEvent(id: "history_event_1") { mediaId at } none: historyEvent(id: "history_event_2") { id } }'
    found = await api.run(one)
    assert (found["historyEvent"]["mediaId"], found["none"]) == ("media_1", None)
    assert await api.codes('{ historyEvent(id: "media_1") { id } }') == ["BAD_ID"]


async def test_events_follow_their_media_and_go_with_their_library(api: Api, connection: Any) -> None:
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    one, two = [await add_media(connection, here) for _ in range(2)]
    for media in (one, two):
        await add_event(connection, media)
    assert await places_of(connection) == [(one, here), (two, here)]

    await update_media(connection, "library_id = $1", "id = $2", there, one)
    assert await places_of(connection) == [(one, there), (two, here)]
    for libraries, seen in [(None, [two, one]), ((here,), [two]), ((), [])]:
        data = await api.run("{ history { totalCount nodes { mediaId } } }", Viewer(libraries))
        assert [node["mediaId"] for node in data["history"]["nodes"]] == [f"media_{media}" for media in seen]
        assert data["history"]["totalCount"] == len(seen)
    hidden = await api.run('{ historyEvent(id: "history_event_1") { id } }', Viewer((here,)))
    assert hidden == {"historyEvent": None}

    await delete_media(connection)
    assert await places_of(connection) == [(one, there), (two, here)]
    await connection.execute("DELETE FROM library WHERE id = $1", there)
    await settle(connection)
    assert await places_of(connection) == [(two, here)]
    await connection.execute("TRUNCATE library CASCADE")
    await settle(connection)
    assert await places_of(connection) == []


async def test_an_event_of_no_media_needs_its_library(connection: Any) -> None:
    library = await add_library(connection)
    with pytest.raises(asyncpg.NotNullViolationError):
        await add_event(connection, 7)

    records = [(7, library, "DELETED") for _ in range(1000)]
    await connection.copy_records_to_table("history_event", records=records, columns=["media_id", "library_id", "type"])

    assert await places_of(connection) == [(7, library)] * 1000


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("history_event_pages", "history_event_at_id"),
        ("history_event_pages_by_media_id", "history_event_media_id_at_id"),
    ],
)
async def test_history_walks_its_index_wherever_the_page_stands(name: str, index: str, large_reader: Any) -> None:
    ref = pages(name)
    order = ref.source.default
    parents = await biggest_parents(large_reader, ref, 20)
    for at in (Place(), await place(large_reader, ref, order, parents[0], 0.5)):
        for keys in (parents[:1], parents):
            asked = PageArguments(SIZE, False, NoFilter(), order, at.position, None)
            for mode in MODES:
                steps = await explain(large_reader, *ref.compose(silent_reader(), asked, keys), mode)
                assert_flat(steps, index, (mode, at), len(keys), at.behind)


async def test_events_of_media_by_type_are_counted_in_an_index_alone(large_reader: Any) -> None:
    filter = All((OneOf("e.type", ("TAGGED",)),))
    for keys in ([500], list(range(500, 600))):
        statement, values = Loaders.history_event_count_by_media_id.compose(silent_reader(), filter, keys)
        (found,) = scans(await explain(large_reader, statement, values, "force_custom_plan"))
        assert (found.type, found.index) == ("Index Only Scan", "history_event_media_id_type")
        assert found.read <= len(keys)


@pytest.mark.parametrize("type_", ["DELETED", "CREATED"])
async def test_events_of_one_type_walk_the_index_of_type_and_time(type_: str, large_reader: Any) -> None:
    ref = pages("history_event_pages")
    order = ref.source.default
    filter = All((OneOf("e.type", (type_,)),))
    for at in (Place(), await place(large_reader, ref, order, 0, 0.5)):
        asked = PageArguments(SIZE, False, filter, order, at.position, None)
        steps = await explain(large_reader, *ref.compose(silent_reader(), asked, [0]), "force_custom_plan")
        if type_ == "DELETED":
            assert indexes(steps) == {"history_event_type_at"}
        assert max(scan.read for scan in scans(steps)) <= 5 * SIZE
