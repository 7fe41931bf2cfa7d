"""Events of subscriptions: each is executed by a plan, and gives what graphql-core gives."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, parse, subscribe

from engine.documents.document import read
from engine.executor import Engine, Outcome
from engine.limits import Limits
from tests.support.engine_schema import World, context_of


@strawberry.type
class Step:
    number: int

    @strawberry.field
    async def twice(self) -> int:
        return 2 * self.number

    @strawberry.field
    def odd(self) -> int:
        if self.number % 2 == 0:
            raise ValueError("even")
        return self.number


@strawberry.type
class Query:
    word: str = "word"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int = 2) -> AsyncGenerator[int, None]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription
    async def steps(self, to: int) -> AsyncGenerator[Step, None]:
        for number in range(1, to + 1):
            yield Step(number=number)

    @strawberry.subscription
    async def maybe(self) -> AsyncGenerator[Step | None, None]:
        yield None
        yield Step(number=1)

    @strawberry.subscription
    def never(self) -> AsyncGenerator[int, None]:
        raise ValueError("not now")


schema = strawberry.Schema(Query, subscription=Subscription)._schema


async def events(engine: Engine, text: str, variables: dict[str, Any]) -> Any:
    operation = read(schema, text, Limits()).choose(None)
    source = await engine.source_events(operation, variables, context_of(World()))
    if isinstance(source, Outcome):
        return source.formatted
    return [
        (await engine.execute(operation, variables, context_of(World()), event)).formatted async for event in source
    ]


async def expected(text: str, variables: dict[str, Any]) -> Any:
    results: Any = subscribe(schema, parse(text), context_value=context_of(World()), variable_values=variables)
    if hasattr(results, "__await__"):
        results = await results
    if isinstance(results, ExecutionResult):
        return results.formatted
    return [result.formatted async for result in results]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("subscription { count }", {}),
        ("subscription { n: count(to: 3) }", {}),
        ("subscription ($to: Int!) { steps(to: $to) { number twice __typename } }", {"to": 2}),
        ("subscription ($to: Int!) { ...S } fragment S on Subscription { steps(to: $to) { odd } }", {"to": 3}),
        ("subscription { steps(to: 0) { number } }", {}),
        ("subscription { maybe { number } }", {}),
        ("subscription ($to: Int!) { steps(to: $to) { number } }", {"to": "many"}),
        ("subscription ($to: Int!) { steps(to: $to) { number } }", {}),
        ("subscription ($s: Boolean!) { steps(to: 1) { number @skip(if: $s) twice } }", {"s": True}),
        ("subscription { never }", {}),
    ],
)
async def test_events_are_those_of_graphql_core(text: str, variables: dict[str, Any], compiled: bool) -> None:
    engine = Engine(schema, compiled=compiled)
    found = await events(engine, text, variables)
    assert found == await expected(text, variables)
    executed = engine.statistics.compiled if compiled else engine.statistics.reference
    assert executed == (len(found) if isinstance(found, list) else 0)
