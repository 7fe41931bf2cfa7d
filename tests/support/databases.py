"""Databases for the tests: one server a run, a migrated template, clones of it for writers, shared ones for readers."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from app.postgres.embedded import EmbeddedPostgres
from app.process.migrate import migrate
from database import migrations
from database.connect_args import ConnectArgs

# Nothing here outlives the run, and what plans depend on is analysed by the tests themselves.
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
}
# Copying a database takes a third of the time there, and a sixth of the system's CPU.
MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30  # bytes: all databases of a run that exist at once, several times over
PREFIX = "marquee-test-"  # then the process of the run


def make_folder() -> Path:
    """A new folder for a run's server, in memory where there is room."""
    for place in (MEMORY, Path(tempfile.gettempdir())):
        remove_leftovers(place)
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if in_memory else None))
    folder.chmod(0o755)
    return folder


def remove_leftovers(place: Path) -> None:
    """Removes the folders of runs that were killed: in memory they would be in the way of everything else."""
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError):
            os.kill(int(folder.name.removeprefix(PREFIX).partition("-")[0]), 0)
            continue
        shutil.rmtree(folder, ignore_errors=True)


def database_url(server: str, name: str) -> str:
    """The address of a database on the server of another address."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


class TestServer:
    """The server of a test run: DATABASE_URL's, or an embedded one in a folder that goes away."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.prefix = f"marquee_test_{uuid4().hex[:8]}"
        outside = os.environ.get("DATABASE_URL")
        self._embedded = None if outside else EmbeddedPostgres(folder, THROW_AWAY)
        self.url = outside or self._embedded.start().dsn  # type: ignore[union-attr]

    async def drop_all(self) -> None:
        """Drops what the run has made, on an outside server."""
        connection = await asyncpg.connect(self.url)
        names = await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", self.prefix)
        for row in names:
            await connection.execute(f'DROP DATABASE "{row[0]}" WITH (FORCE)')
        await connection.close()

    def stop(self) -> None:
        if self._embedded is not None:
            self._embedded.stop()


async def shared(url: str, name: str, fill: Callable[[Any], Awaitable[None]]) -> ConnectArgs:
    """The database `name`, made by the first who asks: migrated, then filled, then renamed to its name."""
    args = ConnectArgs(database_url(url, name))
    admin = await asyncpg.connect(url)
    try:
        await admin.execute("SELECT pg_advisory_lock(hashtext($1))", name)
        if not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name):
            unfinished = ConnectArgs(database_url(url, f"{name}_new"))
            await admin.execute(f'CREATE DATABASE "{name}_new" TEMPLATE template0')
            await migrate(unfinished)
            connection = await asyncpg.connect(**unfinished.kwargs())
            await fill(connection)
            await connection.close()
            await admin.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    finally:
        await admin.close()
    return args


async def clone(url: str, template: str, name: str) -> ConnectArgs:
    """A database of one's own, copied from a template, file by file: a third of the time of copying through the log."""
    admin = await asyncpg.connect(url)
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    await admin.close()
    return ConnectArgs(database_url(url, name))


async def migrate_before(args: ConnectArgs, migration: str) -> None:
    """Applies to a database without a schema the migrations before this one ("0031")."""
    connection = await asyncpg.connect(**args.kwargs())
    await connection.execute(migrations.TABLE)
    for path in migrations.files():
        if path.name < migration:
            await migrations.apply(connection, args, path, migrations.LOCK_SECONDS)
    await connection.close()


async def drop(url: str, name: str) -> None:
    admin = await asyncpg.connect(url)
    await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await admin.close()
