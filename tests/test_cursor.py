"""Cursors and page sizes: untrusted input, each refused with its code."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from loaders.bounds import BIGINT
from loaders.cursor import SortType, decode_cursor, encode_cursor, mark_of, old_mark_of
from loaders.errors import CatalogError
from loaders.source import NoFilter, OrderBy
from tests.api import Api
from tests.factories import add_library, add_media, add_name, mark

MARK = mark_of("list", "order", "filter")
FOREIGN = "This cursor is not one of ours: pass one from this list's edges."
OLD = "This cursor belongs to another list, order or filter: start again without it."
OTHER = "This cursor belongs to another {}: ask as it was asked then, or start again without it."
LIST = "This cursor belongs to another list: pass one from this list's edges."
PAGE = "query($after: String, $before: String) { media(after: $after, before: $before) { nodes { title } } }"
# The mark of the list of all media in its own order.
PLAIN = mark_of("MediaRow", (), NoFilter())


def forged(values: Any, *, mark: bytes = MARK, version: int = 2) -> str:
    """A cursor as ours are made, with anything in it."""
    content = values if isinstance(values, bytes) else orjson.dumps(values)
    return urlsafe_b64encode(bytes([version]) + mark + content).rstrip(b"=").decode()


def refusal(text: str, *types: tuple[SortType, bool]) -> str:
    """The message with which a cursor is refused."""
    with pytest.raises(CatalogError) as raised:
        decode_cursor(text, MARK, types or [("bigint", False)])
    assert raised.value.extensions == {"code": "BAD_CURSOR"}
    return str(raised.value)


@pytest.mark.parametrize(
    ("position", "types"),
    [
        ((1,), [("bigint", False)]),
        ((BIGINT.most,), [("bigint", False)]),
        ((BIGINT.least,), [("bigint", False)]),
        ((-(2**31), 7), [("integer", False), ("bigint", False)]),
        (("", 1), [("text", False), ("bigint", False)]),
        (("日本 \u2028 😀 \x01", 1), [("text", False), ("bigint", False)]),
        ((None, 7), [("integer", True), ("bigint", False)]),
        ((2**31 - 1, 7), [("integer", True), ("bigint", False)]),
        ((datetime(2024, 1, 1, 12, 0, 0, 123_457, UTC), 7), [("time", False), ("bigint", False)]),
        ((datetime(1, 1, 1, tzinfo=UTC), 7), [("time", False), ("bigint", False)]),
        ((datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC), 7), [("time", False), ("bigint", False)]),
    ],
)
def test_a_position_survives_the_round_trip(position: Any, types: Any) -> None:
    assert decode_cursor(encode_cursor(MARK, position), MARK, types) == position


def test_a_cursor_is_the_same_text_in_any_process() -> None:
    positions: list[Any] = [(42,), (BIGINT.most,), (1999, 42), (None, -1), ('"%?>\u2028', 7)]
    for bound in (PLAIN, b"%d%%\xff>%s%"):
        assert [encode_cursor(bound, one) for one in positions] == [forged(one, mark=bound) for one in positions]
    assert len(PLAIN) == 9


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "====",
        "AQ",
        "null",
        "\0",
        "é",
        "日本",
        "/+/+",
        forged([1])[:-1],
        forged([1])[1:],
        forged([1]) + "=",
        forged([1]) + "A",
        forged([1]) + "\n",
        f" {forged([1])}",
        forged([1]).replace("A", "A\n", 1),
        forged([1], version=0),
        forged([1], version=1),
        forged([1], version=3),
        forged([1], version=255),
        forged(b""),
        forged(b"[1"),
        forged(b"[1]]"),
        forged(b"\xff"),
        forged(b"[NaN]"),
        forged(b"[" * 2_000),
        forged(1),
        forged({}),
        forged([]),
        forged([1, 1]),
        forged(None),
        "A" * 4_096,
        "A" * 10_240,
        forged(["x" * 7_000]),
    ],
)
def test_text_that_is_no_cursor_of_ours_is_refused(text: str) -> None:
    assert refusal(text) == FOREIGN


@pytest.mark.parametrize(
    ("type_", "nullable", "value"),
    [
        ("bigint", False, None),
        ("bigint", False, True),
        ("bigint", False, "1"),
        ("bigint", False, 1.0),
        ("bigint", False, 1e300),
        ("bigint", False, 2**63),
        ("bigint", False, [1]),
        ("bigint", False, {}),
        ("integer", True, 2**31),
        ("integer", True, -(2**31) - 1),
        ("integer", True, False),
        ("integer", True, "1999"),
        ("text", False, None),
        ("text", False, 1),
        ("text", False, "a\0b"),
        ("text", False, ["a"]),
        ("time", False, None),
        ("time", False, "2024-01-01"),
        ("time", False, BIGINT.most),
        ("time", False, -BIGINT.most),
        ("time", False, 253_402_300_800_000_000),
        ("time", False, -62_135_596_800_000_001),
    ],
)
def test_a_forged_value_is_refused(type_: SortType, nullable: bool, value: Any) -> None:
    assert refusal(forged([value]), (type_, nullable)) == FOREIGN


def test_a_number_below_what_the_database_holds_is_refused() -> None:
    assert refusal(forged(b"[%d]" % (-(2**63) - 1))) == FOREIGN


def test_a_lone_surrogate_in_a_cursor_is_refused() -> None:
    assert refusal(forged(b'["\\ud800"]'), ("text", False)) == FOREIGN


def test_a_cursor_of_another_order_or_filter_is_told_apart_from_a_foreign_one() -> None:
    told = {
        ("other", "order", "filter"): LIST,
        ("other", "other", "other"): LIST,
        ("list", "other", "filter"): OTHER.format("order"),
        ("list", "order", "other"): OTHER.format("filter"),
        ("list", "other", "other"): OTHER.format("order and filter"),
    }
    for parts, message in told.items():
        for values in ([1], ["x", 1], [None]):  # whatever its order has for keys
            assert refusal(forged(values, mark=mark_of(*parts))) == message


def test_a_cursor_of_version_1_is_still_read() -> None:
    old = old_mark_of("list", "order", "filter")
    text = forged([7], mark=old, version=1)

    assert decode_cursor(text, MARK, [("bigint", False)], lambda: old) == (7,)
    with pytest.raises(CatalogError, match=OLD):
        decode_cursor(text, MARK, [("bigint", False)], lambda: b"others")


async def test_a_client_goes_on_with_a_cursor_of_version_1(api: Api, connection: Any) -> None:
    await add_shelf(connection)
    text = urlsafe_b64encode(b"\x01" + old_mark_of("MediaRow", (), NoFilter()) + b"[2]").rstrip(b"=").decode()

    data = await api.run(PAGE, after=text)

    assert [node["title"] for node in data["media"]["nodes"]] == ["C", "D"]


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
