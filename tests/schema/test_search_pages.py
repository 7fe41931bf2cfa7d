"""Search whatever is asked: any text has an answer or a coded error, and pages put together are the whole list."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.sql.cursor import PART
from tests.schema.test_paging import BOUNDED
from tests.support.api import Api
from tests.support.derived import delete_media, update_media
from tests.support.factories import add_collection, add_credit, add_library, add_media, add_name, add_person, mark

PAGE = """query($query: String!, $types: [SearchType!], $filter: MediaFilter, $correct: SearchCorrect, $first: Int,
    $after: String) {
    search(query: $query, types: $types, filter: $filter, correct: $correct, first: $first, after: $after) {
        edges { cursor score node { __typename ... on Node { id } } highlights { field fragment marks { start end } } }
        nodes { ... on Node { id } }
        corrections { word read }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""
SUGGEST = "query($prefix: String!) { suggest(prefix: $prefix) { text node { ... on Node { id } } } }"

WORDS = [
    "heat",
    "Heat",
    "body",
    "the",
    "of",
    "night",
    "spider-man",
    "spiderman",
    "Amélie",
    "七人の侍",
    "E.T.",
    "2",
    "II",
    "❤",
    "?!",
]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.one_of(
            st.sampled_from(WORDS),
            st.sampled_from(
                [
                    *"\"-:&|!()\\*'%_<>",
                    '-"',
                    "year:",
                    "year:1999",
                    "kind:movie",
                    'genre:"noir"',
                    "person:a",
                    ":*",
                    "\u200b",
                    "\U0001f468\u200d\U0001f680",
                ]
            ),
            st.text(max_size=3),
        ),
        max_size=8,
    ).map(" ".join),
)


async def fill(connection: Any, seed: int = 1, size: int = 40) -> None:
    """Titles of few words, with people, tags, genres, channels and collections of the same words."""
    random = Random(seed)
    libraries = [await add_library(connection, name) for name in ("One", "Two")]
    named = {
        noun: [await add_name(connection, noun, f"{noun} {word}") for word in WORDS[:4:2]]
        for noun in ("tag", "genre", "channel")
    }
    people = [await add_person(connection, f"{word} Smith") for word in WORDS[:6]]
    for _ in range(size):
        title = " ".join(random.choices(WORDS, k=random.randint(1, 4)))
        overview = " ".join(random.choices(WORDS, k=5)) if random.random() < 0.3 else None
        rating = random.choice((None, 50, 70))
        media = await add_media(
            connection,
            random.choice(libraries),
            title,
            overview=overview,
            rating_tenths=rating,
            year=1995 + random.randrange(9),
        )
        for noun, numbers in named.items():
            await mark(connection, noun, media, *random.sample(numbers, random.randrange(2)))
        if random.random() < 0.5:
            await add_credit(connection, media, random.choice(people))
    await add_collection(connection, "The heat", 1, 2)


@pytest.fixture
async def filled(api: Api, connection: Any) -> Api:
    await fill(connection)
    return api


def ids(page: Any) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


async def search(api: Api, query: str, **given: Any) -> Any:
    return (await api.run(PAGE, query=query, **given))["search"]


async def walk(api: Api, query: str, size: int, **given: Any) -> list[str]:
    """All results, page by page."""
    found: list[str] = []
    after = None
    while True:
        page = await search(api, query, first=size, after=after, **given)
        found += ids(page)
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        if not page["pageInfo"]["hasNextPage"]:
            return found
        assert len(page["edges"]) == size
        after = page["pageInfo"]["endCursor"]


def check_page(page: Any) -> None:
    """What holds of every page."""
    scores = [edge["score"] for edge in page["edges"]]
    assert scores == sorted(scores, reverse=True)
    assert len(set(ids(page))) == len(page["edges"])
    assert [node["id"] for node in page["nodes"]] == ids(page)
    for edge in page["edges"]:
        for one in edge["highlights"]:
            units = len(one["fragment"].encode("utf-16-le")) // 2
            places = [place for mark in one["marks"] for place in (mark["start"], mark["end"])]
            assert places == sorted(set(places))
            assert places
            assert places[-1] <= units


@BOUNDED
@given(query=TEXTS, correct=st.sampled_from(["AUTO", "ALWAYS", "NEVER"]))
async def test_any_text_has_an_answer_or_a_coded_error(filled: Api, query: str, correct: str) -> None:
    body = (await filled.answer(PAGE, query=query, correct=correct)).body

    codes = [error["extensions"]["code"] for error in body.get("errors", [])]
    assert codes in ([], ["BAD_ARGUMENT"]), body
    assert await filled.codes(SUGGEST, prefix=query) == codes
    if not codes:
        check_page((await filled.run(PAGE, query=query, correct=correct))["search"])


