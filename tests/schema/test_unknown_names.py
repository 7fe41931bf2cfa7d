"""Names in filters that nothing has are told beside the answer, by the statement that filters, on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from tests.support.api import Api, open_api
from tests.support.factories import add_credit, add_library, add_media, add_name, add_person, mark


@pytest.fixture(params=["compiled", "reference"])
async def shelf(request: Any, writer: ConnectArgs, connection: Any) -> AsyncIterator[Api]:
    """Two media of the genre Drama (also Play), one by Ann, both tagged."""
    library = await add_library(connection)
    genre, tag = await add_name(connection, "genre", "Drama", "Play"), await add_name(connection, "tag", "noir")
    for title in "AB":
        media = await add_media(connection, library, title)
        await mark(connection, "genre", media, genre)
        await mark(connection, "tag", media, tag)
    await add_credit(connection, 1, await add_person(connection, "Ann"))
    async with open_api(writer, engine=request.param) as api:
        yield api


def told(body: dict[str, Any]) -> list[tuple[list[str], str]]:
    assert "errors" not in body
    found = body.get("extensions", {}).get("warnings", [])
    assert {one["code"] for one in found} <= {"UNKNOWN_NAME"}
    return [(one["path"], one["message"].partition(":")[0]) for one in found]


PAGE = "query ($filter: MediaFilter) { found: media(filter: $filter) { nodes { id } } }"


def unknown(noun: str, name: str) -> str:
    return f"There is no {noun} with the name {name!r}"


@pytest.mark.parametrize(
    ("filter", "ids", "names"),
    [
        ({"genres": {"any": [{"name": "Sci-Fi"}]}}, [], [("genre", "Sci-Fi")]),
        ({"genres": {"any": [{"name": "Sci-Fi"}, {"name": "PLAY"}]}}, [1, 2], [("genre", "Sci-Fi")]),
        ({"genres": {"none": [{"name": " Sci-Fi"}]}, "title": "a"}, [1], [("genre", " Sci-Fi")]),
        ({"or": [{"people": {"any": [{"name": "Bob"}]}}, {"title": "b"}]}, [2], [("person", "Bob")]),
        ({"credits": {"any": [{"person": {"name": "Bob"}}, {"person": {"name": "ann"}}]}}, [1], [("person", "Bob")]),
        (
            {"tags": {"all": [{"name": "x"}], "withDescendants": True}, "genres": {"any": [{"name": "x"}]}},
            [],
            [("tag", "x"), ("genre", "x")],
        ),
        ({"releases": {"any": [{"group": {"name": "g"}}]}}, [], [("release group", "g")]),
        ({"parentMatching": {"channels": {"any": [{"name": "c"}]}}}, [], [("channel", "c")]),
        ({"collections": {"missing": False, "any": [{"name": "l"}]}}, [], [("collection", "l")]),
        ({"genres": {"any": [{"name": "drama"}]}}, [1, 2], []),
        ({"genres": {"any": [{"name": "drama"}], "withDescendants": True}}, [1, 2], []),
        ({"genres": {"any": [{"matching": {"contains": "nothing"}}]}}, [], []),
        ({"genres": {"any": [{"id": "genre_99"}]}}, [], []),
    ],
)
async def test_a_name_that_nothing_has_is_told_with_no_other_statement(
    shelf: Api, filter: Any, ids: list[int], names: list[tuple[str, str]]
) -> None:
    body = (await shelf.answer(PAGE, filter=filter)).body

    assert body["data"] == {"found": {"nodes": [{"id": f"media_{number}"} for number in ids]}}
    assert told(body) == [(["found"], unknown(*name)) for name in names]
    assert shelf.statements == ["media_pages"]


async def test_pages_of_many_parents_and_totals_tell_of_it_once(shelf: Api) -> None:
    text = """{ tags { nodes { media(filter: { genres: { any: [{ name: "x" }] } }) { totalCount nodes { id } } } }
        genres { nodes { a: media(filter: { genres: { any: [{ name: "x" }, { name: "drama" }] } }) { totalCount } } }
        media(filter: { people: { any: [{ name: "x" }] } }) { totalCount }
        library(id: "library_1") { media(filter: { genres: { none: [{ name: "y" }] } }, first: 1) {
            edges { cursor } totalCount } } }"""

    body = (await shelf.answer(text)).body

    assert body["data"]["tags"]["nodes"] == [{"media": {"totalCount": 0, "nodes": []}}]
    assert body["data"]["genres"]["nodes"] == [{"a": {"totalCount": 2}}]
    assert body["data"]["media"] == {"totalCount": 0}
    assert body["data"]["library"]["media"]["totalCount"] == 2
    assert sorted(told(body)) == [
        (["genres", "nodes", "a"], unknown("genre", "x")),
        (["library", "media"], unknown("genre", "y")),
        (["media"], unknown("person", "x")),
        (["tags", "nodes", "media"], unknown("genre", "x")),
    ]


async def test_a_page_that_goes_on_from_a_cursor_is_right_with_an_unknown_name(shelf: Api) -> None:
    text = """query ($after: String) { media(first: 1, after: $after, orderBy: { field: YEAR }
        filter: { genres: { any: [{ name: "x" }, { name: "drama" }] } }) {
        nodes { title } pageInfo { endCursor hasNextPage } } }"""

    first = (await shelf.answer(text)).body
    second = (await shelf.answer(text, after=first["data"]["media"]["pageInfo"]["endCursor"])).body
    third = (await shelf.answer(text, after=second["data"]["media"]["pageInfo"]["endCursor"])).body

    assert [body["data"]["media"]["nodes"] for body in (first, second, third)] == [
        [{"title": "A"}],
        [{"title": "B"}],
        [],
    ]
    assert [body["data"]["media"]["pageInfo"]["hasNextPage"] for body in (first, second)] == [True, False]
    assert [len(told(body)) for body in (first, second, third)] == [1, 1, 1]
