"""Runs that ask a metadata service leave places to who looks something up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from domain.enums import MediaKind
from jobs.kinds import KINDS
from jobs.warm_cache import WARM_CACHE, WarmParameters
from providers.metadata.service import background_places
from providers.provider import RateLimit
from providers.rate_limit import SharedLimiter
from tests.support.api import Api
from tests.support.faulty_server import Asked, Behaviour, FaultyServer
from tests.support.jobs import queue, until_status, working
from tests.support.metadata_server import metadata_server, metadata_services, serve_movies


@pytest.fixture
async def films() -> AsyncIterator[FaultyServer]:
    async with metadata_server() as server:
        yield server


def held(gate: asyncio.Event, does: Behaviour) -> Behaviour:
    async def do(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await does(asked, writer)

    return do


async def test_a_run_has_half_of_the_places(
    films: FaultyServer, api: Api, writer: ConnectArgs, connection: Any
) -> None:
    """While its calls wait for answers that do not come, others are answered."""
    serve_movies(films, *range(1, 11))
    gate = asyncio.Event()
    for id in range(1, 10):
        films.behaviours[f"/movie/{id}"] = [held(gate, films.behaviours[f"/movie/{id}"][0])]
    calls = [f"movie/{id}" for id in range(1, 10)]
    run = await queue(writer, WARM_CACHE, WarmParameters("tmdb", calls))
    limits = RateLimit(1_000, 1, 4)
    services = metadata_services(films, writer, SharedLimiter(api.pool), limits=limits)
    async with services as opened, working(writer, kinds=KINDS, services=opened):
        while films.running < 2:
            await asyncio.sleep(0.005)
        found = await opened.metadata.title(MediaKind.MOVIE, 10)  # type: ignore[union-attr]
        most = films.most_running
        gate.set()
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")
    assert (found is not None, row["succeeded"], most) == (True, 9, 3)


@pytest.mark.parametrize(("parallel", "places"), [(None, 20), (100, 20), (20, 10), (3, 1), (1, 1)])
def test_places_of_runs_are_half_of_all(parallel: int | None, places: int) -> None:
    assert background_places(RateLimit(40, 10, parallel)) == places
