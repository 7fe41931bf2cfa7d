"""Documents: introspection within the limits, and how many documents are kept."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query

from app.service.graphql_service import GRAPHQL_SCHEMA
from database.connect_args import ConnectArgs
from engine.documents.document import DocumentCache, Invalid, read
from engine.limits import Limits
from tests.support.api import open_api

DEFAULTS = Limits()


def introspections() -> list[str]:
    names = [
        "descriptions",
        "specified_by_url",
        "directive_is_repeatable",
        "schema_description",
        "input_value_deprecation",
        "one_of",
    ]
    everything = dict.fromkeys(names, True)
    alone = [{**dict.fromkeys(names, False), name: True} for name in names]
    return [get_introspection_query(**options) for options in [everything, dict.fromkeys(names, False), *alone]]


async def test_introspection_with_every_option_is_answered_at_the_default_limits(demo: ConnectArgs) -> None:
    async with open_api(demo) as api:
        for text in introspections():
            schema = (await api.run(text))["__schema"]
            assert {"Query", "Media", "Tag"} <= {type_["name"] for type_ in schema["types"]}
            assert api.statements == []


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        '{ __type(name: "Media") { fields { type { interfaces { possibleTypes { name } } } } } }',
        "{ ...a } fragment a on Query { __schema { types { ...b } } } fragment b on __Type "
        "{ possibleTypes { possibleTypes { possibleTypes { name } } } }",
    ],
)
def test_introspection_that_goes_in_circles_is_invalid(text: str) -> None:
    with pytest.raises(Invalid) as raised:
        read(GRAPHQL_SCHEMA, text, DEFAULTS)
    assert [error["extensions"] for error in raised.value.errors] == [{"code": "GRAPHQL_VALIDATION_FAILED"}]


async def test_introspection_repeated_by_aliases_is_priced(demo: ConnectArgs) -> None:
    once = "__schema { types { name fields { name args { name type { name } } } } }"
    async with open_api(demo) as api:
        assert await api.codes(f"{{ {once} }}") == []
        assert await api.codes("{ " + " ".join(f"a{n}: {once}" for n in range(99)) + " }") == ["TOO_COMPLEX"]


def test_the_documents_kept_are_bounded_by_number_and_by_bytes() -> None:
    by_number = DocumentCache(GRAPHQL_SCHEMA, DEFAULTS, most=10)
    by_bytes = DocumentCache(GRAPHQL_SCHEMA, DEFAULTS, most_bytes=1_000)
    texts = [f"{{ a{n:03}: __typename }}" for n in range(100)]
    assert len(texts[0]) == 20
    for text in texts:
        by_number.get(text)
        by_bytes.get(text)
    assert (len(by_number), len(by_bytes)) == (10, 50)
    assert by_number.get(texts[-1]) is by_number.get(texts[-1])
    by_bytes.get("{ __typename }" + " " * 2_000)
    assert len(by_bytes) == 0
    by_bytes.get(texts[0])
    assert len(by_bytes) == 1


def test_a_flood_of_distinct_documents_keeps_the_default_bounds() -> None:
    cache = DocumentCache(GRAPHQL_SCHEMA, DEFAULTS)
    for n in range(1_200):
        cache.get(f"{{ a{n}: __typename }}")
    assert len(cache) == 1_000
    for n in range(10):
        cache.get("{ __typename }" + " " * (100_000 + n))
    assert len(cache) == 3


def test_refused_documents_are_not_kept() -> None:
    cache = DocumentCache(GRAPHQL_SCHEMA, DEFAULTS)
    for text in ("{", "{ unknown }", "{ media " * 30 + "}" * 30):
        with pytest.raises(Invalid):
            cache.get(text)
    assert len(cache) == 0
