"""The client of outside services: one a process, opened and closed with it, over one session of aiohttp.

Each call waits for its limits, passes its host's circuit breaker, goes to allowed addresses alone, is bounded in time
and size, tried again where that helps, and leaves a span and counts."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from opentelemetry.trace import NoOpTracer, Tracer

from domain.errors import Code
from providers.body import Answer, read_chunks
from providers.circuit_breaker import CircuitBreaker
from providers.errors import ProviderError
from providers.exchange import Exchange, ExchangeTools
from providers.limiter import Limiter
from providers.provider import Call, Provider
from providers.retry import retried
from providers.session import Connections
from providers.statistics import ProviderStatistics, Statistics


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer whose body comes in pieces. chunks: read once, within the context of `stream`."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


class OutboundClient:
    """Calls outside services. Its session is opened by the first call.

    limiter: keeps the limits that processes share; tracer: of the process, none by itself; tls: makes what
    certificates are checked by, that of the machine by itself."""

    def __init__(
        self,
        limiter: Limiter,
        *,
        tracer: Tracer | None = None,
        breaker: CircuitBreaker | None = None,
        resolver: AbstractResolver | None = None,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self.statistics = Statistics()
        self._limiter = limiter
        self._connections = Connections(tls, resolver)
        self._tools = ExchangeTools(
            limiter, breaker or CircuitBreaker(), self.statistics, tracer or NoOpTracer(), self._connections
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Calls under way fail, and so do later ones."""
        await self._connections.close()
        await self._limiter.close()

    async def call(self, provider: Provider, call: Call, *, deadline: float | None = None) -> Answer:
        """The answer as a whole; ProviderError.

        deadline: by the event loop's clock, waiting and further attempts included. Without one, limits are waited for
        as long as it takes."""

        async def attempt(number: int) -> Answer:
            async with Exchange(self._tools, provider, call, number, deadline).answer() as response:
                body = b"".join([chunk async for chunk in self._chunks(provider, call, response)])
                return Answer(response.status, response.headers, body, provider.name)

        async with within(provider, deadline):
            return await retried(
                provider.attempts, provider.longest_pause, attempt, deadline=deadline, may_repeat=call.may_repeat
            )

    @asynccontextmanager
    async def stream(
        self, provider: Provider, call: Call, *, deadline: float | None = None, until: float | None = None
    ) -> AsyncIterator[Stream]:
        """The answer in pieces, for large ones; ProviderError, also while they are read.

        until: where it is given, the answer may take so long, and `deadline` is of its beginning.

        It is tried again until the body begins; from then on whoever reads it has what came, and may ask for the rest
        by the header Range."""

        async def attempt(number: int) -> tuple[AsyncExitStack, aiohttp.ClientResponse]:
            async with AsyncExitStack() as opened:
                exchange = Exchange(self._tools, provider, call, number, deadline)
                response = await opened.enter_async_context(exchange.answer())
                return opened.pop_all(), response

        async with within(provider, deadline) as timeout:
            stack, response = await retried(
                provider.attempts, provider.longest_pause, attempt, deadline=deadline, may_repeat=call.may_repeat
            )
            async with stack:
                if until is not None and not timeout.expired():
                    timeout.reschedule(until)
                yield Stream(response.status, response.headers, self._chunks(provider, call, response))

    async def _chunks(self, provider: Provider, call: Call, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        counted: ProviderStatistics = self.statistics.of(provider.name)
        most = provider.max_bytes if call.max_bytes is None else call.max_bytes
        async for chunk in read_chunks(provider.name, response, most):
            counted.received += len(chunk)
            yield chunk


@asynccontextmanager
async def within(provider: Provider, deadline: float | None) -> AsyncIterator[asyncio.Timeout]:
    """ProviderError where the deadline passes within."""
    timeout = asyncio.timeout_at(deadline)
    try:
        async with timeout:
            yield timeout
    except TimeoutError:
        if not timeout.expired():
            raise
        raise ProviderError(
            Code.PROVIDER_TIMEOUT, f"{provider.name} did not answer in time.", is_transient=True
        ) from None
