"""Work done ahead of its use, by one piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class OneAhead(Generic[T]):
    """What some pieces of work give, in their order. The first is begun at once, each other one when what the one
    before it gave is taken; at the end none runs any more."""

    def __init__(self, pieces: Sequence[Callable[[], Coroutine[Any, Any, T]]]) -> None:
        self._pieces = iter(pieces)
        self._running: asyncio.Task[T] | None = None

    async def __aenter__(self) -> OneAhead[T]:
        self._begin_next()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _begin_next(self) -> None:
        piece = next(self._pieces, None)
        self._running = None if piece is None else asyncio.create_task(piece())

    async def given(self) -> AsyncIterator[T]:
        while self._running is not None:
            one = await self._running
            self._begin_next()
            yield one
