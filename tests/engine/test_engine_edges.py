"""Edges: what resolvers and schemas may do beside the usual, and what must not come of it."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Awaitable
from typing import Any, cast

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from database.connect_args import ConnectArgs
from engine.documents.document import read
from engine.executor import Engine
from tests.support.api import open_api
from tests.support.engine_schema import LIMITS, World, context_of, run, told

ENGINES = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "reference"])


async def word() -> str:
    return "word"


def words(*items: str | Exception | Awaitable[str] | list[Awaitable[str]]) -> Any:
    """What a resolver gives that is typed as a list of words."""
    return list(items)


@strawberry.type
class Query:
    @strawberry.field
    async def word(self) -> str:
        return await word()

    @strawberry.field
    def words(self) -> list[str] | None:
        return cast("list[str]", words(word(), ValueError("torn"), word(), word()))

    @strawberry.field
    def nested(self) -> list[list[str]] | None:
        return cast("list[list[str]]", words([word()], ValueError("torn"), [word(), word()]))

    @strawberry.field
    def some(self) -> list[str | None]:
        return cast("list[str | None]", words(word(), ValueError("torn"), word()))


schema = strawberry.Schema(Query)._schema
incremental = strawberry.Schema(Query, config=StrawberryConfig(enable_experimental_incremental_execution=True))._schema

# graphql-core's words: `execute` gives one answer to a request, whatever the document.
REFUSED = (
    "The provided schema unexpectedly contains experimental directives (@defer or @stream)."
    " These directives may only be utilized if experimental execution features are explicitly enabled."
)


# graphql-core itself leaves those in lists within lists to the collector, which warns of them.
@pytest.mark.parametrize(("name", "compiled"), [("words", True), ("words", False), ("nested", True)])
async def test_awaitables_behind_an_error_that_nulls_their_list_are_seen_to(name: str, compiled: bool) -> None:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        result = await run(f"{{ {name} }}", World(), compiled=compiled, schema=schema)
        answer = result.data, told(result)
        del result
        gc.collect()

    assert answer == ({name: None}, [("torn", [name, 1])])
    assert [str(one.message) for one in found] == []


@ENGINES
async def test_awaitables_behind_an_error_that_stays_in_its_place_are_awaited(compiled: bool) -> None:
    result = await run("{ some }", World(), compiled=compiled, schema=schema)

    assert result.data == {"some": ["word", None, "word"]}
    assert told(result) == [("torn", ["some", 1])]


async def test_what_is_left_to_graphql_core_is_an_error_on_a_schema_with_answers_in_parts() -> None:
    engine, document = Engine(incremental), read(incremental, "{ __schema { queryType { name } } }", LIMITS)

    result = await engine.execute(document.choose(None), {}, context_of(World()))

    assert engine.statistics.reasons == {"introspection": 1}
    assert (result.data, told(result)) == (None, [(REFUSED, None)])


@pytest.mark.parametrize("text", ["{ ... @defer { word } }", "{ ... @defer(if: false) { word } }"])
async def test_an_answer_in_parts_is_an_error_of_the_request(text: str) -> None:
    engine, document = Engine(incremental), read(incremental, text, LIMITS)

    result = await engine.execute(document.choose(None), {}, context_of(World()))

    assert engine.statistics.reasons == {"@defer": 1}
    assert (result.data, told(result)) == (None, [(REFUSED, None)])


async def test_the_first_answer_says_already_that_it_was_left_to_graphql_core(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_plan(*_: Any) -> None:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr("engine.executor.make_plan", make_plan)
    async with open_api(demo, engine="compiled") as api:
        answers = [await api.answer("{ media(first: 1) { nodes { id } } }") for _ in range(2)]

    assert [answer.body for answer in answers] == [{"data": {"media": {"nodes": [{"id": "media_1"}]}}}] * 2
    assert [answer.fallback for answer in answers] == ["nested too deeply"] * 2
