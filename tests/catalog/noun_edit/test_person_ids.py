"""External ids of people who are made and changed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from domain.bounds import EXTERNAL_IDS_OF_A_PERSON
from tests.support.api import Api
from tests.support.factories import add_person, add_person_id
from tests.support.upserting import all_rows

ANSWER = "{ people { id version externalIds { source value } } succeeded errors { code message } }"
CREATE = f"mutation ($items: [NewPerson!]!) {{ createPeople(items: $items) {ANSWER} }}"
UPDATE = f"mutation ($items: [PersonChanges!]!) {{ updatePeople(items: $items) {ANSWER} }}"


def ids(**values: str) -> list[dict[str, str]]:
    return [{"source": source, "value": value} for source, value in values.items()]


async def create(api: Api, *items: Any) -> Any:
    return (await api.run(CREATE, items=list(items)))["createPeople"]


async def update(api: Api, *items: Any) -> Any:
    return (await api.run(UPDATE, items=list(items)))["updatePeople"]


def codes(done: Any) -> list[tuple[str, str]]:
    return [(one["code"], one["message"]) for one in done["errors"]]


async def test_ids_are_given_replaced_and_taken_away(api: Api, connection: Any) -> None:
    made = await create(
        api, {"name": "Ann", "externalIds": [*ids(tmdb="1", imdb="nm1"), *ids(imdb="nm1")]}, {"name": "Bob"}
    )
    assert [one["externalIds"] for one in made["people"]] == [ids(imdb="nm1", tmdb="1"), []]

    changed = await update(api, {"id": "person_1", "externalIds": ids(imdb="nm1", url="http://a:1")})
    assert changed["people"] == [{"id": "person_1", "version": 2, "externalIds": ids(imdb="nm1", url="http://a:1")}]

    assert (await update(api, {"id": "person_1", "name": "Ann B."}))["people"][0]["externalIds"] != []
    nothing: Any
    for nothing in ([], None):
        taken = await update(api, {"id": "person_1", "externalIds": nothing})
        assert (taken["people"][0]["version"], taken["people"][0]["externalIds"]) == (4, [])


async def test_what_is_as_it_was_writes_nothing(api: Api, connection: Any) -> None:
    await create(api, {"name": "Ann", "externalIds": ids(imdb="nm1", tmdb="1")})
    before = await all_rows(connection)

    done = await update(api, {"id": "person_1", "externalIds": ids(tmdb="1", imdb="nm1"), "version": 1})

    assert (done["succeeded"], await all_rows(connection)) == (1, before)


async def test_an_id_of_somebody_else_fails_alone(api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")
    await add_person_id(connection, 1, "imdb", "nm1")

    made = await create(
        api,
        {"name": "Bob", "externalIds": ids(imdb="nm1")},
        {"name": "Cid", "externalIds": ids(imdb="nm2")},
        {"name": "Dan", "externalIds": ids(imdb="nm2", tmdb="4")},
        {"name": "Eve", "externalIds": ids(tmdb="4")},
    )

    assert codes(made) == [
        ("EXTERNAL_ID_TAKEN", "person_1 has the external id 'imdb:nm1': merge the two, or correct one."),
        (
            "EXTERNAL_ID_TAKEN",
            "Item 1 of this edit has the external id 'imdb:nm2': merge the two, or correct one.",
        ),
    ]
    assert [one["externalIds"] for one in made["people"]] == [ids(imdb="nm2"), ids(tmdb="4")]
    changed = await update(api, {"id": "person_2", "name": "X", "externalIds": ids(imdb="nm1")}, {"id": "person_3"})
    assert [code for code, _ in codes(changed)] == ["EXTERNAL_ID_TAKEN"]
    assert await connection.fetchval("SELECT name FROM person WHERE id = 2") == "Cid"


async def test_an_id_that_one_item_gives_up_another_one_takes(api: Api, connection: Any) -> None:
    for name in ("Ann", "Bob"):
        await add_person(connection, name)
    await add_person_id(connection, 1, "imdb", "nm1")

    done = await update(api, {"id": "person_1", "externalIds": []}, {"id": "person_2", "externalIds": ids(imdb="nm1")})

    assert [one["externalIds"] for one in done["people"]] == [[], ids(imdb="nm1")]


@pytest.mark.parametrize(
    "wrong",
    [
        ids(**{"im:db": "1"}),
        ids(**{"": "1"}),
        ids(**{"x" * 51: "1"}),
        ids(imdb=""),
        ids(imdb="\0"),
        ids(imdb="x" * 1_001),
    ],
)
async def test_ids_that_cannot_be_fail_alone(wrong: Any, api: Api, connection: Any) -> None:
    await add_person(connection, "Ann")

    made = await create(api, {"name": "Bob", "externalIds": wrong}, {"name": "Cid"})
    changed = await update(api, {"id": "person_1", "externalIds": wrong})

    assert [code for code, _ in codes(made)] == [code for code, _ in codes(changed)] == ["BAD_ARGUMENT"]
    assert codes(made)[0][1].startswith("externalIds: ")
    assert await connection.fetch("SELECT name FROM person ORDER BY id") == [("Ann",), ("Cid",)]


async def test_nobody_gets_more_ids_than_the_bound(api: Api, connection: Any) -> None:
    many = [{"source": "x", "value": str(number)} for number in range(EXTERNAL_IDS_OF_A_PERSON + 1)]

    made = await create(api, {"name": "Ann", "externalIds": many}, {"name": "Bob", "externalIds": many[1:]})

    assert [code for code, _ in codes(made)] == ["TOO_MANY"]
    assert [len(one["externalIds"]) for one in made["people"]] == [EXTERNAL_IDS_OF_A_PERSON]


async def test_a_version_that_is_not_the_persons_leaves_the_ids(api: Api, connection: Any) -> None:
    await create(api, {"name": "Ann", "externalIds": ids(imdb="nm1")})

    done = await update(api, {"id": "person_1", "externalIds": [], "version": 7})

    assert [code for code, _ in codes(done)] == ["VERSION_CONFLICT"]
    assert await connection.fetchval("SELECT count(*) FROM person_external_id") == 1
