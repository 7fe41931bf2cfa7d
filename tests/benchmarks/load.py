"""A small closed-loop load on loopback, and what it cost the server: for ratios in one run, not for absolutes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import psutil

CHECKOUT = Path(__file__).resolve().parents[2]
CONNECTIONS = 8


@dataclass(frozen=True)
class Slice:
    """One slice of load: requests a second, and milliseconds of the server's CPU a request."""

    per_second: float
    cpu_ms: float


class Server:
    """`python -m app serve` with an environment of its own, on a port."""

    def __init__(self, name: str, port: int, env: dict[str, str]) -> None:
        self.name = name
        self.port = port
        self.slices: list[Slice] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=CHECKOUT,
            env={**os.environ, "MARQUEE_PORT": str(port), **env},
            stdout=subprocess.DEVNULL,
        )

    def wait_until_ready(self) -> None:
        for _ in range(200):
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/readyz"):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"{self.name} does not get ready")

    def cpu_seconds(self) -> float:
        """Of the workers alone."""
        times = [child.cpu_times() for child in psutil.Process(self._process.pid).children()]
        return float(sum(one.user + one.system for one in times))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    @property
    def typical(self) -> Slice:
        return Slice(median(one.per_second for one in self.slices), median(one.cpu_ms for one in self.slices))


def request_bytes(query: str, headers: dict[str, str]) -> bytes:
    body = json.dumps({"query": query}).encode()
    lines = ["POST /graphql HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


async def client(port: int, request: bytes, until: float) -> int:
    """Sends one request after the other over one connection; how many were answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    while time.perf_counter() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await reader.readexactly(int(length.split(b":")[1]))
        assert head.startswith(b"HTTP/1.1 200"), head
        answered += 1
    writer.close()
    await writer.wait_closed()
    return answered


async def load(server: Server, request: bytes, seconds: float) -> Slice:
    """One slice."""
    before, started = server.cpu_seconds(), time.perf_counter()
    counts = await asyncio.gather(*(client(server.port, request, started + seconds) for _ in range(CONNECTIONS)))
    elapsed, used = time.perf_counter() - started, server.cpu_seconds() - before
    return Slice(sum(counts) / elapsed, used / sum(counts) * 1000)
