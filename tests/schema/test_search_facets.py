"""Facets and counts of a search: of all that its pages have, not of one page; what is hidden is not counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from domain.viewer import Viewer
from loaders.search import words
from tests.support.api import Api
from tests.support.factories import add_credit, add_library, add_media, add_name, add_person, mark

ASKED = """query ($query: String!, $types: [SearchType!], $filter: MediaFilter, $first: Int, $after: String) {
    search(query: $query, types: $types, filter: $filter, first: $first, after: $after) {
        nodes { __typename ... on Media { id year genres { name } } }
        facets(of: [GENRE, YEAR]) { field values { label count isChosen } }
        count { value precision } most: count(mode: AT_MOST, limit: 2) { value precision }
        pageInfo { hasNextPage endCursor }
    }
}"""


@pytest.fixture
async def filled(api: Api, connection: Any) -> Api:
    """Films of robots: by title, by another title, by a tag, by a person, by what they are about; one is hidden."""
    library, hidden = await add_library(connection), await add_library(connection, "Hidden")
    genres = [await add_name(connection, "genre", name) for name in ("Drama", "Comedy")]
    tag = await add_name(connection, "tag", "robot love")
    person = await add_person(connection, "Robot Jones")
    films: list[tuple[str, dict[str, Any]]] = [
        ("Robot", {"year": 1999}),
        ("I, Robot", {"year": 2004}),
        ("Metall", {"year": 1999, "original_title": "Robot Dreams"}),
        ("Love", {"year": 1980}),
        ("Quiet", {"year": 1981}),
        ("Loud", {"year": 1982, "overview": "A robot sings."}),
        ("Nothing", {"year": 1999}),
        ("Robot, hidden", {"year": 1999}),
    ]
    for place, (title, columns) in enumerate(films):
        media = await add_media(connection, hidden if place == 7 else library, title, **columns)
        await mark(connection, "genre", media, genres[place % 2])
        if title == "Love":
            await mark(connection, "tag", media, tag)
        if title == "Quiet":
            await add_credit(connection, media, person)
    return api


async def whole(api: Api, viewer: Viewer | None = None, **variables: Any) -> tuple[list[Any], dict[str, Any]]:
    """All nodes, by pages of one, and what the first page says of the whole."""
    nodes: list[Any] = []
    first: dict[str, Any] = {}
    after = None
    while True:
        found = (await api.run(ASKED, viewer or Viewer(), **variables, first=1, after=after))["search"]
        first = first or found
        assert {name: found[name] for name in ("facets", "count", "most")} == {
            name: first[name] for name in ("facets", "count", "most")
        }
        nodes += found["nodes"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return nodes, first


@pytest.mark.parametrize("query", ["robot ", "metall "])
async def test_counts_of_common_words_have_whole_other_titles(
    query: str, filled: Api, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MIN_WALKED", 0)
    monkeypatch.setattr(words, "MIN_WALKED_PART", 0)
    await connection.execute("UPDATE media SET original_title = title, folded_original_title = $1", query.strip())

    nodes, said = await whole(filled, query=query, types=["MEDIA"])

    assert said["count"]["value"] == len({node["id"] for node in nodes}) == len(nodes) == 8


@pytest.mark.parametrize("query", ["robot", "robot -hidden", "robto", "rob", '"i robot"', "year:1999", "", "nowhere"])
@pytest.mark.parametrize("filter", [None, {"year": {"min": 1981}}])
async def test_facets_and_counts_are_those_of_all_pages(filled: Api, query: str, filter: Any) -> None:
    for viewer in (Viewer(), Viewer(libraries=(1,))):
        nodes, said = await whole(filled, viewer, query=query, filter=filter)

        media = [node for node in nodes if node["__typename"] == "Media"]
        genres = Counter(genre["name"] for node in media for genre in node["genres"])
        by_field = {facet["field"]: facet["values"] for facet in said["facets"]}
        assert {value["label"]: value["count"] for value in by_field["GENRE"]} == genres
        assert said["count"] == {"value": len(nodes), "precision": "EXACT"}
        precision = "AT_LEAST" if len(nodes) >= 2 else "EXACT"
        assert said["most"] == {"value": min(2, len(nodes)), "precision": precision}
        if filter is None and query != "year:1999":
            years = Counter(str(node["year"]) for node in media)
            assert {value["label"]: value["count"] for value in by_field["YEAR"]} == years


async def test_a_facet_of_a_search_ignores_what_the_filter_says_of_it(filled: Api) -> None:
    found = await filled.run(ASKED, query="robot", filter={"genres": {"any": [{"name": "drama"}]}})

    values = next(facet["values"] for facet in found["search"]["facets"] if facet["field"] == "GENRE")
    assert [(value["label"], value["isChosen"]) for value in values] == [("Comedy", False), ("Drama", True)]
    assert filled.statements[:2] == ["search_words", "search_pages"]
    known = ["media_facets", "search_measured_count", "search_measured_count"]
    assert sorted(name for name in filled.statements[2:] if "_by_" not in name) == known


async def test_types_without_media_have_no_facets_and_are_counted(filled: Api) -> None:
    found = (await filled.run(ASKED, query="robot", types=["TAG", "PERSON"]))["search"]

    assert (found["facets"], found["count"]["value"]) == ([], 2)
    none = (await filled.run(ASKED, query="robot", types=[]))["search"]
    assert (none["nodes"], none["facets"], none["count"]["value"]) == ([], [], 0)


async def test_facets_alone_need_the_page_too_since_it_knows_the_words(filled: Api) -> None:
    text = '{ search(query: "robot", first: 0) { facets(of: [KIND]) { values { label count } } } }'

    found = await filled.run(text)

    assert found == {"search": {"facets": [{"values": [{"label": "MOVIE", "count": 7}]}]}}
    assert filled.statements == ["search_words", "search_pages", "media_facets"]
