"""How jobs wait for outside services: for the answers of a chunk, and for a service that is to be left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from domain.enums import JobLogLevel
from jobs.kind import JobContext
from providers.errors import ProviderError

# A call that fails for a reason that passes is made so often for one item, after the client's own attempts.
ATTEMPTS = 3
CHECK_SECONDS = 0.5
LONGEST_WAIT = 300.0

T = TypeVar("T")


async def all_done(context: JobContext, works: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """What works give that run at once, in their order. JobStopped as soon as the run is to stop: they end then."""
    tasks = [asyncio.ensure_future(work) for work in works]
    waiting = asyncio.gather(*tasks)
    try:
        while not waiting.done():
            await asyncio.wait([waiting], timeout=CHECK_SECONDS)
            context.check()
        return waiting.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, waiting, return_exceptions=True)


class Waits:
    """Waits for a service that is not to be called, and says so once until it answers."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._is_told = False

    def answered(self) -> None:
        self._is_told = False

    async def pause(self, error: ProviderError) -> None:
        seconds = min(error.retry_after or 1.0, LONGEST_WAIT)
        if not self._is_told:
            self._is_told = True
            self._context.log(f"Waiting: {error.message}", JobLogLevel.WARNING)
        await asyncio.sleep(seconds)


async def patiently(waits: Waits, call: Callable[[], Awaitable[T]]) -> T:
    """Waits as long as the service is not called, which is no fault of what is asked; tries again what may pass."""
    attempts = 0
    while True:
        try:
            return await call()
        except ProviderError as error:
            if error.is_withheld:
                await waits.pause(error)
                continue
            attempts += 1
            if not error.is_transient or attempts >= ATTEMPTS:
                raise
