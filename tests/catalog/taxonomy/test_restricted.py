"""Operations of a viewer who sees and changes only some libraries: what would touch the others is refused with counts,
what does not is done, and nothing that is hidden can be found out."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.taxonomy.noun import TAG
from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_name, mark
from tests.support.taxonomy import FIELDS, stored

# Of the tags: "seen" is carried by a media that the viewer may change, "hidden" by one that they may not.
REFUSED = [
    'renameTag(id: "tag_2", name: "x")',
    'setTagAliases(id: "tag_2", aliases: ["x"])',
    'setTagParents(id: "tag_2", parents: ["tag_1"])',
    'deleteTag(id: "tag_2")',
    'mergeTags(into: "tag_1", from: ["tag_2"])',
    "normaliseTags(rules: { case: UPPER })",
]
DONE = [
    'renameTag(id: "tag_1", name: "x")',
    'mergeTags(into: "tag_2", from: ["tag_1"])',
    'setTagParents(id: "tag_1", parents: ["tag_2"])',
    'splitTag(id: "tag_2", name: "x", filter: { title: "secret" })',
]


async def two_libraries(connection: Any) -> Viewer:
    """Who may see and change the first of them."""
    seen, hidden = await add_library(connection), await add_library(connection, "Secret")
    for name in ("seen", "hidden"):
        await add_name(connection, "tag", name)
    await mark(connection, "tag", await add_media(connection, seen, "Open"), 1)
    await mark(connection, "tag", await add_media(connection, hidden, "Secret"), 2)
    return Viewer((seen,))


@pytest.mark.parametrize("operation", REFUSED)
async def test_what_would_touch_hidden_media_is_refused(operation: str, api: Api, connection: Any) -> None:
    viewer = await two_libraries(connection)
    before = await stored(connection, TAG)

    for given in (", preview: true)", ")"):
        [error] = (await api.answer(f"mutation {{ {operation[:-1]}{given} {{ token }} }}", viewer)).body["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert error["message"].startswith("1 of their media")
    assert await stored(connection, TAG) == before
    await api.run(f"mutation {{ {operation} {{ token }} }}")
    [error] = (await api.answer('mutation { undo(operation: "taxonomy_operation_1") { token } }', viewer)).body[
        "errors"
    ]
    assert error["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("operation", DONE)
async def test_what_touches_no_hidden_media_is_done_and_undone(operation: str, api: Api, connection: Any) -> None:
    viewer = await two_libraries(connection)
    before = await stored(connection, TAG)

    await api.run(f"mutation {{ {operation} {{ token }} }}", viewer)
    assert await stored(connection, TAG) != before
    await api.run('mutation { undo(operation: "taxonomy_operation_1") { token } }', viewer)
    assert await stored(connection, TAG) == before
    await assert_no_drift(connection)


@pytest.mark.parametrize("title", ["secret", "nothing"])
async def test_a_split_says_nothing_of_hidden_texts(title: str, api: Api, connection: Any) -> None:
    viewer = await two_libraries(connection)

    for filter in (f'{{ title: "{title}" }}', f'{{ not: {{ title: "{title}" }} }}'):
        text = f'mutation {{ splitTag(id: "tag_2", name: "x", filter: {filter}, preview: true) {FIELDS} }}'
        shown = (await api.run(text, viewer))["splitTag"]
        assert (shown["counts"]["moved"], shown["examples"][0]["mediaCount"]) == (0, 0)


async def test_who_sees_some_libraries_cannot_make_another_one(api: Api, connection: Any) -> None:
    viewer = await two_libraries(connection)

    assert await api.codes('mutation { createLibrary(name: "New") { library { id } } }', viewer) == ["FORBIDDEN"]
    assert await connection.fetchval("SELECT count(*) FROM library") == 2


async def test_no_alias_is_taken_back_from_what_is_on_hidden_media(api: Api, connection: Any) -> None:
    viewer = await two_libraries(connection)
    await add_name(connection, "tag", "third")
    await api.run('mutation { mergeTags(into: "tag_3", from: ["tag_1"]) { token } }')
    await api.run('mutation { setTagAliases(id: "tag_3", aliases: []) { token } }')
    await api.run('mutation { setTagAliases(id: "tag_2", aliases: ["seen"]) { token } }')
    before = await stored(connection, TAG)
    undo = 'mutation { undo(operation: "taxonomy_operation_1", force: true) { token } }'

    assert await api.codes(undo, viewer) == ["FORBIDDEN"]
    assert await stored(connection, TAG) == before
    assert await api.codes(undo) == []
    assert await connection.fetchval("SELECT tag_id FROM tag_name WHERE folded = 'seen'") == 1
