"""Tells who watches single rows that these may have changed: one connection of the process listens for all of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# However often a row changes, its watchers read it no more often than this, in seconds.
INTERVAL = 0.25
# How often they read it where no notifications arrive.
UNNOTIFIED_INTERVAL = 1.0


class RowWatch:
    """One watcher of one row."""

    __slots__ = ("_event", "_signals", "_told")

    def __init__(self, signals: RowSignals) -> None:
        self._signals = signals
        self._event = asyncio.Event()
        self._told = asyncio.get_running_loop().time()

    def wake(self) -> None:
        self._event.set()

    async def changed(self) -> None:
        """Returns when the row may have changed since the last return, or since the watch began."""
        signals, loop = self._signals, asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._told + signals.interval - loop.time()))
        with suppress(TimeoutError):
            async with asyncio.timeout(None if signals.is_notified else signals.unnotified_interval):
                await self._event.wait()
        self._event.clear()
        self._told = loop.time()


class RowSignals:
    """The watched rows of a topic (database/notifications.py), by number. One a process."""

    def __init__(self, interval: float = INTERVAL, unnotified_interval: float = UNNOTIFIED_INTERVAL) -> None:
        self.interval = interval
        self.unnotified_interval = unnotified_interval
        self.is_notified = False
        self._watches: defaultdict[int, set[RowWatch]] = defaultdict(set)

    def __len__(self) -> int:
        return sum(map(len, self._watches.values()))

    @contextmanager
    def watch(self, number: int) -> Iterator[RowWatch]:
        """From now on no change of the row is missed."""
        watch = RowWatch(self)
        self._watches[number].add(watch)
        try:
            yield watch
        finally:
            self._watches[number].discard(watch)
            if not self._watches[number]:
                del self._watches[number]

    async def set_notified(self, is_notified: bool) -> None:
        self.is_notified = is_notified
        await self.invalidate()

    async def invalidate(self) -> None:
        """Any row may have changed."""
        for watches in self._watches.values():
            for watch in watches:
                watch.wake()

    def rows_changed(self, numbers: set[int]) -> None:
        for number in numbers & self._watches.keys():
            for watch in self._watches[number]:
                watch.wake()
