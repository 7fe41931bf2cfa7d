"""How long queries take at a size: each class one request at a time, and all of them over many connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench.catalogue import database
from bench.database import Database
from bench.load import Order, Outcome
from bench.measure import CONNECTIONS, Load
from bench.result import percentile
from bench.search.corpus import CLASSES, SUGGEST, QueryClass, Request, Sample, read_sample, requests_of
from bench.search.server import serving

SECONDS = 120.0  # that the requests of a class may take
CROWD_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ClassSpeed:
    """Microseconds of each request of a class, in the order of the requests; how many failed, and how one said so."""

    requests: Sequence[Request]
    latencies: Sequence[int]
    failures: int
    refusal: str

    def milliseconds(self, share: float) -> float:
        return percentile(sorted(self.latencies), share) / 1e3

    @property
    def worst(self) -> tuple[float, str]:
        """Milliseconds of the slowest request, and its words."""
        latency, request = max(zip(self.latencies, self.requests, strict=False), key=lambda pair: pair[0])
        return latency / 1e3, request.query


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one size. `rate`: requests a second of all classes but `suggest` in turn, over many connections."""

    classes: Mapping[str, ClassSpeed]
    rate: float

    def latencies(self, *, suggest: bool) -> list[int]:
        """Ascending, of `suggest` or of all other classes."""
        return sorted(
            latency
            for name, speed in self.classes.items()
            if (name == "suggest") == suggest
            for latency in speed.latencies
        )


def measure_speed(folder: Path, size: int, load: Load, progress: Callable[[str], None]) -> Speed:
    """With the database of so many media, which is made first where it is not there."""
    with database.running(folder, size, progress) as filled:
        sample = asyncio.run(sampled(filled, size))
        with serving(filled, folder) as port:
            found = {}
            for one in CLASSES:
                progress(one.name)
                found[one.name] = measure_class(one, sample, port, load)
            progress("all at once")
            return Speed(found, crowd_rate(sample, port, load))


async def sampled(filled: Database, size: int) -> Sample:
    connection = await asyncpg.connect(**filled.args.kwargs())
    sample = await read_sample(connection, size)
    await connection.close()
    return sample


def measure_class(of: QueryClass, sample: Sample, port: int, load: Load) -> ClassSpeed:
    """Each request once to warm up, and once more."""
    requests = requests_of(of, sample)
    bodies = [request.body(of.document) for request in requests]
    for _ in range(2):
        outcome = load.run(Order(port, bodies, 1, SECONDS, once=True))
    return ClassSpeed(requests, outcome.latencies, outcome.failures, outcome.refusal)


def crowd_rate(sample: Sample, port: int, load: Load) -> float:
    """The classes take turns, so that any stretch of the corpus has some of each."""
    parts = [
        [(request.body(of.document), place / len(requests)) for place, request in enumerate(requests)]
        for of in CLASSES
        if of.document != SUGGEST
        for requests in [requests_of(of, sample)]
    ]
    bodies = [body for body, _ in sorted((pair for part in parts for pair in part), key=lambda pair: pair[1])]
    return rate(load.run(Order(port, bodies, CONNECTIONS, CROWD_SECONDS)))


def rate(outcome: Outcome) -> float:
    """Requests a second of a closed loop, by the mean latency."""
    return CONNECTIONS * len(outcome.latencies) * 1e6 / sum(outcome.latencies)
