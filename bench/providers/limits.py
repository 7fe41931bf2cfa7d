"""Limits that four processes share against a real server: how near to the limit they come, and whether ever above it.

Part of `python -m bench.providers`."""

from __future__ import annotations

import asyncio
import sys
from bisect import bisect_left

from app.settings import CHECKOUT
from database.connect_args import ConnectArgs
from providers.provider import RateLimit
from tests.support.faulty_server import faulty_server

PROCESSES = 4
# Those of the services that the product knows, and how many windows are filled.
LIMITS = [(RateLimit(40, 10.0, 20), 5), (RateLimit(40, 2.0, 20), 10), (RateLimit(2, 1.0, 4), 30)]
COLUMNS = ("limit", "calls", "seconds", "of the limit", "most in any window")


async def measure_limits(args: ConnectArgs) -> list[list[str]]:
    """A row for each limit."""
    return [await measure_limit(args, limit, windows) for limit, windows in LIMITS]


async def measure_limit(args: ConnectArgs, limit: RateLimit, windows: int) -> list[str]:
    at = await arrivals(args, limit, limit.calls * windows // PROCESSES)
    most = max(bisect_left(at, first + limit.seconds) - place for place, first in enumerate(at))
    # The last calls come at the beginning of their window.
    seconds = at[-limit.calls] - at[0]
    share = (len(at) - limit.calls) / seconds / (limit.calls / limit.seconds)
    return [f"{limit.calls} in {limit.seconds:g} s", str(len(at)), f"{seconds:.1f}", f"{share:.1%}", str(most)]


async def arrivals(args: ConnectArgs, limit: RateLimit, times: int) -> list[float]:
    """When the calls of all processes came, from when all of them had started."""
    async with faulty_server() as server:
        words = [args.dsn, server.url, limit.calls, limit.seconds, limit.margin, limit.parallel, times]
        command = [sys.executable, "-m", "tests.support.calling_process", *map(str, words)]
        running = [await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT) for _ in range(PROCESSES)]
        for process in running:
            if await process.wait():
                raise RuntimeError("A process that calls has failed.")
        return sorted(one.at for one in server.asked)
