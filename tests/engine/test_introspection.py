"""Introspection: priced by what it reads, executed once a document."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType, execute, get_introspection_query

import engine.executor
from app.service.graphql_service import GRAPHQL_SCHEMA
from app.service.introspection import IntrospectionCache
from database.connect_args import ConnectArgs
from engine.documents.document import read
from engine.documents.introspection import MAX_VALUES, introspection_cost
from engine.limits import Limits, Measure
from tests.support.api import Api, open_api

USUAL = get_introspection_query()
ALL = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)


def cost(text: str) -> int:
    document = read(GRAPHQL_SCHEMA, text, Limits())
    measure = Measure(document.node)
    return introspection_cost(GRAPHQL_SCHEMA, measure.operations[0], measure.fragments)


def fields(name: str) -> list[Any]:
    return list(GRAPHQL_SCHEMA.type_map[name].fields.values())  # type: ignore[attr-defined]


def aliases(number: int, field: str) -> str:
    return " ".join(f"a{place}: {field}" for place in range(number))


@pytest.mark.parametrize("text", [USUAL, ALL])
def test_what_tools_ask_for_is_well_within_the_limit(text: str) -> None:
    assert 10_000 < cost(text) < MAX_VALUES * 0.9


def test_every_value_costs_as_often_as_the_lists_above_it_are_long() -> None:
    media, arguments = fields("Media"), sum(len(field.args) for field in fields("Media"))
    inputs = GRAPHQL_SCHEMA.type_map["MediaFilter"].fields  # type: ignore[attr-defined]

    assert cost("{ __typename }") == 0
    assert cost('{ __type(name: "Media") { name } }') == 2
    assert cost('{ __type(name: "Nothing") { name fields { name } } }') == 5
    assert cost('{ __type(name: "Media") { fields { name description } } }') == 2 + len(media) * 3
    assert cost('{ __type(name: "Media") { fields { args { name } } } }') == 2 + len(media) * 2 + arguments * 2
    assert cost('{ __type(name: "MediaFilter") { inputFields { name } } }') == 2 + len(inputs) * 2
    assert cost("{ __schema { types { name } } }") == 2 + len(GRAPHQL_SCHEMA.type_map) * 2
    assert cost("{ ...F b: __schema { ...G } } fragment F on Query { __schema { ...G } } fragment G on __Schema "
                "{ ... { directives { name } } }") == 2 * (2 + len(GRAPHQL_SCHEMA.directives) * 2)  # fmt: skip


def test_a_type_that_a_variable_names_costs_what_the_largest_one_does() -> None:
    longest = max(
        len(type_.fields) for type_ in GRAPHQL_SCHEMA.type_map.values() if isinstance(type_, GraphQLObjectType)
    )

    assert cost("query($n: String!) { __type(name: $n) { fields { name } } }") == 2 + longest * 2


@pytest.mark.parametrize(
    "text",
    [
        "{ " + aliases(99, "__schema { types { name description fields { name description } } }") + " }",
        "{ __schema { types { fields { " + aliases(90, "description") + " } } } }",
        "{ " + aliases(99, '__type(name: "Query") { fields { name args { name defaultValue type { kind } } } }') + " }",
        "{ "
        + aliases(60, '__type(name: "Query") { ...F }')
        + " } fragment F on __Type { fields { name args { defaultValue type { inputFields { name } } } } }",
        "query($n: String!) { "
        + aliases(
            99, "__type(name: $n) { inputFields { name description isDeprecated defaultValue type { name kind } } }"
        )
        + " }",
        "query A { media { nodes { id } } } query B { "
        + aliases(99, '__type(name: "Query") { fields { args { name description } } }')
        + " }",
    ],
)
async def test_introspection_that_would_take_long_is_refused(demo_api: Api, text: str) -> None:
    service = demo_api.service
    document = service.documents.get(text)
    name = list(document.operations)[-1]
    with pytest.raises(Exception, match=r"The introspection reads about \d+ values") as raised:
        document.choose(name).check_price({"n": "Query"}, service.limits)
    assert raised.value.extensions == {"code": "TOO_COMPLEX"}  # type: ignore[attr-defined]


class Executions:
    """How often graphql-core executes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        monkeypatch.setattr(engine.executor, "execute", self._count)

    def _count(self, *args: Any, **kwargs: Any) -> Any:
        self.number += 1
        return execute(*args, **kwargs)


@pytest.mark.parametrize(
    "text", [USUAL, "{ __schema { types { name } } __typename }", '{ __type(name: "A") { name } }']
)
async def test_an_answer_about_the_schema_is_made_once_a_document(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    executions = Executions(monkeypatch)
    async with open_api(demo) as api:
        answers = [await api.run(text) for _ in range(3)]
        assert executions.number == 1
        assert answers[0] == answers[1] == answers[2]
        assert (await api.answer(text)).executed
        await api.run(text + " #")
    assert executions.number == 2


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query($n: String!) { __type(name: $n) { name } }", {"n": "Media"}),
        ("query($b: Boolean!) { __schema { types { name @skip(if: $b) } } }", {"b": True}),
        ('{ __schema { types { name } } media(first: 1) { nodes { id } } }', {}),
        ('{ __type(name: "Media") { name } mediaItem(id: "nonsense") { id } }', {}),
    ],
)  # fmt: skip
async def test_what_may_be_another_answer_next_time_is_not_kept(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch, text: str, variables: dict[str, Any]
) -> None:
    executions = Executions(monkeypatch)
    async with open_api(demo) as api:
        for _ in range(3):
            await api.answer(text, **variables)
    assert executions.number == 3


async def test_kept_answers_are_bounded_in_number(demo_api: Api) -> None:
    service = demo_api.service
    service.introspection = IntrospectionCache(most=2)
    texts = [f'{{ a{number}: __type(name: "Media") {{ name }} }}' for number in range(4)]
    for text in [*texts, texts[2]]:
        await demo_api.run(text)

    kept = [service.introspection.get((service.documents.get(text).hash, None)) is not None for text in texts]
    assert kept == [False, False, True, True]


async def test_kept_answers_are_bounded_in_bytes(demo_api: Api) -> None:
    service = demo_api.service
    service.introspection = IntrospectionCache(most_bytes=16_000)
    texts = [f"{{ a{number}: __schema {{ types {{ name }} }} }}" for number in range(5)]
    for text in texts:
        await demo_api.run(text)

    kept = [service.introspection.get((service.documents.get(text).hash, None)) is not None for text in texts]
    assert kept == [False, False, False, True, True]
    await demo_api.run(USUAL)
    assert len(service.introspection) == 0
