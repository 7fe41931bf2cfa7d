"""Pauses between attempts are not slept in tests: that they are made is seen by the calls that come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from providers.client import OutboundClient
from tests.support.faulty_server import FaultyServer, faulty_server
from tests.support.outbound import NoLimits, client_of


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
async def server() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as found:
        yield found


@pytest.fixture
def limits() -> NoLimits:
    return NoLimits()


@pytest.fixture
async def client(limits: NoLimits) -> AsyncIterator[OutboundClient]:
    async with client_of(limits) as found:
        yield found
