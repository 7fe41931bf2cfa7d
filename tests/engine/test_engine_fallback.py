"""Falling back: what the engine leaves to graphql-core, counted and told, with the answer that graphql-core gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import strawberry
from graphql import ExecutionResult, get_introspection_query
from strawberry.schema.config import StrawberryConfig

from app.http.application import create_service
from app.service.graphql_service import GRAPHQL_SCHEMA
from app.settings import Settings
from database.connect_args import ConnectArgs
from engine.documents.document import read
from engine.executor import REFERENCE, Engine
from tests.support.engine_schema import LIMITS, World, context_of
from tests.support.http_client import open_http


@strawberry.type
class Query:
    @strawberry.field
    async def word(self) -> str:
        return "late"


schema = strawberry.Schema(Query)._schema
incremental = strawberry.Schema(Query, config=StrawberryConfig(enable_experimental_incremental_execution=True))._schema

INTROSPECTION = "{ word __schema { queryType { name } } }"


async def execute(engine: Engine, text: str, name: str | None = None) -> ExecutionResult:
    document = read(engine.schema, text, LIMITS)
    return await engine.execute(document.choose(name), {}, context_of(World()))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (INTROSPECTION, "introspection"),
        ('{ __type(name: "Query") { name } word }', "introspection"),
        ("{ ...schema } fragment schema on Query { __schema { queryType { name } } }", "introspection"),
        (get_introspection_query(), "introspection"),
    ],
)
async def test_what_is_left_to_graphql_core_is_counted_by_its_reason(text: str, reason: str) -> None:
    engine, reference = Engine(schema), Engine(schema, compiled=False)

    result, expected = await execute(engine, text), await execute(reference, text)

    assert result.formatted == expected.formatted
    assert (engine.statistics.compiled, engine.statistics.reference) == (0, 1)
    assert engine.statistics.reasons == {reason: 1}
    assert reference.statistics.reasons == {REFERENCE: 1}


async def test_other_documents_are_compiled_the_name_of_a_type_among_them() -> None:
    engine = Engine(schema)

    result = await execute(engine, "{ __typename word }")

    assert result.data == {"__typename": "Query", "word": "late"}
    assert (engine.statistics.compiled, engine.statistics.reference, engine.statistics.reasons) == (1, 0, Counter())


async def test_one_operation_of_a_document_may_be_compiled_while_another_is_not() -> None:
    engine = Engine(schema)
    text = f"query A {{ word }} query B {INTROSPECTION}"

    first, second = await execute(engine, text, "A"), await execute(engine, text, "B")

    assert first.data == {"word": "late"}
    assert second.data == {"word": "late", "__schema": {"queryType": {"name": "Query"}}}
    assert (engine.statistics.compiled, engine.statistics.reasons) == (1, {"introspection": 1})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ ... @defer { word } }", "@defer"),
        ("{ ... @defer(if: false) { word } }", "@defer"),
        ("{ ...late @defer } fragment late on Query { word }", "@defer"),
    ],
)
def test_answers_in_parts_are_left_to_graphql_core(text: str, reason: str) -> None:
    document = read(incremental, text, LIMITS)

    assert Engine(incremental).fallback(document.choose(None)) == reason


async def test_an_operation_that_turns_out_to_be_too_deep_to_plan_is_left_to_graphql_core(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def make_plan(*_: Any) -> None:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr("engine.executor.make_plan", make_plan)
    engine = Engine(schema)
    document = read(schema, "{ word }", LIMITS)

    for _ in range(2):
        result = await engine.execute(document.choose(None), {}, context_of(World()))
        assert result.data == {"word": "late"}

    assert engine.fallback(document.choose(None)) == "nested too deeply"
    assert (engine.statistics.compiled, engine.statistics.reasons) == (0, {"nested too deeply": 2})


@pytest.fixture
async def http(demo: ConnectArgs) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(demo, engine="compiled") as client:
        yield client


async def told(http: httpx.AsyncClient, text: str) -> tuple[str, str | None]:
    """What the report says of who executed an operation, and why."""
    answer = await http.post("/graphql", json={"query": text}, headers={"Marquee-Report": "1"})
    found = answer.json()["extensions"]["marquee"]
    return found["engine"], found["fallback"]


async def test_a_report_says_who_executed_an_operation_and_why(http: httpx.AsyncClient) -> None:
    assert await told(http, "{ media(first: 1) { nodes { title } } }") == ("compiled", None)
    assert await told(http, "{ __schema { queryType { name } } }") == ("reference", "introspection")


async def test_a_setting_leaves_everything_to_graphql_core(demo: ConnectArgs) -> None:
    async with open_http(demo, engine="reference") as http:
        assert await told(http, "{ media(first: 1) { nodes { title } } }") == ("reference", REFERENCE)
        assert await told(http, "{ __schema { queryType { name } } }") == ("reference", REFERENCE)


def test_the_engine_is_chosen_by_a_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_ENGINE", "compiled")
    assert create_service(Settings()).engine.compiled is True

    monkeypatch.setenv("MARQUEE_ENGINE", "reference")
    monkeypatch.setenv("MARQUEE_BATCH_WAIT", "0.25")

    engine = create_service(Settings()).engine
    assert (engine.compiled, engine.configuration.batch_wait, engine.schema) == (False, 0.25, GRAPHQL_SCHEMA)


def test_only_the_fragments_that_an_operation_uses_can_leave_it_to_graphql_core() -> None:
    document = read(
        GRAPHQL_SCHEMA,
        """query A { ...Plain } query B($x: Boolean!) { ...Other } query C { ...Introspects }
        fragment Plain on Query { __typename } fragment Other on Query { a: __typename @include(if: $x) }
        fragment Introspects on Query { ...Deeper } fragment Deeper on Query { __schema { description } }""",
        LIMITS,
    )

    assert {name: one.fallback for name, one in document.operations.items()} == {
        "A": None,
        "B": None,
        "C": "introspection",
    }
    assert [one.conditions for one in document.operations.values()] == [(), ("x",), ()]
