"""Connections that stay open for answers to come: WebSockets and event streams."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from app.http.http_refusals import RETRY_SECONDS
from app.http.http_request import HttpError


class Streams:
    """Those of one event loop, `most` at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.is_closing = False
        self._open = 0
        self._tasks: set[asyncio.Task[object]] = set()

    def __len__(self) -> int:
        return self._open

    def refuse(self) -> NoReturn:
        """Raises HttpError: there is no room for one more."""
        words = f"There are {self.most} WebSockets and event streams (MARQUEE_MAX_STREAMS): try again later."
        raise HttpError(503, "TOO_MANY_STREAMS", words, (b"retry-after", b"%d" % RETRY_SECONDS))

    @contextmanager
    def opened(self) -> Iterator[None]:
        """One of them. Raises HttpError where there are too many, or the server stops."""
        if self.is_closing or self._open >= self.most:
            self.refuse()
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    @contextmanager
    def until_closed(self) -> Iterator[None]:
        """What runs within it is given up, without an error, when the server stops."""
        task = asyncio.current_task()
        assert task is not None
        cancelling = task.cancelling()
        self._tasks.add(task)
        if self.is_closing:
            task.cancel()
        try:
            yield
        except asyncio.CancelledError:
            if not self.is_closing or task.uncancel() > cancelling:
                raise
        finally:
            self._tasks.discard(task)

    def close(self) -> None:
        """The server stops."""
        self.is_closing = True
        for task in self._tasks:
            task.cancel()
