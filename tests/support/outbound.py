"""Clients and providers for tests: of a local server, without limits unless they are what is tested."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.errors import Code
from providers.client import OutboundClient
from providers.errors import ProviderError
from providers.limiter import Limiter
from providers.provider import Call, Provider, Timeouts
from tests.support.faulty_server import FaultyServer

# Long enough for any machine to connect and answer, where an answer comes.
PATIENT = Timeouts(10, 60)


@dataclass
class NoLimits:
    """blocked: seconds, as they were asked for."""

    blocked: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def place(self, provider: Provider, deadline: float | None) -> AsyncIterator[None]:
        yield

    async def turn(self, provider: Provider, deadline: float | None) -> float:
        return 0.0

    async def block(self, provider: Provider, seconds: float) -> None:
        self.blocked.append(seconds)

    async def close(self) -> None:
        pass


def no_authorities() -> ssl.SSLContext:
    """What trusts nobody: made at once, where the machine's own authorities take a while to be read."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client_of(limits: Limiter | None = None, **given: Any) -> OutboundClient:
    """A client for servers without TLS."""
    return OutboundClient(limits or NoLimits(), **{"tls": no_authorities, **given})


def provider_of(server: FaultyServer, **given: Any) -> Provider:
    return Provider(**{"name": "films", "base_url": server.url, "allow_private": True, "timeouts": PATIENT, **given})


async def error_of(client: OutboundClient, provider: Provider, call: Call, **given: Any) -> ProviderError:
    """The error of a call that must fail."""
    with pytest.raises(ProviderError) as found:
        await client.call(provider, call, **given)
    assert found.value.extensions["code"] == found.value.code.value
    return found.value


def code_of(error: ProviderError) -> Code:
    return error.code
