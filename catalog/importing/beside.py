"""Work beside the storing of chunks: it is done while storing waits for the database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.edit import BriefLoopYield


class Beside:
    """Tells whether storing wants the processor for itself: then what is done beside it waits."""

    def __init__(self) -> None:
        self._is_free = asyncio.Event()
        self._is_free.set()

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Storing wants the processor until it calls `leave_to_others`, or ends."""
        self._is_free.clear()
        try:
            yield
        finally:
            self._is_free.set()

    def leave_to_others(self) -> None:
        """What is left of storing is for the database to do."""
        self._is_free.set()

    async def wait(self) -> None:
        if not self._is_free.is_set():
            await self._is_free.wait()


class BesideYield(BriefLoopYield):
    """Lets others have their turn, storing before all."""

    def __init__(self, beside: Beside) -> None:
        super().__init__()
        self._beside = beside

    async def maybe_yield(self) -> None:
        await self._beside.wait()
        await super().maybe_yield()
