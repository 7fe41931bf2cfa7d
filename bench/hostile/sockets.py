"""Connections that mean harm: endless headers, silence, answers that nobody reads."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.hostile.cases import large_answer, request
from bench.hostile.probe import probing
from bench.hostile.server import Target

MAX_SENT = 100 * 1024 * 1024
PIECE = 64 * 1024
SILENT = 1_100
READERS = 15
WAIT_SECONDS = 20.0
HOLD_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Strain:
    """What connections did to others. sent: megabytes that were taken. blocked: milliseconds of the longest wait of a
    request that needs the event loop alone; failures: such requests that were not answered. peak, kept: megabytes."""

    sent: float
    blocked: float
    failures: int
    peak: float
    kept: float


def many_headers(target: Target) -> float:
    """Megabytes of headers that one connection could send."""
    line = b"X-Filler: " + b"x" * 1_000 + b"\r\n"
    return pour(target, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", line)


def long_header(target: Target) -> float:
    """Megabytes of one header."""
    return pour(target, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Filler: ", b"x" * 1_000)


def long_address(target: Target) -> float:
    """Megabytes of a request's address."""
    return pour(target, b"GET /", b"x" * 1_000)


def pour(target: Target, start: bytes, line: bytes) -> float:
    piece = line * (PIECE // len(line))
    sent = 0
    with socket.create_connection(("127.0.0.1", target.port), WAIT_SECONDS) as connection:
        try:
            connection.sendall(start)
            while sent < MAX_SENT:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
    return sent / 1024 / 1024


def silence(target: Target) -> float:
    """1,100 connections that say nothing, for some seconds."""
    with ExitStack() as stack, enough_files():
        for _ in range(SILENT):
            try:
                stack.enter_context(socket.create_connection(("127.0.0.1", target.port), 1))
            except OSError:
                break
        time.sleep(HOLD_SECONDS)
    return 0.0


def slow_readers(target: Target) -> float:
    """15 clients that ask for large answers and read nothing, for some seconds."""
    body = large_answer(20)
    head = f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    with ExitStack() as stack:
        for _ in range(READERS):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", target.port), WAIT_SECONDS))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(head.encode() + b"\r\n\r\n" + body)
        time.sleep(HOLD_SECONDS)
    return 0.0


@contextmanager
def enough_files() -> Iterator[None]:
    """This process may open as many files as it can."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


STRAINS: dict[str, tuple[str, Callable[[Target], float]]] = {
    "many-headers": ("100 MB of headers", many_headers),
    "long-header": ("One header of 100 MB", long_header),
    "long-address": ("An address of 100 MB", long_address),
    "silence": ("1,100 silent connections, with 1,024 files", silence),
    "slow-readers": ("15 clients that do not read their answers", slow_readers),
}


def strain(target: Target, act: Callable[[Target], float]) -> Strain:
    """What an act does to a server, and to those who come meanwhile."""
    before = target.memory
    target.forget_peak()
    with probing(target.port, "alive") as probe:
        sent = act(target)
        time.sleep(1.0)
    peak = target.peak - before
    return Strain(sent, probe.longest, probe.failures, max(0.0, peak), target.memory - before)


DISTINCT = (
    request("query Q_NUMBER { media(first: 1) { nodes { id } } }"),
    request("query ($f: MediaFilter) { media(first: 1, filter: $f) { nodes { id } } }", f={"title": "word NUMBER"}),
    request("{ noSuchField_NUMBER }"),
    request(
        "query R_NUMBER { media(first: 100) { nodes { credits(first: 100) { nodes { media { credits(first: 100) "
        "{ nodes { id } } } } } } } }"
    ),
)
