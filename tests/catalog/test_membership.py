"""Tags, genres and channels of media: set, added, removed, in bulk, and what is left as it is."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_name, mark

PAYLOAD = "succeeded failed errors { code message item id } media { id tags { name } genres { name } }"
EDIT = [
    "transaction",
    "set_tags",
    "set_tags",
    "set_tags",
    "set_tags",
    "set_tags",
    "set_tags",
    "set_tags",
    "transaction",
]


def mutation(name: str, item: str = "TagEdit", create: str = "") -> str:
    return f"mutation ($items: [{item}!]!) {{ edit: {name}(items: $items{create}) {{ {PAYLOAD} }} }}"


async def add_two(connection: Any) -> None:
    library = await add_library(connection)
    await add_name(connection, "tag", "Noir", "film noir")
    await add_name(connection, "tag", "Heist")
    for title in "AB":
        await mark(connection, "tag", await add_media(connection, library, title), 1)


def named(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def tags_of(data: Any) -> list[list[str]]:
    return [[tag["name"] for tag in media["tags"]] for media in data["edit"]["media"]]


async def test_tags_are_set_added_and_removed_and_the_answer_reads_what_was_written(api: Api, connection: Any) -> None:
    await add_two(connection)

    data = await api.run(mutation("setTags"), items=[{"media": ["media_1"], "tags": named("HEIST", "New  Tag")}])
    assert tags_of(data) == [["Heist", "New Tag"]]
    assert api.statements == [*EDIT, "media_by_id", "tags_by_media_id", "genres_by_media_id"]
    data = await api.run(mutation("addTags"), items=[{"media": ["media_1", "media_2"], "tags": named("film NOIR")}])
    assert tags_of(data) == [["Heist", "New Tag", "Noir"], ["Noir"]]
    data = await api.run(mutation("removeTags"), items={"media": "media_1", "tags": {"id": "tag_2"}})
    assert tags_of(data) == [["New Tag", "Noir"]]
    assert (data["edit"]["succeeded"], data["edit"]["failed"], data["edit"]["errors"]) == (1, 0, [])
    await assert_no_drift(connection)


@pytest.mark.parametrize("number", [1, 10, 500])
async def test_an_edit_costs_the_same_statements_whatever_the_number_of_media(
    api: Api, connection: Any, number: int
) -> None:
    library = await add_library(connection)
    ids = [f"media_{await add_media(connection, library, f'M{one}')}" for one in range(number)]
    items = [{"media": [one], "tags": named(f"t{place % 7}", "all")} for place, one in enumerate(ids)]

    answer = await api.run("mutation ($items: [TagEdit!]!) { setTags(items: $items) { succeeded } }", items=items)

    assert answer == {"setTags": {"succeeded": number}}
    assert api.statements == EDIT
    assert await connection.fetchval("SELECT count(*) FROM media_tag") == 2 * number


async def test_history_tells_who_gained_and_lost_what(api: Api, connection: Any) -> None:
    await add_two(connection)
    await api.run(mutation("setTags"), items=[{"media": ["media_1", "media_2"], "tags": named("noir", "heist")}])
    await api.run(mutation("setTags"), items=[{"media": ["media_1"], "tags": named("heist")}])
    await api.run(mutation("setTags"), items=[{"media": ["media_1"], "tags": named("heist")}])  # nothing new

    data = await api.run('{ mediaItem(id: "media_1") { history { nodes { type detail } } } }')

    assert data["mediaItem"]["history"]["nodes"] == [
        {"type": "TAGGED", "detail": {"added": [], "removed": ["Noir"]}},
        {"type": "TAGGED", "detail": {"added": ["Heist"], "removed": []}},
    ]


async def test_what_cannot_be_done_is_told_item_by_item_and_the_rest_is_done(api: Api, connection: Any) -> None:
    await add_two(connection)
    await add_media(connection, await add_library(connection, "hidden"), "C")
    items = [
        {"media": ["media_1", "media_99", "media_3", "tag_1", "x"], "tags": named("heist")},
        {"media": ["media_2"], "tags": [{"id": "tag_77"}]},
        {"media": ["media_2"], "tags": [{"id": "genre_1"}]},
        {"media": ["media_1"], "tags": named("noir")},
        {"media": ["media_2"], "tags": named(" ")},
    ]

    data = await api.run(mutation("setTags"), Viewer(libraries=(1,)), items=items)

    assert data["edit"]["media"] == [{"id": "media_1", "tags": [{"name": "Heist"}], "genres": []}]
    assert [(error["code"], error["item"], error["id"]) for error in data["edit"]["errors"]] == [
        ("BAD_ID", 0, "tag_1"),
        ("BAD_ID", 0, "x"),
        ("NOT_FOUND", 0, "media_99"),
        ("NOT_FOUND", 0, "media_3"),
        ("NOT_FOUND", 1, "media_2"),
        ("BAD_ID", 2, "media_2"),
        ("BAD_ARGUMENT", 3, "media_1"),
        ("BAD_ARGUMENT", 4, "media_2"),
    ]
    assert (data["edit"]["succeeded"], data["edit"]["failed"]) == (1, 8)
    assert await connection.fetchval("SELECT count(*) FROM media_tag WHERE media_id = 3") == 0


async def test_names_become_new_genres_only_when_asked(api: Api, connection: Any) -> None:
    await add_two(connection)
    items = [{"media": ["media_1"], "genres": named("Western")}]

    data = await api.run(mutation("addGenres", "GenreEdit"), items=items)
    assert [error["code"] for error in data["edit"]["errors"]] == ["NOT_FOUND"]
    data = await api.run(mutation("addGenres", "GenreEdit", ", createMissing: true"), items=items)
    assert data["edit"]["media"][0]["genres"] == [{"name": "Western"}]
    data = await api.run(
        mutation("addTags", create=", createMissing: false"), items=[{"media": "media_1", "tags": named("?")}]
    )
    assert [error["message"] for error in data["edit"]["errors"]] == ["There is no tag with the name '?'."]


async def test_no_tag_is_made_that_no_media_could_carry(api: Api, connection: Any) -> None:
    await add_two(connection)
    items = [
        {"media": [], "tags": named("of nobody")},
        {"media": ["media_9"], "tags": named("of one that is not there")},
        {"media": ["media_9", "media_1"], "tags": named("Of  One", "of one")},
    ]

    data = await api.run(mutation("addTags"), items=items)

    assert [(error["code"], error["item"]) for error in data["edit"]["errors"]] == [("NOT_FOUND", 1), ("NOT_FOUND", 2)]
    assert all(error["message"] == "There is no such media." for error in data["edit"]["errors"])
    assert [row[0] for row in await connection.fetch("SELECT name FROM tag WHERE name ILIKE 'of%'")] == ["Of One"]


async def test_a_category_of_too_many_bytes_costs_only_its_item(api: Api, connection: Any) -> None:
    await add_two(connection)
    text = """mutation ($items: [CategoryEdit!]!) { edit: addCategories(items: $items) {
        errors { code item } media { categories { category } } } }"""
    pairs = [[{"category": letter * 150, "value": "v"}] for letter in "aé"]

    data = await api.run(text, items=[{"media": ["media_1"], "categories": pair} for pair in pairs])

    assert data["edit"]["errors"] == [{"code": "BAD_ARGUMENT", "item": 1}]
    assert data["edit"]["media"] == [{"categories": [{"category": "a" * 150}]}]


async def test_a_media_takes_no_more_than_its_bound(api: Api, connection: Any) -> None:
    await add_two(connection)
    many = named(*(f"t{number}" for number in range(256)))

    data = await api.run(mutation("addTags"), items=[{"media": ["media_1"], "tags": many}])
    assert [(error["code"], error["id"]) for error in data["edit"]["errors"]] == [("TOO_MANY", "media_1")]
    data = await api.run(mutation("setTags"), items=[{"media": ["media_1"], "tags": many}])
    assert data["edit"]["failed"] == 0
    assert len(data["edit"]["media"][0]["tags"]) == 256
    data = await api.run(mutation("setTags"), items=[{"media": ["media_1"], "tags": [*many, {"name": "one more"}]}])
    assert [(error["code"], error["id"]) for error in data["edit"]["errors"]] == [("BAD_ARGUMENT", "media_1")]
    assert await connection.fetchval("SELECT count(*) FROM tag WHERE name = 'one more'") == 0


async def test_more_than_five_hundred_media_are_refused_whole(api: Api, connection: Any) -> None:
    items = [{"media": [f"media_{number}" for number in range(1, 502)], "tags": named("x")}]

    answer = await api.answer(mutation("addTags"), items=items)

    assert answer.body["data"] == {"edit": None}
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["BAD_ARGUMENT"]
    assert api.statements == []
    assert await connection.fetchval("SELECT count(*) FROM tag") == 0


async def test_an_edit_of_nothing_does_nothing(api: Api) -> None:
    data = await api.run(mutation("setTags"), items=[])
    assert data["edit"] == {"succeeded": 0, "failed": 0, "errors": [], "media": []}


async def test_channels_and_categories_are_edited_like_tags(api: Api, connection: Any) -> None:
    await add_two(connection)
    await add_name(connection, "channel", "One")
    payload = "failed errors { code item } media { channels { name } categories { category value } }"
    channels = f"mutation ($items: [ChannelEdit!]!) {{ edit: setChannels(items: $items) {{ {payload} }} }}"
    categories = f"mutation ($items: [CategoryEdit!]!) {{ edit: VERB(items: $items) {{ {payload} }} }}"

    data = await api.run(channels, items={"media": "media_1", "channels": {"name": "ONE"}})
    assert data["edit"]["media"] == [{"channels": [{"name": "One"}], "categories": []}]
    calm, dark = {"category": "mood", "value": "calm"}, {"category": " mood", "value": "dark  blue"}
    items = [{"media": ["media_1", "media_2"], "categories": [calm, dark]}]
    data = await api.run(categories.replace("VERB", "addCategories"), items=items)
    assert data["edit"]["media"][1]["categories"] == [calm, {"category": "mood", "value": "dark blue"}]
    data = await api.run(categories.replace("VERB", "removeCategories"), items={"media": "media_1", "categories": calm})
    assert data["edit"]["media"][0]["categories"] == [{"category": "mood", "value": "dark blue"}]
    bad = [{"media": "media_1", "categories": [{"category": "", "value": "x"}]}]
    data = await api.run(categories.replace("VERB", "setCategories"), items=bad)
    assert data["edit"]["errors"] == [{"code": "BAD_ARGUMENT", "item": 0}]
    changes = await connection.fetch("SELECT type FROM history_event WHERE media_id = 1 ORDER BY id")
    assert [row[0] for row in changes] == ["CHANNELS_CHANGED", "CATEGORIES_CHANGED", "CATEGORIES_CHANGED"]
