"""Nothing is written where nothing changes."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import Item, Key, OnConflict, Season, Status
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_name
from tests.support.upserting import FULL, WHEN, all_rows, item, upsert

OWN: dict[str, Any] = {
    "year": 1999,
    "rating_tenths": 75,
    "overview": "What it is.",
    "original_title": "Ä",
    "added_at": WHEN,
    "metadata": {"a": [1, {"b": 2}], "c": 1.5},
}


def full() -> list[Item]:
    """A movie with all that a media can have, and a series with what hangs on it."""
    return [
        item(0, "A", **OWN, **FULL),
        item(1, "S", 2, kind="SERIES"),
        item(2, "S 1", 2, kind="SEASON", season_number=1, parent=Key(item=1)),
        item(3, "E 1", 2, kind="EPISODE", episode_number=1, parent=Key(season=Season(Key(item=1), 1))),
        item(4, "Special", 2, kind="EPISODE", parent=Key(item=1)),
        item(5, "B", tags=["NOIR", "  rain "]),
    ]


@pytest.mark.parametrize("mode", list(OnConflict))
async def test_sent_twice_the_second_writes_nothing_at_all(api: Api, connection: Any, mode: OnConflict) -> None:
    await add_library(connection)
    await add_library(connection, "Series", "SERIES")

    made = await upsert(api, full(), on_conflict=mode)
    before = await all_rows(connection)
    again = await upsert(api, full(), on_conflict=mode)

    assert [one.status for one in made] == [Status.CREATED] * 6
    assert [(one.status, one.media, one.fields) for one in again] == [(Status.UNCHANGED, one.media, []) for one in made]
    assert await all_rows(connection) == before
    await assert_no_drift(connection)


async def test_names_that_are_aliases_change_nothing(api: Api, connection: Any) -> None:
    await add_library(connection)
    await add_name(connection, "tag", "Science fiction", "SF", "sci-fi")
    await upsert(api, [item(tags=["Science Fiction"])])

    before = await all_rows(connection)
    [again] = await upsert(api, [item(tags=["sf", "Sci-Fi", "science  fiction"])])

    assert again.status is Status.UNCHANGED
    assert await all_rows(connection) == before


async def test_one_that_changes_leaves_the_rows_of_the_others_as_they_are(api: Api, connection: Any) -> None:
    await add_library(connection)
    lists = {**FULL, "external_ids": [], "files": []}
    items = [item(place, f"M {place}", **lists) for place in range(3)]
    made = [one.media for one in await upsert(api, items)]
    before = await all_rows(connection)

    changed = [items[0], item(1, "M 1", tags=["rain", "new"], year=None), items[2]]
    results = await upsert(api, changed)
    after = await all_rows(connection)

    assert [(one.status, list(one.fields)) for one in results] == [
        (Status.UNCHANGED, []),
        (Status.UPDATED, ["tags"]),
        (Status.UNCHANGED, []),
    ]
    written = {name for name in before if before[name] != after[name]}
    assert written == {"tag", "tag_name", "media_tag", "tag_media_count", "history_event", "media_change"}
    assert len(set(before["media_tag"]) - set(after["media_tag"])) == 1
    assert await connection.fetchval("SELECT count(*) FROM history_event WHERE media_id = $1", made[1]) == 2
    await assert_no_drift(connection)
