"""Pages: put together they are the whole order, whatever the order, filter, size, direction and writes between them."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.sql.cursor import PART
from tests.support.api import Api
from tests.support.catalogue import (
    MEDIA_KEYS,
    ROLES,
    Catalogue,
    Keys,
    PlainCredit,
    add_catalogue,
    add_plain_media,
    ordered,
)
from tests.support.derived import delete_media, update_media
from tests.support.factories import add_library, add_media
from tests.support.filter_trees import TREES
from tests.support.plain_filter import matches
from tests.support.plain_order import ORDERS, keys_of

BOUNDED = settings(
    max_examples=70,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PAGE = "edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
ARGUMENTS = "$first: Int, $after: String, $last: Int, $before: String"
PASSED = "first: $first, after: $after, last: $last, before: $before"
EMPTY = """TRUNCATE library, tag, genre, person, library_media_count, tag_media_count, genre_media_count,
    person_media_count RESTART IDENTITY CASCADE"""
NOUNS = ("library", "tag", "genre", "person")

SIZES = st.sampled_from([1, 2, 3, 7, 20, 100])
PARENTS = st.one_of(st.none(), st.tuples(st.sampled_from(NOUNS), st.integers(1, 4)))


def media_query(parent: tuple[str, int] | None) -> str:
    """The operation that reads a page of media: of the root or of a parent."""
    head = f"query ({ARGUMENTS}, $filter: MediaFilter, $orderBy: [MediaOrder!])"
    page = f"media({PASSED}, filter: $filter, orderBy: $orderBy) {{ {PAGE} totalCount }}"
    return (
        f"{head} {{ {page} }}"
        if parent is None
        else f'{head} {{ {parent[0]}(id: "{"_".join(map(str, parent))}") {{ {page} }} }}'
    )


def connection_of(data: Any) -> dict[str, Any]:
    """The one connection in an answer."""
    while "pageInfo" not in data:
        data = next(iter(data.values()))
    return dict(data)


def ids(rows: Any, prefix: str = "media") -> list[str]:
    return [f"{prefix}_{row.id}" for row in rows]


async def read_page(api: Api, text: str, **variables: Any) -> dict[str, Any]:
    """A page that is consistent in itself."""
    page = connection_of(await api.run(text, **variables))
    assert page["nodes"] == [edge["node"] for edge in page["edges"]]
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert page["pageInfo"]["startCursor"] == (cursors[0] if cursors else None)
    assert page["pageInfo"]["endCursor"] == (cursors[-1] if cursors else None)
    return page


async def walk(api: Api, text: str, size: int, backward: bool, between: Any = None, **variables: Any) -> list[str]:
    """All ids of a list, page by page, in the list's order. `between` is awaited after each page."""
    found: list[str] = []
    cursor, more = None, True
    while more:
        place = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        page = await read_page(api, text, **place, **variables)
        info, numbers = page["pageInfo"], [node["id"] for node in page["nodes"]]
        found = numbers + found if backward else found + numbers
        more, behind = info["hasNextPage"], info["hasPreviousPage"]
        if backward:
            more, behind = behind, more
        assert between is not None or behind == (cursor is not None)
        assert len(numbers) == size or not more
        cursor = info["startCursor"] if backward else info["endCursor"]
        if between is not None:
            await between()
    return found


@BOUNDED
@given(parent=PARENTS, order=ORDERS, size=SIZES, backward=st.booleans())
async def test_pages_of_media_put_together_are_the_whole_order(
    plain_api: Api, catalogue: Catalogue, parent: tuple[str, int] | None, order: Any, size: int, backward: bool
) -> None:
    media = catalogue.media if parent is None else catalogue.media_of(*parent)

    found = await walk(plain_api, media_query(parent), size, backward, orderBy=list(order))

    assert found == ids(ordered(media, keys_of(order)))


