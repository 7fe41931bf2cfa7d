"""Facets: their counts equal a plain count; what is chosen is marked and there; visibility, order, bad arguments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.viewer import Viewer
from tests.schema.test_paging import BOUNDED, PARENTS
from tests.support.api import Api
from tests.support.catalogue import Catalogue
from tests.support.derived import update_media
from tests.support.factories import add_library, add_media, add_name, add_row, mark
from tests.support.plain_facets import FILTERS, OWN, facet
from tests.support.plain_filter import matches

HEAD = "query ($filter: MediaFilter, $first: Int! = 10, $multi: Boolean! = true, $of: [FacetField!]!)"
ALL = ["GENRE", "TAG", "YEAR", "DECADE", "KIND", "CHANNEL", "CATEGORY", "LANGUAGE", "RATING"]
ASKED = (
    "media(filter: $filter) { facets(of: $of, first: $first, multi: $multi) { field values { label count isChosen } } }"
)
TARGETS = """{ media { facets(of: [GENRE, TAG, CHANNEL, YEAR, DECADE, KIND, CATEGORY, LANGUAGE, RATING]) { values {
    value { __typename ... on Genre { id name } ... on Tag { id } ... on Channel { name } ... on FacetYear { year }
    ... on FacetDecade { firstYear lastYear } ... on FacetKind { kind } ... on FacetCategory { name value }
    ... on FacetLanguage { language } ... on FacetRating { min max } } } } } }"""


async def asked(api: Api, of: list[str], viewer: Viewer | None = None, **variables: Any) -> dict[str, Any]:
    """The values of facets of all media, by field."""
    found = await api.run(f"{HEAD} {{ {ASKED} }}", viewer or Viewer(), of=of, **variables)
    return {one["field"]: one["values"] for one in found["media"]["facets"]}


def counts(values: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(value["label"], value["count"]) for value in values]


def chosen(values: list[dict[str, Any]]) -> list[str]:
    return [value["label"] for value in values if value["isChosen"]]


@settings(BOUNDED, max_examples=60)
@given(filter=FILTERS, parent=PARENTS, multi=st.booleans())
async def test_facets_have_the_counts_of_a_plain_reading(
    plain_api: Api, catalogue: Catalogue, filter: dict[str, Any], parent: tuple[str, int] | None, multi: bool
) -> None:
    media = catalogue.media if parent is None else catalogue.media_of(*parent)
    text = ASKED if parent is None else f'{parent[0]}(id: "{parent[0]}_{parent[1]}") {{ {ASKED} }}'
    of = list(OWN)

    data = await plain_api.run(f"{HEAD} {{ {text} }}", filter=filter, first=100, multi=multi, of=of)

    found = (data if parent is None else data[parent[0]])["media"]["facets"]
    assert [one["field"] for one in found] == of
    for one in found:
        # Chosen values are there without any media, too.
        there = [value for value in one["values"] if value["count"]]
        assert all(value["isChosen"] for value in one["values"] if not value["count"])
        assert counts(there) == facet(one["field"], media, filter, catalogue, multi=multi), one["field"]


@settings(BOUNDED, max_examples=30)
@given(filter=FILTERS, first=st.integers(0, 3))
async def test_the_first_values_are_the_beginning_of_all(plain_api: Api, filter: dict[str, Any], first: int) -> None:
    whole = await asked(plain_api, list(OWN), filter=filter, first=100)
    part = await asked(plain_api, list(OWN), filter=filter, first=first)

    for field, values in whole.items():
        assert part[field][:first] == values[:first]
        rest = part[field][first:]
        assert all(value["isChosen"] and value in values[first:] for value in rest)


@settings(BOUNDED, max_examples=60)
@given(filter=FILTERS, parent=PARENTS, limit=st.integers(1, 60))
async def test_counts_equal_a_plain_count_in_every_mode(
    plain_api: Api, catalogue: Catalogue, filter: dict[str, Any], parent: tuple[str, int] | None, limit: int
) -> None:
    media = catalogue.media if parent is None else catalogue.media_of(*parent)
    number = sum(matches(one, filter, catalogue) for one in media)
    each = "value precision error"
    text = f"""media(filter: $filter) {{ exact: count {{ {each} }} estimated: count(mode: ESTIMATED) {{ {each} }}
        most: count(mode: AT_MOST, limit: $limit) {{ {each} }} totalCount }}"""
    text = text if parent is None else f'{parent[0]}(id: "{parent[0]}_{parent[1]}") {{ {text} }}'

    data = await plain_api.run(f"query ($filter: MediaFilter, $limit: Int) {{ {text} }}", filter=filter, limit=limit)

    found = (data if parent is None else data[parent[0]])["media"]
    exact = {"value": number, "precision": "EXACT", "error": None}
    assert (found["exact"], found["estimated"], found["totalCount"]) == (exact, exact, number)
    at_least = {"value": limit, "precision": "AT_LEAST", "error": None}
    assert found["most"] == (exact if number < limit else at_least) or found["most"] == exact


async def filled(connection: Any) -> dict[str, int]:
    """Eight media: of dramas and comedies, by year; one hidden away in a library of its own."""
    libraries = [await add_library(connection, name) for name in ("Seen", "Hidden")]
    genres = {name: await add_name(connection, "genre", name, f"{name} films") for name in ("Drama", "Comedy", "Noir")}
    tag = await add_name(connection, "tag", "robots")
    channel = await add_name(connection, "channel", "Arte")
    for place in range(8):
        year, rating = 1994 + place, 65 + 5 * place
        media = await add_media(connection, libraries[place == 7], f"M {place}", year=year, rating_tenths=rating)
        await mark(connection, "genre", media, genres["Comedy" if place % 3 else "Drama"])
        if place < 3:
            await mark(connection, "tag", media, tag)
            await mark(connection, "channel", media, channel)
            await connection.execute("INSERT INTO categorisation VALUES ($1, 'mood', 'dark')", media)
            await add_row(connection, "subtitle", media_id=media, language="en")
            await add_row(connection, "subtitle", media_id=media, language="en", is_forced=True)
    return genres


async def test_a_chosen_value_is_marked_and_there_beside_its_neighbours(api: Api, connection: Any) -> None:
    genres = await filled(connection)
    by_name = {"genres": {"any": [{"name": "drama films"}, {"id": f"genre_{genres['Noir']}"}]}}

    found = await asked(api, ["GENRE", "YEAR"], filter=by_name, first=1)

    assert counts(found["GENRE"]) == [("Comedy", 5), ("Drama", 3), ("Noir", 0)]
    assert chosen(found["GENRE"]) == ["Drama", "Noir"]
    assert (counts(found["YEAR"]), chosen(found["YEAR"])) == ([("1994", 1)], [])
    alone = await asked(api, ["GENRE"], filter=by_name, multi=False)
    assert counts(alone["GENRE"]) == [("Drama", 3), ("Noir", 0)]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (
            {"year": {"min": 1990, "max": 1999}},
            {"DECADE": ["1990s"], "YEAR": [str(year) for year in range(1990, 2000)]},
        ),
        ({"year": {"min": 1995, "max": 1999}}, {"DECADE": [], "YEAR": [str(year) for year in range(1995, 2000)]}),
        ({"year": {"min": 2000}}, {"DECADE": ["2000s"], "YEAR": ["2000", "2001"]}),
        ({"year": {"in": [1994, 3000]}}, {"YEAR": ["1994", "3000"]}),
        (
            {"or": [{"year": {"min": 1990, "max": 1999}}, {"year": {"min": 2000, "max": 2009}}]},
            {"DECADE": ["1990s", "2000s"]},
        ),
        ({"year": {"isNull": False}}, {"YEAR": [], "DECADE": []}),
        ({"not": {"year": {"eq": 1994}}}, {"YEAR": []}),
        ({"rating": {"min": 7}}, {"RATING": ["7", "8", "9", "10"]}),
        ({"rating": {"min": 7, "max": 7.9}}, {"RATING": ["7"]}),
        ({"rating": {"min": 7.5}}, {"RATING": ["8", "9", "10"]}),
        ({"kind": ["MOVIE", "CLIP"]}, {"KIND": ["MOVIE", "CLIP"]}),
        ({"tags": {"none": [{"name": "robots"}]}}, {"TAG": []}),
        ({"tags": {"any": [{"matching": {"startsWith": "robot"}}]}}, {"TAG": []}),
        ({"channels": {"all": [{"name": "arte"}]}}, {"CHANNEL": ["Arte"]}),
        (
            {"categories": {"any": [{"category": {"eq": "mood"}, "value": {"in": ["dark", "light"]}}]}},
            {"CATEGORY": ["mood: dark", "mood: light"]},
        ),
        ({"categories": {"any": [{"category": {"eq": "mood"}}]}}, {"CATEGORY": []}),
        ({"subtitles": {"any": [{"languages": ["en", "fr"]}]}}, {"LANGUAGE": ["en", "fr"]}),
    ],
)
async def test_what_a_filter_names_is_chosen(
    api: Api, connection: Any, filter: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    await filled(connection)

    found = await asked(api, list(expected), filter=filter, first=30)

    assert {field: sorted(chosen(values)) for field, values in found.items()} == {
        field: sorted(labels) for field, labels in expected.items()
    }


async def test_values_tell_what_a_filter_needs(api: Api, connection: Any) -> None:
    await filled(connection)
    await update_media(connection, "year = 1994, rating_tenths = 100", "true")

    facets = (await api.run(TARGETS))["media"]["facets"]

    assert [value["value"] for one in facets for value in one["values"]] == [
        {"__typename": "Genre", "id": "genre_2", "name": "Comedy"},
        {"__typename": "Genre", "id": "genre_1", "name": "Drama"},
        {"__typename": "Tag", "id": "tag_1"},
        {"__typename": "Channel", "name": "Arte"},
        {"__typename": "FacetYear", "year": 1994},
        {"__typename": "FacetDecade", "firstYear": 1990, "lastYear": 1999},
        {"__typename": "FacetKind", "kind": "MOVIE"},
        {"__typename": "FacetCategory", "name": "mood", "value": "dark"},
        {"__typename": "FacetLanguage", "language": "en"},
        {"__typename": "FacetRating", "min": 10.0, "max": 10.0},
    ]


async def test_hidden_libraries_are_not_counted_by_kept_counts_either(api: Api, connection: Any) -> None:
    await filled(connection)
    seen = Viewer(libraries=(1,))

    for filter in ({}, {"title": "m"}, {"library": ["library_1", "library_2"]}, {"year": {"min": 1}}):
        found = await asked(api, ALL, seen, filter=filter)
        assert counts(found["GENRE"]) == [("Comedy", 4), ("Drama", 3)], filter
        assert counts(found["KIND"]) == [("MOVIE", 7)], filter
        assert counts(found["LANGUAGE"]) == [("en", 3)], filter
    nobody = await asked(api, ALL, Viewer(libraries=()))
    assert nobody == {field: [] for field in ALL}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("of: [GENRE], first: -1", "BAD_PAGE_SIZE"),
        ("of: [GENRE], first: 101", "BAD_PAGE_SIZE"),
        ("of: [GENRE], first: 10000", "BAD_PAGE_SIZE"),
        ("of: [GENRE, TAG, GENRE]", "BAD_ARGUMENT"),
        ("of: [ACTOR]", "GRAPHQL_VALIDATION_FAILED"),
        ("of: null", "GRAPHQL_VALIDATION_FAILED"),
        ("first: 3", "GRAPHQL_VALIDATION_FAILED"),
        ("of: [GENRE], multi: null", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_bad_arguments_of_facets_are_refused_and_the_page_is_kept(api: Api, arguments: str, code: str) -> None:
    text = f"{{ media {{ nodes {{ id }} facets({arguments}) {{ field }} }} }}"

    answer = (await api.answer(text)).body

    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    if code.startswith("BAD"):
        assert answer["data"] == {"media": {"nodes": [], "facets": None}}


@pytest.mark.parametrize(
    "arguments",
    [
        "limit: 5",
        "mode: ESTIMATED, limit: 5",
        "mode: AT_MOST, limit: 0",
        "mode: AT_MOST, limit: 100001",
        "mode: AT_MOST, limit: -1",
    ],
)
async def test_bad_arguments_of_counts_are_refused(api: Api, arguments: str) -> None:
    assert await api.codes(f"{{ media {{ count({arguments}) {{ value }} }} }}") == ["BAD_ARGUMENT"]


def beside_page(api: Api) -> list[str]:
    """The statements but for that of the page, which graphql-core's executor sends though nothing of it is asked."""
    return [name for name in api.statements if name != "media_pages"]


