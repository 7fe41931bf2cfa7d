"""Renames, merges, splits and deletions of tags, genres, channels and people, and their undoing."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.taxonomy.noun import CHANNEL, GENRE, PERSON, TAG, TAXONOMY_NOUNS, Noun
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_credit, add_library, add_media, add_name, add_person, mark
from tests.support.taxonomy import FIELDS, stored

EVERY = pytest.mark.parametrize("noun", TAXONOMY_NOUNS.values(), ids=lambda noun: noun.name)


async def add(connection: Any, noun: Noun, name: str, *media: int) -> int:
    """One of a noun, with its media."""
    if noun is PERSON:
        number = await add_person(connection, name)
        for one in media:
            await add_credit(connection, one, number)
        return number
    number = await add_name(connection, noun.name, name)
    for one in media:
        await mark(connection, noun.name, one, number)
    return number


async def four_media(connection: Any) -> list[int]:
    library = await add_library(connection)
    return [await add_media(connection, library, f"M{place}", year=2000 + place) for place in range(4)]


def name_of(noun: Noun, verb: str, *, many: bool = False) -> str:
    return verb + (noun.plural if many else noun.name).capitalize()


async def run(api: Api, field: str, arguments: str, **variables: Any) -> Any:
    return (await api.run(f"mutation {{ {field}({arguments}) {FIELDS} }}", **variables))[field]


async def undo(api: Api, operation: str, arguments: str = "") -> Any:
    return await run(api, "undo", f'operation: "{operation}" {arguments}')


@EVERY
async def test_a_merge_moves_media_and_its_undo_restores_every_table(noun: Noun, api: Api, connection: Any) -> None:
    one, two, three, _ = await four_media(connection)
    into = await add(connection, noun, "Comedy", one, two)
    await add(connection, noun, "Funny", two, three)
    await add(connection, noun, "Humour", three)
    if noun is not PERSON:
        await connection.execute(f"INSERT INTO {noun.name}_name VALUES ('jokes', 2, false)")
    before = await stored(connection, noun)

    field = name_of(noun, "merge", many=True)
    done = await run(api, field, f'into: "{noun.name}_{into}", from: ["{noun.name}_2", "{noun.name}_3"]')

    assert done["counts"] == {"renamed": 0, "merged": 2, "moved": 3}
    assert done["node"] == {"id": f"{noun.name}_1"}
    media = await connection.fetch(f"SELECT media_id, {noun.key} FROM media_{noun.name} ORDER BY 1")
    assert [tuple(row) for row in media] == [(one, 1), (two, 1), (three, 1)]
    found = await api.run(
        f"""{{ {noun.name}(id: "{noun.name}_3") {{ id name mediaCount }} node(id: "{noun.name}_2") {{ id }}
            _entities(representations: [{{ __typename: "{noun.name.capitalize()}", id: "{noun.name}_2" }}])
            {{ ... on Node {{ id }} }} }}"""
    )
    assert found[noun.name] == {"id": f"{noun.name}_1", "name": "Comedy", "mediaCount": 3}
    assert found["node"] == found["_entities"][0] == {"id": f"{noun.name}_1"}
    await assert_no_drift(connection)

    undone = await undo(api, done["operation"]["id"])

    assert (undone["conflicts"], undone["operation"]["kind"]) == ([], "UNDO")
    assert await stored(connection, noun) == before
    await assert_no_drift(connection)
    assert await api.codes(f'mutation {{ undo(operation: "{done["operation"]["id"]}") {{ token }} }}') == [
        "NOT_UNDOABLE"
    ]


@EVERY
async def test_a_rename_keeps_the_old_name_as_an_alias_and_is_undone(noun: Noun, api: Api, connection: Any) -> None:
    await add(connection, noun, "SciFi")
    before = await stored(connection, noun)

    done = await run(api, name_of(noun, "rename"), f'id: "{noun.name}_1", name: " Science   Fiction "')

    assert done["examples"][0]["becomes"] == "Science Fiction"
    name = "scifi" if noun.has_aliases else "science fiction"
    found = await api.run(f'{{ {noun.name}(name: "{name}") {{ name }} }}')
    assert found == {noun.name: {"name": "Science Fiction"}}
    assert (await undo(api, done["operation"]["id"]))["conflicts"] == []
    assert await stored(connection, noun) == before


@EVERY
async def test_a_split_gives_a_part_of_the_media_the_new_one(noun: Noun, api: Api, connection: Any) -> None:
    one, two, three, _ = await four_media(connection)
    await add(connection, noun, "Sport", one, two, three)
    before = await stored(connection, noun)
    field, arguments = (
        name_of(noun, "split"),
        f'id: "{noun.name}_1", name: "Tennis", filter: {{ year: {{ min: 2001 }} }}',
    )

    shown = await run(api, field, arguments + ", preview: true")
    assert await stored(connection, noun) == before
    done = await run(api, field, f'{arguments}, token: "{shown["token"]}"')

    assert shown["counts"] == done["counts"] == {"renamed": 0, "merged": 0, "moved": 2}
    rows = await connection.fetch(f"SELECT media_id FROM media_{noun.name} WHERE {noun.key} = 2 ORDER BY 1")
    assert [row[0] for row in rows] == [two, three]
    await assert_no_drift(connection)
    assert (await undo(api, done["operation"]["id"]))["conflicts"] == []
    assert await stored(connection, noun) == before
    await assert_no_drift(connection)


@EVERY
async def test_a_deletion_gives_the_replacement_and_is_undone(noun: Noun, api: Api, connection: Any) -> None:
    one, two, _, _ = await four_media(connection)
    await add(connection, noun, "Old", one, two)
    await add(connection, noun, "New", two)
    before = await stored(connection, noun)

    done = await run(api, name_of(noun, "delete"), f'id: "{noun.name}_1", replacement: "{noun.name}_2"')

    assert await api.run(f'{{ node(id: "{noun.name}_1") {{ id }} }}') == {"node": None}
    rows = await connection.fetch(f"SELECT media_id, {noun.key} FROM media_{noun.name} ORDER BY 1")
    assert [tuple(row) for row in rows] == [(one, 2), (two, 2)]
    assert (await undo(api, done["operation"]["id"]))["conflicts"] == []
    assert await stored(connection, noun) == before
    await assert_no_drift(connection)


async def test_a_deletion_without_replacement_takes_the_tag_from_its_media(api: Api, connection: Any) -> None:
    one, *_ = await four_media(connection)
    await add(connection, TAG, "Old", one)
    before = await stored(connection, TAG)

    done = await run(api, "deleteTag", 'id: "tag_1"')

    assert (await stored(connection, TAG))["media_tag"] == []
    await assert_no_drift(connection)
    await undo(api, done["operation"]["id"])
    assert await stored(connection, TAG) == before
    await assert_no_drift(connection)


async def test_a_channel_takes_its_clips_and_settings_along(api: Api, connection: Any) -> None:
    one, two, *_ = await four_media(connection)
    await add(connection, CHANNEL, "BBC One", one)
    await add(connection, CHANNEL, "BBC 1", two)
    await connection.execute("INSERT INTO clip (media_id, channel_id) VALUES ($1, 2)", two)
    for key, channel in (("thumbnails.frames", 1), ("thumbnails.frames", 2), ("clips.batch_size", 2)):
        await connection.execute("INSERT INTO setting (key, channel_id, value) VALUES ($1, $2, '3')", key, channel)
    before = await stored(connection, CHANNEL)

    done = await run(api, "mergeChannels", 'into: "channel_1", from: ["channel_2"]')

    assert await connection.fetchval("SELECT channel_id FROM clip") == 1
    rows = await connection.fetch("SELECT key, channel_id FROM setting ORDER BY key")
    assert [tuple(row) for row in rows] == [("clips.batch_size", 1), ("thumbnails.frames", 1)]
    assert (await undo(api, done["operation"]["id"]))["conflicts"] == []
    assert await stored(connection, CHANNEL) == before


async def test_parents_go_along_but_for_circles(api: Api, connection: Any) -> None:
    for name in ("a", "b", "c", "d"):
        await add(connection, TAG, name)
    # a below b below c; d above a. Merging c into a would put b above and below it.
    await connection.execute("INSERT INTO tag_parent VALUES (1, 2), (2, 3), (1, 4), (3, 4)")
    before = await stored(connection, TAG)

    shown = await run(api, "mergeTags", 'into: "tag_1", from: ["tag_3"], preview: true')
    done = await run(api, "mergeTags", 'into: "tag_1", from: ["tag_3"]')

    assert [one["code"] for one in shown["conflicts"]] == ["CYCLE"]
    rows = await connection.fetch("SELECT tag_id, parent_id FROM tag_parent ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [(1, 2), (1, 4)]
    assert (await undo(api, done["operation"]["id"]))["conflicts"] == []
    assert await stored(connection, TAG) == before


async def test_aliases_and_parents_are_replaced_and_put_back(api: Api, connection: Any) -> None:
    for name in ("a", "b", "c"):
        await add(connection, TAG, name)
    before = await stored(connection, TAG)

    aliases = await run(api, "setTagAliases", 'id: "tag_1", aliases: ["Äh", "A", "eh"]')
    parents = await run(api, "setTagParents", 'id: "tag_1", parents: ["tag_2", "tag_3"]')

    found = (await api.run('{ tag(id: "tag_1") { aliases parents { name } } }'))["tag"]
    assert found == {"aliases": ["ah", "eh"], "parents": [{"name": "b"}, {"name": "c"}]}
    for done in (parents, aliases):
        assert (await undo(api, done["operation"]["id"]))["conflicts"] == []
    assert await stored(connection, TAG) == before


async def test_merges_of_merges_resolve_and_are_undone_in_turn(api: Api, connection: Any) -> None:
    one, two, *_ = await four_media(connection)
    for name, media in (("a", one), ("b", two), ("c", two)):
        await add(connection, GENRE, name, media)
    before = await stored(connection, GENRE)

    first = await run(api, "mergeGenres", 'into: "genre_2", from: ["genre_1"]')
    second = await run(api, "mergeGenres", 'into: "genre_3", from: ["genre_2"]')

    assert await api.run('{ genre(id: "genre_1") { id } }') == {"genre": {"id": "genre_3"}}
    told = await undo(api, first["operation"]["id"])
    assert {one["code"] for one in told["conflicts"]} == {"CONFLICT"}
    for done in (second, first):
        assert (await undo(api, done["operation"]["id"]))["conflicts"] == []
    assert await stored(connection, GENRE) == before
    await assert_no_drift(connection)


async def test_the_feed_tells_of_media_whose_tags_changed_and_history_has_one_event(api: Api, connection: Any) -> None:
    one, two, *_ = await four_media(connection)
    await add(connection, TAG, "a", one)
    await add(connection, TAG, "b", two)
    await connection.execute("DELETE FROM media_change")

    await run(api, "mergeTags", 'into: "tag_1", from: ["tag_2"]')

    assert await connection.fetch("SELECT media_id, type FROM media_change") == [(two, "UPDATED")]
    assert await connection.fetchval("SELECT count(*) FROM history_event") == 0
    found = await api.run(
        "{ taxonomyOperations(noun: TAG) { totalCount nodes { id noun kind origin detail counts { moved } } } }"
    )
    assert found["taxonomyOperations"] == {
        "totalCount": 1,
        "nodes": [
            {
                "id": "taxonomy_operation_1",
                "noun": "TAG",
                "kind": "MERGE",
                "origin": "API",
                "detail": {"into": "tag_1", "merged": ["b"]},
                "counts": {"moved": 1},
            }
        ],
    }


async def test_a_rename_and_its_undo_raise_the_version_that_edits_are_checked_by(api: Api, connection: Any) -> None:
    await add(connection, TAG, "Comedy")

    done = await run(api, "renameTag", 'id: "tag_1", name: "Fun"')
    assert (await api.run('{ tag(id: "tag_1") { name version } }'))["tag"] == {"name": "Fun", "version": 2}
    await undo(api, done["operation"]["id"])
    assert (await api.run('{ tag(id: "tag_1") { name version } }'))["tag"] == {"name": "Comedy", "version": 3}


async def test_the_token_of_an_undo_is_stale_once_its_media_have_changed(api: Api, connection: Any) -> None:
    one, two, *_ = await four_media(connection)
    await add(connection, TAG, "Comedy", one)
    await add(connection, TAG, "Funny", two)
    done = await run(api, "mergeTags", 'into: "tag_1", from: ["tag_2"]')
    operation = done["operation"]["id"]
    token = (await undo(api, operation, "preview: true"))["token"]
    await api.run(f'mutation {{ removeTags(items: {{media: "media_{two}", tags: {{id: "tag_1"}}}}) {{ succeeded }} }}')

    assert await api.codes(f'mutation {{ undo(operation: "{operation}", token: "{token}") {{ token }} }}') == [
        "STALE_PREVIEW"
    ]


async def test_aliases_are_not_given_back_to_what_was_merged_since(api: Api, connection: Any) -> None:
    await add(connection, TAG, "Comedy")
    await add(connection, TAG, "Funny")
    await run(api, "setTagAliases", 'id: "tag_2", aliases: ["jokes"]')
    done = await run(api, "setTagAliases", 'id: "tag_2", aliases: []')
    await run(api, "mergeTags", 'into: "tag_1", from: ["tag_2"]')

    undone = await undo(api, done["operation"]["id"])

    assert [conflict["id"] for conflict in undone["conflicts"]] == ["tag_2"]
