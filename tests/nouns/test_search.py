"""Search as clients ask for it: what is found, with what is said of it, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import insert_row, update_media
from tests.support.factories import (
    add_collection,
    add_credit,
    add_library,
    add_media,
    add_media_file,
    add_name,
    add_person,
    mark,
)

FOUND = """query($query: String!, $types: [SearchType!], $filter: MediaFilter, $first: Int, $after: String) {
    search(query: $query, types: $types, filter: $filter, first: $first, after: $after) {
        edges { cursor score node { __typename ... on Media { title } ... on Person { name } ... on Tag { name }
            ... on Genre { name } ... on Channel { name } ... on Collection { name } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""
MARKED = """query($query: String!) { search(query: $query) { edges {
    node { ... on Media { title } } highlights { field fragment marks { start end } }
} } }"""


def names(data: Any) -> list[str]:
    """What was found, by its titles and names."""
    nodes = [edge["node"] for edge in data["search"]["edges"]]
    return [node["title"] if node["__typename"] == "Media" else node["name"] for node in nodes]


async def found(api: Api, query: str, viewer: Viewer | None = None, **variables: Any) -> list[str]:
    asked = {"query": query, **variables}
    return names(await (api.run(FOUND, **asked) if viewer is None else api.run(FOUND, viewer, **asked)))


@pytest.fixture
async def filled(api: Api, connection: Any) -> Api:
    """Some of everything."""
    library, other = await add_library(connection), await add_library(connection, "Others")
    heat = await add_media(connection, library, "Heat", year=1995, rating_tenths=83, overview="A thief and love.")
    body = await add_media(connection, library, "Body Heat", year=1981, rating_tenths=74)
    await add_media(connection, other, "The Matrix", year=1999, rating_tenths=87, kind="CLIP")
    noir, crime = await add_name(connection, "genre", "Film Noir", "noir"), await add_name(connection, "genre", "Crime")
    await mark(connection, "genre", body, noir)
    await mark(connection, "genre", heat, crime)
    await mark(connection, "tag", heat, await add_name(connection, "tag", "heist", "heat of the moment"))
    await mark(connection, "channel", heat, await add_name(connection, "channel", "Heat TV"))
    await add_credit(connection, heat, await add_person(connection, "Al Pacino"))
    await add_credit(connection, body, await add_person(connection, "William Hurt"))
    await add_collection(connection, "Heat and more", heat)
    return api


async def test_all_types_are_found_by_their_names_the_best_first(filled: Api) -> None:
    data = await filled.run(FOUND, query="heat")

    assert names(data)[0] == "Heat"
    assert set(names(data)) == {"Heat", "Body Heat", "heist", "Heat TV", "Heat and more"}
    scores = [edge["score"] for edge in data["search"]["edges"]]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1
    cursors = [edge["cursor"] for edge in data["search"]["edges"]]
    assert len(set(cursors)) == len(cursors)
    assert data["search"]["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": cursors[0],
        "endCursor": cursors[-1],
    }
    assert sorted(filled.statements[2:]) == ["channel_by_id", "collection_by_id", "media_by_id", "tag_by_id"]
    assert filled.statements[:2] == ["search_words", "search_pages"]


async def test_nodes_are_those_of_the_edges_and_cost_nothing_more(filled: Api) -> None:
    data = await filled.run(
        '{ search(query: "heat") { nodes { ... on Node { id } } edges { node { ... on Node { id } } } } }'
    )

    assert data["search"]["nodes"] == [edge["node"] for edge in data["search"]["edges"]]
    assert len(data["search"]["nodes"]) == 5
    assert len(filled.statements) == 6


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("heat year:1995", ["Heat"]),
        ("heat -year:1995", ["Body Heat"]),
        ("heat year:..1990", ["Body Heat"]),
        ("year:1990..", ["The Matrix", "Heat"]),
        ("year:1999..1990", ["The Matrix", "Heat"]),
        ("kind:clip", ["The Matrix"]),
        ("kind:movie heat -body", ["Heat"]),
        ("genre:noir", ["Body Heat"]),
        ('genre:"film noir"', ["Body Heat"]),
        ("genre:film", ["Body Heat"]),
        ("genre:noi", []),
        ("-genre:noir heat", ["Heat"]),
        ("tag:moment", ["Heat"]),
        ("channel:tv", ["Heat"]),
        ("person:pacino", ["Heat"]),
        ('person:"al pacino" heat', ["Heat"]),
        ("person:pacino -heat", []),
        ("person:pacino person:hurt", []),
        ("year:2050", []),
    ],
)
async def test_field_words_choose_media_alone(filled: Api, query: str, titles: list[str]) -> None:
    assert await found(filled, query) == titles
    assert await found(filled, query, types=["PERSON", "TAG"]) == []
    assert filled.statements == []


async def test_a_filter_holds_for_media_and_for_nothing_else(filled: Api) -> None:
    assert set(await found(filled, "heat", filter={"year": {"min": 1990}})) == {
        "Heat",
        "heist",
        "Heat TV",
        "Heat and more",
    }
    assert await found(filled, "heat", types=["MEDIA"], filter={"year": {"max": 1990}}) == ["Body Heat"]
    assert await found(filled, "heat year:1981", filter={"year": {"min": 1990}}) == []


async def test_without_words_all_media_that_the_conditions_allow_are_found_by_rank(filled: Api) -> None:
    everything = ["The Matrix", "Heat", "Body Heat"]

    assert [await found(filled, query) for query in ("", "  ", "\u200b")] == [everything] * 3
    assert await found(filled, "", filter={"year": {"max": 1995}}) == everything[1:]
    assert await found(filled, "", types=["PERSON"]) == []


async def test_types_choose_and_none_find_nothing(filled: Api) -> None:
    assert await found(filled, "heat", types=["TAG", "CHANNEL", "TAG"]) == ["heist", "Heat TV"]
    assert await found(filled, "heat", types=[]) == []
    assert filled.statements == []


async def test_what_a_viewer_cannot_see_is_not_found(filled: Api, connection: Any) -> None:
    other = await connection.fetchval("SELECT id FROM library WHERE name = 'Others'")

    assert await found(filled, "matrix", Viewer((other,))) == ["The Matrix"]
    assert await found(filled, "matrix", Viewer((other + 1,))) == []
    assert [one for one in await found(filled, "heat", Viewer((other,))) if one[-4:] == "Heat"] == []
    assert await found(filled, "", Viewer((other,))) == ["The Matrix"]


async def test_highlights_say_where_words_stand_and_cost_one_statement(filled: Api) -> None:
    data = await filled.run(MARKED, query="heat")

    assert filled.statements.count("highlights_by_found_id") == 1
    by_title = {edge["node"].get("title"): edge["highlights"] for edge in data["search"]["edges"] if edge["node"]}
    assert by_title["Heat"][0] == {"field": "TITLE", "fragment": "Heat", "marks": [{"start": 0, "end": 4}]}
    assert by_title["Body Heat"] == [{"field": "TITLE", "fragment": "Body Heat", "marks": [{"start": 5, "end": 9}]}]
    named = [edge["highlights"] for edge in data["search"]["edges"] if not edge["node"]]
    assert sorted((one[0]["field"], one[0]["fragment"]) for one in named) == [
        ("ALIAS", "heat of the moment"),
        ("NAME", "Heat TV"),
        ("NAME", "Heat and more"),
    ]


@pytest.mark.parametrize(
    ("query", "highlights"),
    [
        (
            "heat pacino",
            [
                ("TITLE", "Heat"),
                ("PERSON", "Al Pacino"),
                ("CHANNEL", "Heat TV"),
                ("COLLECTION", "Heat and more"),
                ("FILE", "heat.1995.mkv"),
            ],
        ),
        ("heist", [("TAG", "heist")]),
        ("crime", [("GENRE", "Crime")]),
        ("and more", [("COLLECTION", "Heat and more"), ("OVERVIEW", "A thief and love.")]),
        ("thief love", [("OVERVIEW", "A thief and love.")]),
        ("hot", [("ALIAS", "Hot Pursuit")]),
        ("chaleur", [("ORIGINAL_TITLE", "Chaleur")]),
        ("heat1995", [("FILE", "heat.1995.mkv")]),
    ],
)
async def test_highlights_tell_of_what_hangs_on_a_media(
    filled: Api, connection: Any, query: str, highlights: list[tuple[str, str]]
) -> None:
    await update_media(connection, "original_title = 'Chaleur', folded_original_title = 'chaleur'", "id = 1")
    await insert_row(connection, "media_alias", {"media_id": 1, "title": "Hot Pursuit", "folded_title": "hot pursuit"})
    await add_media_file(connection, 1, "/heat.1995.mkv")

    data = await filled.run(MARKED, query=query)

    [edge] = [edge for edge in data["search"]["edges"] if edge["node"].get("title") == "Heat"]
    assert [(one["field"], one["fragment"]) for one in edge["highlights"]] == highlights


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"query": "a" * 501}, "BAD_ARGUMENT"),
        ({"query": "w " * 101}, "BAD_ARGUMENT"),
        ({"query": "x" * 10_000}, "BAD_ARGUMENT"),
        ({"query": "nul \0"}, "BAD_ARGUMENT"),
        ({"query": "half \ud800"}, "BAD_ARGUMENT"),
        ({"query": "genre:x " * 51}, "BAD_ARGUMENT"),
        ({"query": "a", "first": -1}, "BAD_PAGE_SIZE"),
        ({"query": "a", "first": 101}, "BAD_PAGE_SIZE"),
        ({"query": "a", "types": ["MEDIA"] * 101}, "BAD_ARGUMENT"),
        ({"query": "a", "filter": {"id": ["tag_1"]}}, "BAD_ID"),
        ({"query": "a", "after": "nothing"}, "BAD_CURSOR"),
        ({"query": "a", "after": ""}, "BAD_CURSOR"),
        ({"query": "a", "after": "A" * 20_000}, "BAD_CURSOR"),
    ],
)
async def test_what_cannot_be_searched_is_refused_with_a_code(api: Api, given: Any, code: str) -> None:
    assert await api.codes(FOUND, **given) == [code]
    assert api.statements == []
