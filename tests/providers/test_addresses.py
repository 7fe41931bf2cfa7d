"""Which addresses are connected to, whatever leads to them, and what is sent where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.errors import Code
from providers.address import is_allowed
from providers.client import OutboundClient
from providers.errors import ProviderError
from providers.provider import Call, Provider
from providers.secret import Secret
from tests.support.faulty_server import FaultyServer, FixedResolver, answer, faulty_server, redirect
from tests.support.outbound import NoLimits, client_of, error_of, provider_of

CALL = Call(path="/a")


@pytest.fixture
async def other() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as found:
        yield found


@pytest.mark.parametrize(
    ("address", "by_itself", "if_private"),
    [
        ("93.184.215.14", True, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True, True),
        ("127.0.0.1", False, True),
        ("127.8.8.8", False, True),
        ("::1", False, True),
        ("10.0.0.1", False, True),
        ("172.16.5.4", False, True),
        ("192.168.1.1", False, True),
        ("100.64.0.1", False, True),
        ("fd12:3456::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("::ffff:93.184.215.14", True, True),
        ("64:ff9b::7f00:1", False, True),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("2002:a9fe:a9fe::1", False, False),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("fe80::1%eth0", False, False),
        ("fd00:ec2::254", False, False),
        ("168.63.129.16", False, False),
        ("64:ff9b::a83f:8110", False, False),
        ("::ffff:100.100.100.200", False, False),
        ("192.0.0.192", False, False),
        ("192.0.0.8", False, True),
        ("fec0::1", False, True),
        ("3fff::1", False, True),
        ("198.18.0.1", False, True),
        ("192.88.99.1", False, True),
        ("2001:0:7f00:1::1", False, True),
        ("64:ff9b:1::7f00:1", False, False),
        ("::127.0.0.1", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("::ffff:0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("255.255.255.255", False, False),
        ("240.0.0.1", False, False),
    ],
)
def test_an_address_is_allowed_by_what_it_is(address: str, by_itself: bool, if_private: bool) -> None:
    assert (is_allowed(address, False), is_allowed(address, True)) == (by_itself, if_private)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_refused_however_it_is_written(
    server: FaultyServer, client: OutboundClient, host: str
) -> None:
    provider = Provider("films", f"http://{host}:{server.port}")

    error = await error_of(client, provider, CALL)

    assert (error.code, error.is_transient, error.was_sent) == (Code.ADDRESS_NOT_ALLOWED, False, False)
    assert server.asked == []
    counted = client.statistics.of("films")
    assert (counted.calls, counted.failures, counted.refusals) == (0, 0, 1)


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "[::1]", "169.254.169.254", "other.example"])
async def test_a_redirect_to_a_private_address_is_not_followed(
    server: FaultyServer, limits: NoLimits, host: str
) -> None:
    server.behaviours = {"/a": [redirect(f"http://{host}:{server.port}/b")]}
    names = FixedResolver({"other.example": ["127.0.0.1"], "localhost": ["127.0.0.1", "::1"]})

    async with client_of(limits, resolver=names) as client:
        error = await error_of(client, provider_of(server), CALL)

    assert error.code is Code.ADDRESS_NOT_ALLOWED
    assert [one.path for one in server.asked] == ["/a"]


async def test_a_redirect_to_another_port_of_the_own_host_is_not_followed(
    server: FaultyServer, other: FaultyServer, client: OutboundClient
) -> None:
    server.behaviours = {"/a": [redirect(f"{other.url}/b")]}

    error = await error_of(client, provider_of(server), CALL)

    assert (error.code, other.asked) == (Code.ADDRESS_NOT_ALLOWED, [])


async def test_a_connection_that_another_provider_may_have_is_not_used(
    server: FaultyServer, other: FaultyServer, client: OutboundClient
) -> None:
    await client.call(provider_of(other), Call(path="/kept"))
    server.behaviours = {"/a": [redirect(f"{other.url}/b")]}

    error = await error_of(client, provider_of(server), CALL)
    direct = await error_of(client, Provider("open", other.url), CALL)

    assert (error.code, direct.code) == (Code.ADDRESS_NOT_ALLOWED, Code.ADDRESS_NOT_ALLOWED)
    assert [one.path for one in other.asked] == ["/kept"]


async def test_a_name_that_leads_to_a_private_address_is_refused(server: FaultyServer, limits: NoLimits) -> None:
    names = FixedResolver({"films.example": ["127.0.0.1"], "mixed.example": ["10.255.255.1", "127.0.0.1"]})

    async with client_of(limits, resolver=names) as client:
        for name in names.names:
            error = await error_of(client, Provider("films", f"http://{name}:{server.port}"), CALL)
            assert error.code is Code.ADDRESS_NOT_ALLOWED

    assert server.asked == []


async def test_what_a_name_leads_to_is_checked_each_time_it_is_connected_to(
    server: FaultyServer, limits: NoLimits
) -> None:
    """The DNS has said that it is public, and says something else when it is connected to."""
    names = FixedResolver({"films.example": ["203.0.113.1"]})
    provider = Provider("films", f"http://films.example:{server.port}", attempts=1)

    async with client_of(limits, resolver=names) as client:
        names.names["films.example"] = ["127.0.0.1"]
        error = await error_of(client, provider, CALL)

    assert (error.code, server.asked) == (Code.ADDRESS_NOT_ALLOWED, [])


async def test_a_provider_that_may_be_private_is_called_by_its_name(server: FaultyServer, limits: NoLimits) -> None:
    names = FixedResolver({"nas.example": ["127.0.0.1"]})

    async with client_of(limits, resolver=names) as client:
        found = await client.call(Provider("films", f"http://nas.example:{server.port}", allow_private=True), CALL)

    assert (found.status, server.asked[0].headers["host"]) == (200, f"nas.example:{server.port}")


@pytest.mark.parametrize(
    "path",
    [
        "ftp://example.com/a",
        "file:///etc/passwd",
        "http://user:secret@example.com/a",
        "http://example.com:0/",
        "http://",
        "a",
        "/a?b=c",
        "/a#b",
        "/../a",
        "/b/../../a",
        "/%2e%2e/a",
        "/.%2E/a",
        "/\t../a",
        "/a\r\nX-Header: b",
        "/a\\b",
    ],
)
async def test_what_is_no_address_or_path_is_refused(server: FaultyServer, client: OutboundClient, path: str) -> None:
    error = await error_of(client, provider_of(server, base_url=f"{server.url}/3"), Call(path=path))

    assert (error.code, error.was_sent, server.asked) == (Code.ADDRESS_NOT_ALLOWED, False, [])
    assert "secret" not in str(error)
    assert client.statistics.of("films").refusals == 1


async def test_what_is_written_unusually_stays_below_the_address_of_the_provider(
    server: FaultyServer, client: OutboundClient
) -> None:
    for path in ("//other.example/a", "/@other.example", "/\u2025/a", "/a;b=c"):
        await client.call(provider_of(server, base_url=f"{server.url}/3"), Call(path=path))

    assert [one.target.startswith("/3/") for one in server.asked] == [True] * 4


async def test_a_private_address_that_a_call_names_is_not_the_own_one(
    server: FaultyServer, other: FaultyServer, client: OutboundClient
) -> None:
    """allow_private is for the host of the settings, not for addresses that come from elsewhere."""
    error = await error_of(client, provider_of(server), Call(path=f"{other.url}/a"))

    assert (error.code, other.asked) == (Code.ADDRESS_NOT_ALLOWED, [])


@pytest.mark.parametrize("value", ["a\r\nX-Other: b", "a\nb", "a\0b"])
async def test_a_header_with_a_line_break_is_not_sent(server: FaultyServer, client: OutboundClient, value: str) -> None:
    error = await error_of(client, provider_of(server), Call(path="/a", headers={"X-Name": value}))

    assert (error.code, error.was_sent, error.is_transient) == (Code.BAD_ARGUMENT, False, False)
    assert server.asked == []
    counted = client.statistics.of("films")
    assert (counted.calls, counted.retries, counted.refusals) == (0, 0, 1)


@pytest.mark.parametrize("location", ["ftp://example.com/", "http://user:secret@example.com/", "http://[", "gopher:a"])
async def test_a_redirect_to_what_is_no_address_is_refused(
    server: FaultyServer, client: OutboundClient, location: str
) -> None:
    server.behaviours = {"/a": [redirect(location)]}

    error = await error_of(client, provider_of(server), CALL)

    assert error.code in (Code.ADDRESS_NOT_ALLOWED, Code.PROVIDER_BAD_ANSWER)
    assert "secret" not in str(error)


@pytest.mark.parametrize("base", ["ftp://a", "a", "http://", "http://u:p@a", "http://a?key=secret", "http://a#b", ""])
def test_the_address_of_a_provider_is_a_plain_one(base: str) -> None:
    with pytest.raises(ValueError, match="The address of a service") as error:
        Provider("films", base)

    assert "secret" not in str(error.value)


async def test_a_redirect_within_the_host_is_followed_with_the_key(
    server: FaultyServer, client: OutboundClient
) -> None:
    server.behaviours = {"/a": [redirect("/b?c=d")]}

    found = await client.call(provider_of(server, key=Secret("hush")), CALL)

    assert found.json() == {"ok": True}
    assert [(one.target, one.headers["authorization"]) for one in server.asked] == [
        ("/a", "Bearer hush"),
        ("/b?c=d", "Bearer hush"),
    ]


@pytest.fixture
def all_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the machine's own addresses were those of two hosts of the internet."""
    monkeypatch.setattr("providers.address.is_allowed", lambda address, allows_private: True)


