"""Applies migrations/*.sql in order, each once, forward only.

A file runs in one transaction with its entry in schema_migration; one whose first line is `-- no transaction` runs
statement by statement as PostgreSQL demands for CREATE INDEX CONCURRENTLY. A lock of a transaction keeps runners apart:
a session's would stay on the connection of a pooler."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg

from database.connect_args import ConnectArgs

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 0x6D617271  # "marq"
LOCK_SECONDS = 60.0
LOOK_AGAIN = 0.1
NO_TRANSACTION = "-- no transaction"
ENCODING = "UTF8"

KNOWN = "SELECT to_regclass('schema_migration') IS NOT NULL"
# What was applied, and a checksum to tell when a file was edited afterwards.
TABLE = """CREATE TABLE IF NOT EXISTS schema_migration (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"""
NOTE = "INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)"
HOLDER = """
SELECT concat_ws(', ', 'process ' || a.pid, nullif(a.application_name, ''),
    'since ' || date_trunc('second', a.backend_start)) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1::bigint::oid AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class MigrationError(Exception):
    """A migration that cannot be applied, in words."""


def files() -> list[Path]:
    """All migrations, in order."""
    return sorted(FOLDER.glob("*.sql"))


def checksum(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


async def pending(connection: Any) -> list[Path]:
    """The migrations that this database lacks; MigrationError where it cannot hold our texts, or where an applied file
    was edited since."""
    encoding = connection.get_settings().server_encoding
    if encoding != ENCODING:
        raise MigrationError(
            f"The database's encoding is {encoding}, which cannot hold every title: make one with "
            "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0."
        )
    rows = await connection.fetch("SELECT name, checksum FROM schema_migration") if await is_known(connection) else []
    applied = {row["name"]: row["checksum"] for row in rows}
    for path in files():
        if applied.get(path.name, checksum(path)) != checksum(path):
            raise MigrationError(f"{path.name} was edited after it was applied: add a new migration instead.")
    return [path for path in files() if path.name not in applied]


async def is_known(connection: Any) -> bool:
    return bool(await connection.fetchval(KNOWN))


async def apply_all(args: ConnectArgs, patience: float) -> list[str]:
    """Brings the database up to date; the names of what was applied. A role that may only read can do so where nothing
    lacks. `patience`: seconds to wait for another runner. Raises MigrationError."""
    connection = await asyncpg.connect(**args.kwargs(), statement_cache_size=0)
    try:
        applied = []
        while missing := await pending(connection):
            applied += await apply(connection, args, missing[0], patience)
        return applied
    except (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError) as error:
        raise not_allowed(error) from error
    finally:
        await connection.close()


def not_allowed(error: BaseException) -> MigrationError:
    """`error`: what the server has said to this role."""
    return MigrationError(
        f"migrations are pending, and this role may not apply them ({error}): "
        "run `make migrate` as the role that owns the tables."
    )


async def apply(connection: Any, args: ConnectArgs, path: Path, patience: float) -> list[str]:
    """Applies one file and notes it down; its name, or nothing where another runner has done so meanwhile."""
    text = path.read_text()
    if not text.startswith(NO_TRANSACTION):
        async with locked(connection, patience):
            return await apply_first(connection, path, [text])
    async with locked_beside(args, patience):
        return await apply_first(connection, path, list(filter(str.strip, text.split(";\n"))))


async def apply_first(connection: Any, path: Path, statements: list[str]) -> list[str]:
    """Applies the statements of a file if it is still the first that lacks; the lock is held."""
    if (await pending(connection))[:1] != [path]:
        return []
    try:
        for statement in statements:
            await connection.execute(statement)
        await connection.execute(NOTE, path.name, checksum(path))
    except (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError):
        raise
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{path.name} failed: {error}") from error
    return [path.name]


@asynccontextmanager
async def locked_beside(args: ConnectArgs, patience: float) -> AsyncIterator[None]:
    """The lock for work that cannot be one transaction, as on data: it is held by another connection's."""
    holder = await asyncpg.connect(**args.kwargs(), statement_cache_size=0)
    try:
        async with locked(holder, patience):
            yield
    finally:
        await holder.close()


@asynccontextmanager
async def locked(connection: Any, patience: float) -> AsyncIterator[None]:
    """A transaction that keeps other runners away. MigrationError, with who it is, where one does not end.

    A statement that waits for the lock would keep a snapshot, for which CREATE INDEX CONCURRENTLY waits in turn."""
    deadline = monotonic() + patience
    while True:
        async with connection.transaction():
            if await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK):
                if not await is_known(connection):  # as far as this connection has heard
                    await connection.execute(TABLE)
                # The last statement, since it also ends the one before, and with that its snapshot.
                await connection.execute("SET LOCAL statement_timeout = 0")
                yield
                return
        if monotonic() > deadline:
            holder = await connection.fetchval(HOLDER, LOCK) or "it has just ended"
            raise MigrationError(
                f"another connection migrates this database, or has left its lock behind ({holder}). "
                "Try again when it has ended, or end it with SELECT pg_terminate_backend(...)."
            )
        await asyncio.sleep(LOOK_AGAIN)
