"""Fixtures of tests that call outside services, for the conftest.py of their folders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.faulty_server import FaultyServer, faulty_server
from tests.support.metadata_server import metadata_server, without_pauses
from tests.support.release_index import IndexServer, index_server


@pytest.fixture
def no_pauses() -> Iterator[None]:
    """Pauses between attempts are not slept: that they are made is seen by the calls that come."""
    with without_pauses():
        yield


@pytest.fixture
async def server() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as found:
        yield found


@pytest.fixture
async def films(no_pauses: None) -> AsyncIterator[FaultyServer]:
    """A metadata service, called without pauses."""
    async with metadata_server() as found:
        yield found


@pytest.fixture
async def index(no_pauses: None) -> AsyncIterator[IndexServer]:
    """A release index, called without pauses."""
    async with index_server() as found:
        yield found
