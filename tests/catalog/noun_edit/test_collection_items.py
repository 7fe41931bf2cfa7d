"""The media of a collection: added, moved, removed, in a total order."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_collection, add_library, add_media

ERRORS = "succeeded failed errors { code item id }"


def items_edit(name: str) -> str:
    position, given = ("", "") if name.startswith("remove") else ("$position: Int", ", position: $position")
    return f"""mutation ($media: [ID!]!, $collection: ID = "collection_1", {position}) {{
        edit: {name}(collection: $collection, media: $media{given}) {{
            collection {{ mediaCount }} media {{ id }} {ERRORS} }}
    }}"""


ADD, MOVE, REMOVE = map(items_edit, ("addToCollection", "moveInCollection", "removeFromCollection"))


def ids(*numbers: int) -> list[str]:
    return [f"media_{number}" for number in numbers]


async def order(connection: Any, collection: int = 1) -> list[int]:
    """The media by position, which is 0, 1, 2 and so on."""
    rows = await connection.fetch(
        "SELECT media_id, position FROM media_collection WHERE collection_id = $1 ORDER BY position, media_id",
        collection,
    )
    assert [row["position"] for row in rows] == list(range(len(rows)))
    return [row["media_id"] for row in rows]


async def fill(connection: Any, media: int = 6, *inside: int) -> None:
    library = await add_library(connection)
    for number in range(media):
        await add_media(connection, library, f"M{number}")
    await add_collection(connection, "C", *inside)


async def test_media_are_added_moved_and_removed(api: Api, connection: Any) -> None:
    await fill(connection)
    data = await api.run(ADD, media=ids(3, 1, 2))
    assert data["edit"] == {
        **{"collection": {"mediaCount": 3}, "media": [{"id": one} for one in ids(3, 1, 2)]},
        **{"succeeded": 3, "failed": 0, "errors": []},
    }
    assert await order(connection) == [3, 1, 2]
    await api.run(ADD, media=ids(5, 4, 3, 5), position=1)  # 3 stays where it is
    assert await order(connection) == [3, 5, 4, 1, 2]
    await api.run(MOVE, media=ids(2, 3), position=2)
    assert await order(connection) == [5, 4, 2, 3, 1]
    await api.run(MOVE, media=ids(4))
    assert await order(connection) == [5, 2, 3, 1, 4]
    await api.run(MOVE, media=ids(4), position=99)
    await api.run(REMOVE, media=ids(2, 6, 1))
    assert await order(connection) == [5, 3, 4]
    await assert_no_drift(connection)
    shown = await api.run('{ collection(id: "collection_1") { media(first: 9) { nodes { id } } } }')
    assert shown["collection"]["media"]["nodes"] == [{"id": one} for one in ids(5, 3, 4)]
    events = await connection.fetch("SELECT detail FROM history_event WHERE media_id = 2 ORDER BY id")
    assert len(events) == 3  # added, moved, removed


async def test_bad_input_fails_alone(api: Api, connection: Any) -> None:
    await fill(connection, 6, 1, 2)
    data = await api.run(ADD, media=["media_9", "x", "media_3"])
    assert data["edit"]["errors"] == [
        {"code": "NOT_FOUND", "item": 0, "id": "media_9"},
        {"code": "BAD_ID", "item": 1, "id": "x"},
    ]
    data = await api.run(MOVE, media=["media_4", "media_1"])
    assert data["edit"]["errors"] == [{"code": "NOT_FOUND", "item": 0, "id": "media_4"}]
    assert await order(connection) == [2, 3, 1]
    assert await api.codes(ADD, media=ids(1), position=-1) == ["BAD_ARGUMENT"]
    assert await api.codes(ADD, media=ids(1) * 501) == ["BAD_ARGUMENT"]
    for text in (ADD, MOVE, REMOVE):
        assert await api.codes(text, media=ids(1), collection="collection_9") == ["NOT_FOUND"]
        assert await api.codes(text, media=ids(1), collection="media_1") == ["BAD_ID"]


async def test_a_media_is_in_at_most_64_collections(api: Api, connection: Any) -> None:
    await fill(connection, 2, 1)
    for number in range(63):
        await add_collection(connection, f"Other {number}", 1)
    await add_collection(connection, "Last")
    data = await api.run(ADD, media=ids(1, 2), collection="collection_65")
    assert data["edit"]["errors"] == [{"code": "TOO_MANY", "item": 0, "id": "media_1"}]
    assert await order(connection, 65) == [2]
    data = await api.run(ADD, media=ids(1))  # which it is in
    assert data["edit"]["succeeded"] == 1


async def test_positions_count_what_the_viewer_sees(api: Api, connection: Any) -> None:
    seen, hidden = await add_library(connection, "Seen"), await add_library(connection, "Hidden")
    for library in (hidden, seen, hidden, seen, seen):
        await add_media(connection, library)
    await add_collection(connection, "C", 1, 2, 3, 4)
    viewer = Viewer((seen,))

    assert (await api.run(ADD, viewer, media=ids(5), position=1))["edit"]["succeeded"] == 1
    assert await order(connection) == [1, 2, 3, 5, 4]
    assert (await api.run(REMOVE, viewer, media=ids(1)))["edit"]["errors"][0]["code"] == "NOT_FOUND"
    await api.run(MOVE, viewer, media=ids(2), position=0)
    assert await order(connection) == [1, 3, 2, 5, 4]


@pytest.mark.parametrize("seed", range(3))
async def test_random_edits_are_those_of_a_list(api: Api, connection: Any, seed: int) -> None:
    random = Random(seed)
    await fill(connection, 12)
    model: list[int] = []
    for _ in range(40):
        chosen = random.sample(range(1, 13), random.randint(1, 5))
        position = random.choice([None, *range(14)])
        name = random.choice(["add", "add", "move", "remove"])
        if name == "remove":
            await api.run(REMOVE, media=ids(*chosen))
            model = [one for one in model if one not in chosen]
        else:
            await api.run(ADD if name == "add" else MOVE, media=ids(*chosen), position=position)
            put = [one for one in chosen if (one in model) == (name == "move")]
            rest = [one for one in model if one not in put]
            at = len(rest) if position is None else position
            model = [*rest[:at], *put, *rest[at:]]
        assert await order(connection) == model
    await assert_no_drift(connection)


async def test_16_writers_of_one_collection_take_turns(api: Api, connection: Any) -> None:
    await fill(connection, 64)

    async def write(writer: int) -> None:
        own = range(1 + 4 * writer, 5 + 4 * writer)
        for text, chosen, position in ((ADD, own, 0), (MOVE, own, None), (REMOVE, own[:1], None), (MOVE, own[1:], 3)):
            arguments: dict[str, Any] = {} if text is REMOVE else {"position": position}
            data = await api.run(text, media=ids(*chosen), **arguments)
            assert data["edit"]["failed"] == 0

    await asyncio.gather(*map(write, range(16)))
    found = await order(connection)
    assert sorted(found) == [number for number in range(1, 65) if number % 4 != 1]
    await assert_no_drift(connection)
