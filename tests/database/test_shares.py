"""Fair shares: long statements wait for their turn and hold no connection, what costs too much is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from app.limits import long_places
from app.settings import Settings
from database.connect_args import ConnectArgs
from database.pool import Pool
from database.session import Session
from database.shares import LONG_COST, LONG_SECONDS, ShareLimits, Shares
from domain.errors import CatalogError
from tests.support.api import Api, open_api
from tests.support.pools import open_test_pool, sql, until, value

LONG = replace(sql("SELECT pg_sleep(60)::text"), checks=1)
MEDIA = 1_000_000
SHORT = sql("SELECT 7")
LETTERS = "abcdefghijklmnopqrst"


def shares(**limits: Any) -> Shares:
    """Shares for which LONG is a long statement."""
    made = Shares(ShareLimits(**limits))
    made.remember(LONG, [], LONG_COST)
    return made


async def short(pool: Pool) -> int:
    database = Session(pool)
    try:
        [row] = await database.fetch(SHORT, [])
        return int(row[0])
    finally:
        await database.close()


async def end(pool: Pool, databases: list[Session], tasks: list[asyncio.Task[Any]]) -> None:
    for database in databases:
        await database.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (pool.shares.lane.running, pool.shares.lane.waiting) == (0, 0)
    await until(lambda: pool.statistics.active == 0)


async def test_short_statements_find_connections_while_long_ones_take_all_their_turns(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, shares=shares(long=2), media=MEDIA, max=3) as pool:
        assert await short(pool) == 7
        databases = [Session(pool) for _ in range(10)]
        tasks = [asyncio.create_task(database.fetch(LONG, [])) for database in databases]
        lane = pool.shares.lane
        await until(lambda: (lane.running, lane.waiting, pool.statistics.active) == (2, 8, 2))
        assert [await short(pool) for _ in range(20)] == [7] * 20
        assert (lane.running, lane.waiting, pool.statistics.waiting) == (2, 8, 0)
        await end(pool, databases, tasks)


async def test_who_holds_a_connection_gives_it_back_before_it_waits_for_its_turn(writer: ConnectArgs) -> None:
    async with open_test_pool(writer, shares=shares(long=1), media=MEDIA, max=2) as pool:
        first, second = Session(pool), Session(pool)
        for database in (first, second):
            await database.fetch(SHORT, [])
        assert pool.statistics.active == 2
        tasks = [asyncio.create_task(database.fetch(LONG, [])) for database in (first, second)]
        await until(lambda: pool.shares.lane.waiting == 1)
        assert pool.statistics.active == 1
        assert await short(pool) == 7
        await end(pool, [first, second], tasks)


async def test_turns_come_in_order_and_who_has_left_is_passed_over(writer: ConnectArgs) -> None:
    once = replace(sql("SELECT $1::int"), checks=1)
    made = shares(long=1)
    made.remember(once, [0], LONG_COST)
    async with open_test_pool(writer, shares=made, media=MEDIA, max=2) as pool:
        blocking = Session(pool)
        blocked = asyncio.create_task(blocking.fetch(LONG, []))
        await until(lambda: made.lane.running == 1)
        order: list[int] = []

        async def ask(number: int) -> None:
            database = Session(pool)
            try:
                [row] = await database.fetch(once, [number])
                order.append(row[0])
            finally:
                await database.close()

        tasks = [asyncio.create_task(ask(number)) for number in range(5)]
        await until(lambda: made.lane.waiting == 5)
        tasks[2].cancel()
        await until(lambda: made.lane.waiting == 4)
        await blocking.close()
        await asyncio.gather(*tasks, blocked, return_exceptions=True)
        assert order == [0, 1, 3, 4]
        await end(pool, [], [])


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"waiting": 1}, "1 long statements wait already: try again later."),
        (
            {"seconds": 0.05},
            "Long statements run 1 at a time, and none ended in 0.05 s: try again, or use a simpler filter or order.",
        ),
    ],
)
async def test_how_many_wait_and_for_how_long_is_bounded(
    writer: ConnectArgs, limits: dict[str, Any], message: str
) -> None:
    async with open_test_pool(writer, shares=shares(long=1, **limits), media=MEDIA, max=4) as pool:
        databases = [Session(pool) for _ in range(3)]
        running = asyncio.create_task(databases[0].fetch(LONG, []))
        await until(lambda: pool.shares.lane.running == 1)
        waiting = asyncio.create_task(databases[1].fetch(LONG, []))
        if "waiting" in limits:
            await until(lambda: pool.shares.lane.waiting == 1)
        with pytest.raises(CatalogError) as raised:
            await databases[2].fetch(LONG, [])
        assert (raised.value.extensions["code"], str(raised.value)) == ("DATABASE_BUSY", message)
        await end(pool, databases, [running, waiting])


async def test_a_statement_that_takes_long_against_its_estimate_waits_for_its_turn_from_then_on() -> None:
    made = Shares()
    made.remember(LONG, [], 1.0)
    made.ran(LONG, [], LONG_SECONDS)
    assert made.cost(LONG, []) == 1.0
    made.ran(LONG, [], 2 * LONG_SECONDS)
    assert made.cost(LONG, []) == LONG_COST


async def test_prices_are_remembered_by_text_and_length_of_what_is_looked_for() -> None:
    made = Shares()
    statement = sql("SELECT $1::text")
    made.remember(statement, ["%ab%"], 9.0)
    assert made.cost(statement, ["%xy%"]) == 9.0
    assert made.cost(statement, ["%xyz%"]) is None
    assert made.cost(sql("SELECT $1::text || ''"), ["%xy%"]) is None


def people(letters: Iterable[str], totals: bool = True) -> str:
    found = ", ".join(f'{{matching: {{contains: "{letter}"}}}}' for letter in letters)
    total = "totalCount" if totals else "nodes { id }"
    return f"{{ media(first: 1, filter: {{people: {{all: [{found}]}}}}) {{ {total} }} }}"


async def test_a_filter_that_is_too_dear_is_refused_in_words_and_never_runs(demo: ConnectArgs) -> None:
    async with open_api(demo, engine="compiled", max_cost=10_000) as api:
        [error] = (await api.answer(people(LETTERS))).body["errors"]
        assert error["extensions"] == {"code": "TOO_EXPENSIVE"}
        assert error["message"].startswith("The database estimates the cost of this at ")
        assert ", and 10,000 is allowed: it makes up to 141 checks of each of " in error["message"]
        assert api.statements == ["estimate"]
        assert await api.codes(people(LETTERS.upper())) == ["TOO_EXPENSIVE"]
        assert api.statements == []  # the price of its like is remembered
        assert await api.codes("{ media(first: 1) { nodes { title } } }") == []


async def test_the_planner_is_asked_once_for_what_rules_do_not_know_to_be_cheap(demo: ConnectArgs) -> None:
    async with open_api(demo, engine="compiled") as api:
        first = await api.run(people("ab"))
        assert api.statements == ["estimate", "media_count"]
        assert await api.run(people("ab")) == first
        assert api.statements == ["media_count"]
        assert await api.run(people("ab", totals=False)) is not None
        assert api.statements == ["estimate", "media_pages"]


DEAR = [
    'filter: {titleText: {contains: "qu"}}',
    'filter: {people: {any: [{matching: {contains: "a"}}]}}',
    "filter: {people: {count: {min: 3}}}",
    "filter: {tags: {missing: true}}",
    'filter: {metadata: [{path: ["a"], min: 3}]}',
    "orderBy: [{field: RANDOM, seed: 1}]",
    "orderBy: [{field: YEAR}, {field: RATING}]",
]
CHEAP = [
    "orderBy: [{field: YEAR}]",
    "filter: {year: {min: 1990}}",
    'filter: {id: ["media_1", "media_2"]}',
]


@pytest.mark.parametrize(("arguments", "asked"), [*((one, True) for one in DEAR), *((one, False) for one in CHEAP)])
async def test_rules_know_what_is_bounded_by_an_index(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch, arguments: str, asked: bool
) -> None:
    monkeypatch.setattr("database.shares.CHEAP_CHECKS", 0)
    async with open_api(demo) as api:
        await api.run(f"{{ media(first: 1, {arguments}) {{ nodes {{ id }} }} }}")
        assert api.statements == (["estimate"] if asked else []) + ["media_pages"]


async def test_natural_filters_of_a_catalogue_of_this_size_are_known_to_be_cheap(demo_api: Api) -> None:
    for arguments in (
        'filter: {title: "matrix"}',
        'filter: {genres: {any: [{name: "drama"}]}, year: {min: 1990}}',
        'filter: {tags: {all: [{name: "noir"}]}, people: {any: [{name: "Keanu Reeves"}]}}',
    ):
        await demo_api.run(f"{{ media(first: 3, {arguments}) {{ totalCount nodes {{ title }} }} }}")
        assert "estimate" not in demo_api.statements


@pytest.mark.parametrize("text", ["a", "ke", "rob", "z"])
async def test_parts_of_names_find_the_same_however_short(demo: ConnectArgs, demo_api: Api, text: str) -> None:
    found = await demo_api.run(people([text]))
    held = await demo_api.pool.acquire()
    expected = await value(
        held,
        "SELECT count(DISTINCT f.media_id) FROM media_person f JOIN person n ON n.id = f.person_id"
        " WHERE strpos(n.folded_name, $1::text) > 0",
        text,
    )
    demo_api.pool.release(held)
    assert found["media"]["totalCount"] == expected > 0


def test_the_share_of_a_worker_is_bounded_by_processors_and_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert long_places(Settings()) == 5
    assert long_places(Settings(workers=2)) == 4
    assert long_places(Settings(workers=16)) == 1
    assert long_places(Settings(pool_max=1, pool_min=1)) == 1
    assert long_places(Settings(pool_long=3, workers=16)) == 3
    assert long_places(Settings(pool_long=30)) == 10
