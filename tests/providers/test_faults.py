"""What a client sees of services that fail, over real sockets: the error, how often the service was called, and what
else was done."""

from __future__ import annotations

import asyncio
import ssl
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from domain.errors import Code
from providers.address import AddressRule
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.client import OutboundClient
from providers.errors import ProviderError
from providers.provider import Call, Timeouts
from providers.session import Connections
from providers.statistics import Statistics
from tests.support.faulty_server import (
    Behaviour,
    FaultyServer,
    answer,
    bomb,
    endless,
    endless_headers,
    endless_interim,
    faulty_server,
    huge,
    long_header,
    never,
    not_http,
    redirect,
    reset,
    stall,
    status,
    truncate,
)
from tests.support.outbound import NoLimits, client_of, error_of, provider_of
from tests.support.tls_server import make_certificates, needs_postgresql_15

CALL = Call(path="/a")

# What is done again and again, the error, whether it may go better later, and how often a GET and a POST are sent.
FAULTS = [
    ("reset", reset, Code.PROVIDER_UNAVAILABLE, True, 4, 1),
    ("truncated", truncate, Code.PROVIDER_UNAVAILABLE, True, 4, 1),
    ("500", status(500), Code.PROVIDER_UNAVAILABLE, True, 4, 1),
    ("502", status(502), Code.PROVIDER_UNAVAILABLE, True, 4, 1),
    ("503", status(503), Code.PROVIDER_UNAVAILABLE, True, 4, 4),
    ("503 with Retry-After", status(503, Retry_After="7"), Code.PROVIDER_UNAVAILABLE, True, 4, 4),
    ("503 for longer than is waited for", status(503, Retry_After="70"), Code.PROVIDER_UNAVAILABLE, True, 1, 1),
    ("501", status(501), Code.PROVIDER_REFUSED, False, 1, 1),
    ("429", status(429), Code.PROVIDER_LIMITED, True, 4, 4),
    ("429 with Retry-After", status(429, Retry_After="7"), Code.PROVIDER_LIMITED, True, 4, 4),
    ("400", status(400), Code.PROVIDER_REFUSED, False, 1, 1),
    ("401", status(401), Code.PROVIDER_REFUSED, False, 1, 1),
    ("404", status(404), Code.PROVIDER_REFUSED, False, 1, 1),
    ("not HTTP", not_http, Code.PROVIDER_BAD_ANSWER, False, 1, 1),
    ("endless", endless, Code.ANSWER_TOO_LARGE, False, 1, 1),
    ("large, as it says", answer(b" " * 100_001), Code.ANSWER_TOO_LARGE, False, 1, 1),
    ("5 GB", huge, Code.ANSWER_TOO_LARGE, False, 1, 1),
    ("gzip bomb", bomb("gzip", 10_000_000), Code.ANSWER_TOO_LARGE, False, 1, 1),
    ("deflate bomb", bomb("deflate", 10_000_000), Code.ANSWER_TOO_LARGE, False, 1, 1),
    ("br bomb", bomb("br", 10_000_000), Code.ANSWER_TOO_LARGE, False, 1, 1),
    ("zstd bomb", bomb("zstd", 10_000_000), Code.ANSWER_TOO_LARGE, False, 1, 1),
    ("endless headers", endless_headers, Code.PROVIDER_BAD_ANSWER, False, 1, 1),
    ("a header without end", long_header, Code.PROVIDER_BAD_ANSWER, False, 1, 1),
    ("no gzip", answer(b"no gzip at all", Content_Encoding="gzip"), Code.PROVIDER_BAD_ANSWER, False, 1, 1),
    ("unknown encoding", answer(b"?", Content_Encoding="compress"), Code.PROVIDER_BAD_ANSWER, False, 1, 1),
    ("two encodings", answer(b"?", Content_Encoding="gzip, gzip"), Code.PROVIDER_BAD_ANSWER, False, 1, 1),
]


@pytest.mark.parametrize(("what", "fault", "code", "is_transient", "gets", "posts"), FAULTS)
async def test_a_fault_has_a_code_and_is_tried_again_where_that_helps(
    server: FaultyServer,
    client: OutboundClient,
    what: str,
    fault: Behaviour,
    code: Code,
    is_transient: bool,
    gets: int,
    posts: int,
) -> None:
    server.behaviours = {"/a": [fault], "/b": [fault]}
    provider = provider_of(server, max_bytes=100_000)

    error = await error_of(client, provider, CALL)
    other = client_of()
    async with other:
        posted = await error_of(other, provider, Call("POST", "/b", json={}))

    assert (error.code, error.is_transient) == (code, is_transient)
    assert (posted.code, posted.is_transient) == (code, is_transient)
    assert (server.times("/a"), server.times("/b")) == (gets, posts)
    counted = client.statistics.of("films")
    assert (counted.calls, counted.failures, counted.retries) == (gets, gets, gets - 1)


