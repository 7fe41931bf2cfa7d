"""The version of a media counts changes of its own fields, by whatever edit; what hangs on it moves history alone."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import OnConflict
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.upserting import FULL, failures, item, upserted

EDITS = {
    "a field by hand": 'updateMedia(items: [{ id: "media_1", year: 2000 }])',
    "tags by hand": 'addTags(items: [{ media: ["media_1"], tags: [{ name: "new" }] }])',
    "categories by hand": (
        'addCategories(items: [{ media: ["media_1"], categories: [{ category: "mood", value: "new" }] }])'
    ),
}


async def version(connection: Any) -> tuple[int, Any]:
    [row] = await connection.fetch("SELECT version, updated_at FROM media WHERE id = 1")
    return row[0], row[1]


@pytest.mark.parametrize("edit", list(EDITS))
async def test_by_hand_own_fields_alone_raise_it(api: Api, connection: Any, edit: str) -> None:
    await add_library(connection)
    await upserted(api, item())
    before = await version(connection)
    await api.run(f"mutation {{ {EDITS[edit]} {{ succeeded }} }}")
    assert (await version(connection) == before) is ("field" not in edit)


@pytest.mark.parametrize("mode", [OnConflict.REPLACE, OnConflict.MERGE])
async def test_by_upserts_it_is_the_same(api: Api, connection: Any, mode: OnConflict) -> None:
    await add_library(connection)
    await upserted(api, item())
    before = await version(connection)

    assert await failures(api, item(**FULL), on_conflict=mode) == [("UPDATED", "")]
    assert await version(connection) == before
    own = item(id=1, version=1, title=None, library=None, overview="New.", metadata={"a": 1}, tags=["other"])
    assert await failures(api, own, on_conflict=mode) == [("UPDATED", "")]
    after = await version(connection)
    assert after[0] == 2
    assert after[1] > before[1]
    assert await failures(api, own, on_conflict=mode) == [("VERSION_CONFLICT", "version")]
