"""Versions of what has names: one change of a name, of aliases or of parents, one version more, however it comes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.factories import add_credit, add_library, add_media, add_name, add_person

# What an operation makes of the versions of a, b, c, d, where c stands below b.
CASES = {
    'renameTag(id: "tag_1", name: "x")': {1: 2, 2: 1, 3: 1, 4: 1},
    'setTagAliases(id: "tag_1", aliases: ["x"])': {1: 2, 2: 1, 3: 1, 4: 1},
    'setTagAliases(id: "tag_1", aliases: [])': {1: 1, 2: 1, 3: 1, 4: 1},
    'setTagParents(id: "tag_1", parents: ["tag_4"])': {1: 2, 2: 1, 3: 1, 4: 1},
    'mergeTags(into: "tag_1", from: ["tag_2"])': {1: 2, 3: 2, 4: 1},
    'deleteTag(id: "tag_2")': {1: 1, 3: 2, 4: 1},
    'splitTag(id: "tag_1", name: "x", filter: {})': {1: 1, 2: 1, 3: 1, 4: 1, 5: 1},
}


async def versions(connection: Any) -> dict[int, int]:
    return dict(await connection.fetch("SELECT id, version FROM tag ORDER BY id"))


@pytest.mark.parametrize("operation", CASES)
async def test_an_operation_raises_the_version_of_what_it_changes(operation: str, api: Api, connection: Any) -> None:
    for name in "abcd":
        await add_name(connection, "tag", name)
    await connection.execute("INSERT INTO tag_parent VALUES (3, 2)")

    done = (await api.run(f"mutation {{ {operation} {{ operation {{ id }} }} }}"))[operation.partition("(")[0]]

    after = CASES[operation]
    assert await versions(connection) == after
    if done["operation"] is not None:
        await api.run(f'mutation {{ undo(operation: "{done["operation"]["id"]}") {{ conflicts {{ code }} }} }}')
        back = {id: version + (version > 1) for id, version in after.items() if id < 5}
        assert await versions(connection) == {**dict.fromkeys(range(1, 5), 1), **back}


async def test_what_was_changed_by_an_operation_is_told_to_who_edits_by_hand(api: Api, connection: Any) -> None:
    await add_name(connection, "tag", "a")
    await api.run('mutation { setTagAliases(id: "tag_1", aliases: ["x"]) { token } }')

    edit = 'mutation { updateTags(items: { id: "tag_1", version: 1, aliases: ["y"] }) { errors { code } } }'
    assert (await api.run(edit))["updateTags"]["errors"] == [{"code": "VERSION_CONFLICT"}]


async def test_credits_that_name_another_person_have_another_version(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for name in ("Lee", "C. Lee"):
        await add_person(connection, name)
    await add_credit(connection, media, 2)

    await api.run('mutation { mergePeople(into: "person_1", from: ["person_2"]) { token } }')
    assert await connection.fetchval("SELECT version FROM credit") == 2
    await api.run('mutation { undo(operation: "taxonomy_operation_1") { token } }')
    assert await connection.fetchval("SELECT version FROM credit") == 3
