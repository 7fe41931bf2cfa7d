"""One attempt of a call: its turn, its requests (several where it is redirected), and its answer, in a span."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from time import perf_counter

import aiohttp
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from yarl import URL

from domain.errors import Code
from providers.address import RULE, AddressRule, check_url
from providers.body import check_encoding
from providers.circuit_breaker import Attempt, CircuitBreaker, Outcome
from providers.errors import ProviderError
from providers.http_errors import error_of_fault, error_of_status
from providers.limiter import Limiter
from providers.provider import Call, Provider
from providers.request import content_of, first_url, is_own_host, refused_address
from providers.session import Connections
from providers.statistics import Statistics

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FAILURES = frozenset({Code.PROVIDER_UNAVAILABLE, Code.PROVIDER_TIMEOUT})


@dataclass(frozen=True, slots=True)
class ExchangeTools:
    """What all exchanges of a client share."""

    limiter: Limiter
    breaker: CircuitBreaker
    statistics: Statistics
    tracer: Tracer
    connections: Connections


@dataclass(slots=True)
class Exchange:
    """An attempt. number: from 1; deadline: by the event loop's clock; spent: seconds of its requests so far, all of
    which share the total time of an attempt."""

    tools: ExchangeTools
    provider: Provider
    call: Call
    number: int
    deadline: float | None
    spent: float = 0.0

    @asynccontextmanager
    async def answer(self) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer whose body is to be read within. ProviderError, also where that fails."""
        try:
            url = first_url(self.provider, self.call)
            for _ in range(MAX_REDIRECTS + 1):
                async with AsyncExitStack() as stack:
                    # By the limits of the host that is asked, where each has its own.
                    await stack.enter_async_context(self.tools.limiter.place(self.provider.at(url), self.deadline))
                    response = await stack.enter_async_context(self._request(url))
                    if (following := self._redirected(url, response)) is None:
                        yield response
                        return
                url = check_url(following)
            raise self._bad("redirects without end")
        except ProviderError as error:
            self.tools.statistics.of(self.provider.name).refusals += not error.was_sent
            raise

    @asynccontextmanager
    async def _request(self, url: URL) -> AsyncIterator[aiohttp.ClientResponse]:
        """One request in its turn, counted and in a span; ProviderError for what is no answer."""
        host = host_of(url)
        statistics = self.tools.statistics.of(self.provider.name)
        self.tools.breaker.check(host)  # nobody waits for a turn in vain
        await self.tools.connections.open()
        statistics.waited += await self.tools.limiter.turn(self.provider.at(url), self.deadline)
        passing = self.tools.breaker.attempt(host)
        with passing as attempt, self._span(url) as span, self._outcome(attempt, span):
            async with self._sent(url) as response:
                span.set_attribute("http.response.status_code", response.status)
                await self._check(url, response)
                attempt.has_answered()
                yield response

    @asynccontextmanager
    async def _sent(self, url: URL) -> AsyncIterator[aiohttp.ClientResponse]:
        """A request and its answer, whatever that is."""
        provider, call = self.provider, self.call
        rule = AddressRule(provider.allow_private and is_own_host(provider, url))
        timeouts = replace(provider.timeouts, total=provider.timeouts.total - self.spent)
        token = RULE.set(rule)
        try:
            content = content_of(provider, call, url, timeouts)
            sent = await self.tools.connections.request(call.method, url, rule, **content)
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            if rule.refused:
                raise refused_address(self.provider.name) from None
            raise error_of_fault(self.provider.name, rule.fault or fault) from None
        finally:
            RULE.reset(token)
        async with sent:
            yield sent

    def _redirected(self, url: URL, response: aiohttp.ClientResponse) -> URL | None:
        """Where the answer leads to; None for one that does not."""
        location = response.headers.get("Location")
        if response.status not in REDIRECTS or response.status in self.call.accepts or location is None:
            return None
        if self.call.method not in ("GET", "HEAD"):
            raise self._bad("redirects what was sent")
        try:
            following = url.join(URL(location))
        except ValueError:
            raise self._bad("redirects to what is no address") from None
        if url.scheme == "https" and following.scheme == "http":
            raise self._bad("redirects from https to http")
        return following.with_fragment(None)

    async def _check(self, url: URL, response: aiohttp.ClientResponse) -> None:
        error = error_of_status(self.provider.name, response, self.call.accepts)
        if error is None or (response.status in REDIRECTS and "Location" in response.headers):
            check_encoding(self.provider.name, response)
            return
        if error.status == 429:
            self.tools.statistics.of(self.provider.name).limited += 1
        if error.retry_after and error.is_repeated:
            await self.tools.limiter.block(self.provider.at(url), error.retry_after)
        raise error

    @contextmanager
    def _span(self, url: URL) -> Iterator[Span]:
        """The span of a request, by OpenTelemetry's conventions; without the query, which may have secrets in it."""
        attributes: dict[str, str | int] = {
            "http.request.method": self.call.method,
            "url.full": str(url.with_query(None).with_user(None)),
            "server.address": url.host or "",
            "server.port": url.port or 0,
            "marquee.provider": self.provider.name,
        }
        if self.number > 1:
            attributes["http.request.resend_count"] = self.number - 1
        name = f"{self.call.method} {self.call.template}" if self.call.template else self.call.method
        with self.tools.tracer.start_as_current_span(
            name, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    @contextmanager
    def _outcome(self, attempt: Attempt, span: Span) -> Iterator[None]:
        """Counts a request, and tells the circuit breaker and the span how it went."""
        statistics = self.tools.statistics.of(self.provider.name)
        was_sent = True
        started = perf_counter()
        try:
            yield
            attempt.outcome = Outcome.WORKS
        except ProviderError as error:
            attempt.outcome, was_sent = outcome_of(error), error.was_sent
            statistics.failures += was_sent
            span.set_attribute("error.type", str(error.status or error.code.value))
            span.set_status(Status(StatusCode.ERROR, error.code.value))
            raise
        finally:
            statistics.calls += was_sent
            statistics.retries += was_sent and self.number > 1
            seconds = perf_counter() - started
            statistics.seconds += seconds
            self.spent += seconds

    def _bad(self, what: str) -> ProviderError:
        return ProviderError(Code.PROVIDER_BAD_ANSWER, f"{self.provider.name} {what}.")


def outcome_of(error: ProviderError) -> Outcome:
    """What a failed request says of its host."""
    if error.code in FAILURES:
        return Outcome.FAILS
    return Outcome.WORKS if error.was_sent else Outcome.UNKNOWN


def host_of(url: URL) -> str:
    return f"{url.host}:{url.port}"
