"""Memory: a request leaves nothing that only the collector of cyclic garbage could free, and the process does not
grow."""

from __future__ import annotations

import asyncio
import gc
import logging
import tracemalloc
from itertools import product
from pathlib import Path
from typing import Any

import psutil
import pytest
from graphql.execution.values import VariableValues

from app.service.graphql_service import GRAPHQL_SCHEMA
from database.connect_args import ConnectArgs
from engine.documents.document import read
from engine.executor import Engine
from engine.limits import Limits
from engine.plans.plan import Field
from engine.plans.plan_cache import MAX_KEPT_FIELDS
from loaders.core.batch_loader import Many
from loaders.core.load_stats import LoadStats
from schema.core.node import NODE_TYPES
from tests.engine.test_garbage import uncollected
from tests.support.api import Api, open_api
from tests.support.engine_schema import LIMITS, World, context_of, schema

REQUESTS = {
    "a page with relations": "{ media(first: 5) { nodes { id title year tags { name } genres { name } } } }",
    "edges, counts and pages in pages": """{ media(first: 3) { totalCount pageInfo { hasNextPage endCursor }
      edges { cursor node { id library { name } credits(first: 2) { edges { node { person { name } } } } } } } }""",
    "one media": '{ mediaItem(id: "media_1") { title tags { name } artwork { url } externalIds { value } } }',
    "an interface": """{ nodes(ids: ["media_1", "tag_1", "media_999999"])
      { id __typename ... on Media { title } ... on Tag { name } } }""",
    "representations": """{ _entities(representations: [{__typename: "Media", id: "media_1"},
      {__typename: "Tag", id: "tag_2"}]) { ... on Media { title } ... on Tag { name } } }""",
    "no statement": "{ __typename }",
    "an argument that is refused": "{ media(first: -1) { nodes { id } } }",
    "a look-up that is refused": '{ mediaItem(id: "nonsense") { id } tag(id: "tag_1") { name } }',
    "a look-up of several that is refused": '{ nodes(ids: ["media_1", "nonsense", "tag_1"]) { id } }',
}

TAGS = "{ media(first: 3) { nodes { tags { name } } } }"


@pytest.mark.parametrize("text", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("observed", [False, True], ids=["unseen", "observed"])
async def test_a_request_leaves_no_cyclic_garbage(demo: ConnectArgs, text: str, observed: bool) -> None:
    async with open_api(demo, n_plus_one_guard=False, engine="compiled") as api:
        for _ in range(3):
            await api.answer(text, stats=LoadStats())
        with uncollected() as found:
            for _ in range(100):
                answer = await api.answer(text, stats=LoadStats() if observed else None)
                assert (answer.executed, answer.fallback) == (True, None)
                del answer

    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "{ authors { name books { title } mentor { city { name } } } }",
        "{ authors { late { books { title } } } lateAuthors { id home { name } } }",
        "{ tags(ids: [1, 2, 3]) { name } author(id: 4) { mentor { id } } }",
    ],
)
async def test_resolvers_that_are_late_and_look_ups_leave_no_cyclic_garbage(text: str) -> None:
    engine = Engine(schema)
    document = read(schema, text, LIMITS)
    for _ in range(3):
        await engine.execute(document.choose(None), {}, context_of(World()))
    with uncollected() as found:
        for _ in range(100):
            await engine.execute(document.choose(None), {}, context_of(World()))

    assert found == {}


ERRORS = {
    "of a resolver": "{ author(id: 1) { broken } }",
    "of a resolver that is late": "{ author(id: 1) { brokenLate } }",
    "that leaves nothing": "{ must forever }",
    "of an element": "{ tags(ids: [1, -1]) { name } }",
    "of a row that is gone": "{ author(id: 1) { home { name } } }",
    "of a batch": "{ author(id: 1) { books { title } } }",
}


async def burn(*_: Any) -> None:
    raise ValueError("burnt")


@pytest.mark.parametrize("text", ERRORS.values(), ids=ERRORS)
async def test_an_error_leaves_no_cyclic_garbage(text: str) -> None:
    engine, document = Engine(schema), read(schema, text, LIMITS)

    async def fail() -> None:
        world = World()
        world.answers["city_by_id"] = {1: None}
        world.waits["books_by_author_id"] = burn
        result = await engine.execute(document.choose(None), {}, context_of(world))
        assert len(result.errors or ()) == 1

    await fail()
    with uncollected() as found:
        for _ in range(10):
            await fail()

    assert found == {}


async def test_an_internal_error_leaves_no_cyclic_garbage(demo: ConnectArgs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Many, "batch", burn)
    monkeypatch.setattr(logging.getLogger("marquee.graphql"), "disabled", True)  # a test's log keeps what it tells
    async with open_api(demo, n_plus_one_guard=False, engine="compiled") as api:
        assert await api.codes(TAGS) == ["INTERNAL"]
        with uncollected() as found:
            for _ in range(10):
                await api.answer(TAGS)

    assert found == {}


