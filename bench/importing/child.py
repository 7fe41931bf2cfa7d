"""`python -m bench.importing.child DSN WHAT`: one import in a process of its own, whose memory is measured.

WHAT is a number of generated items, the numbers of the first and of the one after the last (10000-20000), or a path.
Prints seconds, those of processors, peak memory in bytes and counts as JSON."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import orjson

from app.collecting import collect_rarely
from bench.importing.items import generated_source
from catalog.importing.plan import ImportPlan
from catalog.importing.progress import Silent
from catalog.importing.run import run_import
from database.connect_args import ConnectArgs
from database.open_session import open_session
from database.statement import plain
from domain.viewer import UNRESTRICTED
from sources.formats import open_source
from sources.source import Source


def peak_memory() -> int:
    """Bytes. What getrusage says on Linux is at least what the process had that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        [peak] = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(peak) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def processor_seconds(pid: int) -> float:
    """Of a process of this machine; 0 where its system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    times = stat.read_text().rpartition(")")[2].split()[11:13]  # after the name: user, system
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


async def run(dsn: str, what: str) -> dict[str, Any]:
    collect_rarely()  # as the command does
    source: Source = generated_source(what) or (await open_source(what)).source
    async with open_session(ConnectArgs(dsn)) as session:
        [[backend]] = await session.fetch(plain("bench", "SELECT pg_backend_pid()"), ())
        began, client, server = perf_counter(), process_time(), processor_seconds(backend)
        counts = await run_import(session, UNRESTRICTED, source, ImportPlan(1, "bench", what), Silent())
        seconds = perf_counter() - began
        client, server = process_time() - client, processor_seconds(backend) - server
    return {
        "seconds": seconds,
        "client": client,
        "server": server,
        "memory": peak_memory(),
        "done": counts.done,
        **asdict(counts),
    }


if __name__ == "__main__":
    print(orjson.dumps(asyncio.run(run(*sys.argv[1:]))).decode())  # noqa: T201