@pytest.mark.parametrize(
    "fault", [reset, truncate, status(500), status(503), status(429), status(429, Retry_After="1")]
)
async def test_a_fault_that_passes_is_not_seen(server: FaultyServer, client: OutboundClient, fault: Behaviour) -> None:
    server.behaviours = {"/a": [fault, fault, answer(b'{"title": "Alien"}')]}

    found = await client.call(provider_of(server), CALL)

    assert (found.status, found.json()) == (200, {"title": "Alien"})
    assert server.times("/a") == 3


@pytest.mark.parametrize("fault", [never, stall, endless_interim])
async def test_an_answer_that_does_not_come_in_time_is_not_asked_for_again(
    server: FaultyServer, client: OutboundClient, fault: Behaviour
) -> None:
    server.behaviours = {"/a": [fault]}

    error = await error_of(client, provider_of(server, timeouts=Timeouts(10, 0.3)), CALL)

    assert (error.code, error.is_transient, server.times("/a")) == (Code.PROVIDER_TIMEOUT, True, 1)


async def test_a_deadline_ends_a_call_and_its_attempts(server: FaultyServer, client: OutboundClient) -> None:
    server.behaviours = {"/a": [status(500), never]}

    deadline = asyncio.get_running_loop().time() + 1
    error = await error_of(client, provider_of(server), CALL, deadline=deadline)

    assert (error.code, error.is_transient, server.times("/a")) == (Code.PROVIDER_TIMEOUT, True, 2)


async def test_nobody_waits_for_a_retry_that_comes_after_the_deadline(
    server: FaultyServer, client: OutboundClient
) -> None:
    server.behaviours = {"/a": [status(429, Retry_After="50")]}

    deadline = asyncio.get_running_loop().time() + 30
    error = await error_of(client, provider_of(server), CALL, deadline=deadline)

    assert (error.code, error.retry_after, server.times("/a")) == (Code.PROVIDER_LIMITED, 50, 1)
    assert error.extensions["retryAfter"] == 50


@pytest.mark.parametrize("code", [429, 503])
async def test_a_pause_that_a_service_asks_for_is_told_to_all_processes(
    server: FaultyServer, client: OutboundClient, limits: NoLimits, code: int
) -> None:
    server.behaviours = {"/a": [status(code, Retry_After="9"), status(code), answer(b"{}")]}

    await client.call(provider_of(server), CALL)

    assert limits.blocked == [9]


@pytest.mark.parametrize(
    ("what", "body", "kind"),
    [
        ("half", b'{"a":', "application/json"),
        ("HTML", b"<!DOCTYPE html><p>Log in", "text/html; charset=utf-8"),
        ("nothing", b"", "application/json"),
        ("deep", b"[" * 90_000, "application/json"),
        ("no UTF-8", b'"\xff"', "application/json"),
    ],
)
async def test_what_is_no_json_is_a_bad_answer(
    server: FaultyServer, client: OutboundClient, what: str, body: bytes, kind: str
) -> None:
    server.behaviours = {"/a": [answer(body, Content_Type=kind)]}

    found = await client.call(provider_of(server), CALL)
    with pytest.raises(ProviderError) as error:
        found.json()

    assert (error.value.code, error.value.is_transient) == (Code.PROVIDER_BAD_ANSWER, False)
    assert ("text/html" in str(error.value)) == (what == "HTML")
    assert "Log in" not in str(error.value)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
async def test_a_bomb_is_not_held_in_memory(server: FaultyServer, client: OutboundClient, encoding: str) -> None:
    server.behaviours = {"/a": [bomb(encoding, 100_000_000)]}
    provider = provider_of(server, max_bytes=4 << 20)
    await client.call(provider, Call(path="/other"))

    tracemalloc.start()
    try:
        error = await error_of(client, provider, CALL)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert error.code is Code.ANSWER_TOO_LARGE
    assert peak < 16 << 20


async def test_a_redirect_circle_ends(server: FaultyServer, client: OutboundClient) -> None:
    server.behaviours = {"/a": [redirect("/b")], "/b": [redirect("/a")]}

    error = await error_of(client, provider_of(server), CALL)

    assert (error.code, error.is_transient) == (Code.PROVIDER_BAD_ANSWER, False)
    assert (server.times("/a"), server.times("/b")) == (3, 3)


