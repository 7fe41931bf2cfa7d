"""A release index over a real socket, of releases that a test makes up."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from database.connect_args import ConnectArgs
from providers.cache.cache import Cache
from providers.cache.store import Bounds
from providers.circuit_breaker import CircuitBreaker
from providers.client import OutboundClient
from providers.limiter import Limiter
from providers.releases.service import ReleaseIndex
from providers.services import OutsideServices
from tests.support.cache_stores import Place
from tests.support.faulty_server import Asked, Behaviour, FaultyServer, answer, faulty_server
from tests.support.outbound import NoLimits, provider_of

PATH = "/releases/analyse"


def indexed(name: str, **more: Any) -> dict[str, Any]:
    """What the index says of a release; its group is what stands behind the last hyphen."""
    return {"name": name, "group": name.rpartition("-")[2], "size": 700, "publishedAt": "2024-05-06T07:08:09Z", **more}


@dataclass
class IndexServer:
    """known: by name, what is said of a release, anything as long as it is JSON; faults: by the first name of a batch,
    what is done in the place of an answer: one after the other, or the first one again and again where the name is in
    `lasting`."""

    server: FaultyServer
    known: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, list[Behaviour]] = field(default_factory=dict)
    lasting: set[str] = field(default_factory=set)

    def know(self, *names: str, **more: Any) -> None:
        self.known |= {name: indexed(name, **more) for name in names}

    @property
    def batches(self) -> list[tuple[str, tuple[str, ...]]]:
        """What was asked by each call: category and names."""
        bodies = [orjson.loads(one.body) for one in self.server.asked]
        return [(body["category"], tuple(body["names"])) for body in bodies]

    @property
    def times_asked(self) -> Counter[str]:
        """How often each name was asked."""
        return Counter(name for _, names in self.batches for name in names)

    async def serve(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        names = orjson.loads(asked.body)["names"]
        faults = self.faults.get(names[0], [])
        if faults:
            fault = faults[0] if names[0] in self.lasting else faults.pop(0)
            await fault(asked, writer)
            return
        found = [self.known[name] for name in names if name in self.known]
        await answer(orjson.dumps({"releases": found}))(asked, writer)


@asynccontextmanager
async def index_server() -> AsyncIterator[IndexServer]:
    async with faulty_server() as server:
        index = IndexServer(server)
        server.otherwise = index.serve
        yield index


@asynccontextmanager
async def index_services(
    index: IndexServer,
    args: ConnectArgs,
    limiter: Limiter | None = None,
    *,
    batch_size: int = 10,
    breaker: CircuitBreaker | None = None,
    **given: Any,
) -> AsyncIterator[OutsideServices]:
    """Services that ask it, with a cache in the database. `given`: of its Provider."""
    async with Place("postgres", args=args).opened(Bounds(20_000, 100_000_000)) as store:
        cache, client = Cache(store), OutboundClient(limiter or NoLimits(), breaker=breaker)
        provider = provider_of(index.server, **{"name": "releases", **given})
        services = OutsideServices(client, cache, releases=ReleaseIndex(client, cache, provider, batch_size))
        try:
            yield services
        finally:
            await client.close()


ADD_RELEASES = """
INSERT INTO release (name, category) SELECT name, $2 FROM unnest($1::text[]) WITH ORDINALITY AS n(name, place)
ORDER BY place
"""


async def add_releases(connection: Any, category: str, *names: str) -> None:
    await connection.execute(ADD_RELEASES, list(names), category)


async def states_of(connection: Any) -> Mapping[str, int]:
    """How many releases there are in each state."""
    rows = await connection.fetch("SELECT state, count(*) FROM release GROUP BY state")
    return {row[0]: row[1] for row in rows}


def names_of(category: str, number: int, group: str = "GRP") -> list[str]:
    return [f"{category}.{place:04}-{group}" for place in range(number)]


def report_of(row: Any) -> dict[str, Any]:
    """Without what depends on the machine."""
    report: dict[str, Any] = json.loads(row["report"])
    assert report.pop("seconds") >= 0
    report.pop("releasesPerMinute")
    return report
