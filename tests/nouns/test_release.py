"""Releases: fields, newest first, categories and states, what becomes of them when their media moves or goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from domain.viewer import Viewer
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter
from tests.loaders.test_contract import silent_reader
from tests.loaders.test_plans import SIZE, Place, assert_flat, biggest_parents, pages, place
from tests.support.api import Api
from tests.support.derived import delete_media, update_media
from tests.support.factories import add_library, add_media, add_row
from tests.support.plans import MODES, explain


async def add_release(
    connection: Any, name: str, media: int | None = None, day: int | None = None, **columns: Any
) -> int:
    published = None if day is None else datetime(2024, 1, day, tzinfo=UTC)
    given = {"media_id": media, "published_at": published, "category": "movies", **columns}
    return await add_row(connection, "release", name=name, **given)


async def libraries_of(connection: Any) -> list[tuple[Any, ...]]:
    rows = await connection.fetch("SELECT name, media_id, library_id FROM release ORDER BY id")
    return [tuple(row) for row in rows]


async def test_media_have_their_releases_newest_first_and_without_a_date_last(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    one, two, _ = [await add_media(connection, library) for _ in range(3)]
    group = await add_row(connection, "release_group", name="G", folded_name="g")
    for name, day in [("a", 1), ("b", None), ("c", 3), ("d", 3), ("e", None)]:
        await add_release(connection, name, one, day, release_group_id=group)
    await add_release(connection, "f", two)

    data = await api.run("{ media { nodes { releases(first: 4) { totalCount nodes { name group { name } } } } } }")

    assert [
        ([node["name"] for node in one["releases"]["nodes"]], one["releases"]["totalCount"])
        for one in data["media"]["nodes"]
    ] == [(["d", "c", "a", "e"], 5), (["f"], 1), ([], 0)]
    assert [node["group"] for node in data["media"]["nodes"][1]["releases"]["nodes"]] == [None]
    assert sorted(api.statements) == [
        "media_pages",
        "release_count_by_media_id",
        "release_group_by_id",
        "release_pages_by_media_id",
    ]


async def test_releases_are_chosen_by_category_and_state_and_paged_both_ways(api: Api, connection: Any) -> None:
    for name, day, category, state in [
        ("a", 1, "movies", "NEW"),
        ("b", None, "movies", "FAILED"),
        ("c", 3, "music", "NEW"),
        ("d", 2, "games", "NEW"),
    ]:
        await add_release(connection, name, None, day, category=category, state=state)

    data = await api.run(
        """{ all: releases(first: 2) { nodes { name } pageInfo { endCursor } }
        end: releases(last: 2) { nodes { name } pageInfo { startCursor } }
        some: releases(category: ["music", "movies"], state: [NEW, ANALYSED]) { totalCount nodes { name } }
        none: releases(category: []) { totalCount nodes { name } } }"""
    )

    assert {name: "".join(node["name"] for node in found["nodes"]) for name, found in data.items()} == {
        "all": "cd",
        "end": "ab",
        "some": "ca",
        "none": "",
    }
    assert (data["some"]["totalCount"], data["none"]["totalCount"]) == (2, 0)
    after, before = data["all"]["pageInfo"]["endCursor"], data["end"]["pageInfo"]["startCursor"]
    rest = await api.run(
        f"""{{ a: releases(after: "{after}") {{ nodes {{ name }} }}
        b: releases(last: 9, before: "{before}") {{ nodes {{ name }} }} }}"""
    )
    assert ["".join(node["name"] for node in found["nodes"]) for found in rest.values()] == ["ab", "cd"]
    assert await api.codes('{ releases(category: ["a\\u0000"]) { nodes { id } } }') == ["BAD_ARGUMENT"]


async def test_a_release_is_found_with_all_that_is_known_of_it(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection), "A")
    when = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)
    await add_release(connection, "a", media, 1, size=2**53 - 1, state="FAILED", failure="No answer", analysed_at=when)

    data = await api.run(
        """{ release(id: "release_1") { id name category size state failure publishedAt analysedAt media { title }
            group { id } }
        node(id: "release_1") { ... on Release { name } } none: release(id: "release_2") { id }
        _entities(representations: [{ __typename: "Release", id: "release_1" }]) { ... on Release { name } } }"""
    )

    assert data["release"] == {
        **{"id": "release_1", "name": "a", "category": "movies", "size": 2**53 - 1, "state": "FAILED"},
        **{"failure": "No answer", "publishedAt": "2024-01-01T00:00:00+00:00"},
        **{"analysedAt": "2024-02-03T04:05:06+00:00", "media": {"title": "A"}, "group": None},
    }
    assert (data["node"], data["none"], data["_entities"]) == ({"name": "a"}, None, [{"name": "a"}])
    assert sorted(api.statements) == ["media_by_id", "release_by_id"]
    assert await api.codes('{ release(id: "release_group_1") { id } }') == ["BAD_ID"]


async def test_a_release_follows_its_media_and_is_everybodys_without_one(api: Api, connection: Any) -> None:
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    one, two = await add_media(connection, here), await add_media(connection, there)
    for name, media in [("a", one), ("b", one), ("c", None)]:
        await add_release(connection, name, media)
    assert await libraries_of(connection) == [("a", one, here), ("b", one, here), ("c", None, None)]

    await update_media(connection, "library_id = $1", "id = $2", there, one)
    await connection.execute("UPDATE release SET media_id = $1, library_id = $2 WHERE name = 'c'", two, there)
    assert await libraries_of(connection) == [("a", one, there), ("b", one, there), ("c", two, there)]
    names = "{ releases { totalCount nodes { name } } }"
    hidden = await api.run(names, Viewer((here,)))
    assert hidden == {"releases": {"totalCount": 0, "nodes": []}}
    assert await api.run('{ release(id: "release_1") { id } }', Viewer((here,))) == {"release": None}

    await delete_media(connection, "id = $1", one)
    assert await libraries_of(connection) == [("a", None, None), ("b", None, None), ("c", two, there)]
    shown = await api.run(names, Viewer((here,)))
    assert [node["name"] for node in shown["releases"]["nodes"]] == ["b", "a"]


async def test_a_release_without_a_media_is_in_no_library(connection: Any) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await add_release(connection, "a", library_id=await add_library(connection))


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("release_pages", "release_published_at_id"),
        ("release_pages_by_media_id", "release_media_id_published_at_id"),
        ("release_pages_by_release_group_id", "release_release_group_id_published_at_id"),
    ],
)
async def test_releases_walk_their_index_wherever_the_page_stands(name: str, index: str, large_reader: Any) -> None:
    ref = pages(name)
    order = ref.source.default
    parents = [one for one in await biggest_parents(large_reader, ref, 5) if one is not None]
    for at in (Place(), *[await place(large_reader, ref, order, parents[0], share) for share in (0.5, 0.99)]):
        for keys in (parents[:1], parents):
            asked = PageArguments(SIZE, False, NoFilter(), order, at.position, None)
            for mode in MODES:
                steps = await explain(large_reader, *ref.compose(silent_reader(), asked, keys), mode)
                assert_flat(steps, index, (mode, at), len(keys), at.behind)
