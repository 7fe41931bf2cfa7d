"""Documents in memory: what is dropped goes at once, what is refused leaves no more than a message."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psutil
import pytest
from graphql import FieldNode, GraphQLError, Location, OperationDefinitionNode, Token

from app.service.graphql_service import GRAPHQL_SCHEMA
from database.connect_args import ConnectArgs
from engine.documents.document import Document, DocumentCache, Invalid, read
from engine.documents.parsing import parse_text
from engine.executor import Engine
from engine.limits import Limits
from engine.plans.plan import Field
from tests.support.api import open_api

TEXT = """query A%d($f: MediaFilter, $b: Boolean!) { media(first: 3, filter: $f) { totalCount nodes { id ...F
  tags @skip(if: $b) { name } ... on Media { year credits(first: 2) { nodes { person { name } } } } } } }
fragment F on Media { rating genres { name } } # a comment"""
WATCHED = (FieldNode, OperationDefinitionNode, Location, Token, Document, Field)


@contextmanager
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def alive() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, WATCHED))


def planned(number: int) -> Document:
    """A document that was asked for, with a plan."""
    document = read(GRAPHQL_SCHEMA, TEXT % number, Limits())
    name = f"A{number}"
    document.choose(name).check_price({"b": True}, Limits())
    operation = document.operations[name]
    assert operation.variables is not None
    given = operation.variables.coerce({"b": True})
    Engine(GRAPHQL_SCHEMA).plan(operation, given)  # type: ignore[arg-type]
    return document


def test_a_document_that_is_dropped_is_freed_without_the_collector() -> None:
    planned(0)
    gc.collect()
    before = alive()
    documents = [planned(number) for number in range(5)]
    with without_collector():  # which has taken what the validation has left
        assert alive()["Document"] == before["Document"] + 5
        documents.clear()
        assert alive() == before
        assert gc.collect() == 0


@pytest.mark.parametrize("text", ["{ media { nodes { id } }", "{ a(b: [1 2 {c: $d}]) { x } } }", "{ " + "a " * 5_000])
def test_a_text_that_is_no_document_leaves_no_tokens(text: str) -> None:
    gc.collect()
    before = alive()
    with without_collector():
        for _ in range(3):
            with pytest.raises(GraphQLError):
                parse_text(text, 4_000)
        assert alive() == before


def test_nodes_know_their_places_and_keep_no_tokens() -> None:
    gc.collect()
    before = alive()["Token"]
    node = parse_text("{ a # one\n  b(c: 1) }", 100)
    with without_collector():
        assert alive()["Token"] == before
    selections = node.definitions[0].selection_set.selections  # type: ignore[attr-defined]
    assert [(one.loc.start, one.loc.end, one.loc.source.body) for one in selections] == [
        (2, 3, "{ a # one\n  b(c: 1) }"),
        (12, 19, "{ a # one\n  b(c: 1) }"),
    ]


def test_errors_still_tell_lines_and_columns() -> None:
    with pytest.raises(Invalid) as raised:
        read(GRAPHQL_SCHEMA, "{\n  media {\n    nodes { unknown }\n  }\n}", Limits())
    assert raised.value.errors[0]["locations"] == [{"line": 3, "column": 13}]
    with pytest.raises(Invalid) as raised:
        read(GRAPHQL_SCHEMA, "{\n  media {{ }", Limits())
    assert raised.value.errors[0]["locations"] == [{"line": 2, "column": 10}]


def test_thousands_of_distinct_documents_leave_as_many_nodes_as_are_kept() -> None:
    cache, numbers = DocumentCache(GRAPHQL_SCHEMA, Limits(), most=20), count()
    thresholds = gc.get_threshold()

    def ask(times: int) -> int:
        for _ in range(times):
            cache.get(TEXT % next(numbers))
        return alive()["FieldNode"]

    each = 17  # fields in the text
    try:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)  # as in app/collecting.py: the oldest generation is hardly ever collected
        ask(100)
        found = [ask(200) for _ in range(3)]
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        gc.collect()

    # Those that are kept, and those whose validation the youngest generations still wait to collect.
    assert max(found) < each * (20 + 60)


@pytest.mark.benchmark
async def test_thirty_thousand_distinct_requests_do_not_grow_the_process(demo: ConnectArgs) -> None:
    """python -m pytest -m benchmark tests/engine/test_document_memory.py -n0 -s"""
    process, taken, thresholds = psutil.Process(), [], gc.get_threshold()
    async with open_api(demo, n_plus_one_guard=False, engine="compiled") as api:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        for number in range(30_000):
            await api.answer(TEXT % number, b=number % 2 == 0, f={"title": f"{number}", "year": {"min": number}})
            await api.answer(f"{{ unknown{number} }}")
            await api.answer(TEXT % number, b="wrong", f={f"{number}": 1})
            await api.answer(
                f"{{ media(first: 1000) {{ nodes {{ a{number}: tags {{ media {{ nodes {{ id }} }} }} }} }} }}"
            )
            if number % 3_000 == 2_999:
                taken.append(process.memory_info().rss / 1e6)
        gc.set_threshold(*thresholds)
        gc.unfreeze()

    print("\nMB of the process after each 3,000 of 30,000:", *(f"{one:.1f}" for one in taken))  # noqa: T201
    assert taken[-1] - taken[2] < 10
