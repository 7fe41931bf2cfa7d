"""A server that requires keys, in processes of its own: what it prints, logs and keeps shows none."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx

from tests.conftest import FIRST_KEY, SECOND_KEY
from tests.support.serving import Served, command, until

WRONG = "wrong-key-of-this-test"
QUERY = {"query": "{ media(first: 1) { nodes { title } } }"}


def sends(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}", "marquee-report": "1"}


def send_malformed(address: str, key: str) -> None:
    """A request that uvicorn itself refuses."""
    url = httpx.URL(address)
    assert url.port is not None
    with socket.create_connection((url.host, url.port)) as connection:
        connection.sendall(f"POST /graphql HTTP/1.1\r\nauthorization Bearer {key}\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")


def contents(folder: Path) -> bytes:
    """What stands in all files of a folder."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_large_body_without_a_key_is_refused_and_its_connection_goes_on(keyed_server: Served) -> None:
    with httpx.Client(base_url=keyed_server.address) as http:
        for content in (b"x" * 5_000_000, b"{}"):
            assert http.post("/graphql", content=content).status_code == 401
        assert http.post("/graphql", json=QUERY, headers=sends(SECOND_KEY)).status_code == 200


def test_nothing_that_the_server_says_or_keeps_shows_a_key(keyed_server: Served) -> None:
    with httpx.Client(base_url=keyed_server.address) as http:
        for key, status in ((FIRST_KEY, 200), (WRONG, 401)):
            answer = http.post("/graphql", json=QUERY, headers=sends(key))
            assert (answer.status_code, key in answer.text) == (status, False)
        for path in ("/healthz", "/readyz", "/traces/api/list", "/graphql"):
            assert FIRST_KEY not in http.get(path, headers=sends(FIRST_KEY)).text
    send_malformed(keyed_server.address, FIRST_KEY)
    said, folder = keyed_server.said, keyed_server.output.parent
    assert "  Key       required of every request (MARQUEE_KEYS)" in said.splitlines()
    assert '"wrong key"' in said
    until(lambda: b"SELECT" in contents(folder), "a kept trace")
    for key in (FIRST_KEY, SECOND_KEY, WRONG):
        assert key.encode() not in contents(folder)


def test_no_process_has_a_key_in_its_arguments(keyed_server: Served) -> None:
    assert keyed_server.workers()
    for process in keyed_server.family():
        assert not any(key in word for key in (FIRST_KEY, SECOND_KEY) for word in command(process))
