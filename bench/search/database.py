"""The database in which known items are looked for: its own, made anew in each run."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import asyncpg

from database.connect_args import ConnectArgs

NAME = "bench_search"


async def emptied(admin: ConnectArgs) -> ConnectArgs:
    """The address of an empty database on the same server."""
    server = await asyncpg.connect(**admin.kwargs())
    await server.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
    await server.execute(f'CREATE DATABASE "{NAME}" TEMPLATE template0')
    await server.close()
    return ConnectArgs(urlunsplit(urlsplit(admin.dsn)._replace(path=f"/{NAME}")))
