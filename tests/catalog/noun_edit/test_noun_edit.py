"""Tags, genres, channels, people, collections and release groups made and changed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_collection, add_credit, add_library, add_media, add_name, add_person, mark

ERRORS = "succeeded failed errors { code message item id }"


def edit(name: str, selection: str = "") -> str:
    """The mutation createTags, updatePeople and so on, with what is read of its objects."""
    verb, plural = name[:6], name[6:]
    singular = {"People": "Person"}.get(plural, plural.removesuffix("s"))
    input_type = f"New{singular}" if verb == "create" else f"{singular}Changes"
    objects = f"{plural[0].lower()}{plural[1:]} {{ id name version {selection} }}"
    return f"mutation ($items: [{input_type}!]!) {{ edit: {name}(items: $items) {{ {objects} {ERRORS} }} }}"


def deletion(name: str, used: bool = False) -> str:
    given = ", evenIfUsed: true" if used else ""
    return f"mutation ($ids: [ID!]!) {{ edit: {name}(ids: $ids{given}) {{ deletedIds {ERRORS} }} }}"


async def run(api: Api, text: str, *items: dict[str, Any], viewer: Viewer | None = None) -> Any:
    arguments = {} if viewer is None else {"viewer": viewer}
    return (await api.run(text, items=list(items), **arguments))["edit"]


def codes(payload: Any) -> list[tuple[str, int]]:
    return [(error["code"], error["item"]) for error in payload["errors"]]


NOUNS: dict[str, tuple[str, dict[str, Any], str]] = {
    "Tags": ("tag", {"category": "mood", "aliases": ["Kids"]}, "category aliases"),
    "Genres": ("genre", {"aliases": ["Kids"]}, "aliases"),
    "Channels": ("channel", {"aliases": ["Kids"]}, "aliases"),
    "People": ("person", {}, ""),
    "Collections": ("collection", {"kind": "BOX_SET", "description": "Two discs."}, "kind description"),
    "ReleaseGroups": ("release_group", {"score": 0.125, "analysedAt": "2024-01-01T00:00:00+00:00"}, "score analysedAt"),
}


@pytest.mark.parametrize("plural", NOUNS)
async def test_each_noun_is_made_changed_and_read_again(api: Api, connection: Any, plural: str) -> None:
    noun, others, selection = NOUNS[plural]
    key = plural[0].lower() + plural[1:]
    made = await run(
        api, edit(f"create{plural}", selection), {"name": "  Für  Kinder 🎬 ", **others}, {"name": "B", **others}
    )
    expected = {**others, **({"aliases": ["kids"]} if "aliases" in others else {})}
    assert made[key][0] == {"id": f"{noun}_1", "name": "Für Kinder 🎬", "version": 1, **expected}
    if "aliases" in others:
        assert codes(made) == [("NAME_TAKEN", 1)]

    renamed = await run(api, edit(f"update{plural}", selection), {"id": f"{noun}_1", "version": 1, "name": "Children"})
    assert renamed[key] == [{"id": f"{noun}_1", "name": "Children", "version": 2, **expected}]
    again = await run(api, edit(f"update{plural}", selection), {"id": f"{noun}_1", "version": 2, "name": "Children"})
    assert (again[key], again["succeeded"]) == (renamed[key], 1)
    late = await run(api, edit(f"update{plural}"), {"id": f"{noun}_1", "version": 1, "name": "Late"})
    assert [(error["code"], error["id"]) for error in late["errors"]] == [("VERSION_CONFLICT", f"{noun}_1")]
    found = await api.run(f'{{ one: {key_of(plural)}(name: "CHILDREN") {{ id }} }}')
    assert found["one"] == {"id": f"{noun}_1"}


def key_of(plural: str) -> str:
    singular = {"People": "Person"}.get(plural, plural.removesuffix("s"))
    return singular[0].lower() + singular[1:]


@pytest.mark.parametrize("plural", NOUNS)
async def test_bad_input_fails_alone(api: Api, connection: Any, plural: str) -> None:
    noun = NOUNS[plural][0]
    required = {"kind": "OTHER"} if plural == "Collections" else {}
    bad = ["", "  ", "\u200b", "\0", "\ud800", "x" * 301, "x" * 10_000]
    made = await run(
        api, edit(f"create{plural}"), *({"name": name, **required} for name in bad), {"name": "é", **required}
    )
    assert codes(made) == [("BAD_ARGUMENT", place) for place in range(len(bad))]
    assert made["succeeded"] == 1
    key = plural[0].lower() + plural[1:]
    assert [one["name"] for one in made[key]] == ["é"]

    wrong = [f"{noun}_9", "media_1", "nonsense", f"{noun}_1", f"{noun}_1", f"{noun}_1"]
    names: list[Any] = ["a", "a", "a", None, "b", "c"]
    changed = await run(
        api, edit(f"update{plural}"), *({"id": id, "name": name} for id, name in zip(wrong, names, strict=True))
    )
    assert codes(changed) == [
        *(("NOT_FOUND", 0), ("BAD_ID", 1), ("BAD_ID", 2), ("BAD_ARGUMENT", 3), ("BAD_ARGUMENT", 5)),
    ]
    assert changed[key] == [{"id": f"{noun}_1", "name": "b", "version": 2}]
    many = [{"name": f"n{place}", **required} for place in range(501)]
    assert await api.codes(edit(f"create{plural}"), items=many) == ["BAD_ARGUMENT"]


async def test_names_and_aliases_are_unique_together(api: Api, connection: Any) -> None:
    await add_name(connection, "tag", "One", "Uno")
    await add_name(connection, "tag", "Two")

    made = await run(
        api,
        edit("createTags", "aliases"),
        {"name": "UNO"},
        {"name": "Three", "aliases": ["óne"]},
        {"name": "Three", "aliases": ["Drei", "DREI", "three"]},
        {"name": "Four", "aliases": ["drei"]},
        {"name": "three"},
    )
    assert codes(made) == [("NAME_TAKEN", 0), ("NAME_TAKEN", 1), ("NAME_TAKEN", 3), ("NAME_TAKEN", 4)]
    assert made["tags"] == [{"id": "tag_3", "name": "Three", "version": 1, "aliases": ["drei"]}]

    changed = await run(
        api,
        edit("updateTags", "aliases"),
        {"id": "tag_1", "name": "Two"},
        {"id": "tag_2", "name": "One"},
        {"id": "tag_3", "aliases": ["Two"]},
    )
    assert codes(changed) == [("NAME_TAKEN", 0), ("NAME_TAKEN", 1), ("NAME_TAKEN", 2)]
    changed = await run(api, edit("updateTags", "aliases"), {"id": "tag_1", "name": "Uno", "aliases": ["One", "Un"]})
    assert changed["tags"] == [{"id": "tag_1", "name": "Uno", "version": 2, "aliases": ["one", "un"]}]
    changed = await run(api, edit("updateTags", "aliases"), {"id": "tag_1", "aliases": []})
    assert changed["tags"] == [{"id": "tag_1", "name": "Uno", "version": 3, "aliases": []}]
    names = await connection.fetch("SELECT folded, tag_id, is_primary FROM tag_name ORDER BY folded")
    assert [tuple(row) for row in names] == [
        *(("drei", 3, False), ("three", 3, True), ("two", 2, True), ("uno", 1, True)),
    ]


async def test_the_parents_of_tags_are_a_tree(api: Api, connection: Any) -> None:
    for name in ("A", "B", "C"):
        await add_name(connection, "tag", name)
    text = edit("updateTags", "parents { name }")
    changed = await run(
        api,
        text,
        {"id": "tag_1", "parents": [{"name": "b"}]},
        {"id": "tag_2", "parents": [{"id": "tag_3"}]},
        {"id": "tag_3", "parents": [{"name": "a"}]},
    )
    assert codes(changed) == [("BAD_ARGUMENT", 2)]
    assert [one["parents"] for one in changed["tags"]] == [[{"name": "B"}], [{"name": "C"}]]
    for parents in ([{"id": "tag_3"}], [{"id": "tag_1"}]):
        assert codes(await run(api, text, {"id": "tag_3", "parents": parents})) == [("BAD_ARGUMENT", 0)]
    for parents in ([{"id": "tag_9"}], [{"name": "Z"}]):
        assert codes(await run(api, text, {"id": "tag_3", "parents": parents})) == [("NOT_FOUND", 0)]
    assert codes(await run(api, text, {"id": "tag_3", "parents": [{"id": "genre_1"}]})) == [("BAD_ID", 0)]
    too_many = [{"id": "tag_1"}] * 65
    assert codes(await run(api, text, {"id": "tag_3", "parents": too_many})) == [("BAD_ARGUMENT", 0)]

    turned = await run(api, text, {"id": "tag_1", "parents": []}, {"id": "tag_3", "parents": [{"name": "A"}]})
    assert [one["parents"] for one in turned["tags"]] == [[], [{"name": "A"}]]
    made = await run(api, edit("createTags", "parents { name }"), {"name": "D", "parents": [{"name": "C"}]})
    assert made["tags"][0]["parents"] == [{"name": "C"}]


async def test_the_feed_has_the_media_of_a_tag_that_is_renamed(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(3)]
    await add_name(connection, "tag", "One")
    await mark(connection, "tag", media[0], 1)
    await mark(connection, "tag", media[2], 1)
    before = await connection.fetchval("SELECT max(transaction_id) FROM media_change")

    await run(api, edit("updateTags"), {"id": "tag_1", "category": "mood"})
    changed = "SELECT media_id FROM media_change WHERE transaction_id > $1 ORDER BY media_id"
    assert await connection.fetch(changed, before) == []
    await run(api, edit("updateTags"), {"id": "tag_1", "name": "Two"})
    assert [row[0] for row in await connection.fetch(changed, before)] == [media[0], media[2]]
    await assert_no_drift(connection)


async def test_what_is_in_use_is_deleted_only_where_that_is_asked_for(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media = [await add_media(connection, library) for _ in range(3)]
    await add_collection(connection, "C", *media)
    await add_collection(connection, "Empty")
    for name in ("Ann", "Bob"):
        await add_person(connection, name)
    for one in media[:2]:
        await add_credit(connection, one, 1)
        await add_credit(connection, one, 1, "WRITER")

    data = (await api.run(deletion("deleteCollections"), ids=["collection_1", "collection_2", "collection_9", "x"]))[
        "edit"
    ]
    assert data["deletedIds"] == ["collection_2"]
    assert codes(data) == [("IN_USE", 0), ("NOT_FOUND", 2), ("BAD_ID", 3)]
    assert data["errors"][0]["message"].startswith("3 media have this collection")
    data = (await api.run(deletion("deletePeople"), ids=["person_1", "person_2"]))["edit"]
    assert (data["deletedIds"], codes(data)) == (["person_2"], [("IN_USE", 0)])

    assert (await api.run(deletion("deleteCollections", used=True), ids=["collection_1"]))["edit"]["succeeded"] == 1
    assert (await api.run(deletion("deletePeople", used=True), ids=["person_1"]))["edit"]["succeeded"] == 1
    for table in ("collection", "media_collection", "person", "media_person", "credit"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    await assert_no_drift(connection)


async def test_releases_stay_without_a_group_that_is_deleted(api: Api, connection: Any) -> None:
    await run(api, edit("createReleaseGroups"), {"name": "G"})
    await connection.execute("INSERT INTO release (name, category, release_group_id) VALUES ('R', 'movies', 1)")

    data = (await api.run(deletion("deleteReleaseGroups"), ids=["release_group_1"]))["edit"]
    assert codes(data) == [("IN_USE", 0)]
    assert "1 releases" in data["errors"][0]["message"]
    await api.run(deletion("deleteReleaseGroups", used=True), ids=["release_group_1"])
    assert [tuple(row) for row in await connection.fetch("SELECT name, release_group_id FROM release")] == [("R", None)]


async def test_what_hidden_media_have_can_be_neither_changed_nor_deleted(api: Api, connection: Any) -> None:
    seen, hidden = await add_library(connection, "Seen"), await add_library(connection, "Hidden")
    media = [await add_media(connection, library, "Secret") for library in (seen, hidden, hidden)]
    await add_collection(connection, "C", *media)
    viewer = Viewer((seen,))

    await mark(connection, "tag", media[1], await add_name(connection, "tag", "t"))
    for field, item in (("updateCollections", "collection_1"), ("updateTags", "tag_1")):
        renamed = await run(api, edit(field), {"id": item, "name": "D"}, viewer=viewer)
        assert codes(renamed) == [("FORBIDDEN", 0)]
        assert (await run(api, edit(field), {"id": item, "name": "D"}))["succeeded"] == 1
    for used in (False, True):
        data = (await api.run(deletion("deleteCollections", used=used), viewer, ids=["collection_1"]))["edit"]
        assert codes(data) == [("FORBIDDEN", 0)]
        assert data["errors"][0]["message"].startswith("3 media have this collection, 2 of them in libraries")
        assert "Secret" not in data["errors"][0]["message"]
    assert await connection.fetchval("SELECT count(*) FROM media_collection") == 3
