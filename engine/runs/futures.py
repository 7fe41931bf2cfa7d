"""Awaitables that nobody waits for any more, and asynchronous iterables read to their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable, Iterator
from inspect import iscoroutine
from typing import Any


def close_awaitables(values: Iterable[Any]) -> None:
    """Ends the awaitables among values that nobody needs any more."""
    for value in values:
        if iscoroutine(value):
            value.close()
        elif isinstance(value, asyncio.Future):  # others may wait for it
            value.add_done_callback(ignore_exception)
        elif isinstance(value, (list, tuple)):
            close_awaitables(value)


def ignore_exception(future: asyncio.Future[Any]) -> None:
    """Marks the exception of a future that nobody awaits as seen: asyncio would report it."""
    if not future.cancelled():
        future.exception()


async def collect_items(items: AsyncIterable[Any]) -> Iterator[Any]:
    """The items of an asynchronous iterable, and the error that it ended in."""
    found: list[Any] = []
    error: Exception | None = None
    try:
        async for item in items:
            found.append(item)
    except Exception as raised:
        error = raised
    return replay(found, error)


def replay(items: list[Any], error: Exception | None) -> Iterator[Any]:
    """The items, then the error."""
    yield from items
    if error is not None:
        raise error
