"""Opens the connections of a worker: for its requests, for the look at its health, and to listen.

PgBouncer refuses settings at the start of a connection that it cannot carry over to the next client. Behind it
statements get their time from us, and nothing stays prepared; who runs it can give the role its settings for good
(docs/postgresql.md)."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from database.connect_args import ConnectArgs
from database.connection import OpenedConnection
from domain.exact_json import loads_stored

log = logging.getLogger("marquee.database")

# asyncpg asks the server about array types when it first meets them: here, so that no request pays for it. The number
# of media is what the prices of filters go by.
ARRAYS = ", ".join(
    f"'{{}}'::{type_}[]" for type_ in ("bigint", "text", "int", "smallint", "float8", "boolean", "timestamptz", "jsonb")
)
READY = f"SELECT (SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('media')), {ARRAYS}"
REFUSED_SETTING = "unsupported startup parameter"


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """How connections are opened. statement_timeout, lock_timeout, acquire_timeout: seconds, of one statement, of its
    wait for a lock (None: as the server has it) and of the opening.
    cache_size: statements kept prepared; is_cache_chosen: somebody has set it, a pooler or not."""

    statement_timeout: float | None = 5.0
    acquire_timeout: float = 8.0
    cache_size: int = 200
    is_cache_chosen: bool = False
    lock_timeout: float | None = None


class Connector:
    """Opens connections to one database. `is_pooled`: a pooler stands before it that takes no settings."""

    def __init__(self, args: ConnectArgs, options: ConnectOptions) -> None:
        self._args = args
        self._options = options
        self.is_pooled = False

    async def open(self) -> OpenedConnection:
        """A connection that is ready for statements. Raises what asyncpg raises."""
        if not self.is_pooled:
            try:
                return await self._open(self._server_settings())
            except asyncpg.PostgresError as error:
                if REFUSED_SETTING not in str(error):
                    raise
            log.info("a pooler takes no settings (jit, statement_timeout): statements are timed by this process")
            self.is_pooled = True
        return await self._open({})

    def _server_settings(self) -> dict[str, str]:
        times = {"statement_timeout": self._options.statement_timeout, "lock_timeout": self._options.lock_timeout}
        chosen = {name: str(int(seconds * 1000)) for name, seconds in times.items() if seconds is not None}
        return {"jit": "off", **chosen}

    async def open_plain(self) -> Any:
        """A connection of asyncpg's with the settings that the server has, for what is no statement of a request."""
        return await self._connect({})

    async def _connect(self, server_settings: dict[str, str]) -> Any:
        return await asyncpg.connect(
            **self._args.kwargs(),
            statement_cache_size=0,
            server_settings={"application_name": f"marquee {os.getpid()}", **server_settings},
            timeout=self._options.acquire_timeout,
        )

    async def _open(self, server_settings: dict[str, str]) -> OpenedConnection:
        options = self._options
        raw = await self._connect(server_settings)
        try:
            media = await make_ready(raw)
        except BaseException:  # a client that leaves now leaves no connection behind
            raw.terminate()
            raise
        if server_settings:
            # A pooler may have dropped the settings in silence; for one the cache is to be set to 0.
            is_direct = options.cache_size > 0
            return OpenedConnection(raw, options.cache_size, None if is_direct else options.statement_timeout, media)
        cache_size = options.cache_size if options.is_cache_chosen else 0
        return OpenedConnection(raw, cache_size, options.statement_timeout, media)


async def make_ready(raw: Any) -> int:
    """Teaches a connection its types; the number of media, as the server last knew it.

    In one transaction, since asyncpg turns jit off and on again: a pooler could have given it two connections. Without
    asyncpg's object for one, which would be a cycle with a connection that is given up here."""
    await raw.execute("BEGIN")
    await raw.set_type_codec("jsonb", schema="pg_catalog", encoder=dump_json, decoder=load_json, format="binary")
    media = (await raw.fetchrow(READY))[0]
    await raw.execute("COMMIT")
    return max(0, media or 0)


# COPY takes columns only in PostgreSQL's binary form: of jsonb its text, after the number of the form's version.
VERSION = b"\x01"


def dump_json(value: object) -> bytes:
    """A value as jsonb in binary form."""
    return VERSION + orjson.dumps(value)


def load_json(data: bytes) -> Any:
    """The value of jsonb in binary form."""
    return loads_stored(data[1:])
