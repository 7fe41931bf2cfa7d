"""Global ids: every malformed or foreign one is refused, order and duplicates are kept, one statement a type."""

from __future__ import annotations

from typing import Any

import pytest

from domain.memberships import BY_NOUN
from schema.core.node import NODE_TYPES
from tests.support.api import Api
from tests.support.factories import add_credit, add_library, add_media, add_name, add_person

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
BIGINT_MAX = 2**63 - 1
FOREIGN = "This is not an id of this API: pass one that a field `id` returned."

MALFORMED = [
    "",
    " ",
    "1",
    "media",
    "media_",
    "media_0",
    "media_-1",
    "media_+1",
    "media_01",
    "media_1 ",
    " media_1",
    "media_1\n",
    "media_1_1",
    "media_1.0",
    "media_1e3",
    "media_0x1",
    "media_\u0661",
    "media_\uff11",
    "media_\u00b2",
    "media-1",
    "media:1",
    "Media_1",
    "MEDIA_1",
    "med\u0131a_1",
    "media_1\0",
    "_1",
    "__typename_1",
    "external_id_1",
    "unknown_1",
    f"media_{BIGINT_MAX + 1}",
    "media_9999999999999999999",
    "media_" + "9" * 10_000,
    "m" * 100_000 + "_1",
    "bWVkaWE6MQ==",
    "'; DROP TABLE media --",
]


@pytest.mark.parametrize("text", MALFORMED)
async def test_an_id_that_is_none_of_ours_is_refused_and_sends_nothing(api: Api, text: str) -> None:
    answer = await api.answer("query($id: ID!) { node(id: $id) { id } }", id=text)
    assert answer.body["data"] == {"node": None}
    [error] = answer.body["errors"]
    assert (error["message"], error["path"], error["extensions"]) == (FOREIGN, ["node"], {"code": "BAD_ID"})
    assert api.statements == []


async def test_an_id_without_a_look_up_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(NODE_TYPES, "credit")
    for text in ('node(id: "credit_1") { id }', 'mediaItem(id: "credit_1") { id }'):
        [error] = (await api.answer(f"{{ {text} }}")).body["errors"]
        assert error["message"] == "This is the id of a credit: no object can be looked up by it."
        assert error["extensions"] == {"code": "BAD_ID"}


@pytest.mark.parametrize("field", ["mediaItem", *BY_NOUN, "person", "library"])
async def test_a_field_of_one_type_refuses_ids_of_the_others(api: Api, field: str) -> None:
    prefix = "media" if field == "mediaItem" else field
    for other in {"media", *BY_NOUN, "person", "library"} - {prefix}:
        answer = await api.answer(f'{{ {field}(id: "{other}_1") {{ id }} }}')
        [error] = answer.body["errors"]
        assert error["extensions"] == {"code": "BAD_ID"}
        assert error["message"] == f"This is the id of a {other}: a {prefix}'s is needed here."
    assert await api.run(f'{{ {field}(id: "{prefix}_{BIGINT_MAX}") {{ id }} }}') == {field: None}
    assert await api.codes(f'{{ {field}(id: "{prefix}_x") {{ id }} }}') == ["BAD_ID"]


async def test_an_id_may_be_written_as_a_number_but_is_never_ours(api: Api) -> None:
    assert await api.codes("{ node(id: 1) { id } }") == ["BAD_ID"]
    assert await api.codes("query($id: ID!) { node(id: $id) { id } }", id=1) == ["BAD_ID"]


@pytest.mark.parametrize("wrong", [None, True, 1.5, [], {}, ["media_1"]])
async def test_what_is_no_id_at_all_is_refused_before_execution(api: Api, wrong: Any) -> None:
    answer = await api.answer("query($id: ID!) { node(id: $id) { id } }", id=wrong)
    assert (answer.executed, [error["extensions"] for error in answer.body["errors"]]) == (
        False,
        [{"code": "BAD_ARGUMENT"}],
    )
    assert await api.codes("{ node(id: null) { id } }") == ["GRAPHQL_VALIDATION_FAILED"]
    assert await api.codes("{ node { id } }") == ["GRAPHQL_VALIDATION_FAILED"]