@BOUNDED
@given(query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), size=st.integers(1, 7))
async def test_pages_of_any_size_put_together_are_the_same_list(filled: Api, query: str, size: int) -> None:
    whole = await search(filled, query, first=100)

    check_page(whole)
    assert not whole["pageInfo"]["hasNextPage"]
    assert await walk(filled, query, size) == ids(whole)


@pytest.mark.parametrize(
    "query", ["heat", "the", "", "heat the of", "7", "smith", "genre noir", "genre:heat", "七", "heat -body"]
)
async def test_each_result_is_met_once_while_others_write(filled: Api, connection: Any, query: str) -> None:
    random = Random(query)
    before = set(await walk(filled, query, 100))
    touched: set[str] = set()
    found: list[str] = []
    after = None
    while True:
        page = await search(filled, query, first=3, after=after)
        found += ids(page)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        touched |= await write(connection, random)

    # What was changed may have moved; so may names, whose rank is the number of their media.
    stayed = {one for one in before - touched if one.startswith("media_")}
    met = Counter(found)
    assert {one: met[one] for one in stayed} == dict.fromkeys(stayed, 1)


async def write(connection: Any, random: Random) -> set[str]:
    """Changes, deletes and adds media; the ids of what was changed or deleted."""
    changed = random.randint(1, 40)
    await update_media(connection, f"rating_tenths = {random.randint(0, 100)}", "id = $1", changed)
    deleted = random.randint(1, 40)
    await delete_media(connection, "id = $1", deleted)
    await add_media(connection, 1, " ".join(random.choices(WORDS, k=2)))
    return {f"media_{changed}", f"media_{deleted}"}


async def test_the_cursor_of_what_was_deleted_still_continues_the_list(filled: Api, connection: Any) -> None:
    whole = await walk(filled, "heat", 100, types=["MEDIA"])
    first = await search(filled, "heat", first=2, types=["MEDIA"])
    await delete_media(connection, "id = any($1::bigint[])", [int(one.split("_")[1]) for one in whole[:2]])

    rest = await search(filled, "heat", first=100, after=first["pageInfo"]["endCursor"], types=["MEDIA"])

    assert ids(rest) == whole[2:]


async def test_a_cursor_belongs_to_its_search(filled: Api) -> None:
    cursor = (await search(filled, "heat", first=1))["pageInfo"]["endCursor"]
    others: list[dict[str, Any]] = [
        {"query": "heats"},
        {"query": "heat "},
        {"query": "heat -body"},
        {"query": "heat year:1999"},
        {"query": "heat", "types": ["MEDIA"]},
        {"query": "heat", "correct": "NEVER"},
        {"query": "heat", "filter": {"year": {"min": 1}}},
    ]

    for other in others:
        assert await filled.codes(PAGE, after=cursor, **other) == ["BAD_CURSOR"], other
    for same in ("HEAT", "  heat", "he\u00e4t"):
        assert (await search(filled, same, after=cursor))["pageInfo"]["hasPreviousPage"]
    media = await filled.run("{ media(first: 1) { pageInfo { endCursor } } }")
    assert await filled.codes(PAGE, query="heat", after=media["media"]["pageInfo"]["endCursor"]) == ["BAD_CURSOR"]
    assert await filled.codes("query($after: String) { media(after: $after) { nodes { id } } }", after=cursor) == [
        "BAD_CURSOR"
    ]


@pytest.mark.parametrize(
    "values",
    [
        b"[]",
        b"[0]",
        b"{}",
        b"null",
        b"[0,0,0,0,0,0,0]",
        b'["0",0,0,0,0,0]',
        b"[0,0,0,0,0,null]",
        b"[0,0,0,0,0,1.5]",
        b"[0,0,0,0,0,9223372036854775808]",
        b"[7,0,0,0,0,0]",
        b"[0,0,7,0,0,0]",
        b"[0,-1,0,0,0,0]",
        b"[0,99999999999,0,0,0,0]",
        b"[0,0,0,99999999999,0,0]",
        b"[0,0,0,0,99999999999,0]",
        b"[0,0,0,0,0,9223372036854775807]",
        b"[1,9,5,2000000000,2000000000,-1]",
    ],
)
async def test_a_made_up_cursor_is_refused_or_has_an_answer(filled: Api, values: bytes) -> None:
    cursor = (await search(filled, "heat", first=1))["pageInfo"]["endCursor"]
    data = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    made = urlsafe_b64encode(data[: 1 + 3 * PART] + values).decode().rstrip("=")

    assert await filled.codes(PAGE, query="heat", after=made) in ([], ["BAD_CURSOR"])
