"""Unions: what was found is of several types, each looked up by a loader of its own, alike on both executors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
import strawberry

from engine.relation import Declaration, Known, Load, declared, lookup, relation
from tests.support.engine_schema import AUTHOR_BY_ID, TAG_BY_ID, AuthorRow, Key, NamedRow, Ref, World, author, run, told

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a result is found."""

    loader: Ref
    id: int


HITS = [Hit(AUTHOR_BY_ID, 1), Hit(TAG_BY_ID, 7), Hit(AUTHOR_BY_ID, 2), Hit(TAG_BY_ID, 8), Hit(AUTHOR_BY_ID, 1)]
FOUND = Ref("found", lambda key: HITS)
BY_LOADER = (AUTHOR_BY_ID, TAG_BY_ID)


def known_by(*classes: type) -> Any:
    """Makes rows of these classes known as objects of a type."""
    return classmethod(lambda cls, value, info: isinstance(value, classes))


@strawberry.type
class Writer:
    id: int
    name: str
    mentor: Annotated[Writer, strawberry.lazy("tests.engine.test_engine_unions")] | None = relation(
        AUTHOR_BY_ID, key=Key("mentor_id"), description="Who taught them."
    )
    is_type_of = known_by(AuthorRow)


@strawberry.type
class Mark:
    id: int
    name: str
    is_type_of = known_by(NamedRow)


Result = Annotated[Writer | Mark, strawberry.union("Result")]


def load_result(hit: Hit, context: Any, arguments: Mapping[str, Any]) -> Load:
    return Load(hit.loader, hit.id)


def load_or_know(hit: Hit, context: Any, arguments: Mapping[str, Any]) -> Load | Known:
    """Tags are known already."""
    return Load(hit.loader, hit.id) if hit.loader is AUTHOR_BY_ID else Known(NamedRow(hit.id, f"known {hit.id}"))


@strawberry.type
class Edge:
    id: int
    known: Result = declared(Declaration("lookup", target=load_or_know, refs=BY_LOADER), {}, "Looked up, or known.")
    node: Result = declared(
        Declaration("lookup", target=load_result, refs=BY_LOADER, required=True), {}, "What was found."
    )
    other: Result | None = declared(Declaration("lookup", target=load_result, refs=BY_LOADER), {}, "The same, or null.")


def load_results(parent: Any, context: Any, arguments: Mapping[str, Any]) -> list[Load | Exception]:
    return [Load(hit.loader, hit.id) for hit in HITS]


@strawberry.type
class Query:
    author: Writer | None = lookup(lambda context: Load(AUTHOR_BY_ID, 1), parameters={}, description="An author.")
    found: list[Edge] | None = declared(Declaration("many", FOUND, bound=5), {}, "Some results.")
    results: list[Result] | None = declared(
        Declaration("lookup", target=load_results, refs=BY_LOADER, bound=5), {}, "The results of these."
    )


SCHEMA = strawberry.Schema(Query)._schema
ON_BOTH = "__typename ... on Writer { name } ... on Mark { label: name }"


@ENGINES
async def test_each_type_of_a_union_is_read_by_one_batch(compiled: bool) -> None:
    world = World()

    result = await run(f"{{ found {{ id node {{ {ON_BOTH} }} }} }}", world, compiled=compiled, schema=SCHEMA)

    assert result.errors is None
    assert result.data is not None
    assert [edge["node"] for edge in result.data["found"]] == [
        {"__typename": "Writer", "name": "author 1"},
        {"__typename": "Mark", "label": "tag 7"},
        {"__typename": "Writer", "name": "author 2"},
        {"__typename": "Mark", "label": "tag 8"},
        {"__typename": "Writer", "name": "author 1"},
    ]
    assert world.batches == [("found", [0]), ("author_by_id", [1, 2]), ("tag_by_id", [7, 8])]


@ENGINES
async def test_what_is_found_twice_in_an_answer_is_read_once(compiled: bool) -> None:
    world = World()
    both = f"{{ found {{ node {{ {ON_BOTH} }} other {{ {ON_BOTH} }} }} results {{ {ON_BOTH} }} }}"

    result = await run(both, world, compiled=compiled, schema=SCHEMA)

    assert result.data is not None
    assert [edge["node"] for edge in result.data["found"]] == result.data["results"]
    assert [edge["other"] for edge in result.data["found"]] == result.data["results"]
    assert sorted(world.sent) == ["author_by_id", "found", "tag_by_id"]


async def test_a_look_up_beside_it_waits_for_what_is_found() -> None:
    world = World()

    await run("{ author { name } found { node { ... on Writer { name } } } }", world, schema=SCHEMA)

    assert world.batches == [("found", [0]), ("author_by_id", [1, 2]), ("tag_by_id", [7, 8])]


@ENGINES
async def test_relations_of_one_of_its_types_are_one_batch_more(compiled: bool) -> None:
    world = World()

    result = await run(
        "{ found { node { ... on Writer { mentor { name } } } } }", world, compiled=compiled, schema=SCHEMA
    )

    assert result.data is not None
    assert [edge["node"] for edge in result.data["found"]] == [
        {"mentor": {"name": "author 101"}},
        {},
        {"mentor": None},
        {},
        {"mentor": {"name": "author 101"}},
    ]
    assert sorted(world.sent) == ["author_by_id", "author_by_id", "found", "tag_by_id"]


@ENGINES
async def test_what_is_gone_nulls_what_must_have_it_and_nothing_else(compiled: bool) -> None:
    world = World()
    world.answers["tag_by_id"] = {7: None}

    result = await run(f"{{ found {{ other {{ {ON_BOTH} }} }} }}", world, compiled=compiled, schema=SCHEMA)
    required = await run(f"{{ found {{ node {{ {ON_BOTH} }} }} }}", world, compiled=compiled, schema=SCHEMA)

    assert result.data is not None
    assert [edge["other"] is None for edge in result.data["found"]] == [False, True, False, False, False]
    assert required.data == {"found": None}
    assert told(required) == [
        ("This was deleted while the request was being answered: ask again.", ["found", 1, "node"])
    ]
    assert [error.extensions for error in required.errors or ()] == [{"code": "GONE"}]


@ENGINES
async def test_a_row_of_no_type_of_the_union_is_an_error(compiled: bool) -> None:
    world = World()
    world.answers["tag_by_id"] = {7: "text"}

    result = await run(f"{{ found {{ other {{ {ON_BOTH} }} }} }}", world, compiled=compiled, schema=SCHEMA)

    assert result.data is not None
    assert result.data["found"][1] == {"other": None}
    assert result.data["found"][0] == {"other": {"__typename": "Writer", "name": author(1).name}}
    assert [error.path for error in result.errors or ()] == [["found", 1, "other"]]


@ENGINES
async def test_what_is_known_is_not_looked_up(compiled: bool) -> None:
    world = World()

    result = await run(f"{{ found {{ known {{ {ON_BOTH} }} }} }}", world, compiled=compiled, schema=SCHEMA)

    assert result.errors is None
    assert result.data is not None
    assert [edge["known"] for edge in result.data["found"]] == [
        {"__typename": "Writer", "name": "author 1"},
        {"__typename": "Mark", "label": "known 7"},
        {"__typename": "Writer", "name": "author 2"},
        {"__typename": "Mark", "label": "known 8"},
        {"__typename": "Writer", "name": "author 1"},
    ]
    assert world.batches == [("found", [0]), ("author_by_id", [1, 2])]