async def add_one_of_each(connection: Any) -> list[str]:
    library = await add_library(connection)
    media = await add_media(connection, library, "Alien")
    tag, genre = await add_name(connection, "tag", "space"), await add_name(connection, "genre", "horror")
    person = await add_person(connection, "Ridley Scott")
    await add_credit(connection, media, person, "DIRECTOR")
    return [f"media_{media}", f"tag_{tag}", f"genre_{genre}", f"person_{person}", f"library_{library}"]


async def test_every_type_is_found_by_its_id(api: Api, connection: Any) -> None:
    ids = await add_one_of_each(connection)
    names = ["Media", "Tag", "Genre", "Person", "Library"]
    data = await api.run(NODES, ids=ids)
    assert data["nodes"] == [{"__typename": name, "id": id} for name, id in zip(names, ids, strict=True)]
    assert sorted(api.statements) == ["genre_by_id", "library_by_id", "media_by_id", "person_by_id", "tag_by_id"]
    for name, id in zip(names, ids, strict=True):
        found = await api.run("query($id: ID!) { node(id: $id) { __typename id } }", id=id)
        assert found == {"node": {"__typename": name, "id": id}}


async def test_order_and_duplicates_are_kept_and_the_unknown_is_null(api: Api, connection: Any) -> None:
    media, tag, *_ = await add_one_of_each(connection)
    ids = [tag, media, "media_999", tag, media, "tag_999", media]
    data = await api.run(NODES, ids=ids)
    known = {media, tag}
    assert [node and node["id"] for node in data["nodes"]] == [id if id in known else None for id in ids]
    assert sorted(api.statements) == ["media_by_id", "tag_by_id"]


async def test_a_bad_id_among_good_ones_fails_alone(api: Api, connection: Any) -> None:
    media, tag, *_ = await add_one_of_each(connection)
    answer = await api.answer(NODES, ids=[media, "credits_1", tag, ""])
    assert [node and node["id"] for node in answer.body["data"]["nodes"]] == [media, None, tag, None]
    assert [(error["path"], error["extensions"]) for error in answer.body["errors"]] == [
        (["nodes", 1], {"code": "BAD_ID"}),
        (["nodes", 3], {"code": "BAD_ID"}),
    ]
    assert sorted(api.statements) == ["media_by_id", "tag_by_id"]


@pytest.mark.parametrize("count", [1, 10, 50])
async def test_statements_are_one_a_type_however_many_ids(api: Api, connection: Any, count: int) -> None:
    library = await add_library(connection)
    ids = []
    for number in range(count):
        ids.append(f"media_{await add_media(connection, library, f'M{number}')}")
        ids.append(f"tag_{await add_name(connection, 'tag', f't{number}')}")
    data = await api.run(NODES, ids=ids)
    assert [node["id"] for node in data["nodes"]] == ids
    assert sorted(api.statements) == ["media_by_id", "tag_by_id"]


async def test_aliases_of_one_object_are_one_look_up(api: Api, connection: Any) -> None:
    media, *_ = await add_one_of_each(connection)
    data = await api.run(
        "query($id: ID!) { a: node(id: $id) { id } b: mediaItem(id: $id) { title } c: nodes(ids: [$id]) { id } }",
        id=media,
    )
    assert data == {"a": {"id": media}, "b": {"title": "Alien"}, "c": [{"id": media}]}
    assert api.statements == ["media_by_id"]


async def test_five_hundred_ids_are_taken_and_one_more_is_refused(api: Api) -> None:
    assert (await api.run(NODES, ids=["media_1"] * 500))["nodes"] == [None] * 500
    answer = await api.answer(NODES, ids=["media_1"] * 501)
    assert answer.body["data"] == {"nodes": None}
    [error] = answer.body["errors"]
    assert error["message"] == "At most 500 ids at once: 501 were given."
    assert error["extensions"] == {"code": "BAD_ARGUMENT"}
    assert api.statements == []


async def test_no_ids_are_no_nodes_and_no_statement(api: Api) -> None:
    assert await api.run(NODES, ids=[]) == {"nodes": []}
    assert api.statements == []
