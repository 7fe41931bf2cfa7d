"""A back end that never fails: where it does, the cache does without it for a while, and says so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from database.throttled_log import EVERY_SECONDS, Throttle
from providers.cache.store import Store

T = TypeVar("T")

log = logging.getLogger("marquee.provider_cache")

# Longest wait for a back end; it is left alone for a time after it failed, so that not everybody waits as long.
STORE_SECONDS = 2.0
PAUSE_SECONDS = 5.0
# All entries are looked at for statistics.
STATISTICS_SECONDS = 30.0


class GuardedStore:
    """Asks a back end. `failures`: how often it has failed in this process; `patience`: seconds that it may take."""

    def __init__(self, store: Store, now: Callable[[], float], patience: float = STORE_SECONDS) -> None:
        self.store = store
        self._patience = patience
        self.failures = 0
        self._now = now
        self._paused_until = 0.0
        self._throttles: dict[str, Throttle] = {}

    @property
    def is_paused(self) -> bool:
        return self._now() < self._paused_until

    async def attempt(self, ask: Callable[[Store], Awaitable[T]], otherwise: T, seconds: float | None = None) -> T:
        """What the back end answers; `otherwise` where it fails or has just failed. seconds: in place of the usual."""
        if self.is_paused:
            return otherwise
        try:
            async with asyncio.timeout(self._patience if seconds is None else seconds):
                return await ask(self.store)
        except Exception as error:
            self.failed(error)
            self._paused_until = self._now() + PAUSE_SECONDS
            return otherwise

    def failed(self, error: Exception) -> None:
        """Counts it, and logs it."""
        self.failures += 1
        self.warn(f"The cache of providers ({self.store.name}) fails, so that everything is loaded", error)

    def warn(self, words: str, error: Exception) -> None:
        """A line of the log, at most once a minute: the error's class alone, since its words may hold a password."""
        throttle = self._throttles.setdefault(words, Throttle(EVERY_SECONDS))
        if number := throttle.due(self._now()):
            times = "" if number == 1 else f" ({number} times since this was last said)"
            log.warning("%s: %s%s", words, type(error).__name__, times)
