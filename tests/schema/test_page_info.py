"""Whether rows stand before and after a page: as it is, not as the arguments make one think; and pages of no rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from tests.support.api import Api, open_api
from tests.support.catalogue import Catalogue, add_catalogue, ordered
from tests.support.derived import delete_media, update_media
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.plain_order import keys_of

INFO = "pageInfo { hasPreviousPage hasNextPage }"
ORDERS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"field": "TITLE", "direction": "ASC"}],
    [{"field": "YEAR", "direction": "ASC"}],
    [{"field": "YEAR", "direction": "DESC"}],
    [{"field": "ORIGINAL_TITLE", "direction": "DESC"}, {"field": "RATING", "direction": "ASC"}],
    [{"field": "RANDOM", "seed": 7, "direction": "ASC"}],
)
DECLARED = "$first: Int, $after: String, $last: Int, $before: String, $orderBy: [MediaOrder!]"
PASSED = "first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy"


@pytest.fixture(params=["compiled", "reference"])
async def either(request: pytest.FixtureRequest, writer: ConnectArgs) -> AsyncIterator[Api]:
    """The API with either engine."""
    async with open_api(writer, engine=request.param) as api:
        yield api


async def shelf(connection: Any) -> None:
    """Media 1 to 5 with years, all with one tag."""
    library = await add_library(connection)
    tag = await add_name(connection, "tag", "noir")
    for number in range(1, 6):
        await mark(connection, "tag", await add_media(connection, library, f"M{number}", year=1990 + number), tag)


async def page(api: Api, root: str, **variables: Any) -> tuple[str, bool, bool]:
    """The numbers of a page's media, and whether something stands before and after it."""
    text = f"query ({DECLARED}) {{ {root} }}".replace("PAGE", f"media({PASSED}) {{ nodes {{ id }} {INFO} }}")
    data = await api.run(text, **variables)
    found = data["media"] if "media" in data else data["tag"]["media"]
    info = found["pageInfo"]
    return "".join(one["id"][-1] for one in found["nodes"]), info["hasPreviousPage"], info["hasNextPage"]


@pytest.mark.parametrize("root", ["PAGE", 'tag(id: "tag_1") { PAGE }'])
@pytest.mark.parametrize("order", ORDERS[:4])
async def test_a_cursor_whose_row_is_gone_does_not_stand_for_a_row(
    either: Api, connection: Any, root: str, order: Any
) -> None:
    await shelf(connection)
    down = order[-1:] == ORDERS[3]
    text = "query ($orderBy: [MediaOrder!]) { media(orderBy: $orderBy) { edges { cursor } } }"
    edges = (await either.run(text, orderBy=order))["media"]["edges"]
    first, second, *_, last = [edge["cursor"] for edge in edges]
    names = "54321" if down else "12345"

    assert await page(either, root, first=2, after=first, orderBy=order) == (names[1:3], True, True)
    assert await page(either, root, last=2, before=last, orderBy=order) == (names[2:4], True, True)
    assert await page(either, root, last=4, before=last, orderBy=order) == (names[:4], False, True)
    await delete_media(connection, "id = any($1)", [int(names[0]), int(names[4])])
    assert await page(either, root, first=2, after=first, orderBy=order) == (names[1:3], False, True)
    assert await page(either, root, first=9, after=first, before=last, orderBy=order) == (names[1:4], False, False)
    assert await page(either, root, last=2, before=last, orderBy=order) == (names[2:4], True, False)
    assert await page(either, root, first=2, after=second, orderBy=order) == (names[2:4], True, False)
    assert await page(either, root, first=2, after=last, orderBy=order) == ("", True, False)
    assert await page(either, root, last=2, before=first, orderBy=order) == ("", False, True)


async def test_page_info_is_what_the_whole_order_says(api: Api, connection: Any) -> None:
    catalogue: Catalogue = await add_catalogue(connection, size=25)
    text = f"query ({DECLARED}) {{ media({PASSED}) {{ edges {{ cursor node {{ id }} }} {INFO} }} }}"
    for order in ORDERS:
        edges = (await api.run(text, first=100, orderBy=order))["media"]["edges"]
        whole = [f"media_{row.id}" for row in ordered(catalogue.media, keys_of(order))]
        assert [edge["node"]["id"] for edge in edges] == whole
        for place in (0, 1, 12, len(whole) - 1):
            cursor = edges[place]["cursor"]
            for given, shown in (
                ({"first": 3, "after": cursor}, range(place + 1, place + 4)),
                ({"last": 3, "before": cursor}, range(place - 3, place)),
            ):
                found = (await api.run(text, **given, orderBy=order))["media"]
                there = [one for one in shown if 0 <= one < len(whole)]
                assert [edge["node"]["id"] for edge in found["edges"]] == [whole[one] for one in there]
                before = min(there) > 0 if there else place > 0 or "first" in given
                after = max(there) < len(whole) - 1 if there else place < len(whole) - 1 or "last" in given
                assert found["pageInfo"] == {"hasPreviousPage": before, "hasNextPage": after}, (order, given)
        assert len(api.statements) == 1


