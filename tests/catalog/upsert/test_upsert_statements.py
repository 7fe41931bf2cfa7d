"""The statement contract of upserts: each costs what docs/statements.md says, for any number of items."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import Item, Status
from tests.support.api import Api
from tests.support.edit_shapes import UPSERT, UPSERTS, UpsertShape, upsert_items
from tests.support.factories import add_library
from tests.support.upserting import WHEN, item, upsert


@pytest.mark.parametrize("shape", UPSERTS, ids=lambda shape: shape.name)
async def test_an_upsert_costs_its_published_statements_for_any_number_of_items(
    shape: UpsertShape, api: Api, connection: Any
) -> None:
    await add_library(connection)
    for number in (1, 10, 100):
        if shape.before is not None:
            await api.run(UPSERT, items=upsert_items(number, shape.before))
        data = await api.run(UPSERT, items=upsert_items(number, shape.round))
        assert data["upsertMedia"]["counts"][shape.name] == number
        assert api.statements[0] == api.statements[-1] == "transaction"
        assert len(api.statements) == 2 + shape.statements, (number, api.texts)


def as_import(given: dict[str, Any], place: int) -> Item:
    """An item as an import has it."""
    return item(
        place,
        given["title"],
        year=given["year"],
        tags=[one["name"] for one in given["tags"]],
        genres=[one["name"] for one in given["genres"]],
        credits=[
            {"person_id": one["person"]["name"], "role": one["role"], "character": one["character"]}
            for one in given["credits"]
        ],
        external_ids=given["externalIds"],
        files=[{"path": one["path"], "size": one["size"], "modified_at": WHEN} for one in given["files"]],
    )


async def test_more_items_than_an_edit_has_cost_an_import_no_more_statements(api: Api, connection: Any) -> None:
    """Also in a database that was never analysed."""
    await add_library(connection)
    for shape in UPSERTS:
        items = [as_import(one, place) for place, one in enumerate(upsert_items(1_500, shape.round))]
        results = await upsert(api, items)
        assert {one.status for one in results} == {Status[shape.name.upper()]}
        assert len(api.statements) == 2 + shape.statements