@BOUNDED
@given(parent=PARENTS, order=ORDERS, size=SIZES, backward=st.booleans(), data=st.data())
async def test_a_page_between_two_cursors_is_that_part_of_the_order(
    plain_api: Api,
    catalogue: Catalogue,
    parent: tuple[str, int] | None,
    order: Any,
    size: int,
    backward: bool,
    data: Any,
) -> None:
    text = media_query(parent)
    whole = await read_page(plain_api, text, first=100, orderBy=list(order))
    cursors = {edge["node"]["id"]: edge["cursor"] for edge in whole["edges"]}
    places = st.integers(0, len(cursors) - 1)
    after, before = data.draw(places), data.draw(places)
    expected = list(cursors)[after + 1 : before]
    cut = expected[-size:] if backward else expected[:size]
    ends = {"after": list(cursors.values())[after], "before": list(cursors.values())[before]}

    page = await read_page(plain_api, text, **{"last" if backward else "first": size}, **ends, orderBy=list(order))

    assert [node["id"] for node in page["nodes"]] == cut
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, True)
    assert page["totalCount"] == len(cursors)


@settings(BOUNDED, max_examples=40)
@given(
    parent=PARENTS,
    order=ORDERS,
    filter=st.one_of(st.just({}), TREES),
    size=st.sampled_from([2, 5, 9]),
    backward=st.booleans(),
    seed=st.integers(0, 999),
)
async def test_what_keeps_its_place_is_seen_once_whatever_comes_goes_and_moves_between_pages(
    api: Api,
    connection: Any,
    parent: tuple[str, int] | None,
    order: Any,
    filter: Any,
    size: int,
    backward: bool,
    seed: int,
) -> None:
    await connection.execute(EMPTY)
    catalogue = await add_catalogue(connection, seed, 30)
    random = Random(seed)
    listed = catalogue.media if parent is None else catalogue.media_of(*parent)
    start = [replace(one) for one in listed if matches(one, filter, catalogue)]
    touched: set[int] = set()

    async def between() -> None:
        if len(touched) > 12:
            return
        gone, moved = random.sample(catalogue.media, 2)
        await delete_media(connection, "id = $1", gone.id)
        catalogue.media.remove(gone)
        await update_media(
            connection,
            """sort_title = 'm' || m.sort_title, year = 2000 - m.year, rating_tenths = 73,
            added_at = m.added_at + interval '1 microsecond', runtime_minutes = 91 - m.runtime_minutes,
            original_title = m.title, season_number = 3, kind = 'MOVIE'""",
            "id = $1",
            moved.id,
        )
        added = await add_plain_media(connection, random, catalogue)
        touched.update({gone.id, moved.id, added.id})

    found = await walk(api, media_query(parent), size, backward, between, orderBy=list(order), filter=filter)

    untouched = [one for one in start if one.id not in touched]
    assert [id for id in found if int(id.split("_")[1]) not in touched] == ids(ordered(untouched, keys_of(order)))
    if not order:
        assert len(found) == len(set(found))


@settings(BOUNDED, max_examples=40)
@given(
    parent=st.tuples(st.sampled_from(["media", "person"]), st.integers(1, 16)),
    roles=st.one_of(st.none(), st.lists(st.sampled_from([*ROLES, "OTHER"]), max_size=3)),
    size=st.sampled_from([1, 2, 3, 100]),
    backward=st.booleans(),
)
async def test_pages_of_credits_put_together_are_the_whole_order(
    plain_api: Api, catalogue: Catalogue, parent: tuple[str, int], roles: list[str] | None, size: int, backward: bool
) -> None:
    noun, number = parent
    root = "mediaItem" if noun == "media" else noun
    text = f"""query ({ARGUMENTS}, $roles: [CreditRole!]) {{
        {root}(id: "{noun}_{number}") {{ credits({PASSED}, roles: $roles) {{ {PAGE} totalCount }} }} }}"""
    order: Keys = [(lambda credit: credit.position, False)] if noun == "media" else [(credit_year, True)]
    credits = [
        credit
        for credit in catalogue.credits
        if (credit.media.id if noun == "media" else credit.person) == number and (roles is None or credit.role in roles)
    ]

    assert await walk(plain_api, text, size, backward, roles=roles) == ids(ordered(credits, order), "credit")
    assert connection_of(await plain_api.run(text, roles=roles))["totalCount"] == len(credits)


