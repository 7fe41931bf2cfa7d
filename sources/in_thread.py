"""Blocking reading off the event loop: a generator runs in threads, some items at a time, and a batch ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from time import perf_counter
from typing import TypeAlias, TypeVar

from sources.source import Reading

T = TypeVar("T")

BATCH = 200
BATCH_SECONDS = 0.02

# None says that nothing is found yet: where much is passed over, it lets a stop come through.
Readings: TypeAlias = "Iterator[Reading | None]"


def take(readings: Iterator[T | None]) -> tuple[list[T], BaseException | None]:
    """The next items, and what ended the reading: StopIteration, an error, or None if it goes on."""
    found: list[T] = []
    until = perf_counter() + BATCH_SECONDS
    while len(found) < BATCH:
        try:
            one = next(readings)
        except (StopIteration, Exception) as end:
            return found, end
        if one is not None:
            found.append(one)
        if perf_counter() > until:
            break
    return found, None


async def read_in_thread(make: Callable[[], Iterator[T | None]]) -> AsyncIterator[T]:
    """What a generator finds. At most two batches are held; a generator that is left early is closed."""
    readings = make()
    ahead = start(readings)
    try:
        while True:
            batch, end = await asyncio.shield(ahead)
            if end is None:
                ahead = start(readings)
            for one in batch:
                yield one
            if isinstance(end, StopIteration):
                return
            if end is not None:
                raise end
    finally:
        # A generator cannot be closed while it runs, and a thread cannot be stopped.
        with suppress(Exception):
            await asyncio.wait([ahead])
        if hasattr(readings, "close"):
            await asyncio.to_thread(readings.close)


def start(readings: Iterator[T | None]) -> asyncio.Future[tuple[list[T], BaseException | None]]:
    return asyncio.get_running_loop().run_in_executor(None, take, readings)
