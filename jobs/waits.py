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
# Seconds for which a run waits for a service that answers nothing: then it ends, by the error.
LONGEST_PATIENCE = 3_600.0

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
    """Waits for a service that is not to be called, and says so once until it answers. is_over: it was waited for as
    long as a run may; the run is to end by the error, which is no fault of what was asked for."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._since: float | None = None
        self.is_over = False

    def answered(self) -> None:
        self._since = None

    async def pause(self, error: ProviderError) -> None:
        """The error where there was no answer for LONGEST_PATIENCE."""
        now = asyncio.get_running_loop().time()
        if self._since is not None and now - self._since >= LONGEST_PATIENCE:
            self.is_over = True
            raise error
        seconds = min(error.retry_after or 1.0, LONGEST_WAIT)
        if self._since is None:
            self._since = now
            self._context.log(f"Waiting: {error.message}", JobLogLevel.WARNING)
        await asyncio.sleep(seconds)


async def patiently(waits: Waits, call: Callable[[], Awaitable[T]], most: int = ATTEMPTS) -> T:
    """Waits while the service is not called, which is no fault of what is asked; tries again what may pass, `most`
    times in all."""
    attempts = 0
    while True:
        try:
            found = await call()
            waits.answered()
            return found
        except ProviderError as error:
            if error.is_withheld:
                await waits.pause(error)
                continue
            attempts += 1
            if not error.is_transient or attempts >= most:
                raise
