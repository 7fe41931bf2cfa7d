"""A run that refreshes the metadata of many media within a generous limit, whose worker is killed in the middle.

`python -m bench.providers refresh`, and part of `python -m bench.providers`."""

from __future__ import annotations

import asyncio
import subprocess
from bisect import bisect_left
from collections import Counter
from time import monotonic
from typing import Any

import asyncpg
import orjson

from database.connect_args import ConnectArgs
from jobs.refresh_metadata import REFRESH_METADATA, RefreshParameters
from providers.provider import RateLimit
from tests.support.faulty_server import Asked, FaultyServer, answer
from tests.support.jobs import queue, worker_process
from tests.support.metadata_server import add_films, metadata_server, movie

MEDIA = 10_000
LIMIT = RateLimit(1_000, 5.0, 40)
COLUMNS = (
    *("media", "calls", "of the limit", f"most in any {LIMIT.seconds:g} s", "seconds", "killed after"),
    *("kept by then", "of these called again", "others called again"),
)
STATE = "SELECT status, succeeded, failed FROM job_run WHERE id = $1"
KEPT = "SELECT call FROM provider_cache WHERE provider = 'tmdb'"


async def measure_refresh(args: ConnectArgs, number: int = MEDIA) -> list[str]:
    """The row of the table. RuntimeError where a media was not refreshed."""
    connection = await asyncpg.connect(args.dsn, statement_cache_size=0)
    try:
        async with metadata_server() as server:
            server.otherwise = any_movie
            await add_films(connection, number)
            run, started = await queue(args, REFRESH_METADATA, RefreshParameters()), monotonic()
            await until_killed(args, server, number // 2)
            kept, before = {f"/{row[0]}" for row in await connection.fetch(KEPT)}, len(server.asked)
            await forget_worker(connection)
            await until_ended(args, server, connection, run, number)
            seconds = monotonic() - started
    finally:
        await connection.close()
    return row_of_refresh(server.asked, kept, before, seconds, number)


async def any_movie(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await answer(orjson.dumps(movie(int(asked.path.rpartition("/")[2]))))(asked, writer)


def worker(args: ConnectArgs, server: FaultyServer) -> subprocess.Popen[bytes]:
    settings = {
        "MARQUEE_METADATA_URL": server.url,
        "MARQUEE_METADATA_ALLOW_PRIVATE": "true",
        "MARQUEE_METADATA_CALLS": str(LIMIT.calls),
        "MARQUEE_METADATA_SECONDS": str(LIMIT.seconds),
        "MARQUEE_METADATA_PARALLEL": str(LIMIT.parallel),
    }
    return worker_process(args, settings=settings)


async def until_killed(args: ConnectArgs, server: FaultyServer, calls: int) -> None:
    """The worker's process is killed once it has asked for so many."""
    process = worker(args, server)
    try:
        while len(server.asked) < calls:
            if process.poll() is not None:
                raise RuntimeError("The worker has ended.")
            await asyncio.sleep(0.05)
    finally:
        process.kill()
        process.wait()


async def forget_worker(connection: Any) -> None:
    """As if all that it held had expired."""
    await connection.execute("UPDATE job_worker SET heartbeat_at = heartbeat_at - interval '1 hour'")
    await connection.execute("DELETE FROM provider_cache_lease")


async def until_ended(args: ConnectArgs, server: FaultyServer, connection: Any, run: int, number: int) -> None:
    """Another worker goes on to the end."""
    process = worker(args, server)
    try:
        ended = ("RUNNING", 0, 0)
        while ended[0] not in ("SUCCEEDED", "FAILED"):
            await asyncio.sleep(0.1)
            ended = tuple(await connection.fetchrow(STATE, run))
    finally:
        process.terminate()
        process.wait()
    if ended != ("SUCCEEDED", number, 0):
        raise RuntimeError(f"The run ended so: {ended}.")


def row_of_refresh(asked: list[Asked], kept: set[str], before: int, seconds: float, number: int) -> list[str]:
    at = [one.at for one in asked]
    most = max(bisect_left(at, first + LIMIT.seconds) - place for place, first in enumerate(at))
    again = Counter(one.path for one in asked[before:])
    first = {one.path for one in asked[:before]}
    kept_again = sum(again[path] for path in kept)
    others = sum(count for path, count in again.items() if path in first and path not in kept)
    share = len(asked) / seconds / (LIMIT.calls / LIMIT.seconds)
    told = [f"{number:,}", f"{len(asked):,}", f"{share:.0%}", f"{most:,} of {LIMIT.calls:,}", f"{seconds:.1f}"]
    return [*told, f"{before:,} calls", f"{len(kept):,}", str(kept_again), str(others)]
