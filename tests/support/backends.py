"""The database's side of processes that a test kills or stops: what they have sent is still carried out by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import psutil

from database.connect_args import ConnectArgs

OTHERS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
# As if nothing had been heard of these for long; one that is in the middle of a heartbeat comes the next time.
GONE = """
UPDATE job_worker SET heartbeat_at = now() - interval '1 hour'
WHERE id IN (SELECT id FROM job_worker WHERE id = any($1) FOR UPDATE SKIP LOCKED)
"""
# Also those of which a statement has come in half: they wait for the rest of it.
END_TRANSACTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid = any($1) AND xact_start IS NOT NULL AND wait_event = 'ClientRead'
"""


async def until_alone(connection: Any) -> None:
    """Until nobody else is connected: what killed processes have sent is committed by then, or never will be."""
    while await connection.fetch(OTHERS):
        await asyncio.sleep(0.01)


@asynccontextmanager
async def given_up(args: ConnectArgs, connection: Any, process: int) -> AsyncIterator[None]:
    """Of a process that was sent SIGSTOP, and alone has connections: within this others see it as gone for long. What
    it holds in the middle of a chunk goes with its connection, whenever the database comes to that."""
    while psutil.Process(process).status() != psutil.STATUS_STOPPED:
        await asyncio.sleep(0.01)
    backends = [row[0] for row in await connection.fetch(OTHERS)]
    workers = [row[0] for row in await connection.fetch("SELECT id FROM job_worker")]
    is_over = asyncio.Event()

    async def give_up() -> None:
        admin: Any = await asyncpg.connect(**args.kwargs())
        while not is_over.is_set():
            await admin.fetch(END_TRANSACTIONS, backends)
            await admin.execute(GONE, workers)
            await asyncio.sleep(0.02)
        await admin.close()

    task = asyncio.create_task(give_up())
    try:
        yield
    finally:
        is_over.set()
        await task
