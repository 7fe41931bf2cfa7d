"""COPY between a program and PostgreSQL: records into a table, rows of a query out, neither ever whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

Record: TypeAlias = Sequence[Any]
Records: TypeAlias = Iterable[Record] | AsyncIterable[Record]
# Takes a piece of what is copied out, of some kilobytes; no more is read until it has done so.
Write: TypeAlias = Callable[[bytes], Awaitable[None]]
CopyFormat: TypeAlias = Literal["text", "csv", "binary"]

# Records that are encoded before others have their turn.
SOME = 1_000


class Target(NamedTuple):
    """Where records are copied to: a table, and which of its columns they have, in their order."""

    table: str
    columns: Sequence[str]


class OutsideError(Exception):
    """What the source or the sink of a COPY has raised: an OSError of theirs is no lost connection."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def beside_others(records: Records, is_lost: Callable[[], bool]) -> Records:
    """The records as COPY takes them: some at once, of many only some before others have their turn."""
    return records if isinstance(records, list) and len(records) <= SOME else given(records, is_lost)


async def given(records: Records, is_lost: Callable[[], bool]) -> AsyncIterator[Record]:
    """The records; other work has its turn between them, and they end where nobody can take them any longer."""
    number = 0
    try:
        async for record in records if isinstance(records, AsyncIterable) else one_by_one(records):
            yield record
            number += 1
            if number % SOME == 0:
                await asyncio.sleep(0)
                if is_lost():
                    return
    except Exception as error:
        raise OutsideError(error) from error


async def one_by_one(records: Iterable[Record]) -> AsyncIterator[Record]:
    for record in records:
        yield record


def taking(write: Write) -> Write:
    """The sink, whose own errors are wrapped so that they can be told from asyncpg's."""

    async def take(piece: bytes) -> None:
        try:
            await write(piece)
        except Exception as error:
            raise OutsideError(error) from error

    return take


async def copied(copying: Awaitable[str]) -> int:
    """How many rows a COPY says that it has copied."""
    return int((await copying).rpartition(" ")[2])


def resume_writing(protocol: Any, connection: Any) -> None:
    """It is lost: what waits for room in the socket's buffer is to see it. asyncpg lets it wait for ever."""
    protocol.resume_writing()
