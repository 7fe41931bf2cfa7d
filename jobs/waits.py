"""How jobs wait for outside services: for the answers of a chunk, and for a service that is to be left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from domain.enums import JobLogLevel
from jobs.kind import JobContext
from providers.errors import ProviderError

# A call that fails for a reason that passes is made so often for one item, after the client's own attempts.
ATTEMPTS = 3
CHECK_SECONDS = 0.5
LONGEST_WAIT = 300.0

T = TypeVar("T")


async def done_unless_stopped(context: JobContext, work: Coroutine[Any, Any, T]) -> T:
    """What `work` comes to; it is cancelled, and JobStopped raised, as soon as the run is to stop."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=CHECK_SECONDS)
            context.check()
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


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
