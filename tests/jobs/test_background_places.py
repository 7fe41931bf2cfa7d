"""Runs that ask a metadata service leave places to who looks something up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from domain.enums import MediaKind
from jobs.kinds import KINDS
from jobs.refresh_metadata import REFRESH_METADATA, RefreshParameters
from providers.metadata.service import background_calls
from providers.provider import RateLimit
from providers.rate_limit import SharedLimiter
from providers.services import OutsideServices
from tests.support.api import Api
from tests.support.faulty_server import Asked, Behaviour, FaultyServer
from tests.support.jobs import QUICK, queue, until_status, working
from tests.support.metadata_server import add_films, metadata_server, metadata_services, serve_movies
from tests.support.pools import open_test_pool


@pytest.fixture
async def films() -> AsyncIterator[FaultyServer]:
    async with metadata_server() as server:
        yield server


def held(gate: asyncio.Event, does: Behaviour) -> Behaviour:
    async def do(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await does(asked, writer)

    return do


@asynccontextmanager
async def worker_of(films: FaultyServer, args: ConnectArgs, limits: RateLimit) -> AsyncIterator[OutsideServices]:
    """A worker as a process has one, with limits that are shared by the database alone."""
    async with open_test_pool(args, max=4) as pool:
        limiter = SharedLimiter(pool)
        async with (
            metadata_services(films, args, limiter, limits=limits) as services,
            working(args, replace(QUICK, slots=1), kinds=KINDS, services=services),
        ):
            yield services
            await limiter.close()


async def test_while_runs_of_two_workers_wait_for_answers_a_request_is_answered(
    films: FaultyServer, api: Api, writer: ConnectArgs, connection: Any
) -> None:
    """They have half of the places together: their calls wait for answers that do not come."""
    ids = await add_films(connection, 10)
    serve_movies(films, *ids, 99)
    gate = asyncio.Event()
    for id in ids:
        films.behaviours[f"/movie/{id}"] = [held(gate, films.behaviours[f"/movie/{id}"][0])]
    runs = [await queue(writer, REFRESH_METADATA, RefreshParameters(media=some)) for some in (ids[:5], ids[5:])]
    limits = RateLimit(1_000, 1, 4)
    async with worker_of(films, writer, limits), worker_of(films, writer, limits):
        for run in runs:
            await until_status(connection, run, "RUNNING")
        while films.running < 2:
            await asyncio.sleep(0.005)
        async with metadata_services(films, writer, SharedLimiter(api.pool), limits=limits) as web:
            deadline = asyncio.get_running_loop().time() + 60
            found = await web.metadata.title(MediaKind.MOVIE, 99, deadline=deadline)  # type: ignore[union-attr]
        most = films.most_running
        gate.set()
        rows = [await until_status(connection, run, "SUCCEEDED", "FAILED") for run in runs]
    assert (found is not None, [row["succeeded"] for row in rows], most) == (True, [5, 5], 3)


@pytest.mark.parametrize(
    ("limits", "calls"),
    [
        (None, 20),
        (RateLimit(1_000, 1), 20),
        (RateLimit(1_000, 1, 100), 20),
        (RateLimit(1_000, 1, 20), 10),
        (RateLimit(1_000, 1, 3), 1),
        (RateLimit(1_000, 1, 1), 1),
        (RateLimit(40, 10, 20), 7),  # one each 0.2575 seconds
        (RateLimit(1, 35), 1),
    ],
)
def test_a_process_begins_no_more_calls_than_have_their_turn_soon(limits: RateLimit | None, calls: int) -> None:
    assert background_calls(limits) == calls
