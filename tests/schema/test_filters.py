"""Filters and orders of names: each condition against a plain-Python reading of what it promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.utils.str_converters import to_camel_case

from app.service.graphql_service import GRAPHQL_SCHEMA
from domain.media_lists import MEDIA_LISTS
from domain.memberships import MEMBERSHIPS
from domain.text import fold
from loaders.sql import exists
from tests.schema.test_media_match import ONLY_THE_FIRST
from tests.schema.test_paging import ARGUMENTS, BOUNDED, PAGE, PARENTS, PASSED, SIZES, ids, media_query, walk
from tests.support.api import Api
from tests.support.catalogue import NAMES, Catalogue, ordered
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.filter_trees import PREDICATES, TEXTS, TREES, some
from tests.support.full_filter import missing
from tests.support.plain_filter import matches, says
from tests.support.plain_order import DIRECTIONS, ORDERS, keys_of

NOUN_TESTS = Path(__file__).resolve().parents[1] / "nouns"
LISTS = {"tag": "tags", "genre": "genres", "person": "people", "library": "libraries"}


@settings(BOUNDED, max_examples=100)
@given(filter=TREES, parent=PARENTS, size=SIZES, backward=st.booleans(), order=ORDERS, few=st.sampled_from([0, 2, 9]))
async def test_a_media_filter_finds_what_a_plain_reading_of_it_finds(
    plain_api: Api,
    catalogue: Catalogue,
    filter: dict[str, Any],
    parent: tuple[str, int] | None,
    size: int,
    backward: bool,
    order: Any,
    few: int,
) -> None:
    """`few`: rows that one thing may have for their media to be kept in memory, under "or"."""
    media = catalogue.media if parent is None else catalogue.media_of(*parent)
    expected = ids(ordered((one for one in media if matches(one, filter, catalogue)), keys_of(order)))
    variables: dict[str, Any] = {"filter": filter, "orderBy": list(order)}

    with patch.object(exists, "FEW_ROWS", few):
        assert await walk(plain_api, media_query(parent), size, backward, **variables) == expected
        data = await plain_api.run(media_query(parent), **variables)
    page = data["media"] if parent is None else data[parent[0]]["media"]
    assert page["totalCount"] == len(expected)


@pytest.mark.parametrize("predicate", sorted(PREDICATES))
@settings(BOUNDED, max_examples=40)
@given(data=st.data())
async def test_every_predicate_alone_finds_what_a_plain_reading_of_it_finds(
    plain_api: Api, catalogue: Catalogue, predicate: str, data: Any
) -> None:
    given = data.draw(PREDICATES[predicate])
    for filter in ({predicate: given}, {"not": {predicate: given}}):
        page = (await plain_api.run(media_query(None), first=100, filter=filter))["media"]
        expected = [one for one in catalogue.media if matches(one, filter, catalogue)]
        assert [node["id"] for node in page["nodes"]] == ids(expected), filter
        assert page["totalCount"] == len(expected), filter


def asked_by_their_nouns() -> set[str]:
    """The predicates on declared nouns that the tests of these ask something of."""
    found = set()
    for one in (*MEMBERSHIPS, *MEDIA_LISTS):
        name = to_camel_case(one.plural)
        if f"(filter: {{{name}: {{" in (NOUN_TESTS / f"test_{one.noun}.py").read_text():
            found.add(name)
    return found


def test_every_predicate_is_drawn_and_stands_in_the_filter_of_all() -> None:
    names = set(GRAPHQL_SCHEMA.type_map["MediaFilter"].fields)  # type: ignore[attr-defined]

    # Those of test_media_match.py are asked one by one: they are made as those of credits and pictures are; those
    # of children and parents in tests/schema/test_relatives.py.
    relatives = {"parent", "parentMatching", "children"}
    assert names == {*PREDICATES, *ONLY_THE_FIRST, "and", "or", "not", *relatives, *asked_by_their_nouns()}
    assert missing() == []


NAME_ORDERS = st.lists(st.sampled_from(["NAME", "MEDIA_COUNT"]), max_size=2, unique=True).flatmap(
    lambda fields: st.tuples(*(st.builds(dict, field=st.just(name), direction=DIRECTIONS) for name in fields))
)


@BOUNDED
@given(
    noun=st.sampled_from(sorted(LISTS)),
    order=NAME_ORDERS,
    size=st.sampled_from([1, 2, 5, 100]),
    backward=st.booleans(),
    filter=some(contains=TEXTS, startsWith=TEXTS, eq=st.sampled_from(NAMES), **{"in": st.lists(TEXTS, max_size=3)}),
)
async def test_lists_of_names_are_ordered_and_filtered_as_a_plain_reading_says(
    plain_api: Api, catalogue: Catalogue, noun: str, order: Any, size: int, backward: bool, filter: dict[str, Any]
) -> None:
    text = f"""query ({ARGUMENTS}, $filter: NameFilter, $orderBy: [NameOrder!]) {{
        {LISTS[noun]}({PASSED}, filter: $filter, orderBy: $orderBy) {{ {PAGE} totalCount }} }}"""
    found = [name for name in catalogue.names[noun] if says(name.name, filter, fold)]
    counts = {name.id: len(catalogue.media_of(noun, name.id)) for name in found}
    values = {"NAME": lambda name: fold(name.name), "MEDIA_COUNT": lambda name: counts[name.id]}
    keys = [(values[by["field"]], by["direction"] == "DESC") for by in order]
    variables: dict[str, Any] = {"filter": filter, "orderBy": list(order)}

    assert await walk(plain_api, text, size, backward, **variables) == ids(ordered(found, keys), noun)
    assert (await plain_api.run(text, **variables))[LISTS[noun]]["totalCount"] == len(found)


async def test_an_id_in_a_filter_is_one_of_its_noun(api: Api) -> None:
    for given_id in ("", "tag", "genre_1", "tag_0"):
        assert await api.codes(media_query(None), filter={"tags": {"any": [{"id": given_id}]}}) == ["BAD_ID"], given_id
    assert await api.codes(media_query(None), filter={"library": ["tag_1"]}) == ["BAD_ID"]


async def test_text_that_the_database_cannot_hold_is_a_bad_argument(api: Api) -> None:
    for text in ("\0", "a\0b", "\ud800"):
        assert await api.codes(media_query(None), filter={"title": text}) == ["BAD_ARGUMENT"]
        assert await api.codes("query ($t: String) { tag(name: $t) { id } }", t=text) == ["BAD_ARGUMENT"]
        names = "query ($t: String) { people(filter: {contains: $t}) { nodes { id } } }"
        assert await api.codes(names, t=text) == ["BAD_ARGUMENT"]


async def test_equal_filters_are_one_filter_however_they_are_said(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for _ in range(3):
        await add_media(connection, library, "Noir", year=2000)
    await add_name(connection, "tag", "x")
    one = {"title": "NOÏR", "kind": ["MOVIE", "CLIP"], "tags": {"none": [{"name": "X"}, {"id": "tag_1"}]}}
    same: dict[str, Any] = {"title": " noir ", "kind": ["CLIP", "MOVIE", "CLIP"], "year": {}, "library": None}
    same["tags"] = {"none": [{"id": "tag_1"}, {"name": "x"}, {"name": " X"}], "all": []}
    cursor = (await api.run(media_query(None), first=1, filter=one))["media"]["pageInfo"]["endCursor"]

    data = await api.run(media_query(None), after=cursor, filter=same)

    assert [node["id"] for node in data["media"]["nodes"]] == ["media_2", "media_3"]
    assert await api.codes(media_query(None), after=cursor, filter={**same, "title": "noi"}) == ["BAD_CURSOR"]
    assert await api.codes(media_query(None), after=cursor) == ["BAD_CURSOR"]


async def test_all_of_many_tags_are_asked_for_one_by_one(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    tags = [await add_name(connection, "tag", f"t{number}") for number in range(7)]
    await mark(connection, "tag", await add_media(connection, library), *tags[:6])
    await mark(connection, "tag", await add_media(connection, library), *tags[:5])
    text = "query ($filter: MediaFilter) { media(filter: $filter) { totalCount } }"

    for number, expected in [(5, 2), (6, 1), (7, 0)]:
        wanted = [{"id": f"tag_{tag}"} for tag in tags[: number - 1]] + [{"name": f"T{number - 1}"}]
        data = await api.run(text, filter={"tags": {"all": wanted}})
        assert data == {"media": {"totalCount": expected}}


async def test_a_list_in_a_filter_has_at_most_a_hundred_items(api: Api) -> None:
    many = [{"name": str(number)} for number in range(101)]

    assert await api.codes(media_query(None), filter={"tags": {"all": many}}) == ["BAD_ARGUMENT"]
    assert await api.run(media_query(None), filter={"tags": {"all": many[:100]}})