async def test_a_coded_error_of_a_loader_leaves_no_cyclic_garbage(demo: ConnectArgs) -> None:
    async with open_api(demo, n_plus_one_guard=False, engine="compiled", max_rows=4) as api:
        assert await api.codes(TAGS) == ["TOO_MANY_ROWS"]
        with uncollected() as found:
            for _ in range(10):
                await api.answer(TAGS)

    assert found == {}


# Python's and asyncpg's own: transports that are closed already, and a class that is made for each cancellation.
BY_NATURE = {"TransportSocket", "_SelectorSocketTransport", "socket", "method"} | {
    "cell",
    "dict",
    "function",
    "getset_descriptor",
    "tuple",
    "type",
}


async def cancel_many(api: Api) -> None:
    """Requests that are cancelled sooner or later, some only once they are answered."""
    for place in range(200):
        task = asyncio.ensure_future(api.answer("{ media(first: 100) { nodes { tags { id } genres { id } } } }"))
        await asyncio.sleep(place % 40 / 4_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def sockets() -> int:
    """The sockets that this process has open."""
    return sum(one.is_socket() for one in Path("/proc/self/fd").iterdir())


async def test_cancelled_requests_leave_nothing_of_theirs_and_no_connection(demo: ConnectArgs) -> None:
    before = sockets()
    async with open_api(demo, n_plus_one_guard=False, engine="compiled", pool_max=5) as api:
        await cancel_many(api)
        with uncollected() as found:
            await cancel_many(api)
            await asyncio.sleep(0.2)  # connections are cleaned, or ended, beside what comes next
            left = sockets() - before

    assert found.keys() <= BY_NATURE
    assert left <= 5


def hostile(fields: int) -> str:
    """A document whose plans are large, one for each of the sixteen sets of values of its conditions."""
    nodes = " ".join(f"n{number}: nodes(ids: []) {{ ...F }}" for number in range(fields))
    conditions = " ".join(
        f"{name}: __typename @skip(if: ${name}) x{name}: __typename @include(if: ${name})" for name in "abcd"
    )
    variables = ", ".join(f"${name}: Boolean!" for name in "abcd")
    return f"""query({variables}) {{ {conditions} {nodes} }} fragment F on Node {{ id __typename
      ... on Media {{ title year rating kind overview tags {{ name slug id }} genres {{ name }} }}
      ... on Tag {{ name slug }} }}"""


def fields_alive() -> int:
    gc.collect()
    return sum(type(one) is Field for one in gc.get_objects())


def test_the_plans_of_a_hostile_document_are_bounded_by_their_fields() -> None:
    document, engine = read(GRAPHQL_SCHEMA, hostile(40), Limits()), Engine(GRAPHQL_SCHEMA)
    operation = document.operations[None]
    before = fields_alive()
    sizes = []

    for values in product((True, False), repeat=4):
        assert operation.variables is not None
        given = operation.variables.coerce(dict(zip("abcd", values, strict=True)))
        assert isinstance(given, VariableValues)
        sizes.append(engine.plan(operation, given).size)

    size = 11 + 40 * (10 + 3 * len(NODE_TYPES))
    kept = MAX_KEPT_FIELDS // size
    assert sizes == [size] * 16
    assert (len(operation.plans), engine.plans.fields) == (kept, kept * size)
    assert fields_alive() - before < engine.plans.fields < MAX_KEPT_FIELDS


async def send(api: Api, number: int) -> None:
    """So many requests, of every kind in turn."""
    texts = list(REQUESTS.values())
    for place in range(number):
        await api.answer(texts[place % len(texts)])


def traced() -> int:
    """Bytes in use, without those that Python keeps in stock for small tuples: a collection gives them back."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def test_three_thousand_requests_take_no_memory(demo: ConnectArgs) -> None:
    async with open_api(demo, n_plus_one_guard=False, engine="compiled") as api:
        tracemalloc.start()
        await send(api, 500)
        before = traced()
        await send(api, 2_500)
        after = traced()
        tracemalloc.stop()

    assert after - before < 50_000  # one small object a request would be twice as much


@pytest.mark.benchmark
async def test_a_hundred_thousand_requests_do_not_grow_the_process(demo: ConnectArgs) -> None:
    """python -m pytest -m benchmark tests/engine/test_engine_memory.py -n0 -s"""
    process = psutil.Process()
    async with open_api(demo, n_plus_one_guard=False, engine="compiled") as api:
        gc.collect()
        gc.disable()
        taken = []
        for _ in range(10):
            await send(api, 10_000)
            taken.append(process.memory_info().rss / 1e6)
        gc.enable()

    print("\nMB of the process after each 10,000 requests:", *(f"{one:.1f}" for one in taken))  # noqa: T201
    assert taken[-1] - taken[1] < 4
