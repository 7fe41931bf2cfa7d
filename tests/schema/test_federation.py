"""The subgraph: its SDL, and `_entities` with every kind of representation."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse, print_ast
from graphql.language import ObjectTypeDefinitionNode, SchemaDefinitionNode

from database.connect_args import ConnectArgs
from schema.core.federation import weigh_entities
from schema.core.node import NODE_TYPES, TYPE_ROWS
from tests.support.api import Api, open_api
from tests.support.factories import add_library, add_media, add_name

ENTITIES = """query($r: [_Any!]!) { _entities(representations: $r) {
    __typename ... on Media { id title } ... on Tag { id name } ... on Library { id } } }"""
NO_OBJECT = "A representation is an object with __typename and id."
NO_ENTITY = "The __typename of this representation is not an entity of this subgraph."
NO_KEY = "This representation lacks its key: a string id."
NESTED: list[Any] = []
for _ in range(2_000):
    NESTED = [NESTED]
FOREIGN = "This is not an id of this API: pass one that a field `id` returned."


def media(number: int) -> dict[str, Any]:
    return {"__typename": "Media", "id": f"media_{number}"}


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


async def test_what_rows_say_may_be_answered_by_every_subgraph_and_pages_only_by_ours(api: Api) -> None:
    document = parse((await api.run("{ _service { sdl } }"))["_service"]["sdl"])
    shareable = {
        node.name.value
        for node in document.definitions
        if isinstance(node, ObjectTypeDefinitionNode)
        and "shareable" in [directive.name.value for directive in node.directives or ()]
    }
    assert shareable == {"PageInfo", "StoredFile", *TYPE_ROWS}
    assert shareable >= {"Media", "Tag", "Person", "ExternalId"}


async def add_some(connection: Any) -> None:
    """library_1, media_1 to media_3, tag_1."""
    library = await add_library(connection)
    for title in ("A", "B", "C"):
        await add_media(connection, library, title)
    await add_name(connection, "tag", "noir")


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
        ({"__typename": NESTED, "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
        ({"__typename": "Media", "id": NESTED}, "BAD_REPRESENTATION", NO_KEY),
        ({"__typename": "Media", "id": "media_" + "9" * 1_000_000}, "BAD_ID", FOREIGN),
        ({"__typename": "M" * 1_000_000, "id": "media_1"}, "BAD_REPRESENTATION", NO_ENTITY),
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


async def test_equal_representations_are_one_and_of_the_others_those_beyond_the_limit_fail_alone(
    writer: ConnectArgs, connection: Any
) -> None:
    await add_some(connection)
    tag = {"__typename": "Tag", "id": "tag_1"}
    given = [media(3), media(3), "x", media(1), {**media(3), "title": "C"}, tag, media(2), media(1), tag, media(9)]
    async with open_api(writer, max_entities=3) as api:
        answer = await api.answer(ENTITIES, r=given)
        assert sorted(api.statements) == ["media_by_id", "tag_by_id"]
    third, first, named = {**media(3), "title": "C"}, {**media(1), "title": "A"}, {**tag, "name": "noir"}
    assert answer.body["data"]["_entities"] == [third, third, None, first, third, named, None, first, named, None]
    assert [(error["path"][1], error["extensions"]["code"]) for error in answer.body["errors"]] == [
        (2, "BAD_REPRESENTATION"),
        (6, "TOO_MANY_ENTITIES"),
        (9, "TOO_MANY_ENTITIES"),
    ]
    assert answer.body["errors"][1]["message"] == (
        "At most 3 different representations are looked up at once: ask for this one later."
    )


async def test_two_thousand_representations_of_five_hundred_objects_are_one_statement(
    api: Api, connection: Any
) -> None:
    library = await add_library(connection)
    await connection.execute(
        "INSERT INTO media (library_id, kind, title, folded_title, sort_title)"
        " SELECT $1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n FROM generate_series(1, 500) n",
        library,
    )
    given = [media(1 + number % 500) for number in range(2000)]
    data = await api.run(ENTITIES, r=given)
    assert data["_entities"] == [{**one, "title": f"M{one['id'].removeprefix('media_')}"} for one in given]
    assert api.statements == ["media_by_id"]


@pytest.mark.parametrize(
    ("taken", "one_more", "message"),
    [
        ([media(1)] * 40, media(1), "At most 40 representations at once, repeated ones included."),
        ([1] * 6, 1, "More than 6 representations fail: send at most 2 different ones, in their form."),
        (
            [media(number) for number in range(1, 9)],
            media(9),
            "More than 6 representations fail: send at most 2 different ones, in their form.",
        ),
    ],
)
async def test_very_many_representations_are_refused_together(
    writer: ConnectArgs, taken: list[Any], one_more: Any, message: str
) -> None:
    async with open_api(writer, max_entities=2) as api:
        answer = await api.answer(ENTITIES, r=taken)
        assert answer.body["data"] == {"_entities": [None] * len(taken)}
        answer = await api.answer(ENTITIES, r=[*taken, one_more])
        assert answer.body["data"] is None
        [error] = answer.body["errors"]
        assert (error["message"], error["path"]) == (message, ["_entities"])
        assert error["extensions"] == {"code": "TOO_MANY_ENTITIES"}
        assert api.statements == []


def test_repeated_representations_and_those_that_are_refused_cost_little() -> None:
    different = [media(number) for number in range(1, 11)]
    prices: dict[int, list[Any]] = {
        0: [],
        10: different,
        13: different + different[:9] + [different[0]],
        7: different[:1] * 21 + ["x"],
        5: [1, None, {}, {"__typename": "Media"}, {"__typename": ["Media"], "id": "media_1"}],
    }
    assert {price: weigh_entities(given, 100) for price, given in prices.items()} == {price: price for price in prices}
    assert weigh_entities(different, 4) == 4


async def test_a_price_counts_repeated_representations_as_a_part(writer: ConnectArgs) -> None:
    tags = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Media { tags { id } } } }"
    four = -(-(1 + 4 * (4 + 1 + 16 * 2)) // 4)  # quarters of a row: a media and its usual tags, four times
    async with open_api(writer, max_nodes=four) as api:
        assert await api.codes(tags, r=[media(1), media(2), *[media(1)] * 8]) == []
        assert await api.codes(tags, r=[media(1), media(2), *[media(1)] * 9]) == ["TOO_COMPLEX"]
    async with open_api(writer, max_nodes=four, max_entities=4) as api:
        assert await api.codes(tags, r=[media(number) for number in range(1, 7)]) == ["TOO_MANY_ENTITIES"] * 2


async def test_one_root_field_that_fails_leaves_the_others(api: Api, connection: Any) -> None:
    await add_some(connection)
    answer = await api.answer(
        '{ media(first: 1) { nodes { title } } tags(first: 1000) { nodes { name } } people(after: "x") { totalCount }'
        ' nodes(ids: ["media_1"]) { id } settings(library: "tag_1") { key } }'
    )
    assert answer.body["data"] == {
        "media": {"nodes": [{"title": "A"}]},
        "tags": None,
        "people": None,
        "nodes": [{"id": "media_1"}],
        "settings": None,
    }
    codes = ["BAD_PAGE_SIZE", "BAD_CURSOR", "BAD_ID"]
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == codes


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
