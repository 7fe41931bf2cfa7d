"""How long a request may take: as its setting says, and beside that as long as its operations on names do, which have a
setting of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Deadline:
    """The end of a request's time. `seconds`: of the request; `operation_seconds`: of each operation that it runs.

    limit: the one of these that holds now."""

    __slots__ = ("_timer", "limit", "operation_seconds", "seconds")

    def __init__(self, seconds: float, operation_seconds: float) -> None:
        self.seconds = self.limit = seconds
        self.operation_seconds = operation_seconds
        self._timer: asyncio.Timeout | None = None

    def running(self) -> asyncio.Timeout:
        """The time of the request, to be entered. Raises TimeoutError at its end."""
        self._timer = timer = asyncio.timeout(self.seconds)
        return timer

    @contextmanager
    def operating(self) -> Iterator[None]:
        """The time of an operation; the request goes on afterwards with what it had left."""
        timer, loop = self._timer, asyncio.get_running_loop()
        if timer is None:
            yield
            return
        left = (timer.when() or loop.time()) - loop.time()
        timer.reschedule(loop.time() + max(self.operation_seconds, left))
        self.limit = self.operation_seconds
        try:
            yield
        finally:
            if not timer.expired():  # else the limit is to be told of
                timer.reschedule(loop.time() + left)
                self.limit = self.seconds
