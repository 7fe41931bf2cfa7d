"""By which names the server answers."""

from __future__ import annotations

import pytest

from app.http.trusted_hosts import MAX_KNOWN, TrustedHosts
from database.connect_args import ConnectArgs
from tests.support.http_client import open_http


def allows(allowed: str, host: str) -> bool:
    return TrustedHosts(allowed).allow({"headers": [(b"accept", b"*/*"), (b"host", host.encode())]})


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:80", "[::1]", "[::1]:8000", "a.localhost", "10.1.2.3"],
)
def test_localhost_and_addresses_are_always_allowed(host: str) -> None:
    assert allows("", host)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "127.0.0.1.evil.example"]
)
def test_other_names_are_not(host: str) -> None:
    assert not allows("", host)


def test_names_can_be_allowed() -> None:
    assert allows("media.example, Other.example", "other.example:443")
    assert not allows("media.example", "example")
    assert allows("*", "anything")
    assert TrustedHosts("").allow({"headers": []})


def test_what_is_remembered_is_bounded() -> None:
    hosts = TrustedHosts("")
    for number in range(2 * MAX_KNOWN):
        assert hosts.allow({"headers": [(b"host", f"localhost:{number}".encode())]})
    assert len(hosts._known) == MAX_KNOWN


async def test_a_request_by_another_name_is_refused_on_every_path(writer: ConnectArgs) -> None:
    async with open_http(writer) as http:
        for path in ("/graphql", "/healthz", "/"):
            answer = await http.post(path, json={"query": "{ __typename }"}, headers={"host": "evil.example"})
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (421, "BAD_REQUEST"), path
