"""Filters and orders of names: each condition against a plain-Python reading of what it promises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.text import fold
from tests.api import Api
from tests.catalogue import KINDS, MEDIA_KEYS, NAMES, WORDS, Catalogue, PlainMedia, add_catalogue, ordered
from tests.factories import add_library, add_media, add_name, mark
from tests.test_paging import ARGUMENTS, BOUNDED, DIRECTIONS, PAGE, PARENTS, PASSED, SIZES, ids, media_query, walk

LISTS = {"tag": "tags", "genre": "genres", "person": "people", "library": "libraries"}
TEXTS = st.one_of(
    st.sampled_from([*WORDS, *NAMES, "e", "E", "%", "_", "\\", "a%", "m", "MM", "\ue000", " ", "", "nothing"]),
    st.text(max_size=3).filter(lambda text: "\0" not in text),
)
YEARS = st.sampled_from([None, -6, -5, 1999, 2000, 2001, 2**31 - 1, -(2**31)])
RATINGS = st.sampled_from([None, 0.0, 5.5, 5.45, 5.55, 7.25, 7.3, 7.35, 10, 10.5, -1, 1e300])
NULLS = st.sampled_from([None, None, True, False])


def a_range(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"min": values, "max": values, "isNull": NULLS})


def names_or_ids(noun: str) -> st.SearchStrategy[Any]:
    known = st.integers(1, len(NAMES) + 1).map(lambda number: {"id": f"{noun}_{number}"})
    called = st.sampled_from([*NAMES, "NOIR", "noir  alias", "ärger ALIAS", "unknown", ""]).map(
        lambda name: {"name": name}
    )
    return st.one_of(st.none(), st.lists(st.one_of(known, called), max_size=3))


def relation(noun: str) -> st.SearchStrategy[Any]:
    lists = names_or_ids(noun)
    return st.one_of(st.none(), st.fixed_dictionaries({}, optional={"any": lists, "all": lists, "none": lists}))


LIBRARIES = st.lists(st.integers(1, 5).map(lambda number: f"library_{number}"), max_size=3)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.one_of(st.none(), st.lists(st.sampled_from([*KINDS, "TRACK"]), max_size=3)),
        "title": TEXTS,
        "year": a_range(YEARS),
        "rating": a_range(RATINGS),
        "library": st.one_of(st.none(), LIBRARIES),
        "tags": relation("tag"),
        "genres": relation("genre"),
    },
)


def within(value: float | None, bounds: dict[str, Any] | None) -> bool:
    bounds = bounds or {}
    low, high, null = bounds.get("min"), bounds.get("max"), bounds.get("isNull")
    if null is not None and (value is None) != null:
        return False
    if value is None:
        return low is None and high is None
    return (low is None or value >= low) and (high is None or value <= high)


def related(carried: set[int], given: dict[str, Any] | None, noun: str, catalogue: Catalogue) -> bool:
    given = given or {}
    if given.get("any") is not None and not carried & catalogue.numbers(noun, given["any"]):
        return False
    if any(not carried & catalogue.numbers(noun, [one]) for one in given.get("all") or []):
        return False
    return not carried & catalogue.numbers(noun, given.get("none") or [])


def matches(media: PlainMedia, filter: dict[str, Any], catalogue: Catalogue) -> bool:
    rating = None if media.rating_tenths is None else media.rating_tenths / 10
    kind, library = filter.get("kind"), filter.get("library")
    return (
        (kind is None or media.kind in kind)
        and fold(filter.get("title") or "") in fold(media.title)
        and within(media.year, filter.get("year"))
        and within(rating, filter.get("rating"))
        and (library is None or f"library_{media.library}" in library)
        and related(media.tags, filter.get("tags"), "tag", catalogue)
        and related(media.genres, filter.get("genres"), "genre", catalogue)
    )


@pytest.fixture
async def catalogue(connection: Any) -> Catalogue:
    return await add_catalogue(connection)


@settings(BOUNDED, max_examples=100)
@given(filter=FILTERS, parent=PARENTS, size=SIZES, backward=st.booleans(), order=st.sampled_from(["RATING", "TITLE"]))
async def test_a_media_filter_finds_what_a_plain_reading_of_it_finds(
    api: Api,
    catalogue: Catalogue,
    filter: dict[str, Any],
    parent: tuple[str, int] | None,
    size: int,
    backward: bool,
    order: str,
) -> None:
    media = catalogue.media if parent is None else catalogue.media_of(*parent)
    expected = ids(ordered((one for one in media if matches(one, filter, catalogue)), [(MEDIA_KEYS[order], False)]))
    variables: dict[str, Any] = {"filter": filter, "orderBy": [{"field": order}]}

    assert await walk(api, media_query(parent), size, backward, **variables) == expected
    data = await api.run(media_query(parent), **variables)
    page = data["media"] if parent is None else data[parent[0]]["media"]
    assert page["totalCount"] == len(expected)


@pytest.mark.parametrize("condition", ["kind", "title", "year", "rating", "library", "tags", "genres"])
async def test_every_condition_alone_finds_what_a_plain_reading_of_it_finds(
    api: Api, catalogue: Catalogue, condition: str
) -> None:
    samples: dict[str, list[Any]] = {
        "kind": [["MOVIE"], ["CLIP", "SERIES", "CLIP"], ["TRACK"], []],
        "title": ["É", "e", "100%", "%", "_", "\\", "😀", "\ue000", "the", "", "  "],
        "year": [{"min": 2000}, {"max": 1999}, {"isNull": True}, {"isNull": True, "min": 1}, {"min": 2, "max": 1}],
        "rating": [{"min": 7.25}, {"max": 7.25}, {"min": 7.3, "max": 7.3}, {"isNull": False}, {"isNull": True}, {}],
        "library": [["library_1"], ["library_1", "library_2"], ["library_99"], []],
        "tags": [{"any": []}, {"all": []}, {"none": []}, {"any": [{"name": "NOIR"}]}, {"all": [{"id": "tag_99"}]}],
        "genres": [{"none": [{"name": "noir alias"}]}, {"any": [{"name": "?"}, {"id": "genre_2"}]}, {"any": None}],
    }
    for sample in samples[condition]:
        filter = {condition: sample}
        data = await api.run(media_query(None), first=100, filter=filter)
        expected = [one for one in catalogue.media if matches(one, filter, catalogue)]
        assert [node["id"] for node in data["media"]["nodes"]] == ids(expected), sample
        assert data["media"]["totalCount"] == len(expected), sample


NAME_ORDERS = st.lists(st.sampled_from(["NAME", "MEDIA_COUNT"]), max_size=2, unique=True).flatmap(
    lambda fields: st.tuples(*(st.builds(dict, field=st.just(name), direction=DIRECTIONS) for name in fields))
)


@BOUNDED
@given(
    noun=st.sampled_from(sorted(LISTS)),
    order=NAME_ORDERS,
    size=st.sampled_from([1, 2, 5, 100]),
    backward=st.booleans(),
    filter=st.fixed_dictionaries({}, optional={"contains": TEXTS, "startsWith": TEXTS}),
)
async def test_lists_of_names_are_ordered_and_filtered_as_a_plain_reading_says(
    api: Api, catalogue: Catalogue, noun: str, order: Any, size: int, backward: bool, filter: dict[str, str]
) -> None:
    text = f"""query ({ARGUMENTS}, $filter: NameFilter, $orderBy: [NameOrder!]) {{
        {LISTS[noun]}({PASSED}, filter: $filter, orderBy: $orderBy) {{ {PAGE} totalCount }} }}"""
    contains, start = fold(filter.get("contains", "")), fold(filter.get("startsWith", ""))
    found = [
        name for name in catalogue.names[noun] if contains in fold(name.name) and fold(name.name).startswith(start)
    ]
    counts = {name.id: len(catalogue.media_of(noun, name.id)) for name in found}
    values = {"NAME": lambda name: fold(name.name), "MEDIA_COUNT": lambda name: counts[name.id]}
    keys = [(values[by["field"]], by["direction"] == "DESC") for by in order]
    variables: dict[str, Any] = {"filter": filter, "orderBy": list(order)}

    assert await walk(api, text, size, backward, **variables) == ids(ordered(found, keys), noun)
    assert (await api.run(text, **variables))[LISTS[noun]]["totalCount"] == len(found)


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
