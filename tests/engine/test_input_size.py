"""Inputs: measured before anything is made of them, counted for each use, converted once."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError

import engine.documents.input_size
from app.service.graphql_service import GRAPHQL_SCHEMA
from database.connect_args import ConnectArgs
from engine.documents.document import Document, read
from engine.documents.input_size import size
from engine.documents.priced_arguments import GivenVariables, leaves
from engine.limits import Limits
from engine.plans.inputs import InputObject
from schema.filter.media_filter import MediaFilter
from tests.support.api import open_api

FILTER = GRAPHQL_SCHEMA.type_map["MediaFilter"]
OWN = len(FILTER.fields) // engine.documents.input_size.FIELDS_A_VALUE  # type: ignore[attr-defined]
NODES = "{ nodes { id } }"


def uses(number: int, argument: str = "filter: $f") -> str:
    """So many fields with one argument."""
    return " ".join(f"a{place}: media(first: 1, {argument}) {NODES}" for place in range(number))


def document(text: str) -> Document:
    return read(GRAPHQL_SCHEMA, text, Limits())


def check(text: str, values: int, **variables: Any) -> None:
    """Raises TOO_COMPLEX where the inputs have more values."""
    document(text).choose(None).check_price(variables, Limits(values=values))


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (None, 1),
        ("text", 1),
        ({}, 1 + OWN),
        ({"or": []}, 2 + OWN),
        ({"or": [{}, {}]}, 4 + 3 * OWN),
        ({"or": {}}, 2 + 2 * OWN),
        ({"year": {"in": [1, 2, 3]}}, 6 + OWN + 1),
        ({"unknown": [[], [1]]}, 5 + OWN),
        ({"metadata": [{"path": ["a"], "eq": {"b": [1, {"c": None}]}}]}, 10 + OWN + 1),
    ],
)
def test_scalars_lists_and_objects_count_and_so_do_the_fields_of_an_input_type(value: Any, count: int) -> None:
    assert size(value, FILTER, 10**9) == count


def test_counting_stops_past_the_limit_and_takes_any_depth() -> None:
    deep: Any = {}
    for _ in range(20_000):
        deep = {"not": [deep]}
    assert size(deep, FILTER, 10**9) == 40_001 + 20_001 * OWN
    assert size([[{}] * 1_000] * 1_000, FILTER, 100) == 1_001


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (f"query($f: MediaFilter) {{ {uses(1)} }}", 1),
        (f"query($f: MediaFilter) {{ {uses(7)} }}", 7),
        (f"query($f: MediaFilter!) {{ ...F }} fragment F on Query {{ {uses(3)} }}", 3),
        (f"query($f: MediaFilter!) {{ {uses(2, 'filter: {not: $f}')} }}", 2),
        (f"query($f: MediaFilter) {{ genres {{ nodes {{ {uses(1)} }} }} {uses(1)} }}", 2),
    ],
)
def test_a_variable_counts_for_each_of_its_uses_beside_literals(text: str, values: int) -> None:
    filter: Any = {"or": [{}] * 50}
    literals = text.count("first: 1") + text.count("{not")
    most = values * size(filter, FILTER, 10**9) + literals

    check(text, most, f=filter)
    with pytest.raises(GraphQLError) as raised:
        check(text, most - 1, f=filter)
    assert raised.value.extensions == {"code": "TOO_COMPLEX"}
    assert "most of them in the variable $f:" in raised.value.message


def test_literals_count_with_fragments_written_out() -> None:
    text = f"{{ ...F ...F }} fragment F on Query {{ media(filter: {{or: [{{}}, {{}}]}}) {NODES} }}"

    check(text, 8)
    with pytest.raises(GraphQLError, match="most of them in literals"):
        check(text, 7)


def test_a_variable_of_another_operation_or_of_none_does_not_count() -> None:
    text = f"query A($f: MediaFilter) {{ {uses(1)} }} query B {{ __typename }}"

    document(text).choose("B").check_price({"f": [{}] * 1_000, "g": [1] * 1_000}, Limits(values=1))


def test_what_chooses_the_rows_of_a_page_is_priced_for_each_use_and_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = 0

    def count(value: Any, within: bool) -> int:
        nonlocal counted
        counted += 1
        return leaves(value, within)

    monkeypatch.setattr("engine.documents.priced_arguments.leaves", count)
    [argument] = (
        document(f"query($f: MediaFilter) {{ {uses(1)} }}")
        .node.definitions[0]
        .selection_set.selections[  # type: ignore[attr-defined]
            0
        ]
        .arguments[1:]
    )
    given = GivenVariables({}, {"f": {"or": [{}, {"year": {"min": 1, "max": None}}, []], "kind": ["MOVIE"] * 3}})

    assert [given.values_in(iter([argument.value])) for _ in range(5)] == [7] * 5
    assert counted == 1


async def test_inputs_that_are_too_large_are_refused_before_they_are_read(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_: Any) -> None:
        raise AssertionError("read before it was priced")

    monkeypatch.setattr("engine.documents.variables.get_variable_values", unread)
    for engine_name in ("compiled", "reference"):
        async with open_api(demo, engine=engine_name) as api:
            large: list[Any] = [{"or": [{}] * 10_000}, {"year": {"in": [1] * 120_000}}, {"kind": ["NO"] * 30_000}]
            for filter in large:
                answer = await api.answer(f"query($f: MediaFilter) {{ {uses(99)} }}", f=filter)
                assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["TOO_COMPLEX"]
                assert not answer.executed
                assert api.statements == []


async def test_a_variable_is_converted_once_whatever_the_number_of_its_uses(
    demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted = 0
    convert = InputObject.__call__

    def count(self: InputObject, value: Any) -> Any:
        nonlocal converted
        converted += self._type is MediaFilter and value is not None
        return convert(self, value)

    monkeypatch.setattr(InputObject, "__call__", count)
    text = f"query($f: MediaFilter, $g: MediaFilter) {{ {uses(9)} b: media(first: 1, filter: $g) {NODES} }}"
    async with open_api(demo, engine="compiled") as api:
        for _ in range(2):
            data = await api.run(text, f={"year": {"eq": 1999}}, g={"title": "matrix"})
            assert len({str(data[f"a{place}"]) for place in range(9)}) == 1
            assert data["b"] != data["a0"]

    assert converted == 2 * 2