@pytest.mark.usefixtures("all_public")
@pytest.mark.parametrize("given", [{}, {"key_parameter": "api_key"}, {"key_header": "X-Api-Key", "key_format": "{}"}])
async def test_a_redirect_to_another_host_carries_nothing_that_is_secret(
    server: FaultyServer, other: FaultyServer, client: OutboundClient, given: dict[str, Any]
) -> None:
    server.behaviours = {"/a": [redirect(f"{other.url}/b")]}
    provider = provider_of(server, key=Secret("hush"), headers={"X-Client": "hush"}, **given)

    await client.call(provider, Call(path="/a", headers={"Authorization": "Basic hush", "Cookie": "hush"}))

    assert "hush" in str(server.asked[0])
    assert [one.target for one in other.asked] == ["/b"]
    assert "hush" not in str(other.asked)


@pytest.mark.usefixtures("all_public")
async def test_the_key_and_what_is_secret_go_to_the_own_host_alone(
    server: FaultyServer, other: FaultyServer, client: OutboundClient
) -> None:
    provider = provider_of(server, key=Secret("hush"), headers={"X-Client": "hush"})
    call = Call(path=f"{other.url}/a", headers={"Authorization": "Basic hush", "Cookie": "hush", "Range": "bytes=1-"})

    await client.call(provider, call)

    assert "hush" not in str(other.asked[0].headers)
    assert other.asked[0].headers["range"] == "bytes=1-"


