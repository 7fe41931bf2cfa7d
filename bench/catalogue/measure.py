"""Measuring: every operation alone, over one connection for its latency and over several for its rate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg

from bench.catalogue.edits import EDITS
from bench.catalogue.filters import FILTERS
from bench.catalogue.operation import Operation
from bench.catalogue.reads import READS
from bench.catalogue.subject import Subject, read_subject, with_made
from bench.database import Database
from bench.load import Order, Outcome
from bench.measure import CONNECTIONS, MAX_FOREIGN, Load, Meter
from bench.result import percentile
from bench.servers import Server

QUERIES = (*READS, *FILTERS)
OPERATIONS = (*QUERIES, *EDITS)
EDIT_SECONDS = 60.0  # edits end when each was sent once
SLOW = 1_000_000  # microseconds: what takes longer in the middle is not measured any further

# What one request cost the database: statements that read or write, and milliseconds of all, plans included.
COST = """
SELECT
    coalesce(sum(calls) FILTER (WHERE query ~* '^\\s*(select|with|insert|update|delete)'), 0)::float8,
    coalesce(sum(total_plan_time + total_exec_time), 0)::float8
FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid
WHERE d.datname = current_database() AND query NOT LIKE '%pg_stat_statements%' AND query NOT LIKE '%pg_advisory%'
"""
RESET = "SELECT pg_stat_statements_reset()"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds of a slice and of a warm-up; rounds through the queries; sets of variables of an edit."""

    slice: float = 1.0
    warm_up: float = 0.3
    rounds: int = 3
    edits: int = 201


QUICK = Lengths(slice=0.1, warm_up=0.02, rounds=1, edits=9)


@dataclass(frozen=True, slots=True)
class Slice:
    """`cost`: statements, and milliseconds in the database, of all requests of the slice. `foreign`: cores that
    others used."""

    outcome: Outcome
    cost: tuple[float, float]
    foreign: float


@dataclass(frozen=True, slots=True)
class Result:
    """The slices of an operation: one request at a time, and many."""

    alone: list[Slice] = field(default_factory=list)
    crowded: list[Slice] = field(default_factory=list)

    @property
    def latencies(self) -> list[int]:
        """Microseconds, ascending: of the slices that nobody disturbed, of all where there is none."""
        clean = [one for one in self.alone if one.foreign <= MAX_FOREIGN]
        return sorted(latency for one in clean or self.alone for latency in one.outcome.latencies)

    def milliseconds(self, share: float) -> float:
        return percentile(self.latencies, share) / 1e3

    @property
    def is_slow(self) -> bool:
        return bool(self.alone) and percentile(self.latencies, 0.5) > SLOW

    @property
    def rate(self) -> float | None:
        """Requests a second by the mean latency, which requests under way at the ends do not bend."""
        latencies = [latency for one in self.crowded for latency in one.outcome.latencies]
        return min(CONNECTIONS, len(latencies)) * len(latencies) * 1e6 / sum(latencies) if latencies else None

    @property
    def statements(self) -> float:
        return sum(one.cost[0] for one in self.alone) / self.requests

    @property
    def database_ms(self) -> float:
        """A request's, on average over those that were sent one at a time."""
        return sum(one.cost[1] for one in self.alone) / self.requests

    @property
    def requests(self) -> int:
        return sum(len(one.outcome.latencies) for one in self.alone)

    @property
    def outcomes(self) -> list[Outcome]:
        return [one.outcome for one in (*self.alone, *self.crowded)]

    @property
    def failures(self) -> int:
        return sum(one.failures for one in self.outcomes)

    @property
    def refusal(self) -> str:
        """How an answer began that was not fine."""
        return next((one.refusal for one in self.outcomes if one.refusal), "")

    @property
    def disturbed(self) -> int:
        return sum(one.foreign > MAX_FOREIGN for one in (*self.alone, *self.crowded))


Results = Mapping[Operation, Result]


class Bench:
    """A server on a database, the load, and a connection that looks at what the database counts."""

    def __init__(self, server: Server, database: Database, load: Load, connection: asyncpg.Connection) -> None:
        self._server = server
        self._load = load
        self._meter = Meter(server, database.pid, load.pid)
        self.connection = connection

    async def slice(self, operation: Operation, bodies: Sequence[str], seconds: float, connections: int = 1) -> Slice:
        """Raises LoadError."""
        once = operation.is_edit
        order = Order(self._server.port, bodies, connections, seconds, operation.answer, once)
        await self.connection.execute(RESET)
        before = self._meter.read()
        outcome = await asyncio.to_thread(self._load.run, order)
        after = self._meter.read()
        cost = await self.connection.fetchrow(COST)
        assert cost is not None
        ours = sum(getattr(after, name) - getattr(before, name) for name in ("server", "postgres", "load", "own"))
        foreign = max(0.0, after.machine - before.machine - ours) / outcome.seconds
        return Slice(outcome, tuple(cost), foreign)


async def measure(
    server: Server,
    database: Database,
    size: int,
    lengths: Lengths,
    load: Load,
    asked: Sequence[str],
    progress: Progress,
) -> Results:
    """What each operation did whose name is asked for. Raises LoadError."""
    connection = await asyncpg.connect(**database.args.kwargs())
    bench = Bench(server, database, load, connection)
    subject = await read_subject(connection, size)
    reads = {one: one.bodies(subject) for one in QUERIES if one.name in asked}
    found = await measure_reads(bench, {one: bodies for one, bodies in reads.items() if bodies}, lengths, progress)
    edits = [one for one in EDITS if one.name in asked]
    found |= await measure_edits(bench, edits, subject, lengths, progress)
    await connection.close()
    return found


async def measure_reads(
    bench: Bench, bodies: Mapping[Operation, Sequence[str]], lengths: Lengths, progress: Progress
) -> dict[Operation, Result]:
    """The operations take turns, so that what disturbs one for a while disturbs them all."""
    found = {operation: Result() for operation in bodies}
    for turn in range(lengths.rounds):
        for operation, result in found.items():
            progress(f"{operation.title}, round {turn + 1}")
            if result.is_slow:
                continue
            if turn == 0:
                await bench.slice(operation, bodies[operation], lengths.warm_up)
            result.alone.append(await bench.slice(operation, bodies[operation], lengths.slice))
            if not result.is_slow:
                result.crowded.append(await bench.slice(operation, bodies[operation], lengths.slice, CONNECTIONS))
    return found


async def measure_edits(
    bench: Bench, edits: Sequence[Operation], subject: Subject, lengths: Lengths, progress: Progress
) -> dict[Operation, Result]:
    """The first request warms up, every second one of the others is sent alone, the rest over many connections."""
    found = {}
    for edit in edits:
        progress(edit.title)
        bodies = edit.bodies(await with_made(subject, bench.connection))[: lengths.edits]
        await bench.slice(edit, bodies[:1], EDIT_SECONDS)
        if len(bodies) >= 3:
            alone = await bench.slice(edit, bodies[1::2], EDIT_SECONDS)
            found[edit] = Result([alone], [await bench.slice(edit, bodies[2::2], EDIT_SECONDS, CONNECTIONS)])
    return found
