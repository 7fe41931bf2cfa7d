"""The small catalogue of ties and NULLs for tests that only read it: filled once for each process of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from database.connect_args import ConnectArgs
from tests.support.api import Api, open_api
from tests.support.catalogue import Catalogue, add_catalogue
from tests.support.databases import clone, drop


@pytest.fixture(scope="session")
def filled_catalogue(server_url: str, prefix: str, template: str) -> Iterator[tuple[ConnectArgs, Catalogue]]:
    """The database and what is in it."""

    async def fill(name: str) -> tuple[ConnectArgs, Catalogue]:
        args = await clone(server_url, template, name)
        connection: Any = await asyncpg.connect(**args.kwargs())
        catalogue = await add_catalogue(connection)
        await connection.close()
        return args, catalogue

    name = f"{prefix}_{uuid4().hex[:8]}"
    yield asyncio.run(fill(name))
    asyncio.run(drop(server_url, name))


@pytest.fixture
def catalogue(filled_catalogue: tuple[ConnectArgs, Catalogue]) -> Catalogue:
    return filled_catalogue[1]


@pytest.fixture
async def plain_api(filled_catalogue: tuple[ConnectArgs, Catalogue]) -> AsyncIterator[Api]:
    """The API over the catalogue's database."""
    async with open_api(filled_catalogue[0]) as opened:
        yield opened
