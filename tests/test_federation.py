"""The subgraph: its SDL, and `_entities` with every kind of representation."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse, print_ast
from graphql.language import ObjectTypeDefinitionNode, SchemaDefinitionNode

from schema.node import NODE_TYPES
from tests.api import Api
from tests.factories import add_library, add_media, add_name

ENTITIES = """query($r: [_Any!]!) { _entities(representations: $r) {
    __typename ... on Media { id title } ... on Tag { id name } ... on Library { id } } }"""
NO_OBJECT = "A representation is an object with __typename and id."
NO_ENTITY = "The __typename of this representation is no entity of ours."
NO_KEY = "This representation lacks its key: a string id."
FOREIGN = "This is not one of our ids: pass one that a field `id` gave."


async def test_every_node_type_is_an_entity_by_its_id(api: Api) -> None:
    sdl = (await api.run("{ _service { sdl } }"))["_service"]["sdl"]
    document = parse(sdl)
    types = [node for node in document.definitions if isinstance(node, ObjectTypeDefinitionNode)]
    keys = {
        type_.name.value: print_ast(directive)
        for type_ in types
        for directive in type_.directives or ()
        if directive.name.value == "key"
    }
    of_node = {type_.name.value for type_ in types if "Node" in [one.name.value for one in type_.interfaces or ()]}
    assert keys == {type_.name: '@key(fields: "id")' for type_ in NODE_TYPES.values()}
    assert set(keys) == of_node >= {"Media", "Tag", "Genre", "Person", "Library"}
    assert api.statements == []


async def test_the_sdl_links_to_federation_and_imports_what_it_uses(api: Api) -> None:
    sdl = (await api.run("{ _service { sdl } }"))["_service"]["sdl"]
    [header] = [node for node in parse(sdl).definitions if isinstance(node, SchemaDefinitionNode)]
    assert [print_ast(directive) for directive in header.directives or ()] == [
        '@link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@key", "@shareable"])'
    ]


async def test_page_info_may_be_answered_by_every_subgraph(api: Api) -> None:
    document = parse((await api.run("{ _service { sdl } }"))["_service"]["sdl"])
    shareable = [
        node.name.value
        for node in document.definitions
        if isinstance(node, ObjectTypeDefinitionNode)
        and "shareable" in [directive.name.value for directive in node.directives or ()]
    ]
    assert shareable == ["PageInfo"]


async def add_some(connection: Any) -> None:
    """library_1, media_1 to media_3, tag_1."""
    library = await add_library(connection)
    for title in ("A", "B", "C"):
        await add_media(connection, library, title)
    await add_name(connection, "tag", "noir")


def media(number: int) -> dict[str, Any]:
    return {"__typename": "Media", "id": f"media_{number}"}


async def test_order_types_and_duplicates_are_kept_and_the_unknown_is_null(api: Api, connection: Any) -> None:
    await add_some(connection)
    tag = {"__typename": "Tag", "id": "tag_1"}
    library = {"__typename": "Library", "id": "library_1"}
    given = [media(3), tag, media(1), media(999), media(3), library, tag, {"__typename": "Tag", "id": "tag_9"}]
    data = await api.run(ENTITIES, r=given)
    assert data["_entities"] == [
        {**media(3), "title": "C"},
        {**tag, "name": "noir"},
        {**media(1), "title": "A"},
        None,
        {**media(3), "title": "C"},
        library,
        {**tag, "name": "noir"},
        None,
    ]
    assert sorted(api.statements) == ["library_by_id", "media_by_id", "tag_by_id"]


async def test_representations_may_stand_in_the_document(api: Api, connection: Any) -> None:
    await add_some(connection)
    data = await api.run(
        '{ _entities(representations: [{__typename: "Media", id: "media_2"}, {__typename: "Tag", id: "tag_1"}])'
        " { ... on Media { title } ... on Tag { name } } }"
    )
    assert data == {"_entities": [{"title": "B"}, {"name": "noir"}]}


@pytest.mark.parametrize(
    ("representation", "code", "message"),
    [
        ("media_1", "BAD_REPRESENTATION", NO_OBJECT),
        (1, "BAD_REPRESENTATION", NO_OBJECT),
        (1.5, "BAD_REPRESENTATION", NO_OBJECT),
        (True, "BAD_REPRESENTATION", NO_OBJECT),
        ([], "BAD_REPRESENTATION", NO_OBJECT),
        ([{"__typename": "Media", "id": "media_1"}], "BAD_REPRESENTATION", NO_OBJECT),
        ({}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": None, "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": 1, "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": ["Media"], "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": {"a": "Media"}, "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "", "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "Unknown", "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "media", "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "Node", "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "ExternalId", "id": "external_id_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "MediaConnection", "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "Query", "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "_Service", "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "Media\0", "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "Media"}, "BAD_REPRESENTATION", NO_KEY),
        ({"__typename": "Media", "id": None}, "BAD_REPRESENTATION", NO_KEY),
        ({"__typename": "Media", "id": 1}, "BAD_REPRESENTATION", NO_KEY),
        ({"__typename": "Media", "id": ["media_1"]}, "BAD_REPRESENTATION", NO_KEY),
        ({"__typename": "Media", "id": {"id": "media_1"}}, "BAD_REPRESENTATION", NO_KEY),
        ({"__typename": "Media", "ID": "media_1"}, "BAD_REPRESENTATION", NO_KEY),
        ({"__typename": "Media", "id": ""}, "BAD_ID", FOREIGN),
        ({"__typename": "Media", "id": "1"}, "BAD_ID", FOREIGN),
        ({"__typename": "Media", "id": "media_01"}, "BAD_ID", FOREIGN),
        ({"__typename": "Media", "id": "media_9223372036854775808"}, "BAD_ID", FOREIGN),
        ({"__typename": "Media", "id": "tag_1"}, "BAD_ID", "This is the id of a tag: a media's is needed here."),
    ],
)
async def test_a_malformed_representation_fails_alone(
    api: Api, connection: Any, representation: Any, code: str, message: str
) -> None:
    await add_some(connection)
    answer = await api.answer(ENTITIES, r=[media(1), representation, media(2)])
    assert answer.body["data"]["_entities"] == [{**media(1), "title": "A"}, None, {**media(2), "title": "B"}]
    [error] = answer.body["errors"]
    assert (error["path"], error["extensions"]) == (["_entities", 1], {"code": code})
    assert error["message"] == message
    assert api.statements == ["media_by_id"]


async def test_further_fields_of_a_representation_do_no_harm(api: Api, connection: Any) -> None:
    await add_some(connection)
    nested: Any = {}
    for _ in range(200):
        nested = {"a": [nested]}
    data = await api.run(ENTITIES, r=[{**media(1), "title": "forged", "id2": 1, "nested": nested, "": "\0"}])
    assert data["_entities"] == [{**media(1), "title": "A"}]


@pytest.mark.parametrize("wrong", [None, [None], [media(1), None]])
async def test_null_is_no_representation(api: Api, wrong: Any) -> None:
    answer = await api.answer(ENTITIES, r=wrong)
    assert (answer.executed, [error["extensions"] for error in answer.body["errors"]]) == (
        False,
        [{"code": "BAD_ARGUMENT"}],
    )
    assert await api.codes("{ _entities(representations: null) { __typename } }") == ["GRAPHQL_VALIDATION_FAILED"]
    assert await api.codes("{ _entities { __typename } }") == ["GRAPHQL_VALIDATION_FAILED"]


async def test_no_representations_are_no_entities_and_no_statement(api: Api) -> None:
    assert await api.run(ENTITIES, r=[]) == {"_entities": []}
    assert api.statements == []


async def test_a_hundred_representations_are_taken_and_one_more_is_refused(api: Api, connection: Any) -> None:
    await add_some(connection)
    assert len((await api.run(ENTITIES, r=[media(1)] * 100))["_entities"]) == 100
    assert api.statements == ["media_by_id"]
    answer = await api.answer(ENTITIES, r=[media(1)] * 101)
    assert answer.body["data"] is None
    [error] = answer.body["errors"]
    assert error["message"] == "At most 100 representations at once: 101 were given."
    assert error["extensions"] == {"code": "BAD_ARGUMENT"}
    assert api.statements == []


@pytest.mark.parametrize("count", [1, 10, 50])
async def test_statements_are_one_a_type_however_many_representations(api: Api, connection: Any, count: int) -> None:
    library = await add_library(connection)
    given = []
    for number in range(count):
        given.append(media(await add_media(connection, library, f"M{number}")))
        given.append({"__typename": "Tag", "id": f"tag_{await add_name(connection, 'tag', f't{number}')}"})
    query = (
        "query($r: [_Any!]!) { _entities(representations: $r) { ... on Media { id tags { id } } ... on Tag { id } } }"
    )
    data = await api.run(query, r=given)
    assert [entity["id"] for entity in data["_entities"]] == [one["id"] for one in given]
    assert sorted(api.statements) == ["media_by_id", "tag_by_id", "tags_by_media_id"]
