"""Orders of media beyond the columns: RANDOM by its seed, RELEVANCE by what is searched for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.schema.test_paging import BOUNDED, PARENTS, SIZES, ids, media_query, walk
from tests.support.api import Api
from tests.support.catalogue import Catalogue
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.plain_order import SEEDS, hashed

RANDOM = {"field": "RANDOM", "seed": 7}
BEST = [{"field": "RELEVANCE", "direction": "DESC"}]


async def test_a_hash_in_plain_python_is_the_database_s(connection: Any) -> None:
    for number in (0, 1, 90, 2**31, 2**40 + 3, -1, 2**63 - 1):
        for seed in (0, 1, -1, 2**31 - 1, -(2**31)):
            found = await connection.fetchval("SELECT hashint8extended($1, $2)", number, seed)
            assert found == hashed(number, seed), (number, seed)


@BOUNDED
@given(parent=PARENTS, seed=SEEDS, size=SIZES, backward=st.booleans())
async def test_a_random_order_is_one_permutation_whatever_the_pages(
    plain_api: Api, catalogue: Catalogue, parent: Any, seed: int, size: int, backward: bool
) -> None:
    media = catalogue.media if parent is None else catalogue.media_of(*parent)
    shuffled = ids(sorted(media, key=lambda one: hashed(one.id, seed)))

    assert await walk(plain_api, media_query(parent), size, backward, orderBy=[{**RANDOM, "seed": seed}]) == shuffled
    down = [{**RANDOM, "seed": seed, "direction": "DESC"}]
    assert await walk(plain_api, media_query(parent), size, backward, orderBy=down) == shuffled[::-1]


async def test_seeds_shuffle_differently_and_well(plain_api: Api, catalogue: Catalogue) -> None:
    orders = [
        await walk(plain_api, media_query(None), 100, False, orderBy=[{**RANDOM, "seed": seed}]) for seed in range(9)
    ]

    assert len({tuple(order) for order in orders}) == 9
    assert len({order[0] for order in orders}) > 4
    assert ids(catalogue.media) not in orders


async def test_a_cursor_belongs_to_its_seed_and_to_what_was_searched_for(plain_api: Api, catalogue: Catalogue) -> None:
    async def cursor(**variables: Any) -> str:
        return str((await plain_api.run(media_query(None), first=2, **variables))["media"]["pageInfo"]["endCursor"])

    shuffled = await cursor(orderBy=[RANDOM])
    assert await plain_api.codes(media_query(None), after=shuffled, orderBy=[RANDOM]) == []
    others: list[dict[str, Any]] = [
        {**RANDOM, "seed": 8},
        {**RANDOM, "direction": "DESC"},
        {"field": "ID"},
        {"field": "UPDATED_AT"},
    ]
    for other in others:
        assert await plain_api.codes(media_query(None), after=shuffled, orderBy=[other]) == ["BAD_CURSOR"], other
    found = await cursor(orderBy=BEST, filter={"search": "zebra"})
    assert await plain_api.codes(media_query(None), after=found, orderBy=BEST, filter={"search": "ZEBRA"}) == []
    assert await plain_api.codes(media_query(None), after=found, orderBy=BEST, filter={"search": "mad"}) == [
        "BAD_CURSOR"
    ]


@pytest.mark.parametrize(
    ("order", "filter"),
    [
        ([{"field": "RANDOM"}], {}),
        ([{"field": "RANDOM", "seed": None}], {}),
        ([{"field": "TITLE", "seed": 1}], {}),
        ([{"field": "RELEVANCE", "seed": 1}], {"search": "zebra"}),
        ([RANDOM, {"field": "RANDOM", "seed": 8}], {}),
        ([{"field": "RELEVANCE"}], {}),
        ([{"field": "RELEVANCE"}], {"search": "  "}),
        ([{"field": "RELEVANCE"}], {"and": [{"search": "zebra"}]}),
    ],
)
async def test_an_order_that_lacks_what_it_needs_is_a_bad_argument(api: Api, order: Any, filter: Any) -> None:
    assert await api.codes(media_query(None), orderBy=order, filter=filter) == ["BAD_ARGUMENT"]
    assert api.statements == []


async def test_a_seed_is_a_whole_number_of_32_bits(api: Api) -> None:
    for seed in (2**31, -(2**31) - 1, 1.5, "1", True):
        assert await api.codes(media_query(None), orderBy=[{**RANDOM, "seed": seed}]) == ["BAD_ARGUMENT"], seed


async def test_the_best_match_comes_first_and_equal_ones_go_by_id(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    tag = await add_name(connection, "tag", "noir")
    titles = ["Moon River", "Moon", "Moon Moon", "Full Moon and Moon and Moon", "The Sun", "Moonlight", "moon"]
    for title in titles:
        await mark(connection, "tag", await add_media(connection, library, title), tag)
    best = ["media_4", "media_3", "media_7", "media_2", "media_1"]

    for parent in (None, ("tag", 1), ("library", 1)):
        for size in (1, 2, 100):
            for backward in (False, True):
                found = await walk(api, media_query(parent), size, backward, orderBy=BEST, filter={"search": "MOON"})
                assert found == best, (parent, size, backward)


async def test_relevance_is_computed_only_where_it_orders(plain_api: Api, catalogue: Catalogue) -> None:
    await plain_api.run(media_query(None), filter={"search": "zebra"}, orderBy=[{"field": "TITLE"}])
    assert not any("ts_rank" in text for text in plain_api.texts)
    await plain_api.run(media_query(None), filter={"search": "zebra"}, orderBy=BEST)
    assert any("ts_rank" in text for text in plain_api.texts)


async def test_the_seed_is_a_parameter_of_one_text(plain_api: Api, catalogue: Catalogue) -> None:
    texts = set()
    for seed in (1, 2**31 - 1):
        await plain_api.run(
            "query($o: [MediaOrder!]) { media(orderBy: $o) { nodes { id } } }", o=[{**RANDOM, "seed": seed}]
        )
        texts.update(plain_api.texts)
    [text] = texts
    assert str(2**31 - 1) not in text


async def test_every_parent_shuffles_its_own_in_one_statement(plain_api: Api, catalogue: Catalogue) -> None:
    data = await plain_api.run(
        "{ tags { nodes { id media(first: 100, orderBy: [{field: RANDOM, seed: 5}]) { nodes { id } } } } }"
    )

    for tag in data["tags"]["nodes"]:
        media = catalogue.media_of("tag", int(tag["id"].split("_")[1]))
        expected = ids(sorted(media, key=lambda one: hashed(one.id, 5)))
        assert [node["id"] for node in tag["media"]["nodes"]] == expected
    assert plain_api.statements == ["tag_pages", "media_pages_by_tag_id"]
