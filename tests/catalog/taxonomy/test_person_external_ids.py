"""External ids of people who are merged, deleted and split: they go along, and an undo brings back each."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.taxonomy.noun import PERSON
from catalog.taxonomy.undo_statements import lock_journal_names
from domain.bounds import EXTERNAL_IDS_OF_A_PERSON
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_credit, add_library, add_media, add_person, add_person_id
from tests.support.taxonomy import stored

FIELDS = """{ operation { counts { externalIds } } token counts { externalIds } conflicts { code message id } }"""
MERGE = f"""mutation ($token: String, $preview: Boolean = false) {{
    mergePeople(into: "person_1", from: ["person_2", "person_3"], preview: $preview, token: $token) {FIELDS} }}"""
UNDO = f"""mutation ($force: Boolean, $preview: Boolean) {{
    undo(operation: "taxonomy_operation_1", force: $force, preview: $preview) {FIELDS} }}"""


@pytest.fixture
async def three(connection: Any) -> None:
    """Three people of one media, two of them with an id of the same source."""
    media = await add_media(connection, await add_library(connection))
    for name in ("Ann", "Ann B.", "A. Bee"):
        await add_credit(connection, media, await add_person(connection, name), character=name)
    for person, source, value in [(1, "imdb", "nm1"), (2, "imdb", "nm2"), (2, "tmdb", "2"), (3, "url", "http://a:3")]:
        await add_person_id(connection, person, source, value)


async def ids_of(connection: Any) -> list[tuple[int, str, str]]:
    rows = await connection.fetch("SELECT person_id, source, value FROM person_external_id ORDER BY source, value")
    return [tuple(row) for row in rows]


BEFORE = [(1, "imdb", "nm1"), (2, "imdb", "nm2"), (2, "tmdb", "2"), (3, "url", "http://a:3")]


async def test_ids_go_along_with_a_merge_and_come_back_exactly(api: Api, connection: Any, three: None) -> None:
    before = await stored(connection, PERSON)
    shown = (await api.run(MERGE, preview=True))["mergePeople"]

    done = (await api.run(MERGE, token=shown["token"]))["mergePeople"]

    assert shown["counts"]["externalIds"] == done["counts"]["externalIds"] == 3
    assert done["operation"]["counts"]["externalIds"] == 3
    assert await ids_of(connection) == [(1, source, value) for _, source, value in BEFORE]
    assert await connection.fetchval("SELECT version FROM person") == 2
    looked = (await api.run(UNDO, preview=True))["undo"]
    undone = (await api.run(UNDO))["undo"]
    assert looked["counts"]["externalIds"] == undone["counts"]["externalIds"] == 3
    assert undone["conflicts"] == []
    assert await stored(connection, PERSON) == before
    await assert_no_drift(connection)


async def test_a_token_holds_only_for_the_ids_that_the_preview_showed(api: Api, connection: Any, three: None) -> None:
    token = (await api.run(MERGE, preview=True))["mergePeople"]["token"]
    await add_person_id(connection, 3, "imdb", "new")

    assert await api.codes(MERGE, token=token) == ["STALE_PREVIEW"]
    assert (3, "imdb", "new") in await ids_of(connection)


@pytest.mark.parametrize("force", [False, True])
async def test_ids_that_were_edited_since_stay_unless_forced(
    force: bool, api: Api, connection: Any, three: None
) -> None:
    await api.run(MERGE)
    other = await add_person(connection, "Zoe")
    await connection.execute("DELETE FROM person_external_id WHERE source = 'tmdb'")
    await connection.execute("UPDATE person_external_id SET person_id = $1 WHERE source = 'url'", other)

    undone = (await api.run(UNDO, force=force))["undo"]

    messages = [one["message"] for one in undone["conflicts"]]
    if force:
        assert (messages, await ids_of(connection)) == ([], BEFORE)
    else:
        assert messages == [
            "person_2 does not get 'tmdb:2': that external id was edited since.",
            "person_3 does not get 'url:http://a:3': that external id was edited since.",
        ]
        assert await ids_of(connection) == [*BEFORE[:2], (other, "url", "http://a:3")]
    await assert_no_drift(connection)


async def test_the_ids_of_a_person_who_is_deleted_go_and_come_back(api: Api, connection: Any, three: None) -> None:
    before = await stored(connection, PERSON)

    done = await api.run(f'mutation {{ deletePerson(id: "person_2", replacement: "person_1") {FIELDS} }}')

    assert done["deletePerson"]["counts"]["externalIds"] == 2
    assert await ids_of(connection) == [BEFORE[0], BEFORE[3]]
    await api.run(UNDO)
    assert await stored(connection, PERSON) == before


async def test_the_ids_of_a_person_who_is_split_stay_theirs(api: Api, connection: Any, three: None) -> None:
    before = await stored(connection, PERSON)

    done = await api.run(f'mutation {{ splitPerson(id: "person_2", name: "Other", filter: {{}}) {FIELDS} }}')

    assert done["splitPerson"]["counts"]["externalIds"] == 0
    assert await ids_of(connection) == BEFORE
    await api.run(UNDO)
    assert await stored(connection, PERSON) == before


async def test_ids_beyond_the_bound_are_told_left_out_and_brought_back(api: Api, connection: Any, three: None) -> None:
    for number in range(EXTERNAL_IDS_OF_A_PERSON - 2):
        await add_person_id(connection, 1, "x", f"{number}")
    before = await stored(connection, PERSON)

    done = (await api.run(MERGE))["mergePeople"]

    [conflict] = done["conflicts"]
    assert conflict == {
        "code": "TOO_MANY",
        "message": "person_1 would have more than 64 external ids: 2 are left out.",
        "id": "person_1",
    }
    assert len(await ids_of(connection)) == EXTERNAL_IDS_OF_A_PERSON
    assert (await api.run(UNDO))["undo"]["conflicts"] == []
    assert await stored(connection, PERSON) == before
    await assert_no_drift(connection)


async def test_merges_of_merges_are_undone_one_by_one(api: Api, connection: Any, three: None) -> None:
    before = await stored(connection, PERSON)
    await api.run('mutation { mergePeople(into: "person_2", from: ["person_3"]) { token } }')
    between = await stored(connection, PERSON)
    await api.run('mutation { mergePeople(into: "person_1", from: ["person_2"]) { token } }')
    assert {person for person, _, _ in await ids_of(connection)} == {1}

    await api.run('mutation { undo(operation: "taxonomy_operation_2") { token } }')
    assert await stored(connection, PERSON) == between
    await api.run('mutation { undo(operation: "taxonomy_operation_1") { token } }')
    assert await stored(connection, PERSON) == before


@pytest.mark.parametrize("force", [False, True])
async def test_no_id_is_taken_back_from_who_is_on_hidden_media(
    force: bool, api: Api, connection: Any, three: None
) -> None:
    await api.run(MERGE)
    hidden, other = await add_library(connection, "Hidden"), await add_person(connection, "Zoe")
    await add_credit(connection, await add_media(connection, hidden), other, character="Z")
    await connection.execute("UPDATE person_external_id SET person_id = $1 WHERE source = 'url'", other)

    assert await api.codes(UNDO, Viewer((1,)), force=force) == (["FORBIDDEN"] if force else [])

    assert (await ids_of(connection))[-1] == (other, "url", "http://a:3")
    assert await api.codes(UNDO, force=True) == []
    assert (await ids_of(connection))[-1] == BEFORE[-1]


async def test_an_undo_locks_who_was_given_an_id_since(api: Api, connection: Any, three: None) -> None:
    await api.run(MERGE)
    for name in ("Zoe", "Zack"):
        other = await add_person(connection, name)
    await connection.execute("UPDATE person_external_id SET person_id = $1 WHERE source = 'url'", other)

    assert [row[0] for row in await connection.fetch(lock_journal_names(PERSON), 1, [])] == [1, other]
