"""Media chosen by what hangs on them and by what they hang on."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from loaders.core.read_session import ReadSession
from loaders.registry import Loaders
from loaders.sql.condition import All
from loaders.sql.page_sql import PageArguments
from schema.filter.media_filter import MediaFilter, read_filter
from tests.loaders.test_contract import SilentDatabase
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_name, mark

FIND = "query ($filter: MediaFilter) { media(filter: $filter, first: 50) { totalCount nodes { id } } }"
SEEN = "INSERT INTO process_timestamp (media_id, process, processed_at) VALUES ($1, $2, '2024-01-01Z')"


@pytest.fixture
async def series(connection: Any) -> None:
    """1 and 2: series. 3 and 4: seasons of 1, 5 of 2. 6, 7: episodes of 3, 8 of 4, 9 of 2 itself; 10: a film; 11: a
    hidden one of 5. Episodes 6 and 8 are seen, 7 is noir."""
    library, hidden = await add_library(connection, kind=None), await add_library(connection, "hidden", None)
    for title, kind, parent in (
        *(("Alpha", "SERIES", None), ("Beta", "SERIES", None)),
        *(("A1", "SEASON", 1), ("A2", "SEASON", 1), ("B1", "SEASON", 2)),
        *(("A1a", "EPISODE", 3), ("A1b", "EPISODE", 3), ("A2a", "EPISODE", 4), ("Ba", "EPISODE", 2)),
        ("Film", "MOVIE", None),
    ):
        await add_media(connection, library, title, kind=kind, parent_id=parent, year=2000)
    await add_media(connection, hidden, "B1a", kind="EPISODE", parent_id=5, year=1990)
    for media in (6, 8):
        await connection.execute(SEEN, media, "seen")
    await mark(connection, "tag", 7, await add_name(connection, "tag", "noir"))


UNSEEN: dict[str, Any] = {"kind": "EPISODE", "processes": {"none": [{"process": {"eq": "seen"}}]}}
CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({"children": {"any": [{"kind": "EPISODE"}]}}, [2, 3, 4, 5]),
    ({"children": {"any": [UNSEEN]}}, [2, 3, 5]),
    ({"kind": "SERIES", "children": {"any": [UNSEEN, {"children": {"any": [UNSEEN]}}]}}, [1, 2]),
    ({"children": {"any": [{"children": {"any": [{"tags": {"any": [{"name": "noir"}]}}]}}]}}, [1]),
    ({"children": {"all": [{"titleText": {"eq": "a1a"}}, {"titleText": {"eq": "a1b"}}]}}, [3]),
    ({"kind": "SEASON", "children": {"none": [UNSEEN]}}, [4]),
    ({"kind": "SERIES", "not": {"children": {"any": [{"kind": "EPISODE"}]}}}, [1]),
    ({"children": {"missing": True}}, [6, 7, 8, 9, 10, 11]),
    ({"children": {"missing": False}}, [1, 2, 3, 4, 5]),
    ({"children": {"any": [{}]}}, [1, 2, 3, 4, 5]),
    ({"children": {"any": []}}, []),
    ({"children": {"count": {"min": 2}}}, [1, 2, 3]),
    ({"children": {"any": [{"year": {"max": 1999}}]}}, [5]),
    ({"parentMatching": {"titleText": {"eq": "alpha"}}}, [3, 4]),
    ({"parentMatching": {"parentMatching": {"titleText": {"eq": "alpha"}}}}, [6, 7, 8]),
    ({"kind": "EPISODE", "not": {"parentMatching": {"kind": "SERIES"}}}, [6, 7, 8, 11]),
    ({"parentMatching": {"children": {"any": [{"tags": {"any": [{"id": "tag_1"}]}}]}}}, [6, 7]),
    (
        {"or": [{"children": {"count": {"eq": 3}}}, {"parentMatching": {"year": {"eq": 2000}}}]},
        [3, 4, 5, 6, 7, 8, 9, 11],
    ),
]


@pytest.mark.parametrize(("filter", "expected"), CASES)
async def test_media_are_found_by_their_relatives(api: Api, series: None, filter: Any, expected: list[int]) -> None:
    data = await api.run(FIND, filter=filter)

    assert [node["id"] for node in data["media"]["nodes"]] == [f"media_{number}" for number in expected]
    assert data["media"]["totalCount"] == len(expected)
    assert sorted(api.statements) == ["media_count", "media_pages"]


async def test_hidden_relatives_do_not_count(api: Api, series: None) -> None:
    async def found(filter: Any) -> list[str]:
        return [node["id"] for node in (await api.run(FIND, Viewer((1,)), filter=filter))["media"]["nodes"]]

    assert await found({"children": {"any": [{"year": {"max": 1999}}]}}) == []
    assert await found({"kind": "SEASON", "children": {"missing": True}}) == ["media_5"]
    assert await found({"kind": "SEASON", "children": {"count": {"eq": 0}}}) == ["media_5"]


async def test_relatives_are_asked_for_below_a_tag_by_its_copies(api: Api, series: None, connection: Any) -> None:
    """The join table has copies of the media's own year, not of its relatives'."""
    await mark(connection, "tag", 3, 1)
    text = """query ($below: MediaFilter, $all: MediaFilter) {
        tag(id: "tag_1") { media(filter: $below) { nodes { id } } } media(filter: $all) { nodes { id } } }"""
    below = {"children": {"any": [{"year": {"eq": 2000}}]}, "year": {"eq": 2000}}

    data = await api.run(text, below=below, all={**below, "tags": {"any": [{"name": "noir"}]}})

    assert data["tag"]["media"]["nodes"] == [{"id": "media_3"}]
    assert data["media"]["nodes"] == [{"id": "media_3"}]


async def test_relatives_are_nested_no_deeper_than_a_filter(api: Api, series: None) -> None:
    deep: dict[str, Any] = {}
    for _ in range(4):
        deep = {"children": {"any": [deep]}}
    assert await api.codes(FIND, filter=deep) == []
    assert await api.codes(FIND, filter={"parentMatching": deep}) == ["BAD_ARGUMENT"]


def test_no_alias_of_the_outer_media_is_left_in_a_condition_on_another() -> None:
    inner = MediaFilter(title="x", search="y", parent_matching=MediaFilter(search="z"))
    filter = read_filter(MediaFilter(parent_matching=inner))
    assert isinstance(filter, All)
    asked = PageArguments(20, False, filter, (), None, None)
    statement, _ = Loaders.media_pages.compose(ReadSession(SilentDatabase(), Viewer((1,))), asked, [0])

    where = statement.text.partition("EXISTS")[2]
    assert where.count("m.parent_id") == 1
    assert "m.folded_title" not in where
    assert "other_1.library_id = any(" in where
    assert "other_2.library_id = any(" in where


async def test_media_that_need_a_process_are_filtered_and_searched(api: Api, series: None) -> None:
    text = """query ($filter: MediaFilter, $by: [MediaOrder!]) {
        mediaNeedingProcess(process: "seen", filter: $filter, orderBy: $by) { totalCount nodes { id } } }"""

    data = await api.run(text, filter={"kind": "EPISODE", "parentMatching": {"kind": "SEASON"}})
    assert data["mediaNeedingProcess"] == {"totalCount": 2, "nodes": [{"id": "media_7"}, {"id": "media_11"}]}
    assert sorted(api.statements) == ["media_count", "media_pages"]
    data = await api.run(text, filter={"tags": {"any": [{"name": "noir"}]}})
    assert data["mediaNeedingProcess"]["nodes"] == [{"id": "media_7"}]
    best = [{"field": "RELEVANCE", "direction": "DESC"}]
    data = await api.run(text, filter={"search": "a1b"}, by=best)
    assert data["mediaNeedingProcess"]["nodes"] == [{"id": "media_7"}]
    data = await api.run(text, filter={})
    assert data["mediaNeedingProcess"]["totalCount"] == 9
