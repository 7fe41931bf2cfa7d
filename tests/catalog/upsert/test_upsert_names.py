"""What the items of an upsert name: by id, by name, by alias."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.factories import add_collection, add_credit, add_library, add_name, add_person
from tests.support.upserting import failures, item, upsert, upserted


async def credited(connection: Any, media: int) -> list[int]:
    return [row[0] for row in await connection.fetch("SELECT person_id FROM credit WHERE media_id = $1", media)]


def by(person: object, **columns: Any) -> dict[str, Any]:
    return {"person_id": person, "role": "ACTOR", **columns}


@pytest.mark.parametrize(("noun", "plural"), [("tag", "tags"), ("genre", "genres"), ("channel", "channels")])
async def test_names_and_aliases_find_what_is_there_and_other_names_make_new_ones(
    api: Api, connection: Any, noun: str, plural: str
) -> None:
    await add_library(connection)
    known = await add_name(connection, noun, "Science Fiction", "SF")

    lists: dict[str, Any] = {plural: ["sf", "  new   NAME ", "new name", known]}
    [media] = await upserted(api, item(**lists))

    text = f"SELECT t.name, t.slug FROM media_{noun} m JOIN {noun} t ON t.id = m.{noun}_id WHERE media_id = $1"
    rows = {tuple(row) for row in await connection.fetch(text, media)}
    assert rows == {("Science Fiction", "science-fiction"), ("new NAME", "new-name")}
    assert await connection.fetchval(f"SELECT count(*) FROM {noun}_name WHERE folded = 'new name' AND is_primary") == 1


async def test_of_several_people_of_one_name_the_one_on_the_media_is_meant(api: Api, connection: Any) -> None:
    await add_library(connection)
    one, other = [await add_person(connection, "John Smith") for _ in range(2)]
    first, second = await upserted(api, item(0, "A"), item(1, "B"))
    await add_credit(connection, first, other)

    assert await failures(
        api,
        item(0, "A", credits=[by("Ann"), by("john smith", character="X")]),
        item(1, "B", credits=[by("Ann"), by("John Smith")]),
    ) == [("UPDATED", ""), ("AMBIGUOUS", "credits.1.person_id")]
    assert other in await credited(connection, first)
    assert await credited(connection, second) == []
    assert await upserted(api, item(0, "B", credits=[by(one)])) == [second]


async def test_a_person_of_a_new_name_is_made_once_for_all_items(api: Api, connection: Any) -> None:
    await add_library(connection)
    items = [item(place, f"M {place}", credits=[by("Ann"), by("ANN", character="X")]) for place in range(3)]
    await upserted(api, *items)
    assert await connection.fetch("SELECT name FROM person") == [("Ann",)]


async def test_of_several_collections_of_one_name_the_one_of_the_media_is_meant(api: Api, connection: Any) -> None:
    await add_library(connection)
    [media] = await upserted(api, item(0, "A"))
    one = await add_collection(connection, "Box", media)
    await add_collection(connection, "box")
    given = [{"collection_id": "BOX"}]

    assert await failures(api, item(0, "A", collections=given), item(1, "B", collections=given)) == [
        ("UNCHANGED", ""),
        ("AMBIGUOUS", "collections.0.collection_id"),
    ]
    assert await failures(api, item(0, "B", collections=[{"collection_id": one}])) == [("CREATED", "")]


async def test_ids_that_are_not_there_fail_alone_and_say_where(api: Api, connection: Any) -> None:
    await add_library(connection)
    release = {"name": "A", "category": "hd"}
    results = await upsert(
        api,
        [
            item(0, "A", tags=["x", "x", 99]),
            item(1, "B", genres=[99]),
            item(2, "C", channels=[99]),
            item(3, "D", collections=[{"collection_id": 99}]),
            item(4, "E", credits=[by("Ann"), by("Ann"), by(99)]),
            item(5, "F", clip={"channel_id": 99}),
            item(6, "G", releases=[{**release, "release_group_id": 99}]),
            item(7, "H", tags=[2**63]),
            item(8, "I", tags=["x"]),
        ],
    )
    assert [(one.code, ".".join(map(str, one.path))) for one in results] == [
        ("NOT_FOUND", "tags.2"),
        ("NOT_FOUND", "genres.0"),
        ("NOT_FOUND", "channels.0"),
        ("NOT_FOUND", "collections.0.collection_id"),
        ("NOT_FOUND", "credits.2.person_id"),
        ("NOT_FOUND", "clip.channel_id"),
        ("NOT_FOUND", "releases.0.release_group_id"),
        ("BAD_ARGUMENT", "tags.0"),
        (None, ""),
    ]
    assert results[6].message == "There is no release group with the id release_group_99."
    assert await connection.fetch("SELECT name FROM tag") == [("x",)]
    assert await connection.fetchval("SELECT count(*) FROM person") == 0


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\0", "\ud800", "x" * 10_000, "\ufdfa" * 200])
async def test_names_that_cannot_be_fail_alone(api: Api, connection: Any, name: str) -> None:
    await add_library(connection)
    release = {"name": "A", "category": "hd"}
    assert await failures(
        api,
        item(0, "A", tags=["x", name]),
        item(1, "B", credits=[by(name)]),
        item(2, "C", collections=[{"collection_id": name}]),
        item(3, "D", releases=[{**release, "release_group_id": name}]),
        item(4, "E", tags=["x"]),
    ) == [
        ("BAD_ARGUMENT", "tags.1"),
        ("BAD_ARGUMENT", "credits.0.person_id"),
        ("BAD_ARGUMENT", "collections.0.collection_id"),
        ("BAD_ARGUMENT", "releases.0.release_group_id"),
        ("CREATED", ""),
    ]


async def test_emoji_and_accents_are_kept_as_they_are_written(api: Api, connection: Any) -> None:
    await add_library(connection)
    await upserted(api, item(tags=["Café 🎬"], credits=[by("Zoe\u0308")]))
    assert await connection.fetchval("SELECT name FROM tag") == "Café 🎬"
    assert await connection.fetchval("SELECT name FROM person") == "Zoe\u0308"
    assert await failures(api, item(tags=["CAFE 🎬"], credits=[by("zoë")])) == [("UNCHANGED", "")]


async def test_rules_of_a_setting_clean_names_that_nothing_has(api: Api, connection: Any) -> None:
    await add_library(connection)
    await add_name(connection, "tag", "Sci-Fi Movies", "SciFiFilms")
    await upserted(api, item(0, "Before", genres=["Film-Noirs"]))
    rules = ["SEPARATORS", "PLURALS", "LOWER_CASE"]
    for plural in ("tags", "genres"):
        await connection.execute(
            "INSERT INTO setting (key, value) VALUES ($1, $2::jsonb)", f"normalisation.{plural}", json.dumps(rules)
        )

    given = item(
        tags=["SciFiFilms", "heistMovies", "Heist_Movie", "News"],
        genres=["film-noirs", "Space Operas"],
        credits=[by("Ann_Lees")],
    )
    assert await failures(api, given) == [("CREATED", "")]
    assert await failures(api, given) == [("UNCHANGED", "")]

    tags = await connection.fetch("SELECT t.name FROM tag t JOIN media_tag ON tag_id = id ORDER BY 1")
    assert tags == [("Sci-Fi Movies",), ("heist movie",), ("news",)]
    # What has a name already keeps it; what has none of these rules is as it was written.
    assert await connection.fetch("SELECT name FROM genre ORDER BY 1") == [("Film-Noirs",), ("space opera",)]
    assert await connection.fetch("SELECT name FROM person") == [("Ann_Lees",)]


async def test_a_name_of_which_rules_make_nothing_stays(api: Api, connection: Any) -> None:
    await add_library(connection)
    await connection.execute("INSERT INTO setting (key, value) VALUES ('normalisation.tags', '[\"PUNCTUATION\"]')")
    await upserted(api, item(tags=["?!", "what?"]))
    assert await connection.fetch("SELECT name FROM tag ORDER BY 1") == [("?!",), ("what",)]


@pytest.mark.parametrize("noun", ["tag", "genre", "channel", "person"])
async def test_ids_of_those_that_were_merged_mean_what_they_became(api: Api, connection: Any, noun: str) -> None:
    await add_library(connection)
    if noun == "person":
        old, new = [await add_person(connection, name) for name in ("Old", "New")]
    else:
        old, new = [await add_name(connection, noun, name) for name in ("Old", "New")]
    plural = {"person": "People"}.get(noun, f"{noun.capitalize()}s")
    text = f"mutation ($into: ID!, $old: [ID!]!) {{ merge{plural}(into: $into, from: $old) {{ counts {{ merged }} }} }}"
    await api.run(text, into=f"{noun}_{new}", old=[f"{noun}_{old}"])

    lists: dict[str, Any] = {"credits": [by(old), by(new)]} if noun == "person" else {f"{noun}s": [old, new, "new"]}
    [media] = await upserted(api, item(**lists))
    table = f"media_{noun}"
    assert await connection.fetch(f"SELECT {noun}_id FROM {table} WHERE media_id = $1", media) == [(new,)]
    if noun != "person":
        edit = f"mutation ($items: [{noun.capitalize()}Edit!]!) {{ remove{plural}(items: $items) {{ succeeded }} }}"
        items = [{"media": [f"media_{media}"], f"{noun}s": [{"id": f"{noun}_{old}"}]}]
        assert (await api.run(edit, items=items))[f"remove{plural}"]["succeeded"] == 1
        assert await connection.fetch(f"SELECT FROM {table}") == []