@pytest.mark.usefixtures("all_public")
async def test_a_key_in_the_query_goes_to_the_own_host_alone(
    server: FaultyServer, other: FaultyServer, client: OutboundClient
) -> None:
    provider = provider_of(server, key=Secret("hush"), key_parameter="api_key")

    await client.call(provider, Call(path="/a", params={"query": "a&b=ä"}))
    await client.call(provider, Call(path=f"{other.url}/a"))

    assert server.asked[0].target == "/a?query=a%26b%3D%C3%A4&api_key=hush"
    assert "authorization" not in server.asked[0].headers
    assert other.asked[0].target == "/a"


async def test_nothing_of_an_answer_is_kept_for_the_next_call(server: FaultyServer, client: OutboundClient) -> None:
    server.behaviours = {"/a": [answer(b"{}", Set_Cookie="session=1; Path=/")]}
    provider = provider_of(server)

    await client.call(provider, CALL)
    await client.call(provider, CALL)

    assert "cookie" not in server.asked[1].headers
    assert server.asked[0].peer == server.asked[1].peer  # one connection, which is used again


async def test_a_closed_client_calls_nobody(server: FaultyServer, limits: NoLimits) -> None:
    client = client_of(limits)
    await client.close()

    with pytest.raises(ProviderError):
        await client.call(provider_of(server, attempts=1), CALL)
    assert server.asked == []
