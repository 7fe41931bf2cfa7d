"""How long `lookup` takes over GraphQL with a service that answers in 200 ms, of titles that are not kept.

Part of `python -m bench.providers`."""

from __future__ import annotations

import asyncio
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from database.connect_args import ConnectArgs
from tests.support.api import open_api
from tests.support.faulty_server import FaultyServer
from tests.support.metadata_server import metadata_server, metadata_services, movie, serve_json

LATENCY = 0.2  # seconds
LOOKUPS, AT_ONCE = 200, 5


def slowed(server: FaultyServer) -> None:
    """Every answer comes after so long."""
    for path, behaviours in server.behaviours.items():

        async def slow(asked: Any, writer: Any, behaviour: Any = behaviours[-1]) -> None:
            await asyncio.sleep(LATENCY)
            await behaviour(asked, writer)

        server.behaviours[path] = [slow]


async def lookup_milliseconds(args: ConnectArgs) -> tuple[float, float]:
    """Median and 95th percentile, of titles that were never asked for."""
    async with metadata_server() as server:
        serve_json(server, "/search/movie", {"results": [movie(one) for one in range(1, 21)]})
        slowed(server)
        async with metadata_services(server, args) as services, open_api(args) as api:
            api.service.outside = services
            times: list[float] = []
            numbers = iter(range(LOOKUPS))

            async def client() -> None:
                for number in numbers:
                    started = perf_counter()
                    text = f'{{ lookup(title: "Film {number}") {{ title score externalIds {{ media {{ id }} }} }} }}'
                    await api.run(text)
                    times.append((perf_counter() - started) * 1000)

            await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return median(times), quantiles(times, n=100)[94]
