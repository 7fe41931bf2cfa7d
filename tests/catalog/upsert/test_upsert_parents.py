"""What hangs on what: series, seasons and episodes of an upsert."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import Item, Key, Season, Title
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.factories import add_external_id, add_library, add_media, add_media_file
from tests.support.upserting import failures, file, imdb, item, upsert, upserted

OF_ITEM_2 = [
    Key(item=2),
    Key(external_id=("tvdb", "5")),
    Key(path="/new.txt"),
    Key(title=Title(1, "SERIES", "new")),
]


@pytest.fixture
async def series(connection: Any) -> int:
    """A series that has every key."""
    await add_library(connection, "Series", "SERIES")
    number = await add_media(connection, 1, "Dark", year=2017, kind="SERIES")
    await add_external_id(connection, number, "imdb", "tt1")
    await add_media_file(connection, number, "/dark.txt")
    return number


def season(place: int, parent: Key, number: int | None = 1, **values: Any) -> Item:
    return item(place, f"Season {number}", kind="SEASON", season_number=number, parent=parent, **values)


def episode(place: int, parent: Key, number: int | None = 1, **values: Any) -> Item:
    return item(
        place, values.pop("title", f"Episode {number}"), kind="EPISODE", parent=parent, episode_number=number, **values
    )


async def parents(connection: Any) -> dict[int, int | None]:
    return {row[0]: row[1] for row in await connection.fetch("SELECT id, parent_id FROM media ORDER BY id")}


def keys(series: int) -> list[Key]:
    return [
        Key(id=series),
        Key(external_id=("imdb", "tt1")),
        Key(path="/dark.txt"),
        Key(title=Title(1, "SERIES", " DARK", 2017)),
    ]


async def test_a_parent_is_found_by_each_of_its_keys(api: Api, connection: Any, series: int) -> None:
    made = [await upserted(api, season(0, key)) for key in keys(series)]

    assert len({one for [one] in made}) == 1
    [first] = made[0]
    assert (await parents(connection))[first] == series
    assert await upserted(api, episode(0, Key(season=Season(keys(series)[1], 1)))) == [first + 1]
    assert (await parents(connection))[first + 1] == first


@pytest.mark.parametrize("key", OF_ITEM_2)
async def test_a_parent_may_be_another_item_of_the_call_by_each_of_its_keys(
    api: Api, connection: Any, series: int, key: Key
) -> None:
    items = [
        episode(0, Key(season=Season(key, 1))),
        season(1, key),
        item(2, "New", kind="SERIES", external_ids=[{"source": "tvdb", "value": "5"}], files=file("/new.txt")),
        episode(3, key, 9),
    ]
    ids = await upserted(api, *items)
    assert (await parents(connection)) == {series: None, ids[0]: ids[1], ids[1]: ids[2], ids[2]: None, ids[3]: ids[2]}
    assert await failures(api, *items) == [("UNCHANGED", "")] * 4


async def test_seasons_and_episodes_are_found_by_their_numbers(api: Api, connection: Any, series: int) -> None:
    key = Key(id=series)
    one, two = await upserted(api, season(0, key, 1), season(1, key, 2))
    first = await upserted(api, episode(0, Key(id=one), 1), episode(1, Key(id=two), 1), episode(2, Key(id=one), 2))

    assert await upserted(api, season(0, key, 2, overview="Second."), season(1, key, 1)) == [two, one]
    again = [
        episode(0, Key(season=Season(key, 1)), title="Other", overview="x"),
        episode(1, Key(season=Season(key, 2)), 1),
        episode(2, Key(id=one), 2),
    ]
    assert await upserted(api, *again) == first
    assert await connection.fetchval("SELECT count(*) FROM media") == 6


async def test_an_episode_is_found_below_its_season_by_series_and_both_numbers(
    api: Api, connection: Any, series: int
) -> None:
    key = Key(id=series)
    [made] = await upserted(api, season(0, key, 3))
    [below] = await upserted(api, episode(0, Key(id=made), 4))

    again = episode(0, key, 4, season_number=3, overview="Found.")
    assert await upserted(api, again) == [below]
    assert (await parents(connection))[below] == made
    assert await failures(api, again) == [("UNCHANGED", "")]


async def test_an_episode_stays_below_its_season_where_the_series_is_named(
    api: Api, connection: Any, series: int
) -> None:
    key = Key(id=series)
    one, other = await upserted(api, season(0, key, 1), season(1, key, 2))
    [below] = await upserted(api, episode(0, Key(id=one), 4, external_ids=imdb("tt4")))

    by_external_id = episode(0, key, 9, external_ids=imdb("tt4"))
    for again in (episode(0, key, 4), item(0, None, None, id=below, parent=key), by_external_id):
        await upserted(api, again)
        assert (await parents(connection))[below] == one
    moved = [episode(0, Key(id=other), 9, external_ids=imdb("tt4"))]
    assert await upserted(api, *moved) == [below]
    assert (await parents(connection))[below] == other
    # Another number than its season's: it cannot be of that season.
    await upserted(api, episode(0, key, 9, season_number=7, external_ids=imdb("tt4")))
    assert (await parents(connection))[below] == series


async def test_a_series_is_no_season(api: Api, series: int) -> None:
    nested = Key(season=Season(Key(season=Season(Key(id=series), 1)), 1))
    deep = nested
    for _ in range(100_000):
        deep = Key(season=Season(deep, 1))
    try:
        assert await failures(api, episode(0, nested), episode(1, deep), season(2, Key(id=series))) == [
            ("BAD_ARGUMENT", "parent"),
            ("BAD_ARGUMENT", "parent"),
            ("CREATED", ""),
        ]
    finally:
        while deep.season is not None:  # one by one: freed at once, so deep a key would overflow the stack
            deep = deep.season.series


async def test_what_has_no_number_is_found_by_its_title(api: Api, connection: Any, series: int) -> None:
    key = Key(id=series)
    items = [episode(place, key, None, title=title) for place, title in enumerate(["Special", "Making of", "SPECIAL"])]

    assert await failures(api, *items) == [("CREATED", ""), ("CREATED", ""), ("DUPLICATE", "")]
    assert await failures(api, *items[:2]) == [("UNCHANGED", "")] * 2


async def test_items_of_the_same_numbers_mean_one_media(api: Api, series: int) -> None:
    by = keys(series)
    assert await failures(
        api,
        season(0, by[0]),
        season(1, by[1]),
        episode(2, by[0], 1, season_number=2),
        episode(3, by[2], 1),
        episode(4, by[1], 1, season_number=3),
        episode(5, Key(item=1), 1),
    ) == [
        ("CREATED", ""),
        ("DUPLICATE", ""),
        ("CREATED", ""),
        ("DUPLICATE", ""),
        ("CREATED", ""),
        ("NOT_FOUND", "parent"),
    ]


async def test_parents_that_are_not_there_or_not_clear_fail_alone(api: Api, connection: Any, series: int) -> None:
    await add_media(connection, 1, "Dark", year=2017, kind="SERIES")
    assert await failures(
        api,
        season(0, Key(id=99)),
        season(1, Key(external_id=("imdb", "tt9"))),
        season(2, Key(path="/none")),
        season(3, Key(title=Title(1, "SERIES", "Dark", 2017))),
        season(4, Key(title=Title(1, "SERIES", "Dark", 2018))),
        season(5, Key(item=77)),
        season(6, Key(item=-1)),
        episode(7, Key(season=Season(Key(id=series), 9))),
        season(8, Key(id=2**63)),
        season(9, Key(path="\0")),
        episode(10, Key(season=Season(Key(id=series), 2**31))),
        season(11, Key()),
        season(12, Key(id=series), 1),
    ) == [
        ("NOT_FOUND", "parent"),
        ("NOT_FOUND", "parent"),
        ("NOT_FOUND", "parent"),
        ("AMBIGUOUS", "parent"),
        ("NOT_FOUND", "parent"),
        ("BAD_ARGUMENT", "parent"),
        ("BAD_ARGUMENT", "parent"),
        ("NOT_FOUND", "parent"),
        ("BAD_ARGUMENT", "parent"),
        ("BAD_ARGUMENT", "parent"),
        ("BAD_ARGUMENT", "parent"),
        ("NOT_FOUND", "parent"),
        ("CREATED", ""),
    ]


async def test_what_hangs_on_an_item_that_fails_fails_too(api: Api, connection: Any, series: int) -> None:
    results = await upsert(
        api,
        [
            episode(0, Key(item=1)),
            season(1, Key(item=2), tags=[""]),
            item(2, "New", kind="SERIES", year=-5),
            season(3, Key(item=4)),
            item(4, "Other", 99, kind="SERIES"),
            item(5, "Third", kind="SERIES"),
        ],
    )
    assert [(one.code, one.message) for one in results][::3] == [
        ("BAD_ARGUMENT", "The item that is named as the parent is not there, or cannot be read."),
        ("NOT_FOUND", "Item 4, its parent, has failed."),
    ]
    assert [one.code for one in results] == [
        "BAD_ARGUMENT",
        "BAD_ARGUMENT",
        "BAD_ARGUMENT",
        "NOT_FOUND",
        "NOT_FOUND",
        None,
    ]
    assert await connection.fetchval("SELECT count(*) FROM media") == 2


async def test_an_item_hangs_on_what_is_there_though_the_item_that_changes_it_fails(api: Api, series: int) -> None:
    assert await failures(api, item(0, None, None, id=series, rating_tenths=999), season(1, Key(id=series))) == [
        ("BAD_ARGUMENT", "rating_tenths"),
        ("CREATED", ""),
    ]
    assert await failures(api, item(0, None, None, id=series, version=9), season(1, Key(item=0), 2)) == [
        ("VERSION_CONFLICT", "version"),
        ("CREATED", ""),
    ]


async def test_kinds_hang_only_on_those_that_fit_and_a_parent_keeps_its_kind(
    api: Api, connection: Any, series: int
) -> None:
    free = await add_library(connection, "Free", None)
    [movie] = await upserted(api, item(0, "Movie", free))
    assert await failures(
        api,
        season(0, Key(id=movie)),
        episode(1, Key(item=1)),
        item(2, "Alone", kind="SEASON", season_number=5),
        item(3, None, None, id=series, kind="MOVIE"),
        season(4, Key(id=series), 7),
        item(5, "Hung", parent=Key(id=series)),
    ) == [
        ("BAD_ARGUMENT", "parent"),
        ("BAD_ARGUMENT", "parent"),
        ("BAD_ARGUMENT", "parent"),
        ("BAD_ARGUMENT", "kind"),
        ("BAD_ARGUMENT", "parent"),
        ("BAD_ARGUMENT", "library_id"),
    ]


async def test_parents_in_hidden_libraries_are_as_if_not_there(api: Api, connection: Any, series: int) -> None:
    free = await add_library(connection, "Free", None)
    await add_media(connection, 1, "Dark", year=2017, kind="SERIES")
    for _ in range(2):
        await add_media(connection, 1, "Season 1", kind="SEASON", season_number=1, parent_id=series)
    hidden = [*keys(series), Key(season=Season(Key(id=series), 1))]
    missing = [
        Key(id=99),
        Key(external_id=("imdb", "x")),
        Key(path="/x"),
        Key(title=Title(1, "SERIES", "x")),
        Key(season=Season(Key(id=99), 1)),
    ]

    for one, other in zip(hidden, missing, strict=True):
        results = [
            await upsert(
                api, [item(0, "E", free, kind="EPISODE", episode_number=1, parent=key)], Viewer(libraries=(free,))
            )
            for key in (one, other)
        ]
        [told], [expected] = results
        assert (told.code, told.message, told.path) == (expected.code, expected.message, expected.path)
        assert told.code == "NOT_FOUND"


async def test_null_takes_the_parent_away_only_where_the_kind_allows(api: Api, series: int) -> None:
    [made] = await upserted(api, season(0, Key(external_id=("imdb", "tt1"))))
    assert await failures(api, item(0, None, None, id=made, parent=None)) == [("BAD_ARGUMENT", "parent")]
