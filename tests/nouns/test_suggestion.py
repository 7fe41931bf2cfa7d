"""Suggestions: titles and names that fit what somebody is typing, the best first."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.counts import fold_counts
from domain.enums import SearchType
from domain.viewer import UNRESTRICTED, Viewer
from loaders import suggestion
from loaders.suggestion import Suggestion, merged
from tests.support.api import Api
from tests.support.derived import settle
from tests.support.factories import (
    add_collection,
    add_credit,
    add_library,
    add_media,
    add_name,
    add_person,
    mark,
)
from tests.support.sessions import session_over

SUGGEST = """query($prefix: String!, $types: [SearchType!], $first: Int) {
    suggest(prefix: $prefix, types: $types, first: $first) { text type }
}"""


async def texts(
    api: Api, prefix: str, *types: str, first: int | None = None, viewer: Viewer = UNRESTRICTED
) -> list[str]:
    """What is suggested."""
    data = await api.run(SUGGEST, viewer, prefix=prefix, types=list(types) or None, first=first)
    return [one["text"] for one in data["suggest"]]


TITLES = {
    "Heat": 80,
    "The Heat": 70,
    "Heathers": 90,
    "Body Heat": 99,
    "Cheaters": 99,
    "In the Heat of the Night": 79,
    "Spider-Man": 60,
    "Amélie": 83,
    "七人の侍": 86,
    "100%": 50,
    "?!": 10,
}


@pytest.fixture
async def filled(api: Api, connection: Any) -> Api:
    library = await add_library(connection)
    for title, rating in TITLES.items():
        await add_media(connection, library, title, rating_tenths=rating)
    return api


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("heat", ["Heathers", "Heat", "The Heat", "Body Heat", "In the Heat of the Night"]),
        ("HEAT ", ["Heat", "The Heat", "Body Heat", "In the Heat of the Night"]),
        ("heath", ["Heathers"]),
        ("the h", ["The Heat", "In the Heat of the Night"]),
        ("heat the", ["In the Heat of the Night", "The Heat"]),
        ("heat nig", ["In the Heat of the Night"]),
        ("ea", []),
        ("spiderm", ["Spider-Man"]),
        ("spider m", ["Spider-Man"]),
        ("spider-m", ["Spider-Man"]),
        ("amelie", ["Amélie"]),
        ("七", ["七人の侍"]),
        ("人の", ["七人の侍"]),
        ("100", ["100%"]),
        ("?", ["?!"]),
        ("%", []),
        ("_", []),
        ("'", []),
        ("", []),
        (" ", []),
        ("\u200b", []),
    ],
)
async def test_titles_with_words_that_begin_as_typed_come_by_rank(
    filled: Api, written: str, expected: list[str]
) -> None:
    found = await texts(filled, written)

    assert sorted(found) == sorted(expected)
    begin = [title for title in expected if expected.index(title) < 3]
    assert found[: len(begin)] == begin


async def test_types_take_turns_and_each_is_one_statement_more_where_its_objects_are_asked_for(
    api: Api, connection: Any
) -> None:
    media = await add_media(connection, await add_library(connection), "Western Union", rating_tenths=70)
    await mark(connection, "genre", media, await add_name(connection, "genre", "Western"))
    await mark(connection, "tag", media, await add_name(connection, "tag", "wild west", "western"))
    await add_name(connection, "channel", "West TV")
    await add_collection(connection, "Best of the West", media)
    await add_credit(connection, media, await add_person(connection, "Adam West"))
    await add_person(connection, "Westley")

    data = await api.run(
        '{ suggest(prefix: "west") { text type node { __typename ... on Node { id } ... on Media { title } '
        "... on Person { name } ... on Tag { name } ... on Genre { name } ... on Channel { name } "
        "... on Collection { name } } } }"
    )

    assert [(one["text"], one["type"], one["node"]["id"]) for one in data["suggest"]] == [
        ("Western Union", "MEDIA", "media_1"),
        ("Westley", "PERSON", "person_2"),
        ("wild west", "TAG", "tag_1"),
        ("Western", "GENRE", "genre_1"),
        ("West TV", "CHANNEL", "channel_1"),
        ("Adam West", "PERSON", "person_1"),
        ("Best of the West", "COLLECTION", "collection_1"),
    ]
    assert [one["node"].get("title") or one["node"]["name"] for one in data["suggest"]] == [
        one["text"] for one in data["suggest"]
    ]
    assert [one["node"]["__typename"].upper() for one in data["suggest"]] == [one["type"] for one in data["suggest"]]
    assert api.statements[0] == "suggestions"
    assert sorted(api.statements[1:]) == sorted(f"{type_.lower()}_by_id" for type_ in SearchType)


async def test_only_the_types_that_are_asked_for_are_looked_at(filled: Api) -> None:
    assert await texts(filled, "heat", "PERSON", "TAG") == []
    assert "title_words" not in filled.texts[0]
    assert await texts(filled, "heat", "MEDIA", "MEDIA", first=1) == ["Heathers"]
    assert "person" not in filled.texts[0]
    assert await texts(filled, "heat", "MEDIA", first=0) == []
    assert filled.statements == []
    data = await filled.run(SUGGEST, prefix="heat", types=[])
    assert data == {"suggest": []}


async def test_names_are_ranked_by_their_media_and_found_by_their_aliases(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    numbers = [await add_media(connection, library, f"M{place}") for place in range(3)]
    scifi = await add_name(connection, "tag", "Sci-Fi", "science fiction")
    science = await add_name(connection, "tag", "Science")
    await add_name(connection, "tag", "Scientists")
    for number in numbers:
        await mark(connection, "tag", number, scifi)
    await mark(connection, "tag", numbers[0], science)
    await settle(connection)

    assert await texts(api, "sci", "TAG") == ["Sci-Fi", "Science", "Scientists"]
    assert await texts(api, "science ", "TAG") == ["Sci-Fi", "Science"]
    assert await texts(api, "fiction", "TAG") == ["Sci-Fi"]


async def test_what_a_viewer_cannot_see_is_not_suggested(api: Api, connection: Any) -> None:
    one, two = await add_library(connection, "One"), await add_library(connection, "Two")
    hidden, shown = await add_media(connection, one, "Western One"), await add_media(connection, two, "Western Two")
    await mark(connection, "genre", hidden, await add_name(connection, "genre", "Western"))
    await mark(connection, "genre", shown, await add_name(connection, "genre", "Westerns"))
    viewer = Viewer((two,))

    assert await texts(api, "west", viewer=viewer) == ["Western Two", "Westerns"]
    assert await texts(api, "west", viewer=Viewer(())) == []
    assert len(await texts(api, "west")) == 4


async def test_more_than_are_gathered_are_ranked_by_those_with_most_media(
    api: Api, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = await add_library(connection)
    media = [await add_media(connection, library, f"M{place}") for place in range(2)]
    people = [await add_person(connection, f"Tom {letter}") for letter in "abcdefgh"]
    for number in media:
        await add_credit(connection, number, people[-1])
    await fold_counts(session_over(connection))
    before = await texts(api, "tom", first=2)
    limited = suggestion.NAME_SUGGESTIONS.replace(str(suggestion.MAX_LISTED_NAMES), "3")
    monkeypatch.setattr(suggestion, "NAME_SUGGESTIONS", limited)

    assert await texts(api, "tom", first=2) == before == ["Tom h", "Tom a"]


async def test_titles_below_the_highest_ranked_are_found_where_words_are_rare(
    api: Api, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = await add_library(connection)
    for title in ("Other", "Another", "Heat", "Body Heat", "Heat Two", "In Heat"):
        await add_media(connection, library, title, rating_tenths=90 - len(title))
    before = await texts(api, "heat")
    monkeypatch.setattr(
        suggestion, "MEDIA_SUGGESTIONS", suggestion.MEDIA_SUGGESTIONS.replace(str(suggestion.MAX_TOP), "1")
    )

    assert await texts(api, "heat") == before == ["Heat", "Heat Two", "In Heat", "Body Heat"]
    assert await texts(api, "heat", first=3) == before[:3]


def test_of_three_suggestions_two_are_titles() -> None:
    found = [Suggestion(type_, id, f"{type_}{id}", 0, 9 - id) for type_ in SearchType for id in range(1, 7)]

    best = [(one.type[:2], one.id) for one in merged(reversed(found))][:10]

    assert best == [
        ("ME", 1),
        ("ME", 2),
        ("PE", 1),
        ("ME", 3),
        ("TA", 1),
        ("GE", 1),
        ("CH", 1),
        ("CO", 1),
        ("ME", 4),
        ("PE", 2),
    ]


def test_what_begins_as_typed_comes_before_what_does_not() -> None:
    found = [Suggestion(SearchType.MEDIA, 1, "a", 1, 99), Suggestion(SearchType.COLLECTION, 1, "b", 0, 0)]

    assert [one.text for one in merged(found)] == ["b", "a"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"prefix": "a" * 501}, "BAD_ARGUMENT"),
        ({"prefix": "a " * 101}, "BAD_ARGUMENT"),
        ({"prefix": "一" * 101}, "BAD_ARGUMENT"),
        ({"prefix": "nul \0"}, "BAD_ARGUMENT"),
        ({"prefix": "half \ud800"}, "BAD_ARGUMENT"),
        ({"prefix": "a", "first": -1}, "BAD_PAGE_SIZE"),
        ({"prefix": "a", "first": 101}, "BAD_PAGE_SIZE"),
        ({"prefix": "a", "types": ["MEDIA"] * 101}, "BAD_ARGUMENT"),
    ],
)
async def test_what_cannot_be_suggested_for_is_refused_with_a_code(api: Api, given: Any, code: str) -> None:
    assert await api.codes(SUGGEST, **given) == [code]
    assert api.statements == []


async def test_what_is_typed_twice_in_one_operation_is_looked_up_once(filled: Api) -> None:
    data = await filled.run(
        """{ a: suggest(prefix: "heat") { text } b: suggest(prefix: "heat ", first: 1) { text }
        c: suggest(prefix: "HEAT") { text } }"""
    )

    assert data["a"] == data["c"]
    assert data["b"] == [{"text": "Heat"}]
    assert filled.statements == ["suggestions", "suggestions"]
