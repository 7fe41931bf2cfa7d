"""Somebody else's requests: small ones, one after the other, from a process that notes how long each took."""

from __future__ import annotations

import http.client
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen

from app.settings import CHECKOUT
from bench.hostile.cases import ONE_ROW

PAUSE = 0.005
WAIT_SECONDS = 180.0
HEADERS = {"content-type": "application/json"}


class Probe:
    """`latencies`: seconds, once the context has ended; `failures`: requests that were not answered well."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.failures = 0

    def read(self, said: str) -> None:
        found = [float(line) for line in said.split()]
        self.latencies = [latency for latency in found if latency >= 0]
        self.failures = len(found) - len(self.latencies)

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1e3 if ordered else float("inf")

    @property
    def longest(self) -> float:
        """Milliseconds."""
        return max(self.latencies, default=float("inf")) * 1e3


@contextmanager
def probing(port: int, kind: str) -> Iterator[Probe]:
    """Probes while the context lasts. kind: "alive" asks /healthz, which needs the event loop alone; "row" one row."""
    probe = Probe()
    command = [sys.executable, "-m", "bench.hostile.probe", str(port), kind]
    with Popen(command, cwd=CHECKOUT, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        try:
            yield probe
        finally:
            said, _ = process.communicate("\n", timeout=WAIT_SECONDS + 10)
            probe.read(said)


def main(port: int, kind: str) -> None:
    """Asks until something comes in; prints a latency a line, -1 for a failure."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
    latencies: list[float] = []
    sys.stdout.write("\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], PAUSE)[0] or not latencies:
        started = time.perf_counter()
        try:
            ask(connection, kind)
        except (OSError, http.client.HTTPException):
            connection.close()
            time.sleep(0.05)
            latencies.append(-1.0)
        else:
            latencies.append(time.perf_counter() - started)
    sys.stdout.write("\n".join(f"{one:.6f}" for one in latencies))


def ask(connection: http.client.HTTPConnection, kind: str) -> None:
    if kind == "alive":
        connection.request("GET", "/healthz")
    else:
        connection.request("POST", "/graphql", ONE_ROW, HEADERS)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200 or b'"errors"' in body:
        raise OSError(body[:200])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
