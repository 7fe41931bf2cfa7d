"""Cursors and page sizes in requests: untrusted input, each refused with its code."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.bounds import BIGINT
from loaders.sql.cursor import mark_of, old_mark_of
from loaders.sql.source import NoFilter, OrderBy
from tests.support.api import Api
from tests.support.cursors import OTHER, PLAIN, forged
from tests.support.factories import add_library, add_media, add_name, mark

PAGE = "query($after: String, $before: String) { media(after: $after, before: $before) { nodes { title } } }"


async def add_shelf(connection: Any) -> None:
    """Four media with ties and NULLs, all of them tagged twice."""
    library = await add_library(connection)
    tags = [await add_name(connection, "tag", name) for name in ("noir", "western")]
    for title, year in (("A", 1990), ("B", 1990), ("C", None), ("D", None)):
        await mark(connection, "tag", await add_media(connection, library, title, year=year), *tags)


async def cursors(api: Api, arguments: str = "", path: str = "media") -> list[str]:
    data = await api.run(f"{{ {path}{arguments} {{ edges {{ cursor }} }} }}")
    return [edge["cursor"] for edge in data[path]["edges"]]


@pytest.mark.parametrize(
    ("arguments", "other"),
    [
        ("", "orderBy: {field: YEAR}"),
        ("(orderBy: {field: YEAR})", ""),
        ("(orderBy: {field: YEAR})", "orderBy: {field: YEAR, direction: DESC}"),
        ("(orderBy: {field: YEAR})", "orderBy: {field: RATING}"),
        ("(orderBy: {field: YEAR})", "orderBy: [{field: YEAR}, {field: TITLE}]"),
        ("", "filter: {kind: MOVIE}"),
        ("(filter: {year: {min: 1}})", "filter: {year: {min: 2}}"),
        ("(filter: {year: {min: 1}})", ""),
    ],
)
async def test_a_cursor_is_refused_under_another_order_or_filter(
    api: Api, connection: Any, arguments: str, other: str
) -> None:
    await add_shelf(connection)
    cursor = (await cursors(api, arguments))[0]
    for argument in ("after", "before"):
        answer = await api.answer(f'{{ media({argument}: "{cursor}", {other}) {{ nodes {{ id }} }} }}')
        [error] = answer.body["errors"]
        assert error["extensions"] == {"code": "BAD_CURSOR"}
        differs = [name for name in ("order", "filter") if (f"{name}" in arguments) or (f"{name}" in other)]
        assert error["message"] == OTHER.format(differs[0])
        assert api.statements == []


async def test_a_cursor_continues_the_list_that_says_the_same_in_other_words(api: Api, connection: Any) -> None:
    await add_shelf(connection)
    for arguments, same in (
        ("", "filter: {}"),
        ("", "filter: {tags: {}}, orderBy: []"),
        ("(filter: {kind: [MOVIE, CLIP]})", "filter: {kind: [CLIP, MOVIE, CLIP]}"),
        ("(orderBy: {field: YEAR})", "orderBy: [{field: YEAR, direction: ASC}], filter: null"),
    ):
        cursor = (await cursors(api, arguments))[1]
        data = await api.run(f'{{ media(after: "{cursor}", {same}) {{ nodes {{ title }} }} }}')
        assert data == {"media": {"nodes": [{"title": "C"}, {"title": "D"}]}}


async def test_a_cursor_of_one_tag_s_media_continues_another_tag_s(api: Api, connection: Any) -> None:
    await add_shelf(connection)
    query = "query($id: ID!, $after: String) { tag(id: $id) { media(after: $after, first: 2, orderBy: {field: YEAR}) "
    query += "{ edges { cursor node { title } } pageInfo { endCursor } } } }"
    first = (await api.run(query, id="tag_1"))["tag"]["media"]
    assert [edge["node"]["title"] for edge in first["edges"]] == ["A", "B"]
    for tag in ("tag_1", "tag_2"):
        second = (await api.run(query, id=tag, after=first["pageInfo"]["endCursor"]))["tag"]["media"]
        assert [edge["node"]["title"] for edge in second["edges"]] == ["C", "D"]


async def test_forged_positions_that_fit_their_columns_give_a_page(api: Api, connection: Any) -> None:
    await add_shelf(connection)
    for number, titles in ((BIGINT.most, ""), (-BIGINT.most, "ABCD"), (0, "ABCD"), (2, "CD")):
        data = await api.run(PAGE, after=forged([number], mark=PLAIN))
        assert "".join(node["title"] for node in data["media"]["nodes"]) == titles
    positions: list[tuple[str, list[Any]]] = [
        ("TITLE", ["", "\U0010ffff", "x" * 2_000, "\\", "%", "'; DROP TABLE media --"]),
        ("YEAR", [None, 2**31 - 1, 1 - 2**31]),
        ("RATING", [None, 2**31 - 1, 1 - 2**31]),
        ("ADDED_AT", [0, 253_402_300_799_999_999, -62_135_596_800_000_000]),
    ]
    for field, values in positions:
        mark = mark_of("MediaRow", (OrderBy(field),), NoFilter())
        for value in values:
            for argument in ("after", "before"):
                text = forged([value, 1], mark=mark)
                query = (
                    f"query($c: String) {{ media({argument}: $c, orderBy: {{field: {field}}}) {{ nodes {{ id }} }} }}"
                )
                assert await api.codes(query, c=text) == [], (field, value)


async def test_after_and_before_that_cross_give_an_empty_page(api: Api, connection: Any) -> None:
    await add_shelf(connection)
    first, *_, last = await cursors(api)
    data = await api.run(PAGE, after=first, before=last)
    assert [node["title"] for node in data["media"]["nodes"]] == ["B", "C"]
    assert await api.run(PAGE, after=last, before=first) == {"media": {"nodes": []}}


async def test_the_longest_title_gives_a_cursor_that_is_taken_back(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for title in ("\x01" * 500, "\u20ac" * 500, '"' * 500):
        await add_media(connection, library, title)
    found = await cursors(api, "(orderBy: {field: TITLE})")
    assert [len(urlsafe_b64decode(text + "==")) > 500 for text in found] == [True] * 3
    for cursor in found:
        query = "query($c: String) { media(after: $c, orderBy: {field: TITLE}) { nodes { id } } }"
        assert await api.codes(query, c=cursor) == []


async def test_microseconds_are_kept_between_pages(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(5):
        await add_media(connection, library, f"M{number}", added_at=start + timedelta(microseconds=number))
    titles, after = [], None
    while True:
        query = "query($a: String) { media(first: 1, after: $a, orderBy: {field: ADDED_AT}) "
        page = (await api.run(query + "{ nodes { title } pageInfo { hasNextPage endCursor } } }", a=after))["media"]
        titles += [node["title"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert titles == ["M0", "M1", "M2", "M3", "M4"]


@pytest.mark.parametrize("path", ["media", "tags", "genres", "people", "libraries"])
async def test_every_list_refuses_bad_cursors_and_bad_page_sizes(api: Api, path: str) -> None:
    for arguments, code in (
        ('after: ""', "BAD_CURSOR"),
        ('before: "bm9uc2Vuc2U"', "BAD_CURSOR"),
        ("first: -1", "BAD_PAGE_SIZE"),
        ("first: 101", "BAD_PAGE_SIZE"),
        ("first: 1000000000", "BAD_PAGE_SIZE"),
        ("last: -1", "BAD_PAGE_SIZE"),
        ("last: 101", "BAD_PAGE_SIZE"),
        ("first: 1, last: 1", "BAD_ARGUMENT"),
        ("first: 2147483648", "GRAPHQL_VALIDATION_FAILED"),
        ("first: -2147483649", "GRAPHQL_VALIDATION_FAILED"),
        ("first: 1.0", "GRAPHQL_VALIDATION_FAILED"),
        ('first: "1"', "GRAPHQL_VALIDATION_FAILED"),
    ):
        assert await api.codes(f"{{ {path}({arguments}) {{ nodes {{ id }} }} }}") == [code], arguments
        assert api.statements == []
    for arguments in (
        "first: 0",
        "last: 0",
        "first: 1",
        "first: 100",
        "last: 1",
        "last: 100",
        "first: null, last: null, after: null",
    ):
        assert await api.codes(f"{{ {path}({arguments}) {{ nodes {{ id }} }} }}") == [], arguments


async def test_page_sizes_in_variables_are_checked_as_well(api: Api) -> None:
    query = "query($n: Int) { media(first: $n) { nodes { id } } }"
    expected = {-1: "BAD_PAGE_SIZE", 101: "BAD_PAGE_SIZE", 10**9: "BAD_PAGE_SIZE"}
    for size, code in expected.items():
        assert await api.codes(query, n=size) == [code]
    wrongs: list[Any] = [2**31, -(2**31) - 1, 1.5, "1", True, [1], {}]
    for wrong in wrongs:
        assert await api.codes(query, n=wrong) == ["BAD_ARGUMENT"], wrong
    for right in (100.0, 0, 0.0):
        assert await api.codes(query, n=right) == []


async def test_the_longest_titles_have_cursors_that_are_taken_back(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for text in ("🎬" * 500, "\x01" * 500):
        for _ in range(2):
            await add_media(connection, library, text, original_title=text)
    text = """query ($after: String) {
        media(first: 1, after: $after, orderBy: [{ field: TITLE }, { field: ORIGINAL_TITLE }]) {
        nodes { id } pageInfo { endCursor } } }"""
    found, after = [], None
    for _ in range(4):
        page = (await api.run(text, after=after))["media"]
        after = page["pageInfo"]["endCursor"]
        found += [node["id"] for node in page["nodes"]]

    assert found == ["media_3", "media_4", "media_1", "media_2"]


async def test_a_client_goes_on_with_a_cursor_of_version_1(api: Api, connection: Any) -> None:
    await add_shelf(connection)
    text = urlsafe_b64encode(b"\x01" + old_mark_of("MediaRow", (), NoFilter()) + b"[2]").rstrip(b"=").decode()

    data = await api.run(PAGE, after=text)

    assert [node["title"] for node in data["media"]["nodes"]] == ["C", "D"]
