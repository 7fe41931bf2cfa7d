"""What a service keeps of the settings between requests: one value, loaded once however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

TTL_SECONDS = 300.0
# Where no notifications of changes by other processes arrive.
UNNOTIFIED_SECONDS = 1.0
# Who waits for another's load may hold the very connection that the other one waits for.
WAIT_SECONDS = 0.5
KEY = "settings"


class SettingCache(Generic[T]):
    """Keeps what `load` gave for `seconds`. One a service: its requests share it, other processes have their own.

    A change is followed by `invalidate`, and seen by who asks after it: at once where it was made here, some
    milliseconds later where another process made it and this one hears of it. Until it does (`set_notified`), a value
    is kept for no longer than `unnotified_seconds`."""

    def __init__(
        self,
        seconds: float = TTL_SECONDS,
        unnotified_seconds: float = UNNOTIFIED_SECONDS,
        patience: float = WAIT_SECONDS,
    ) -> None:
        self._seconds = seconds
        self._untold_seconds = unnotified_seconds
        self._is_notified = False
        self._patience = patience
        from aiocache import SimpleMemoryCache  # who serves no requests need not have it in memory

        self._kept = SimpleMemoryCache(timeout=None)
        self._loading: asyncio.Future[T] | None = None

    async def get(self, load: Callable[[], Awaitable[T]]) -> T:
        """The kept value, or what another is loading, or what `load` gives now; its error, where it comes to that."""
        given_up: asyncio.Future[T] | None = None
        while True:
            kept: T | None = await self._kept.get(KEY)
            if kept is not None:
                return kept
            loading = self._loading
            if loading is None or loading is given_up:
                return await self._load(load)
            await asyncio.wait([loading], timeout=self._patience)
            if not loading.done():
                given_up = loading
            elif not loading.cancelled():
                return loading.result()

    async def _load(self, load: Callable[[], Awaitable[T]]) -> T:
        """Single-flight load: concurrent callers share it; if it fails, the next one tries."""
        loading = self._loading = asyncio.get_running_loop().create_future()
        try:
            value = await load()
            if self._loading is loading:  # else it was forgotten meanwhile, and may be old
                await self._kept.set(KEY, value, ttl=self._seconds if self._is_notified else self._untold_seconds)
            loading.set_result(value)
            return value
        finally:
            loading.cancel()  # does nothing to one that has its result
            if self._loading is loading:
                self._loading = None

    async def set_notified(self, is_notified: bool) -> None:
        """Whether changes by other processes are notified from now on. Either way, what was kept may be old."""
        self._is_notified = is_notified
        await self.invalidate()

    async def invalidate(self) -> None:
        """Nothing is kept any more: who asks from now on has what the database has now."""
        self._loading = None
        await self._kept.delete(KEY)