def credit_year(credit: PlainCredit) -> int | None:
    return credit.media.year


async def test_every_parent_of_a_page_has_its_own_page_in_one_statement(plain_api: Api, catalogue: Catalogue) -> None:
    data = await plain_api.run(
        """{ tags(first: 100) { nodes { id media(first: 3, orderBy: [{field: YEAR, direction: DESC}]) {
        totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage } } } } }"""
    )

    for tag in data["tags"]["nodes"]:
        media = ordered(catalogue.media_of("tag", int(tag["id"].split("_")[1])), [(MEDIA_KEYS["YEAR"], True)])
        assert tag["media"] == {
            "totalCount": len(media),
            "nodes": [{"id": id} for id in ids(media[:3])],
            "pageInfo": {"hasNextPage": len(media) > 3, "hasPreviousPage": False},
        }
    assert sorted(plain_api.statements) == ["media_count_by_tag_id", "media_pages_by_tag_id", "tag_pages"]


async def test_one_cursor_continues_the_lists_of_all_parents(plain_api: Api, catalogue: Catalogue) -> None:
    order = [{"field": "RATING"}, {"field": "TITLE", "direction": "DESC"}]
    first = await read_page(plain_api, media_query(("tag", 1)), first=2, orderBy=order)
    text = """query ($after: String, $orderBy: [MediaOrder!]) {
        genres { nodes { id media(first: 100, after: $after, orderBy: $orderBy) { nodes { id } } } } }"""

    data = await plain_api.run(text, after=first["pageInfo"]["endCursor"], orderBy=order)

    place = int(first["nodes"][-1]["id"].split("_")[1])
    for genre in data["genres"]["nodes"]:
        number = int(genre["id"].split("_")[1])
        mixed = {one.id: one for one in catalogue.media_of("genre", number)}
        mixed[place] = next(one for one in catalogue.media if one.id == place)
        keys: Keys = [(MEDIA_KEYS["RATING"], False), (MEDIA_KEYS["TITLE"], True)]
        whole = ids(ordered(mixed.values(), keys))
        assert [node["id"] for node in genre["media"]["nodes"]] == whole[whole.index(f"media_{place}") + 1 :]


YEARS = """query ($after: String, $before: String, $last: Int, $min: Int) {
    media(orderBy: { field: YEAR }, after: $after, before: $before, last: $last, filter: { year: { min: $min } }) {
        nodes { id } edges { cursor } } }"""


@pytest.mark.parametrize("last", [None, 3])
async def test_a_page_between_two_cursors_that_stand_the_wrong_way_round_is_empty(
    api: Api, connection: Any, last: int | None
) -> None:
    library = await add_library(connection)
    await add_media(connection, library, year=1999)
    await add_media(connection, library, year=None)
    first, without = [edge["cursor"] for edge in (await api.run(YEARS))["media"]["edges"]]

    assert (await api.run(YEARS, after=without, before=first, last=last))["media"]["nodes"] == []


async def test_a_cursor_without_a_value_that_the_filter_asks_for_has_nothing_behind_it(
    api: Api, connection: Any
) -> None:
    await add_media(connection, await add_library(connection), year=1999)
    [edge] = (await api.run(YEARS, min=1))["media"]["edges"]
    data = urlsafe_b64decode(edge["cursor"] + "==")
    made_up = urlsafe_b64encode(data[: 1 + 3 * PART] + b"[null,1]").decode().rstrip("=")

    assert (await api.run(YEARS, min=1, after=made_up))["media"]["nodes"] == []