async def test_redirects_share_the_time_of_an_attempt(
    server: FaultyServer, client: OutboundClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.behaviours = {"/a": [redirect("/b")], "/b": [redirect("/c")]}
    totals: list[float] = []
    request = Connections.request

    async def noted(self: Connections, method: str, url: URL, rule: AddressRule, **content: Any) -> Any:
        totals.append(content["timeout"].total)
        return await request(self, method, url, rule, **content)

    monkeypatch.setattr(Connections, "request", noted)
    await client.call(provider_of(server, timeouts=Timeouts(10, 60)), CALL)

    assert len(totals) == 3
    assert 60 == totals[0] > totals[1] > totals[2] > 0


async def test_what_was_sent_is_not_sent_elsewhere(server: FaultyServer, client: OutboundClient) -> None:
    server.behaviours = {"/a": [redirect("/b", 307)]}

    error = await error_of(client, provider_of(server), Call("POST", "/a", json={"a": 1}))

    assert (error.code, server.times("/a"), server.times("/b")) == (Code.PROVIDER_BAD_ANSWER, 1, 0)


async def test_a_status_that_a_caller_accepts_is_an_answer(server: FaultyServer, client: OutboundClient) -> None:
    server.behaviours = {"/a": [status(404)]}

    found = await client.call(provider_of(server), Call(path="/a", accepts=frozenset({404})))

    assert (found.status, found.json()) == (404, {})


async def test_a_stream_that_is_cut_off_says_so_after_what_came(server: FaultyServer, client: OutboundClient) -> None:
    server.behaviours = {"/a": [status(500), truncate]}
    came = []

    async def read() -> None:
        async with client.stream(provider_of(server), CALL) as stream:
            async for chunk in stream.chunks:
                came.append(chunk)

    with pytest.raises(ProviderError) as error:
        await read()

    assert (b"".join(came), server.times("/a")) == (b'{"a":', 2)
    assert (error.value.code, error.value.is_transient) == (Code.PROVIDER_UNAVAILABLE, True)


async def test_an_error_of_who_reads_a_stream_is_left_as_it_is(server: FaultyServer, client: OutboundClient) -> None:
    with pytest.raises(OSError, match="disk is full"):
        async with client.stream(provider_of(server), CALL):
            raise OSError("disk is full")

    assert client.statistics.of("films").failures == 0


async def test_a_host_that_fails_again_and_again_is_left_alone(server: FaultyServer, limits: NoLimits) -> None:
    now = [0.0]
    breaker = CircuitBreaker(BreakerOptions(failures=3, pause=10), clock=lambda: now[0])
    server.behaviours = {"/a": [status(500), status(500), status(500), answer(b"{}")]}
    async with client_of(limits, breaker=breaker) as client:
        provider = provider_of(server, attempts=1)
        for _ in range(3):
            await error_of(client, provider, CALL)

        refused = await error_of(client, provider, CALL)
        assert (refused.code, refused.retry_after, refused.is_transient) == (Code.PROVIDER_UNAVAILABLE, 10, True)
        assert (server.times("/a"), client.statistics.of("films").refusals) == (3, 1)
        now[0] = 10
        found = await client.call(provider, CALL)

    assert (found.status, server.times("/a")) == (200, 4)


async def test_a_long_answer_of_a_host_that_works_again_holds_nobody_up(server: FaultyServer, limits: NoLimits) -> None:
    now = [0.0]
    breaker = CircuitBreaker(BreakerOptions(failures=1, pause=10), clock=lambda: now[0])
    server.behaviours = {"/a": [status(500), stall]}
    async with client_of(limits, breaker=breaker) as client:
        provider = provider_of(server, attempts=1)
        await error_of(client, provider, CALL)
        now[0] = 10
        async with client.stream(provider, CALL):
            assert (await client.call(provider, Call(path="/b"))).status == 200


async def test_nobody_there_is_tried_again(client: OutboundClient) -> None:
    async with faulty_server() as gone:
        provider = provider_of(gone)

    error = await error_of(client, provider, Call("POST", "/a"))

    assert (error.code, error.is_transient) == (Code.PROVIDER_UNAVAILABLE, True)
    assert client.statistics.of("films").calls == 4


@needs_postgresql_15  # for openssl, which makes the certificates
async def test_a_certificate_that_nobody_trusts_is_refused(tmp_path: Path, limits: NoLimits) -> None:
    make_certificates(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")

    async with faulty_server(tls) as server, OutboundClient(limits) as client:
        error = await error_of(client, provider_of(server), CALL)

        assert (error.code, error.is_transient) == (Code.PROVIDER_UNAVAILABLE, False)
        assert "certificate" in str(error)
        assert (server.asked, client.statistics.of("films").calls) == ([], 1)

    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=tmp_path / "authority.crt")

    async with faulty_server(tls) as server, OutboundClient(limits, tls=trusting) as client:
        assert (await client.call(provider_of(server), CALL)).status == 200


def test_hosts_of_files_are_counted_together() -> None:
    """There may be any number of hosts, and what is counted is kept as long as the process."""
    statistics = Statistics()
    for host in range(100):
        statistics.of(f"files host{host}.example").calls += 1
    statistics.of("tmdb").calls += 1
    assert {name: one.calls for name, one in statistics.snapshot().items()} == {"files": 100, "tmdb": 1}
