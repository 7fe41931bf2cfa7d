"""Whether all give the same data, and with how many statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import httpx

from bench.queries import Dialect, Query
from bench.servers import Server
from database.connect_args import ConnectArgs

WARM_UPS, COUNTED = 6, 20
COMPARED = 5  # sets of variables
CURSORS = frozenset({"cursor", "endCursor"})
TIMES = frozenset({"addedAt", "updatedAt"})

# Calls of statements that read, and of all others (resets of a connection, transactions).
COUNT = """
SELECT coalesce(sum(calls) FILTER (WHERE is_read), 0)::int, coalesce(sum(calls) FILTER (WHERE NOT is_read), 0)::int
FROM (
    SELECT calls, query ~* '^\\s*(select|with|/\\*)' AND query NOT LIKE '%pg_advisory_unlock_all%' AS is_read
    FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid
    WHERE d.datname = current_database() AND query NOT LIKE '%pg_stat_statements%'
) AS counted
"""


class DifferentAnswerError(Exception):
    """Two peers do not give the same data, or one gives an error."""


@dataclass(frozen=True, slots=True)
class Statements:
    """What a request sends to the database."""

    reads: float
    others: float

    def __str__(self) -> str:
        return f"{self.reads:g} + {self.others:g}" if self.others else f"{self.reads:g}"


async def verify(servers: Sequence[Server], query: Query) -> None:
    """Raises DifferentAnswerError with the first difference from the first server's data."""
    async with httpx.AsyncClient(timeout=60) as client:
        for place in range(min(len(query.variables), COMPARED)):
            expected = None
            for server in servers:
                found = await data_of(client, server, query, place)
                if expected is None:
                    expected = found
                for where, wanted, got in differences(expected, found):
                    raise DifferentAnswerError(
                        f"{query.name}, variables {query.variables[place]}: at {where or 'the root'} "
                        f"{servers[0].peer.title} gives {wanted!r}, {server.peer.title} gives {got!r}."
                    )


async def data_of(client: httpx.AsyncClient, server: Server, query: Query, place: int) -> Any:
    """The data of an answer, as it can be compared."""
    body = query.bodies(server.peer.dialect)[place % len(query.variables)]
    response = await client.post(
        f"http://127.0.0.1:{server.port}/graphql", content=body, headers={"content-type": "application/json"}
    )
    answer = response.json()
    if response.status_code != 200 or "errors" in answer:
        raise DifferentAnswerError(
            f"{query.name}: {server.peer.title} answers {response.status_code}, {response.text[:2000]}"
        )
    return comparable(answer["data"], server.peer.dialect)


def comparable(value: Any, dialect: Dialect, name: str = "") -> Any:
    """The value without what may differ: cursors, how an id, a time or a rating is written."""
    if isinstance(value, dict):
        return {key: comparable(part, dialect, key) for key, part in value.items() if key not in CURSORS}
    if isinstance(value, list):
        return [comparable(part, dialect) for part in value]
    if name == "id":
        return int(re.sub(r"\D", "", value))
    if name in TIMES:
        return datetime.fromisoformat(value).timestamp()
    if name == "rating" and value is not None:
        return round(value / 10 if dialect == "postgraphile" else value, 1)
    return value


def differences(wanted: Any, got: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ: path, the one, the other."""
    if isinstance(wanted, dict) and isinstance(got, dict) and wanted.keys() == got.keys():
        for key in wanted:
            yield from differences(wanted[key], got[key], f"{where}.{key}" if where else key)
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for place, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from differences(one, other, f"{where}[{place}]")
    elif wanted != got:
        yield where, wanted, got


async def count_statements(server: Server, query: Query, args: ConnectArgs) -> Statements:
    """Statements a request by PostgreSQL's own count, once what is prepared is prepared."""
    connection = await asyncpg.connect(**args.kwargs())
    async with httpx.AsyncClient(timeout=60) as client:
        for place in range(WARM_UPS):
            await data_of(client, server, query, place)
        await connection.execute("SELECT pg_stat_statements_reset()")
        for place in range(COUNTED):
            await data_of(client, server, query, place)
    reads, others = await connection.fetchrow(COUNT)
    await connection.close()
    return Statements(reads / COUNTED, others / COUNTED)
