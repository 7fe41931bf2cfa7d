"""The compiled engine beside graphql-core on the product's schema, over the demo's movies: generated operations.

`make test` generates 500 operations, half of them here, half on the adversarial schemas; the nightly run sets the
number: `MARQUEE_DIFFERENTIAL=5000 pytest tests/test_differential_*.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from schema.root import schema
from tests.differential.checking import blocks, check
from tests.differential.operations import Bounds, Generator
from tests.differential.product import ask, disagreements, read_real
from tests.support.api import Api, open_api

# Small pages, so that nested ones stay small; nothing that the tests write is refused for its size.
SETTINGS: dict[str, Any] = {
    "page_default": 3,
    "max_nodes": 10**9,
    "max_aliases": 10**6,
    "max_fields": 10**6,
    "max_tokens": 10**6,
    "max_depth": 50,
}


@pytest.fixture
async def reference(demo: ConnectArgs) -> AsyncIterator[Api]:
    """The API as graphql-core executes it; loads that come apart are its own affair."""
    async with open_api(demo, engine="reference", n_plus_one_guard=False, **SETTINGS) as api:
        yield api


@pytest.fixture
async def compiled(demo: ConnectArgs) -> AsyncIterator[tuple[Api, Api]]:
    """The API as the compiled engine executes it, without and with a watch on loads that come apart."""
    async with AsyncExitStack() as stack:
        unwatched, watched = [
            await stack.enter_async_context(open_api(demo, engine="compiled", n_plus_one_guard=guard, **SETTINGS))
            for guard in (False, True)
        ]
        yield unwatched, watched


# What is searched is of many types, which are few fields among the others.
ROOTS = [((), 0.5), (("search", "suggest", "mediaItem"), 0.1)]


@pytest.mark.parametrize(
    ("roots", "seeds"),
    [(roots, seeds) for roots, share in ROOTS for seeds in blocks(share)],
    ids=lambda one: f"seeds {one.start} to {one.stop - 1}" if isinstance(one, range) else "+".join(one) or "all",
)
async def test_generated_operations_over_the_product_are_answered_alike(
    roots: tuple[str, ...], seeds: range, reference: Api, compiled: tuple[Api, Api]
) -> None:
    bounds = Bounds(depth=8, fields=30, width=4)
    generator = Generator(schema._schema, await read_real(reference), bounds, queries_only=True, roots=roots)
    for seed in seeds:

        async def differ(
            text: str, variables: Mapping[str, Any], name: str | None, api: Api = compiled[seed % 2]
        ) -> list[str]:
            return disagreements(await ask(reference, text, variables, name), await ask(api, text, variables, name))

        await check(generator.operation(seed), seed, differ)
