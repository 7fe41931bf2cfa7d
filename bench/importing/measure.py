"""Measuring: a source imported, imported again without a change, and its rows copied by a bare COPY, in one run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import orjson

from app.errors import StartError
from app.process.migrate import migrate
from app.settings import CHECKOUT
from bench.catalogue.upserts import TABLES
from database.connect_args import ConnectArgs
from domain.text import fold

LIBRARY = "INSERT INTO library (name, folded_name) VALUES ($1, $2)"
# What an import stores of its items, with the column that says of which media a row is.
STORED = {**TABLES, "import_item": "media_id"}
AT_ONCE = 5_000  # media whose rows are in memory
COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the first import, of the second, and of a bare COPY of what the first has stored; peak memory in bytes
    of the process of either. client, server: seconds of processors that the first took."""

    name: str
    items: int
    first: float
    again: float
    floor: float
    memory: int
    memory_again: int
    client: float
    server: float


@asynccontextmanager
async def own_database(admin: ConnectArgs, name: str) -> AsyncIterator[ConnectArgs]:
    """An empty database, which goes away."""
    args = ConnectArgs(urlunsplit(urlsplit(admin.dsn)._replace(path=f"/{name}")))
    server = await asyncpg.connect(**admin.kwargs())
    try:
        await server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        yield args
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()


async def measure(admin: ConnectArgs, name: str, what: str) -> Measured:
    """In a database of its own, which goes away."""
    async with own_database(admin, f"bench_import_{''.join(one for one in name if one.isalnum())}") as args:
        await migrate(args)
        connection = await asyncpg.connect(**args.kwargs())
        await connection.execute(LIBRARY, "Bench", fold("Bench"))
        first, again = imported(args, what), imported(args, what)
        if again["unchanged"] + again["failed"] != again["done"]:
            raise StartError(f"the second import has changed something: {again}")
        floor = await copied(connection)
        await connection.close()
    return Measured(
        name=name,
        items=first["done"],
        first=first["seconds"],
        again=again["seconds"],
        floor=floor,
        memory=first["memory"],
        memory_again=again["memory"],
        client=first["client"],
        server=first["server"],
    )


def imported(args: ConnectArgs, what: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.importing.child", args.dsn, what]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StartError(f"the import failed: {done.stderr[-2_000:]}")
    return dict(orjson.loads(done.stdout))


async def copied(connection: Any) -> float:
    """Seconds of a bare COPY of all rows into plain tables without indexes; reading them is not counted."""
    seconds = 0.0
    columns = {}
    for table in STORED:
        await connection.execute(f"CREATE UNLOGGED TABLE floor_{table} AS SELECT * FROM {table} WITH NO DATA")
        await connection.execute(f"ALTER TABLE floor_{table} SET LOGGED")
        columns[table] = [row[0] for row in await connection.fetch(COLUMNS, table)]
    ids = [row[0] for row in await connection.fetch("SELECT id FROM media ORDER BY id")]
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        rows = {
            table: await connection.fetch(f"SELECT * FROM {table} WHERE {key} = any($1::bigint[])", some)
            for table, key in STORED.items()
        }
        began = perf_counter()
        async with connection.transaction():
            for table, records in rows.items():
                await connection.copy_records_to_table(f"floor_{table}", records=records, columns=columns[table])
        seconds += perf_counter() - began
    return seconds
