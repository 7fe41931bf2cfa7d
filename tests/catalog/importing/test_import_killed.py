"""Imports that are killed, or whose database is, at random points: they go on after the last chunk, to the same end.

MARQUEE_KILLS: how many rounds of each kind, for more of them at night."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import orjson
import pytest

from app.postgres.embedded import EmbeddedPostgres
from app.process.migrate import migrate
from catalog.importing.progress import Silent
from catalog.importing.run import run_import
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.viewer import UNRESTRICTED
from tests.support import killed_import, serving
from tests.support.backends import until_alone
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library
from tests.support.importing import ListSource, catalogue

CHECKOUT = Path(__file__).resolve().parents[3]
ROUNDS = int(os.environ.get("MARQUEE_KILLS", "0"))


async def imported(args: ConnectArgs) -> dict[str, Any]:
    """An import to its end; its counts."""
    source = ListSource(killed_import.readings())
    async with open_session(args) as session:
        return asdict(await run_import(session, UNRESTRICTED, source, killed_import.PLAN, Silent()))


@pytest.fixture
async def undisturbed(writer: ConnectArgs, connection: Any) -> tuple[dict[str, Any], Any]:
    """What an import comes to that nobody disturbs: its counts, and the catalogue."""
    await add_library(connection, kind=None)
    counts = await imported(writer)
    return counts, await catalogue(connection)


async def emptied(connection: Any) -> None:
    """As before the import, without what it has made along the way."""
    await connection.execute("TRUNCATE library, person, tag, genre, channel, collection, media_change CASCADE")
    for (table,) in await connection.fetch("SELECT relname FROM pg_class WHERE relname LIKE '%\\_media_count'"):
        await connection.execute(f"TRUNCATE {table}")
    await connection.execute("ALTER SEQUENCE library_id_seq RESTART")
    await add_library(connection, kind=None)


async def assert_same(connection: Any, undisturbed: tuple[dict[str, Any], Any], counts: dict[str, Any]) -> None:
    assert counts == undisturbed[0]
    assert await catalogue(connection) == undisturbed[1]
    await assert_no_drift(connection)


class Imports:
    """Imports in processes of their own."""

    def __init__(self, dsn: str) -> None:
        command = [sys.executable, "-m", "tests.support.killed_import", dsn]
        self.helper = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    async def killed_after(self, seconds: float) -> dict[str, Any] | None:
        """One that is killed after a time; its counts where it was faster."""
        assert self.helper.stdin is not None
        self.helper.stdin.write("import\n")
        number = int(await self._line())
        await asyncio.sleep(seconds)
        os.kill(number, signal.SIGKILL)  # its id is no other's until it is waited for
        self.helper.stdin.write("wait\n")
        last = await self._line()
        if not last:
            return None
        assert await self._line() == ""
        return dict(orjson.loads(last))

    async def _line(self) -> str:
        assert self.helper.stdout is not None
        return (await asyncio.to_thread(self.helper.stdout.readline)).strip()


@pytest.fixture
def imports(writer: ConnectArgs) -> Iterator[Imports]:
    started = Imports(writer.dsn)
    yield started
    started.helper.kill()
    started.helper.communicate()


HAS_ENDED = "SELECT EXISTS (SELECT FROM import_source WHERE synced_at IS NOT NULL)"


async def test_a_process_that_is_killed_goes_on_where_it_was(
    imports: Imports, connection: Any, undisturbed: tuple[dict[str, Any], Any]
) -> None:
    random = Random(3)
    kills = 0
    while kills < (ROUNDS or 7):
        await emptied(connection)
        counts, patience = None, 1.0
        while counts is None and not await connection.fetchval(HAS_ENDED):
            # At random points, the later ones too: each kill brings the next process nearer to the end. On a machine
            # that is so busy that none comes further, each has longer.
            counts = await imports.killed_after(random.uniform(0.05, 0.6) * patience)
            patience *= 1.1
            kills += counts is None
            await until_alone(connection)
        # One that was killed after its end, before it told its counts, leaves nothing to go on with.
        await assert_same(connection, undisturbed, counts or undisturbed[0])


TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


async def test_connections_that_are_lost_are_opened_anew_and_nothing_is_done_twice(
    writer: ConnectArgs, connection: Any, undisturbed: tuple[dict[str, Any], Any]
) -> None:
    random = Random(4)
    kills = 0
    while kills < (ROUNDS or 8):
        await emptied(connection)
        task = asyncio.create_task(imported(writer))
        while not task.done():
            await asyncio.sleep(random.uniform(0.05, 0.4))
            kills += len(await connection.fetch(TERMINATE))
        await assert_same(connection, undisturbed, await task)


async def test_a_database_that_is_killed_is_waited_for(undisturbed: tuple[dict[str, Any], Any]) -> None:
    random = Random(5)
    kills = 0
    with serving.state_folder() as folder:
        server = EmbeddedPostgres(folder)
        with server as args:
            await migrate(args)
            while kills < (ROUNDS or 5):
                await on(args, emptied)
                task = asyncio.create_task(imported(args))
                while not task.done():
                    await asyncio.sleep(random.uniform(0.1, 0.6))
                    os.kill(server.pid or 0, signal.SIGKILL)
                    await asyncio.sleep(random.uniform(0, 0.1))
                    server.restart()
                    kills += 1
                await on(args, partial(assert_same, undisturbed=undisturbed, counts=await task))


async def on(args: ConnectArgs, work: Callable[[Any], Awaitable[None]]) -> None:
    connection = await asyncpg.connect(**args.kwargs())
    try:
        await work(connection)
    finally:
        await connection.close()