async def test_media_that_a_filter_or_a_viewer_hides_do_not_stand_beside_a_page(api: Api, connection: Any) -> None:
    await shelf(connection)
    text = f"""query ($after: String, $before: String, $last: Int) {{
        media(filter: {{ year: {{ min: 1992 }} }}, after: $after, before: $before, last: $last) {{
            edges {{ cursor }} {INFO} }} }}"""
    second, third, *_ = [edge["cursor"] for edge in (await api.run(text))["media"]["edges"]]
    await update_media(connection, "year = 1980", "id = 2")

    assert (await api.run(text, after=second))["media"]["pageInfo"] == {"hasPreviousPage": False, "hasNextPage": False}
    assert (await api.run(text, before=third, last=1))["media"]["pageInfo"] == {
        "hasPreviousPage": False,
        "hasNextPage": True,
    }


async def test_only_who_asks_pays_for_what_stands_beside_a_page(api: Api, connection: Any) -> None:
    await shelf(connection)
    [first, *_] = (await api.run("{ media { edges { cursor } } }"))["media"]["edges"]
    for info, asks in (("endCursor", False), ("hasNextPage", False), ("hasPreviousPage", True)):
        for after, moved in ((f'after: "{first["cursor"]}"', True), ("first: 2", False)):
            await api.run(f"{{ media({after}) {{ nodes {{ id }} pageInfo {{ {info} }} }} }}")
            assert api.statements == ["media_pages"]
            assert ("side" in api.texts[0]) == (asks and moved), (info, after)


@pytest.mark.parametrize("argument", ["first: 0", "last: 0"])
async def test_a_page_of_no_rows_tells_the_total_and_where_it_stands(
    either: Api, connection: Any, argument: str
) -> None:
    await shelf(connection)
    data = await either.run(f"""{{ media({argument}) {{ totalCount edges {{ cursor }} nodes {{ tags {{ name }} }}
        pageInfo {{ hasPreviousPage hasNextPage startCursor endCursor }} }}
        tags {{ nodes {{ media({argument}) {{ totalCount nodes {{ id }} }} }} }} }}""")
    forward = argument == "first: 0"
    info = {"hasPreviousPage": not forward, "hasNextPage": forward, "startCursor": None, "endCursor": None}
    assert data["media"] == {"totalCount": 5, "edges": [], "nodes": [], "pageInfo": info}
    assert data["tags"]["nodes"] == [{"media": {"totalCount": 5, "nodes": []}}]

    assert (await either.run(f"{{ media({argument}) {{ totalCount }} }}")) == {"media": {"totalCount": 5}}
    for path in ("tags", "genres", "people", "libraries", "collections", "history", "releases"):
        found = await either.run(f"{{ {path}({argument}) {{ totalCount nodes {{ id }} }} }}")
        assert found[path]["nodes"] == [], path


@pytest.mark.parametrize("arguments", ["first: -1", "last: -1", "first: 0, last: 0", "first: 0, last: 1", "first: 101"])
async def test_page_sizes_that_are_none_are_refused(either: Api, arguments: str) -> None:
    code = "BAD_ARGUMENT" if "," in arguments else "BAD_PAGE_SIZE"
    assert await either.codes(f"{{ media({arguments}) {{ totalCount nodes {{ id }} }} }}") == [code]


async def test_no_rows_after_a_cursor(either: Api, connection: Any) -> None:
    await shelf(connection)
    *_, last = (await either.run("{ media { edges { cursor } } }"))["media"]["edges"]
    text = f"query ($after: String) {{ media(first: 0, after: $after) {{ nodes {{ id }} {INFO} }} }}"
    data = await either.run(text, after=last["cursor"])
    assert data["media"] == {"nodes": [], "pageInfo": {"hasPreviousPage": True, "hasNextPage": False}}
