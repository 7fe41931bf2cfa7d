"""Measuring: short slices of load, the peers taking turns, each slice with what it cost whom."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import orjson
import psutil

from app.settings import CHECKOUT
from bench.load import Order, Outcome
from bench.queries import Query
from bench.servers import Server

CONNECTIONS = 16
# Cores that others than server, database and load may use before a slice says nothing about time any more.
MAX_FOREIGN = 0.2
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds of a slice, of a warm-up and of a query for the executor alone; slices wanted, and how many more are
    tried where some were disturbed."""

    slice: float = 2.0
    warm_up: float = 1.5
    executor: float = 3.0
    rounds: int = 3
    more_rounds: int = 2


QUICK = Lengths(slice=1.0, warm_up=0.5, executor=0.5, rounds=1, more_rounds=0)


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice. CPU and elapsed times in seconds; `foreign` in cores; `memory` in MB."""

    outcome: Outcome
    server_cpu: float
    postgres_cpu: float
    load_cpu: float
    foreign: float
    memory: float

    @property
    def is_clean(self) -> bool:
        return self.foreign <= MAX_FOREIGN

    @property
    def rate(self) -> float:
        """Requests a second of a closed loop by its mean latency, which requests under way at the ends do not bend."""
        latencies = self.outcome.latencies
        return CONNECTIONS * len(latencies) * 1e6 / sum(latencies)


class LoadError(Exception):
    """The load process ended; it has said why."""


class Load:
    """The process that makes the load."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Load:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, order: Order) -> Outcome:
        """Raises LoadError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(order) + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise LoadError(f"The load on port {order.port} failed.")
        return Outcome(**orjson.loads(line))


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds used so far."""

    server: float
    postgres: float
    load: float
    own: float
    machine: float


class Meter:
    """Who has used how much CPU."""

    def __init__(self, server: Server, postgres: int, load: int) -> None:
        self._server = psutil.Process(server.pid)
        self._postgres = psutil.Process(postgres)
        self._load = psutil.Process(load)
        self._own = psutil.Process()

    def read(self) -> Usage:
        times = psutil.cpu_times()
        return Usage(
            tree_cpu(self._server),
            tree_cpu(self._postgres, one_thread_cpu),
            tree_cpu(self._load),
            own_cpu(self._own),
            # Without interrupts: those of the loopback device are ours, and no process is charged for them.
            times.user + times.nice + times.system + getattr(times, "steal", 0.0),
        )

    def memory(self) -> float:
        """Megabytes resident."""
        tree = [self._server, *self._server.children(recursive=True)]
        return float(sum(process.memory_info().rss for process in tree)) / MEGABYTE


def own_cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def one_thread_cpu(process: psutil.Process) -> float:
    """To the nanosecond where Linux tells: many backends that each do a little would drown in ticks of 10 ms."""
    try:
        return int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return own_cpu(process)


def tree_cpu(process: psutil.Process, cpu: Callable[[psutil.Process], float] = own_cpu) -> float:
    """Of a process and its children, those included that have ended: connections are replaced now and then."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
            total += cpu(one) + float(times.children_user + times.children_system)
        except psutil.NoSuchProcess:
            if one is process:
                raise
    return total


def measure(server: Server, query: Query, seconds: float, load: Load, postgres: int) -> Slice:
    """One slice. Raises LoadError."""
    meter = Meter(server, postgres, load.pid)
    order = Order(server.port, query.bodies(server.peer.dialect), CONNECTIONS, seconds)
    before = meter.read()
    outcome = load.run(order)
    after = meter.read()
    spent = [getattr(after, name) - getattr(before, name) for name in Usage.__slots__]
    ours = sum(spent[:-1])
    foreign = max(0.0, spent[-1] - ours) / outcome.seconds
    return Slice(outcome, spent[0], spent[1], spent[2], foreign, meter.memory())


Progress = Callable[[Server, Query], None]


def measure_query(
    servers: Sequence[Server], query: Query, lengths: Lengths, load: Load, postgres: int, progress: Progress
) -> dict[Server, list[Slice]]:
    """The slices of each server, which take turns. Raises LoadError."""
    for server in servers:
        progress(server, query)
        measure(server, query, lengths.warm_up, load, postgres)
    found: dict[Server, list[Slice]] = {server: [] for server in servers}
    for turn in range(lengths.rounds + lengths.more_rounds):
        for server, slices in found.items():
            if turn < lengths.rounds or sum(one.is_clean for one in slices) < lengths.rounds:
                progress(server, query)
                slices.append(measure(server, query, lengths.slice, load, postgres))
    return found
