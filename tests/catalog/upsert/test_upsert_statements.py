"""The statement contract of upserts: each costs what docs/statements.md says, for any number of items."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import Item, PersonKey, Status
from tests.support.api import Api
from tests.support.edit_shapes import UPSERT, UPSERTS, UpsertShape, upsert_items
from tests.support.factories import add_library
from tests.support.upserting import WHEN, item, upsert


@pytest.mark.parametrize("by_external_id", [False, True])
@pytest.mark.parametrize("shape", UPSERTS, ids=lambda shape: shape.name)
async def test_an_upsert_costs_its_published_statements_for_any_number_of_items(
    shape: UpsertShape, by_external_id: bool, api: Api, connection: Any
) -> None:
    published = shape.by_external_id if by_external_id else shape.statements
    await add_library(connection)
    for number in (1, 10, 100):
        if shape.before is not None:
            await api.run(UPSERT, items=upsert_items(number, shape.before, by_external_id=by_external_id))
        items = upsert_items(number, shape.round, by_external_id=by_external_id)
        data = await api.run(UPSERT, items=items)
        assert data["upsertMedia"]["counts"][shape.name] == number
        assert api.statements[0] == api.statements[-1] == "transaction"
        assert len(api.statements) == 2 + published, (number, api.texts)


def as_import(given: dict[str, Any], place: int) -> Item:
    """An item as an import has it."""
    return item(
        place,
        given["title"],
        year=given["year"],
        tags=[one["name"] for one in given["tags"]],
        genres=[one["name"] for one in given["genres"]],
        credits=[
            {"person_id": person_of(one["person"]), "role": one["role"], "character": one["character"]}
            for one in given["credits"]
        ],
        external_ids=given["externalIds"],
        files=[{"path": one["path"], "size": one["size"], "modified_at": WHEN} for one in given["files"]],
    )


def person_of(given: dict[str, Any]) -> str | PersonKey:
    ids = tuple((one["source"], one["value"]) for one in given.get("externalIds", ()))
    return PersonKey(given["name"], ids) if ids else given["name"]


@pytest.mark.parametrize("by_external_id", [False, True])
async def test_more_items_than_an_edit_has_cost_an_import_no_more_statements(
    by_external_id: bool, api: Api, connection: Any
) -> None:
    """Also in a database that was never analysed."""
    await add_library(connection)
    for shape in UPSERTS:
        items = [
            as_import(one, place)
            for place, one in enumerate(upsert_items(1_500, shape.round, by_external_id=by_external_id))
        ]
        results = await upsert(api, items)
        assert {one.status for one in results} == {Status[shape.name.upper()]}
        assert len(api.statements) == 2 + (shape.by_external_id if by_external_id else shape.statements)


async def test_people_by_external_ids_cost_the_same_statements_for_5_000_items_as_for_one(
    api: Api, connection: Any
) -> None:
    """Items of nothing but a credit, whose person has another id in the last round."""
    await add_library(connection)
    found = []
    for number in (1, 10, 500, 5_000):
        sent = []
        for ids, status in (
            (("imdb",), Status.CREATED),
            (("imdb",), Status.UNCHANGED),
            (("imdb", "tmdb"), Status.UPDATED),
        ):
            people = [
                PersonKey(f"{number} {place}", tuple((one, f"{number} {place}") for one in ids))
                for place in range(min(number, 50))
            ]
            items = [
                item(
                    place, f"{number} {place}", year=1990, credits=[{"person_id": people[place % 50], "role": "ACTOR"}]
                )
                for place in range(number)
            ]
            results = await upsert(api, items)
            assert {one.status for one in results} == {status}
            sent.append(len(api.statements))
        found.append(sent)
        assert await connection.fetchval(
            "SELECT count(*) FROM person_external_id WHERE value LIKE $1", f"{number} %"
        ) == (2 * min(number, 50))
    assert [*map(tuple, found)] == [tuple(found[0])] * 4
