"""Pauses between attempts are not slept in tests: that they are made is seen by the calls that come."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from providers.client import OutboundClient
from tests.support.outbound import NoLimits, client_of
from tests.support.outside_fixtures import no_pauses, server

__all__ = ["no_pauses", "server"]


@pytest.fixture(autouse=True)
def without_pauses(no_pauses: None) -> None:
    """For all of them."""


@pytest.fixture
def limits() -> NoLimits:
    return NoLimits()


@pytest.fixture
async def client(limits: NoLimits) -> AsyncIterator[OutboundClient]:
    async with client_of(limits) as found:
        yield found
