"""No edit leaves a drift: every mutation, in random sequences."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.derived import assert_no_drift, insert_row
from tests.support.edit_shapes import EDITS
from tests.support.factories import add_collection, add_credit, add_library, add_media, add_person

EDIT = {shape.name: shape.text for shape in EDITS}
MEDIA = 12
STEPS = 60


async def fill(connection: Any) -> None:
    """Media with what no edit gives them: credits, collections, releases."""
    for name in ("a", "b", "c"):
        await add_library(connection, name, kind=None)
        await add_person(connection, name)
    for number in range(MEDIA):
        media = await add_media(connection, 1 + number % 3, f"M{number}", year=number)
        await add_credit(connection, media, 1 + number % 3)
        await add_collection(connection, "C", media)
        await insert_row(connection, "release", {"media_id": media, "name": "R", "category": "movies"})


def things(random: Random, name: str) -> list[Any]:
    words = random.sample("abcdef", random.randrange(4))
    if name.endswith("Categories"):
        return [{"category": "mood", "value": word} for word in words]
    return [{"name": word} for word in words]


def change(random: Random, id: str) -> dict[str, Any]:
    """Some columns of a media, copied ones and others."""
    every = {
        "title": random.choice("ABC"),
        "year": random.choice([None, 1999, 2000]),
        "rating": random.choice([None, 1.5, 9]),
        "library": f"library_{random.randint(1, 3)}",
        "addedAt": f"200{random.randrange(9)}-01-01T00:00:00Z",
        "overview": random.choice([None, "Words."]),
        "metadataPatch": {"n": random.randrange(3)},
    }
    return {"id": id, **{name: every[name] for name in random.sample(list(every), random.randint(1, 3))}}


def variables(random: Random, name: str, there: list[str]) -> dict[str, Any]:
    """What a mutation is asked for, of some of the media that there are."""
    some = random.sample(there, min(len(there), random.randint(1, 4)))
    if name == "createMedia":
        return {"items": [{"library": "library_1", "title": f"New {random.random()}"} for _ in some]}
    if name == "updateMedia":
        return {"items": [change(random, one) for one in some]}
    if name in ("markProcessed", "deleteMedia"):
        return {"media": some[: 1 if name == "deleteMedia" else None]}
    key = name.removeprefix("set").removeprefix("add").removeprefix("remove").lower()
    return {"items": [{"media": [one], key: things(random, name)} for one in some]}


@pytest.mark.parametrize("seed", range(4))
async def test_random_edits_leave_no_drift(api: Api, connection: Any, seed: int) -> None:
    random = Random(seed)
    await fill(connection)
    await assert_no_drift(connection)
    left: list[str] = []
    for _ in range(STEPS):
        left = left or random.sample(list(EDIT), len(EDIT))  # each as often as all others
        name = left.pop()
        there = [f"media_{row['id']}" for row in await connection.fetch("SELECT id FROM media ORDER BY id")]
        await api.run(EDIT[name], **variables(random, name, there))
        await assert_no_drift(connection)


async def test_one_edit_of_each_kind_of_everything_leaves_no_drift(api: Api, connection: Any) -> None:
    await fill(connection)
    for shape in EDITS:
        [payload] = (await api.run(shape.text, **shape.variables(MEDIA))).values()
        assert payload["succeeded"] == MEDIA, shape.name
        await assert_no_drift(connection)
