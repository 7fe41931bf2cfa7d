"""Places in collections: at the end, in the order given, and never beyond what comes after them."""

from __future__ import annotations

from typing import Any

from tests.support.api import Api
from tests.support.factories import add_library

UPSERT = """mutation ($items: [MediaUpsert!]!) {
    upsertMedia(items: $items) { counts { created failed } results { code path } }
}"""


def items(*titles: str, **collection: Any) -> list[dict[str, Any]]:
    given = {"collection": {"name": "Box"}, **collection}
    return [{"library": "library_1", "title": title, "collections": [given]} for title in titles]


async def test_media_of_one_call_stand_at_the_end_in_their_order(api: Api, connection: Any) -> None:
    await add_library(connection)
    for titles in (("C", "B"), ("E", "D", "A")):
        await api.run(UPSERT, items=items(*titles))

    rows = await connection.fetch(
        "SELECT m.title, c.position FROM media_collection c JOIN media m ON m.id = c.media_id ORDER BY c.position"
    )
    assert [tuple(row) for row in rows] == [("C", 0), ("B", 1), ("E", 2), ("D", 3), ("A", 4)]


async def test_a_position_that_nothing_could_follow_fails_alone(api: Api, connection: Any) -> None:
    await add_library(connection)
    given = [*items("A", position=2**31 - 1), *items("B")]

    done = (await api.run(UPSERT, items=given))["upsertMedia"]

    assert done["counts"] == {"created": 1, "failed": 1}
    assert done["results"][0] == {"code": "BAD_ARGUMENT", "path": "collections.0.position"}
