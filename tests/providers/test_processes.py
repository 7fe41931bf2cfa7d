"""Four processes share one limit against a real server."""

from __future__ import annotations

import asyncio
import sys
from bisect import bisect_left
from pathlib import Path

from database.connect_args import ConnectArgs
from tests.support.faulty_server import Asked, FaultyServer, answer

CHECKOUT = Path(__file__).resolve().parents[2]
PROCESSES, TIMES = 4, 15
CALLS, SECONDS, PARALLEL = 40, 1.0, 6
# A window of three seconds: a call would have to be under way for a second to come into another one of one second.
MARGIN = 2.0


async def test_no_window_has_more_calls_than_the_limit(server: FaultyServer, writer: ConnectArgs) -> None:
    async def slowly(asked: Asked, stream: asyncio.StreamWriter) -> None:
        while server.most_running < 2:  # until another process calls too
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        await answer(b"{}")(asked, stream)

    server.behaviours = {"/a": [slowly]}
    words = [writer.dsn, server.url, CALLS, SECONDS, MARGIN, PARALLEL, TIMES]
    command = [sys.executable, "-m", "tests.support.calling_process", *map(str, words)]

    running = [await asyncio.create_subprocess_exec(*command, cwd=CHECKOUT) for _ in range(PROCESSES)]
    ended = await asyncio.gather(*(process.wait() for process in running))

    at = sorted(one.at for one in server.asked)
    most = max(bisect_left(at, first + SECONDS) - place for place, first in enumerate(at))
    assert ended == [0] * PROCESSES
    assert len(at) == PROCESSES * TIMES
    assert most <= CALLS
    assert 1 < server.most_running <= PARALLEL
