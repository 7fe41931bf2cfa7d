"""One run of a subscription for all who watch it alike: each event is executed once, however many watch.

An event is a state, not a difference: a watcher that is slow gets the newest one, and misses those before it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from typing import Generic, TypeVar

T = TypeVar("T")

log = logging.getLogger("marquee.subscriptions")


class Broadcast(Generic[T]):
    """The results of one run. `latest`: the newest, the `number`-th so far."""

    def __init__(self, results: AsyncGenerator[T, None], fault: Callable[[], T]) -> None:
        """`fault`: what is told of a fault of ours, which ends the run."""
        self.watchers = 0
        self.latest: T | None = None
        self.number = 0
        self.is_over = False
        self._fault = fault
        self._changed = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run(results))

    async def _run(self, results: AsyncGenerator[T, None]) -> None:
        try:
            async with aclosing(results):
                async for result in results:
                    self._publish(result)
        except Exception:
            log.exception("a subscription failed")
            self._publish(self._fault())
        finally:
            self.is_over = True
            self._wake()

    def _publish(self, result: T) -> None:
        if result == self.latest:
            return  # it was woken for nothing
        self.latest = result
        self.number += 1
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def newer(self, number: int) -> bool:
        """Waits for a result after the `number`-th; False where none will come."""
        while self.number <= number and not self.is_over:
            await self._changed.wait()
        return self.number > number

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])


class Broadcasts(Generic[T]):
    """The runs of a process, by what makes them alike."""

    def __init__(self) -> None:
        self._running: dict[Hashable, Broadcast[T]] = {}

    def __len__(self) -> int:
        return len(self._running)

    async def watch(
        self, key: Hashable, start: Callable[[], AsyncGenerator[T, None]], fault: Callable[[], T]
    ) -> AsyncGenerator[T, None]:
        """The newest result at once, if there is one, then each that comes, those left out that came too fast."""
        broadcast = self._running.get(key)
        if broadcast is None or broadcast.is_over:
            broadcast = self._running[key] = Broadcast(start(), fault)
        broadcast.watchers += 1
        seen = 0
        try:
            while await broadcast.newer(seen):
                seen = broadcast.number
                assert broadcast.latest is not None
                yield broadcast.latest
        finally:
            broadcast.watchers -= 1
            if not broadcast.watchers:
                if self._running.get(key) is broadcast:
                    del self._running[key]
                await broadcast.stop()
