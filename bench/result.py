"""From slices to figures: what a peer did on a query, and how two peers compare."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.measure import Slice
from bench.servers import Peer, Server
from bench.verify import Statements

NODE_PEERS = ("postgraphile", "mercurius")


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a peer on a query. Latencies and CPU a request in milliseconds, memory in MB.

    Times come from the slices that nobody disturbed (from all where there is none), CPU from all."""

    rate: float
    lowest_rate: float
    highest_rate: float
    p50: float
    p99: float
    server_ms: float
    postgres_ms: float
    load_cores: float
    memory: float
    failures: int
    slices: int
    disturbed: int


def summarise(slices: Sequence[Slice]) -> Figures:
    clean = [one for one in slices if one.is_clean]
    timed = clean or slices
    rates = [one.rate for one in timed]
    latencies = sorted(latency for one in timed for latency in one.outcome.latencies)
    requests = sum(len(one.outcome.latencies) for one in slices)
    return Figures(
        rate=median(rates),
        lowest_rate=min(rates),
        highest_rate=max(rates),
        p50=percentile(latencies, 0.50) / 1e3,
        p99=percentile(latencies, 0.99) / 1e3,
        server_ms=sum(one.server_cpu for one in slices) * 1e3 / requests,
        postgres_ms=sum(one.postgres_cpu for one in slices) * 1e3 / requests,
        load_cores=sum(one.load_cpu for one in slices) / sum(one.outcome.seconds for one in slices),
        memory=max(one.memory for one in slices),
        failures=sum(one.outcome.failures for one in slices),
        slices=len(slices),
        disturbed=len(slices) - len(clean),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A peer's row: the figures of its better server, the plans that this one has, its statements a request."""

    figures: Figures
    plan: str
    statements: Statements


def better(found: Mapping[Server, Sequence[Slice]]) -> dict[Peer, tuple[Server, Figures]]:
    """Of each peer the server that answers more requests a second."""
    chosen: dict[Peer, tuple[Server, Figures]] = {}
    for server, slices in found.items():
        figures = summarise(slices)
        if server.peer not in chosen or figures.rate > chosen[server.peer][1].rate:
            chosen[server.peer] = server, figures
    return chosen


def percentile(ascending: Sequence[int], share: float) -> int:
    """The smallest value that at least this share of all do not exceed."""
    return ascending[max(0, math.ceil(len(ascending) * share) - 1)]


@dataclass(frozen=True, slots=True)
class Ratios:
    """Marquee against others on one query; None where one of the two was not measured.

    `tail` is the p99 of the Node peer with the lower one over Marquee's: below 1, Marquee's is the worse."""

    node: float | None
    node_peer: str
    floor: float | None
    sampled: float | None
    reference: float | None
    tail: float | None


def ratios(entries: Mapping[Peer, Entry]) -> Ratios:
    found = {peer.name: entry.figures for peer, entry in entries.items()}
    titles = {peer.name: peer.title for peer in entries}
    nodes = [name for name in NODE_PEERS if name in found]
    own = found.get("marquee")
    best = max(nodes, key=lambda name: found[name].rate, default="")
    tail = min((found[name].p99 for name in nodes), default=None)

    def times(name: str) -> float | None:
        return own.rate / found[name].rate if own is not None and name in found else None

    return Ratios(
        node=times(best),
        node_peer=titles.get(best, ""),
        floor=times("floor"),
        sampled=times("sampled"),
        reference=times("reference"),
        tail=tail / own.p99 if own is not None and tail is not None else None,
    )
