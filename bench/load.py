"""The load, in a process of its own: `python -m bench.load` reads orders from stdin and answers on stdout, a line each.

A closed loop: each connection sends its next request when it has the answer to the last one. It does as little as can
be done in Python: requests are ready-made bytes, and of an answer only status, length and end are looked at."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter
from typing import cast

import orjson
import uvloop

WAIT_SECONDS = 60.0  # seconds that the last answers may take
REFUSAL = 1000  # bytes kept of an answer that is not fine
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Order:
    """What to do: POST these bodies in turn to /graphql on this port of 127.0.0.1, over so many connections.

    `answer`: what a good answer has in it, a regular expression. `once`: each body is sent once at most."""

    port: int
    bodies: Sequence[str]
    connections: int
    seconds: float
    answer: str = ""
    once: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Latencies in microseconds of all requests, in the order of their answers; how many of them were not fine, and
    how one of those began."""

    latencies: list[int]
    failures: int
    seconds: float
    refusal: str = ""


class ResponseReader:
    """Puts HTTP/1.1 responses with a content-length together, one after the other."""

    __slots__ = ("_received", "_size")

    def __init__(self) -> None:
        self._received = b""
        self._size: int | None = None

    def feed(self, data: bytes) -> bytes | None:
        """The whole response, head and body, when these bytes end it. ValueError for what is no such response."""
        if self._received:
            data = self._received + data
        if self._size is None:
            self._size = response_size(data)
        if self._size is None or len(data) < self._size:
            self._received = data
            return None
        if len(data) > self._size:
            raise ValueError("more than one response to one request")
        self._received, self._size = b"", None
        return data


def response_size(data: bytes) -> int | None:
    """The length of the response that begins so; None while its head has not ended."""
    end = data.find(HEAD_END)
    if end < 0:
        return None
    head = data[:end].lower()
    start = head.find(LENGTH)
    if start < 0:
        raise ValueError(f"a response without content-length: {head[:200]!r}")
    return end + len(HEAD_END) + int(head[start + len(LENGTH) :].split(b"\r\n", 1)[0])


def is_fine(response: bytes, answer: re.Pattern[bytes] | None = None) -> bool:
    """Status 200, no GraphQL error, and what a good answer has in it."""
    if response[9:12] != b"200" or b'"errors"' in response:
        return False
    return answer is None or answer.search(response) is not None


class Client(asyncio.Protocol):
    """One connection. Ends when it has an answer and the time is up, or nothing more is to be sent."""

    def __init__(
        self, requests: Iterator[bytes], deadline: float, latencies: list[int], answer: re.Pattern[bytes] | None
    ) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failures = 0
        self.refusal = ""
        self._answer = answer
        self._requests = requests
        self._deadline = deadline
        self._latencies = latencies
        self._reader = ResponseReader()
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send(perf_counter())

    def _send(self, now: float) -> None:
        self._sent = now
        following = next(self._requests, None)
        if following is None:
            self._end()
        else:
            self._transport.write(following)

    def data_received(self, data: bytes) -> None:
        try:
            response = self._reader.feed(data)
        except ValueError as error:
            self._end(error)
            return
        if response is None:
            return
        now = perf_counter()
        self._latencies.append(int((now - self._sent) * 1e6))
        if not is_fine(response, self._answer):
            self.failures += 1
            self.refusal = response.partition(HEAD_END)[2][:REFUSAL].decode(errors="replace")
        if now < self._deadline:
            self._send(now)
        else:
            self._end()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionResetError("the server closed a connection"))

    def _end(self, error: Exception | None = None) -> None:
        if not self.ended.done():
            if error is None:
                self.ended.set_result(None)
            else:
                self.ended.set_exception(error)
            self._transport.close()


async def run(order: Order) -> Outcome:
    """Raises OSError, ValueError, TimeoutError: then the server does not do what it should."""
    loop = asyncio.get_running_loop()
    requests = iter([request(body) for body in order.bodies])
    requests = requests if order.once else cycle(requests)
    answer = re.compile(order.answer.encode()) if order.answer else None
    latencies: list[int] = []
    started = perf_counter()
    async with asyncio.timeout(order.seconds + WAIT_SECONDS):
        made = [
            await loop.create_connection(
                lambda: Client(requests, started + order.seconds, latencies, answer), "127.0.0.1", order.port
            )
            for _ in range(order.connections)
        ]
        clients = [client for _, client in made]
        await asyncio.gather(*(client.ended for client in clients))
    refusals = [client.refusal for client in clients if client.refusal]
    failures = sum(client.failures for client in clients)
    return Outcome(latencies, failures, perf_counter() - started, *refusals[:1])


def request(body: str) -> bytes:
    content = body.encode()
    head = (
        "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: application/json\r\n"
        f"content-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def main() -> None:
    gc.disable()  # a slice leaves too little to be worth a pause
    for line in sys.stdin.buffer:
        outcome = uvloop.run(run(Order(**orjson.loads(line))))
        sys.stdout.buffer.write(orjson.dumps(outcome) + b"\n")
        sys.stdout.buffer.flush()
        gc.collect()


if __name__ == "__main__":
    main()
