"""Others have their turn while an upsert works, and nothing is worked out twice."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from catalog.edit import LoopYield
from catalog.upsert.item import Key, OnConflict, PersonKey, Season, Title
from catalog.upsert.keys import FoldedTitles
from catalog.upsert.lists import LISTS_BY_NAME
from catalog.upsert.names import ItemNames
from catalog.upsert.parents import Parent
from catalog.upsert.plan import resolved
from catalog.upsert.rows import RowReader, difference
from domain.text import folded
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.upserting import item, upserted

LISTS: list[tuple[str, Any]] = [
    ("credits", lambda place: {"person_id": "Ann", "role": "ACTOR", "character": f"{place} é" * 40}),
    ("releases", lambda place: {"name": f"{place} é" * 40, "category": "hd"}),
]


@pytest.mark.parametrize(("name", "element"), LISTS)
async def test_others_run_while_the_rows_of_one_item_are_read_and_compared(
    monkeypatch: pytest.MonkeyPatch, name: str, element: Any
) -> None:
    monkeypatch.setattr(LoopYield, "MAX_SECONDS", 0.0)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(count())
    of = LISTS_BY_NAME[name]
    rows, _ = await RowReader(of, ItemNames()).read([element(place) for place in range(160)], [], LoopYield())
    assert turns >= 10
    found = await difference(of, rows, [], OnConflict.REPLACE, [name], LoopYield())
    assert (len(found.new), turns >= 20) == (160, True)
    other.cancel()


async def test_each_title_is_folded_once(api: Api, connection: Any) -> None:
    await add_library(connection, "Free", None)
    series = [item(place, f"Sé {place}" + "é" * 480, kind="SERIES") for place in range(20)]
    parents = [Key(title=Title(1, "SERIES", str(one.values["title"]))) for one in series]
    seasons = [
        item(20 + place, "Season", kind="SEASON", season_number=1, parent=key) for place, key in enumerate(parents)
    ]
    for _ in range(2):
        folded.cache_clear()
        await upserted(api, *series, *seasons)
        assert folded.cache_info().misses == 20 + 1  # and "Season"


def test_titles_that_were_checked_are_not_folded_again() -> None:
    titles = FoldedTitles()
    titles.learn(" É", "learned", "sorted")
    title = Title(1, "MOVIE", "É ")
    assert titles.identity(title) == (1, "MOVIE", "learned", None)
    assert (titles.folded("É"), titles.sorted("É")) == ("learned", "sorted")


async def test_seasons_of_the_call_are_found_by_one_look_each(
    api: Api, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_library(connection, "Series", "SERIES")
    looks = 0
    identity = Parent.identity.fget  # type: ignore[attr-defined]

    def counted(parent: Parent) -> Any:
        nonlocal looks
        looks += 1
        return identity(parent)

    monkeypatch.setattr(Parent, "identity", property(counted))
    series = [item(0, "S", kind="SERIES")]
    seasons = [
        item(1 + number, f"Season {number}", kind="SEASON", season_number=number, parent=Key(item=0))
        for number in range(100)
    ]
    episodes = [
        item(101 + number, "E", kind="EPISODE", episode_number=1, parent=Key(season=Season(Key(item=0), number)))
        for number in range(100)
    ]
    ids = await upserted(api, *series, *seasons, *episodes)

    assert looks <= 3 * 200
    rows = await connection.fetch("SELECT parent_id FROM media WHERE kind = 'EPISODE' ORDER BY id")
    assert [row[0] for row in rows] == ids[1:101]


def steps(call: Callable[[], object]) -> int:
    """How many lines a call runs through, each turn of a loop anew."""
    number = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal number
        number += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return number


CASTS: list[Callable[[int], list[Any]]] = [
    lambda place: [f"Plain {place}", PersonKey(f"Keyed {place}", (("imdb", f"{place}"),))],
    lambda place: [
        PersonKey("Ann", (("imdb", f"{place}"),)),
        PersonKey("Bob", (("imdb", f"b{place}"), ("x", f"{place}"))),
    ],
]


@pytest.mark.parametrize("cast", CASTS)
async def test_who_is_meant_takes_as_many_steps_for_each_of_many_people(cast: Callable[[int], list[Any]]) -> None:
    of, needed = LISTS_BY_NAME["credits"], []
    for number in (50, 200):
        names = ItemNames()
        people = [person for place in range(number) for person in cast(place)]
        elements = [{"person_id": person, "role": "ACTOR"} for person in people]
        rows, places = await RowReader(of, names).read(elements, [], LoopYield())
        found: list[Any] = []
        needed.append(steps(lambda: found.extend(resolved(of, rows, list(places), names, [], ["credits"]))))  # noqa: B023
        assert len(found) == 2 * number
    assert needed[1] < 5 * needed[0]