async def test_no_facets_are_an_empty_list_without_a_statement(api: Api) -> None:
    assert await api.run("{ media { facets(of: []) { field } } }") == {"media": {"facets": []}}
    assert beside_page(api) == []


async def test_facets_of_first_0_are_the_chosen_values(api: Api, connection: Any) -> None:
    await filled(connection)

    found = await asked(api, ["GENRE", "TAG"], filter={"genres": {"any": [{"name": "noir"}]}}, first=0)

    assert (counts(found["GENRE"]), found["TAG"]) == ([("Noir", 0)], [])


async def test_twenty_facets_of_one_list_are_priced_and_many_are_refused(api: Api) -> None:
    def text(number: int) -> str:
        one = f"facets(of: [{', '.join(ALL)}], first: 100) {{ values {{ label count }} }}"
        return f"{{ media {{ {' '.join(f'a{place}: {one}' for place in range(number))} }} }}"

    assert await api.codes(text(20)) == []
    assert beside_page(api) == ["media_facets"]
    assert await api.codes(text(60)) == ["TOO_COMPLEX"]
    nested = f"{{ tags(first: 100) {{ nodes {{ media {{ facets(of: [{', '.join(ALL)}]) {{ field }} }} }} }} }}"
    assert await api.codes(nested) == ["TOO_COMPLEX"]


async def test_unknown_names_are_warned_of_where_facets_alone_are_asked(api: Api) -> None:
    asked = "facets(of: [GENRE]) { values { label } } count { value }"
    text = f'{{ media(filter: {{genres: {{any: [{{name: "nowhere"}}]}}}}) {{ {asked} }} }}'

    answer = await api.answer(text)

    assert answer.body["data"] == {"media": {"facets": [{"values": []}], "count": {"value": 0}}}
    assert "nowhere" in str(answer.body["extensions"])
