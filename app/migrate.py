"""Applies migrations/*.sql in order, each once, forward only; then folds texts anew where their rule has changed.

A file runs in one transaction with its entry in schema_migration; one whose first line is `-- no transaction` runs
statement by statement as PostgreSQL demands for CREATE INDEX CONCURRENTLY. An advisory lock keeps runners apart."""

from __future__ import annotations

import logging
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg

from app.settings import ConnectArgs
from catalog.refold import refold

log = logging.getLogger("marquee.migrate")

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 0x6D617271  # "marq"
NO_TRANSACTION = "-- no transaction"

# What was applied, and a checksum to tell when a file was edited afterwards.
TABLE = """CREATE TABLE IF NOT EXISTS schema_migration (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"""


class MigrationError(Exception):
    """A migration that cannot be applied, in words."""


def files() -> list[Path]:
    """All migrations, in order."""
    return sorted(FOLDER.glob("*.sql"))


def checksum(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


async def pending(connection: Any) -> list[Path]:
    """The migrations that this database lacks; MigrationError where an applied file was edited since."""
    known = await connection.fetchval("SELECT to_regclass('schema_migration') IS NOT NULL")
    rows = await connection.fetch("SELECT name, checksum FROM schema_migration") if known else []
    applied = {row["name"]: row["checksum"] for row in rows}
    for path in files():
        if applied.get(path.name, checksum(path)) != checksum(path):
            raise MigrationError(f"{path.name} was edited after it was applied: add a new migration instead.")
    return [path for path in files() if path.name not in applied]


async def migrate(args: ConnectArgs) -> list[str]:
    """Brings the database up to date; the names of what was applied."""
    connection = await asyncpg.connect(**args.kwargs())
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(TABLE)
        applied = []
        for path in await pending(connection):
            await apply(connection, path)
            applied.append(path.name)
        for words in await refold(connection):
            log.warning("%s", words)
        return applied
    finally:
        await connection.close()


async def apply(connection: Any, path: Path) -> None:
    """Applies one file and notes it down."""
    text = path.read_text()
    note = ("INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)", path.name, checksum(path))
    try:
        if text.startswith(NO_TRANSACTION):
            for statement in filter(str.strip, text.split(";\n")):
                await connection.execute(statement)
            await connection.execute(*note)
        else:
            async with connection.transaction():
                await connection.execute(text)
                await connection.execute(*note)
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{path.name} failed: {error}") from error
