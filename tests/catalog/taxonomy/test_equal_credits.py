"""People merged where their credits of a media become equal: one stays, and an undo brings back the others."""

from __future__ import annotations

from typing import Any

from catalog.taxonomy.noun import PERSON
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_credit, add_library, add_media, add_person
from tests.support.taxonomy import stored

MERGE = 'mutation { mergePeople(into: "person_1", from: ["person_2", "person_3"]) { counts { moved } } }'
UNDO = """mutation ($force: Boolean) { undo(operation: "taxonomy_operation_1", force: $force) {
    operation { id } counts { moved } conflicts { code message } } }"""


async def one_person_thrice(connection: Any) -> list[int]:
    """Three people who play one part in a media, and two of them another one in a second."""
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(2)]
    for name in ("Lee", "C. Lee", "Christopher Lee"):
        await add_person(connection, name)
    for person in (3, 1, 2):
        await add_credit(connection, media[0], person, position=person, character="Dracula")
    for person in (3, 2):
        await add_credit(connection, media[1], person, position=person)
    await add_credit(connection, media[1], 2, "DIRECTOR")
    return media


async def credits_of(connection: Any) -> list[tuple[Any, ...]]:
    rows = await connection.fetch("SELECT media_id, person_id, role, position FROM credit ORDER BY 1, 2, 3, 4")
    return [tuple(row) for row in rows]


async def test_equal_credits_become_one_and_come_back(api: Api, connection: Any) -> None:
    one, two = await one_person_thrice(connection)
    before = await stored(connection, PERSON)

    done = (await api.run(MERGE))["mergePeople"]

    # The one that was there stays; of others the first.
    assert await credits_of(connection) == [(one, 1, "ACTOR", 1), (two, 1, "ACTOR", 2), (two, 1, "DIRECTOR", 0)]
    assert done["counts"] == {"moved": 4}
    await assert_no_drift(connection)

    undone = (await api.run(UNDO))["undo"]

    assert undone["conflicts"] == []
    assert undone["counts"] == {"moved": 4}
    assert await stored(connection, PERSON) == before
    await assert_no_drift(connection)


async def test_a_credit_does_not_come_back_where_the_equal_one_was_taken_away_since(api: Api, connection: Any) -> None:
    one, two = await one_person_thrice(connection)
    await api.run(MERGE)
    await api.run('mutation { deleteCredits(ids: ["credit_2"]) { succeeded } }')

    undone = (await api.run(UNDO))["undo"]

    assert [conflict["code"] for conflict in undone["conflicts"]] == ["CONFLICT"]
    assert "2 rows of credit" in undone["conflicts"][0]["message"]
    rest = [(two, 2, "ACTOR", 2), (two, 2, "DIRECTOR", 0), (two, 3, "ACTOR", 3)]
    assert await credits_of(connection) == rest
    await assert_no_drift(connection)
    await api.run(UNDO, force=True)
    assert await credits_of(connection) == [(one, 2, "ACTOR", 2), (one, 3, "ACTOR", 3), *rest]
    await assert_no_drift(connection)


async def test_a_credit_comes_back_with_what_its_media_has_by_now(api: Api, connection: Any) -> None:
    one, two = await one_person_thrice(connection)
    await api.run(MERGE)
    other = await add_library(connection, "Other")
    await api.run(
        f"""mutation {{ updateMedia(items: {{ id: "media_{one}", library: "library_{other}", year: 1958 }})
            {{ failed }} deleteMedia(media: ["media_{two}"]) {{ failed }} }}"""
    )

    undone = (await api.run(UNDO))["undo"]

    assert "3 rows of credit" in undone["conflicts"][0]["message"]
    rows = await connection.fetch("SELECT library_id, year FROM credit")
    assert [tuple(row) for row in rows] == [(other, 1958)] * 3
    await assert_no_drift(connection)
