"""Operations on names: listed newest first, by noun and kind, found by id, with what undid them."""

from __future__ import annotations

from typing import Any

from tests.support.api import Api
from tests.support.factories import add_name


async def test_operations_are_listed_with_what_they_did_and_until_when_they_can_be_undone(
    api: Api, connection: Any
) -> None:
    await add_name(connection, "tag", "a")
    await add_name(connection, "genre", "b")
    await api.run('mutation { renameTag(id: "tag_1", name: "x") { token } }')
    await api.run('mutation { renameGenre(id: "genre_1", name: "y") { token } }')
    await api.run('mutation { undo(operation: "taxonomy_operation_1") { token } }')

    data = await api.run(
        """{
            all: taxonomyOperations { totalCount nodes { id noun kind origin undoableUntil
                counts { renamed merged moved } undoes { id } undoneBy { id } } }
            taxonomyOperations(noun: GENRE, kind: [RENAME]) { nodes { id detail } }
            taxonomyOperation(id: "taxonomy_operation_2") { kind }
            node(id: "taxonomy_operation_3") { id ... on TaxonomyOperation { kind } }
        }"""
    )

    nodes = data["all"]["nodes"]
    assert data["all"]["totalCount"] == 3
    assert [(node["id"][-1], node["noun"], node["kind"], node["origin"]) for node in nodes] == [
        ("3", "TAG", "UNDO", "API"),
        ("2", "GENRE", "RENAME", "API"),
        ("1", "TAG", "RENAME", "API"),
    ]
    assert [node["undoableUntil"] is not None for node in nodes] == [False, True, False]
    assert [node["counts"]["renamed"] for node in nodes] == [1, 1, 1]
    assert (nodes[0]["undoes"], nodes[2]["undoneBy"]) == ({"id": nodes[2]["id"]}, {"id": nodes[0]["id"]})
    detail = {"id": "genre_1", "name": "y"}
    assert data["taxonomyOperations"]["nodes"] == [{"id": "taxonomy_operation_2", "detail": detail}]
    assert data["taxonomyOperation"] == {"kind": "RENAME"}
    assert data["node"] == {"id": "taxonomy_operation_3", "kind": "UNDO"}
