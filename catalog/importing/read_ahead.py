"""A source read ahead of what is stored: by one chunk, which is prepared, never further."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import TypeAlias

from catalog.importing.beside import Beside, BesideYield
from catalog.importing.prepared import Prepared
from sources.source import Known, Reading, Source

# A source that is slower than this has its items stored in smaller chunks.
MAX_WAIT = 5.0  # seconds

Prepare: TypeAlias = Callable[[Sequence[Reading]], Awaitable[Prepared]]


class ReadAhead:
    """Reads in a task of its own: in memory are the chunk that is being stored, and the one that is being read, then
    prepared."""

    def __init__(
        self,
        source: Source,
        position: str,
        size: int,
        known: Known,
        prepare: Prepare,
        beside: Beside,
        max_wait: float = MAX_WAIT,
    ) -> None:
        self._source = source
        self._position = position
        self._size = size
        self._known = known
        self._prepare = prepare
        self._beside = beside
        self._max_wait = max_wait
        self._queue: asyncio.Queue[Prepared | None] = asyncio.Queue(1)
        self._building: list[Reading] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> ReadAhead:
        self._task = asyncio.create_task(self._read(), name="import source")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        turns = BesideYield(self._beside)
        readings = self._source.read(self._position, self._known)
        try:
            async for reading in readings:
                self._building.append(reading)
                await turns.maybe_yield()
                if len(self._building) >= self._size:
                    await self._queue.put(await self._prepare(self._taken()))
                    await self._queue.join()  # until it is being stored
            if self._building:
                await self._queue.put(await self._prepare(self._taken()))
        finally:
            if isinstance(readings, AsyncGenerator):
                await readings.aclose()
            # Where it is cancelled nobody waits; an error is raised by the consumer, which looks at the task.
            if not self._queue.full():
                self._queue.put_nowait(None)

    def _taken(self) -> list[Reading]:
        chunk, self._building = self._building, []
        return chunk

    async def chunks(self) -> AsyncIterator[Prepared]:
        """The chunks in order; an empty one where the source has had nothing for a while. SourceError."""
        assert self._task is not None
        while True:
            try:
                chunk = await asyncio.wait_for(self._queue.get(), self._max_wait)
                self._queue.task_done()
            except TimeoutError:
                chunk = Prepared(self._taken())
            if chunk is not None:
                yield chunk
            if chunk is None or (self._task.done() and self._queue.empty()):
                await self._task
                return
