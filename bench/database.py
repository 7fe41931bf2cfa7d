"""The database of the benchmark: the embedded PostgreSQL in `.bench/`, filled once and kept for the next run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import asyncpg

from app.postgres.embedded import EmbeddedPostgres
from app.process.migrate import migrate
from app.settings import CHECKOUT
from bench.generated.load import load_generated
from database.connect_args import ConnectArgs
from database.open_session import open_session

FOLDER = CHECKOUT / ".bench"
MEDIA = 100_000
# Beyond what the product sets: room for every peer's pool, and nothing that runs by itself in the middle of a slice.
OPTIONS = {"max_connections": "300", "autovacuum": "off", "checkpoint_timeout": "1h"}
# Settings that the report names.
NAMED = ("shared_buffers", "work_mem", "effective_cache_size", "random_page_cost", "jit")


@dataclass(frozen=True, slots=True)
class Database:
    """A running server: how to reach it, and the process id of its postmaster."""

    args: ConnectArgs
    pid: int

    def environment(self) -> dict[str, str]:
        """The same address as the variables that libpq, asyncpg and node-postgres read."""
        address = urlsplit(self.args.dsn)
        query = parse_qs(address.query)
        return {
            "PGHOST": query["host"][0],
            "PGPORT": query["port"][0],
            "PGUSER": address.username or "",
            "PGDATABASE": address.path.strip("/"),
            "PGSSLMODE": "disable",
        }


@contextmanager
def running() -> Iterator[Database]:
    """The filled database, for as long as the context lasts. Raises PostgresError."""
    server = EmbeddedPostgres(FOLDER, OPTIONS)
    with server as args:
        assert server.pid is not None
        asyncio.run(fill(args))
        yield Database(args, server.pid)


async def fill(args: ConnectArgs) -> None:
    """Brings schema and data up to date; statistics and visibility are those of a settled database."""
    await migrate(args)
    async with open_session(args) as session:
        await load_generated(session, MEDIA)
    connection = await asyncpg.connect(**args.kwargs())
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    await connection.execute("VACUUM (ANALYZE)")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def server_settings(args: ConnectArgs) -> dict[str, str]:
    """The version of the server, and the settings that matter here."""
    connection = await asyncpg.connect(**args.kwargs())
    found = {name: await connection.fetchval(f"SHOW {name}") for name in ("server_version", *NAMED)}
    await connection.close()
    return found
