"""Undoing what was edited since: left as it is and told of item by item, overwritten by force."""

from __future__ import annotations

from typing import Any

from tests.support.api import Api
from tests.support.derived import assert_no_drift, delete_media
from tests.support.factories import add_library, add_media, add_name, mark

MERGE = 'mutation { mergeTags(into: "tag_1", from: ["tag_2"]) { operation { id } } }'
UNDO = """mutation ($force: Boolean, $preview: Boolean) {
    undo(operation: "taxonomy_operation_1", force: $force, preview: $preview) {
        operation { id undoes { id undoneBy { id } } } counts { merged moved } conflicts { code message id } } }"""


async def merged(api: Api, connection: Any, number: int = 3) -> list[int]:
    """A tag of some media merged into another one."""
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(number)]
    for name in ("into", "gone"):
        await add_name(connection, "tag", name)
    for one in media:
        await mark(connection, "tag", one, 2)
    await api.run(MERGE)
    return media


async def links(connection: Any) -> list[tuple[int, int]]:
    rows = await connection.fetch("SELECT media_id, tag_id FROM media_tag ORDER BY 1, 2")
    return [tuple(row) for row in rows]


async def test_media_that_were_edited_or_deleted_since(api: Api, connection: Any) -> None:
    one, two, three = await merged(api, connection)
    await api.run(
        f'mutation {{ removeTags(items: [{{ media: ["media_{one}"], tags: [{{ name: "into" }}] }}]) {{ failed }} }}'
    )
    await delete_media(connection, "media.id = $1", two)

    shown = (await api.run(UNDO, preview=True))["undo"]
    assert await links(connection) == [(three, 1)]
    undone = (await api.run(UNDO))["undo"]

    assert undone["conflicts"] == shown["conflicts"]
    assert {(error["code"], error["id"]) for error in undone["conflicts"]} == {
        ("CONFLICT", f"media_{one}"),
        ("NOT_FOUND", f"media_{two}"),
    }
    assert (await links(connection), undone["counts"]) == ([(three, 2)], {"merged": 1, "moved": 1})
    await assert_no_drift(connection)
    forced = (await api.run(UNDO, force=True))["undo"]
    assert await links(connection) == [(one, 2), (three, 2)]
    assert forced["operation"]["undoes"]["undoneBy"] == {"id": forced["operation"]["id"]}
    await assert_no_drift(connection)


async def test_a_name_that_another_has_taken_since(api: Api, connection: Any) -> None:
    await merged(api, connection, 1)
    await api.run('mutation { setTagAliases(id: "tag_1", aliases: []) { token } }')
    await add_name(connection, "tag", "gone")
    before = await links(connection)

    for force in (False, True):
        undone = (await api.run(UNDO, force=force))["undo"]
        assert undone["conflicts"][0]["message"] == "tag_2 cannot be called 'gone' again: tag_3 is."
        assert await links(connection) == before
    await assert_no_drift(connection)


async def test_an_alias_that_another_has_got_since_is_taken_by_force(api: Api, connection: Any) -> None:
    await merged(api, connection, 1)
    await add_name(connection, "tag", "other")
    await api.run('mutation { setTagAliases(id: "tag_1", aliases: []) { token } }')
    await api.run('mutation { setTagAliases(id: "tag_3", aliases: ["gone"]) { token } }')

    assert len((await api.run(UNDO))["undo"]["conflicts"]) == 2
    await api.run(UNDO, force=True)

    found = await api.run('{ tag(name: "gone") { id mediaCount } other: tag(id: "tag_3") { aliases } }')
    assert found == {"tag": {"id": "tag_2", "mediaCount": 1}, "other": {"aliases": []}}
    await assert_no_drift(connection)


async def test_a_tag_that_was_renamed_again_keeps_its_name_unless_forced(api: Api, connection: Any) -> None:
    await add_name(connection, "tag", "a")
    for name in "bc":
        await api.run(f'mutation {{ renameTag(id: "tag_1", name: "{name}") {{ token }} }}')

    undone = (await api.run(UNDO))["undo"]
    assert [error["id"] for error in undone["conflicts"]] == ["tag_1"]
    assert await connection.fetchval("SELECT name FROM tag") == "c"

    await api.run(UNDO, force=True)
    assert await connection.fetchval("SELECT name FROM tag") == "a"
    rows = await connection.fetch("SELECT folded, is_primary FROM tag_name ORDER BY 1")
    assert [tuple(row) for row in rows] == [("a", True), ("c", False)]


async def test_a_split_tag_that_other_media_were_given_stays_unless_forced(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    one, two = [await add_media(connection, library, year=year) for year in (1999, 2020)]
    await add_name(connection, "tag", "film")
    for media in (one, two):
        await mark(connection, "tag", media, 1)
    await api.run('mutation { splitTag(id: "tag_1", name: "new", filter: { year: { min: 2000 } }) { token } }')
    await mark(connection, "tag", one, 2)

    undone = (await api.run(UNDO))["undo"]
    assert [error["message"] for error in undone["conflicts"]] == ["tag_2 stays: 1 media were given it since."]
    assert await links(connection) == [(one, 1), (one, 2), (two, 1)]
    await api.run(UNDO, force=True)
    assert await links(connection) == [(one, 1), (two, 1)]
    assert await connection.fetchval("SELECT count(*) FROM tag") == 1
    await assert_no_drift(connection)


async def test_a_media_that_is_full_by_now_is_told_of(api: Api, connection: Any) -> None:
    [one] = await merged(api, connection, 1)
    await api.run(
        f'mutation {{ addTags(items: [{{ media: ["media_{one}"], tags: [{{ name: "x" }}] }}]) {{ failed }} }}'
    )
    await mark(connection, "tag", one, *[await add_name(connection, "tag", f"t{number}") for number in range(254)])
    await api.run(
        f'mutation {{ removeTags(items: [{{ media: ["media_{one}"], tags: [{{ name: "into" }}] }}]) {{ failed }} }}'
    )
    await mark(connection, "tag", one, await add_name(connection, "tag", "last"))

    undone = (await api.run(UNDO, force=True))["undo"]

    assert [error["code"] for error in undone["conflicts"]] == ["TOO_MANY"]
    await assert_no_drift(connection)
