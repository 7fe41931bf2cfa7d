"""A hundred operations that people write are answered, a hundred that harm are refused before anything is read.

Both are files to be read: tests/data/natural, docs/cookbook.md, ui/examples; tests/data/hostile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import get_introspection_query

from database.connect_args import ConnectArgs
from tests.engine.test_limits import DEFAULTS, document
from tests.support.api import Api, open_api
from tests.support.cookbook import read_cookbook
from tests.support.factories import add_library, add_media
from tests.support.graphiql_examples import Example, read_examples
from tests.support.query_files import Query, read_queries, written_out

NATURAL = read_queries("natural")
HOSTILE = read_queries("hostile")
EDITS = [query for query in NATURAL if query.text.lstrip().startswith("mutation")]
READS = [query for query in NATURAL if query not in EDITS]
COOKBOOK = read_cookbook()
QUERIES = [recipe for recipe in COOKBOOK.values() if not recipe.is_edit and not recipe.is_subscription]
# Edits are run over a catalogue of their own (tests/docs/test_graphiql_examples.py); one shows a refusal.
EXAMPLES = [example for example in read_examples() if example.statements and not example.is_edit]
OPTIONS = ("specified_by_url", "directive_is_repeatable", "schema_description", "input_value_deprecation")
# GraphiQL's, Apollo Rover's and GraphQL Code Generator's.
INTROSPECTIONS = {
    "all": get_introspection_query(**dict.fromkeys(OPTIONS, True)),
    "usual": get_introspection_query(),
    "least": get_introspection_query(descriptions=False),
}


@pytest_asyncio.fixture(params=["compiled", "reference"], scope="module", loop_scope="module")
async def both(request: pytest.FixtureRequest, demo: ConnectArgs) -> AsyncIterator[Api]:
    """The API over the demo's movies, on each engine."""
    async with open_api(demo, engine=request.param) as api:
        yield api


IN_MODULE = pytest.mark.asyncio(loop_scope="module")


def words(query: Query) -> str:
    return query.words[:60]


@IN_MODULE
@pytest.mark.parametrize("query", READS, ids=words)
async def test_what_people_ask_is_answered_by_as_many_statements_as_is_said(query: Query, both: Api) -> None:
    await both.service.setting_cache.invalidate()
    data = await both.run(query.text, **query.variables)

    assert data
    if both.service.engine.compiled:
        assert len(both.statements) == query.statements, both.statements
    else:
        assert len(both.statements) >= query.statements


async def test_what_people_edit_is_done_by_as_many_statements_as_is_said(writer: ConnectArgs, connection: Any) -> None:
    library = await add_library(connection)
    for number in range(5):
        await add_media(connection, library, f"Movie {number}")
    async with open_api(writer) as api:
        for query in EDITS:
            for payload in (await api.run(query.text, **query.variables)).values():
                assert payload.get("failed", 0) == 0, (query.words, payload)
                assert payload.get("errors", []) == [], (query.words, payload)
            cost = len(api.statements) - api.statements.count("transaction")
            # graphql-core's executor brings no lists along in the statement of their media.
            assert cost == query.statements or (cost > query.statements and not api.service.engine.compiled), (
                query.words
            )


@IN_MODULE
@pytest.mark.parametrize("name", INTROSPECTIONS)
async def test_the_introspection_of_every_client_is_answered(name: str, both: Api) -> None:
    assert (await both.run(INTROSPECTIONS[name]))["__schema"]["types"]
    assert both.statements == []


@IN_MODULE
@pytest.mark.parametrize("name", [recipe.name for recipe in QUERIES])
async def test_the_cookbook_is_answered_over_another_catalogue_as_well(name: str, both: Api) -> None:
    recipe = COOKBOOK[name]

    await both.run(recipe.text, **recipe.variables)

    assert len(both.statements) <= recipe.statements or not both.service.engine.compiled


@IN_MODULE
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_the_examples_of_graphiql_are_answered(example: Example, both: Api) -> None:
    await both.run(example.text, id="media_1", ids=["media_1", "genre_1", "person_1"])


def test_the_cookbooks_edits_cost_no_more_than_is_allowed() -> None:
    for recipe in COOKBOOK.values():
        if recipe.is_edit:
            [operation] = document(recipe.text).operations.values()
            assert operation.price.cost(recipe.variables, DEFAULTS) <= DEFAULTS.nodes, recipe.name


@IN_MODULE
@pytest.mark.parametrize("query", HOSTILE, ids=words)
async def test_what_harms_is_refused_with_its_code_before_anything_is_read(query: Query, both: Api) -> None:
    answer = await both.answer(query.text, **query.variables)

    assert not answer.executed
    assert list(answer.body) == ["errors"]
    assert both.statements == []
    found = [error["extensions"] for error in answer.body["errors"]]
    assert {one["code"] for one in found} == {query.expected}
    if "cost" in found[0]:
        assert found[0]["cost"] > found[0]["limit"] == 50_000
        assert found[0]["field"]
        assert str(found[0]["cost"]) in answer.body["errors"][0]["message"]
        assert found[0]["field"] in answer.body["errors"][0]["message"]


def test_there_are_a_hundred_of_each() -> None:
    assert len(NATURAL) + len(COOKBOOK) + len(EXAMPLES) + len(INTROSPECTIONS) >= 130
    assert len(HOSTILE) >= 100
    for queries in (NATURAL, HOSTILE):
        assert len({(query.text, str(query.variables)) for query in queries}) == len(queries)


def test_what_is_repeated_in_a_file_is_written_out() -> None:
    assert written_out("{ <3 x a#: id > }") == "{ a0: id a1: id a2: id  }"
    assert written_out("<2 x <2 x x#>y#>") == "x0x1y0x0x1y1"
