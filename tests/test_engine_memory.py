"""Memory: a request leaves nothing that only the collector of cyclic garbage could free, and the process does not
grow."""

from __future__ import annotations

import gc
import tracemalloc

import psutil
import pytest

from app.settings import ConnectArgs
from engine.document import read
from engine.executor import Engine
from loaders.ledger import Ledger
from tests.api import Api, open_api
from tests.engine_schema import LIMITS, World, context_of, schema
from tests.test_garbage import uncollected

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


@pytest.mark.parametrize("text", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("observed", [False, True], ids=["unseen", "observed"])
async def test_a_request_leaves_no_cyclic_garbage(demo: ConnectArgs, text: str, observed: bool) -> None:
    async with open_api(demo, n_plus_one_guard=False, engine="compiled") as api:
        for _ in range(3):
            await api.answer(text, ledger=Ledger())
        with uncollected() as found:
            for _ in range(100):
                answer = await api.answer(text, ledger=Ledger() if observed else None)
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
        await engine.execute(document, None, {}, context_of(World()))
    with uncollected() as found:
        for _ in range(100):
            await engine.execute(document, None, {}, context_of(World()))

    assert found == {}


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

    assert after - before < 20_000


@pytest.mark.benchmark
async def test_a_hundred_thousand_requests_do_not_grow_the_process(demo: ConnectArgs) -> None:
    """python -m pytest -m benchmark tests/test_engine_memory.py -n0 -s"""
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
