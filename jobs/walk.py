"""How kinds of jobs go through items with an outside service: what is due, asked, and stored with where to go on.

docs/add-a-job.md says what such a kind writes."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from catalog.transaction import Writer, transact
from catalog.upsert.item import Result, Status
from domain.enums import JobLogLevel
from domain.ids import format_id
from jobs.job_position import JobPosition
from jobs.kind import ItemResult, JobContext, JobCounts

Item = TypeVar("Item")
Answer = TypeVar("Answer")
T = TypeVar("T")

SECONDS_A_LOOK = 0.5  # between two looks whether the run is to stop

# What is asked together, each a task, of items that are stored together.
ChunkTasks: TypeAlias = dict["asyncio.Task[Answer]", Sequence[Item]]


class Walk(ABC, Generic[Item, Answer]):
    """An attempt of a run. Whatever asks the service is a task of its own; the walk alone has the database, and waits
    for nothing within a transaction.

    A chunk is stored when all of it was answered; where the run is to stop, as far as it was. What is asked may raise
    what is no fault of its items: that ends the attempt likewise.

    name: of its transactions; noun: of its items' ids; chunks_at_once: under way; chunks_a_transaction: that are stored
    together, where several were answered; takes_items: those that are due are marked, and given to `store` also where
    nothing came of them."""

    name: str
    noun = "media"
    chunks_at_once = 1
    chunks_a_transaction = 1
    takes_items = False

    def __init__(self, context: JobContext, position: JobPosition | None = None) -> None:
        self.context = context
        self.position = position or JobPosition(context.state)
        self.counts = context.counts
        self.total: int | None = None
        self._chunks: list[ChunkTasks[Answer, Item]] = []

    @abstractmethod
    async def due(self) -> Sequence[Sequence[Item]]:
        """The items of the next chunk, those that are asked for together beside each other; none where there are no
        more. Chunks come in the order of their ids, without those that `position` has done."""

    @abstractmethod
    def id_of(self, item: Item) -> int: ...

    @abstractmethod
    async def ask(self, items: Sequence[Item]) -> Answer:
        """What the service says of items. It raises what is no fault of theirs, which ends the attempt."""

    @abstractmethod
    async def store(self, writer: Writer, answers: Sequence[Answer], undone: Sequence[Item]) -> Sequence[ItemResult]:
        """Writes what was said; what became of the items. undone: of which nothing was said before the stop."""

    async def count(self) -> int | None:
        """How many items there are, asked when the run begins; None where that is not told."""
        return None

    def state(self) -> Mapping[str, Any]:
        """Where to go on."""
        return self.position.as_state()

    def item(self) -> str:
        """Up to which all is done, for people."""
        return f"{self.noun}_{self.position.after}"

    async def end_calls(self) -> None:
        """Nothing that was asked is waited for any longer."""

    async def transact(self, work: Callable[[Writer], Awaitable[T]]) -> T:
        return await transact(self.context.session, self.context.viewer, self.name, work)

    async def to_end(self) -> JobCounts:
        """The counts at the end. JobStopped; what was asked may raise too."""
        if self.total is None and not self.context.state:
            self.total = await self.count()
        try:
            while await self._begin_chunks():
                ending = await self._look()
                if ending is not None:
                    await self._end_tasks()
                await self._store_chunks(partly=ending is not None)
                if ending is not None:
                    raise ending
                self._tell()
        finally:
            await self._end_tasks()
        self._tell()
        return self.counts

    def _tell(self) -> None:
        self.context.progress(self.counts, self.total, self.item())

    async def _begin_chunks(self) -> bool:
        """Whether any is under way."""
        while len(self._chunks) < self.chunks_at_once and (parts := await self.due()):
            for ids in self._ranges(parts, is_whole=len(parts) == 1):
                self.position.begin(ids)
            self._chunks.append({asyncio.create_task(self.ask(part)): part for part in parts})
        return bool(self._chunks)

    def _ranges(self, parts: Iterable[Sequence[Item]], *, is_whole: bool) -> list[list[int]]:
        """The ids of what ends at once: of a whole chunk where it is asked for at once, else of each item."""
        ids = sorted(self.id_of(one) for part in parts for one in part)
        return [ids] if is_whole and ids else [[id] for id in ids]

    async def _look(self) -> Exception | None:
        """Waits for an answer, but not for long; why the run is to end here, where it is."""
        tasks = [task for chunk in self._chunks for task in chunk]
        if pending := [task for task in tasks if not task.done()]:
            await asyncio.wait(pending, timeout=SECONDS_A_LOOK, return_when=asyncio.FIRST_COMPLETED)
        try:
            self.context.check()
            for task in tasks:
                if task.done():
                    task.result()
        except Exception as ending:
            return ending
        return None

    async def _store_chunks(self, *, partly: bool) -> None:
        while chunks := [one for one in self._chunks if partly or all(task.done() for task in one)]:
            stored = chunks[: self.chunks_a_transaction]
            await self._store(stored)
            self._chunks = [one for one in self._chunks if not any(one is other for other in stored)]

    async def _store(self, chunks: Sequence[ChunkTasks[Answer, Item]]) -> None:
        answers: list[Answer] = []
        undone: list[Item] = []
        for chunk in chunks:
            done = {task: part for task, part in chunk.items() if has_result(task)}
            answers += [task.result() for task in done]
            undone += [one for task, part in chunk.items() if task not in done for one in part]
            for ids in self._ranges(done.values(), is_whole=len(chunk) == 1):
                self.position.end(ids)
        if not answers and not self.takes_items:
            return

        async def work(writer: Writer) -> tuple[Sequence[ItemResult], JobCounts]:
            results = await self.store(writer, answers, undone)
            counts = self.counts.plus(results)
            await self.context.save(writer, self.state(), counts)
            return results, counts

        results, self.counts = await self.transact(work)
        for one in results:
            if one.code is not None:
                self.context.log(f"{one.name}: {one.code}: {one.message}", JobLogLevel.WARNING)

    async def _end_tasks(self) -> None:
        tasks = [task for chunk in self._chunks for task in chunk]
        for task in tasks:
            task.cancel()
        await self.end_calls()
        await asyncio.gather(*tasks, return_exceptions=True)


def has_result(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def result_of_item(result: Result, media: int) -> ItemResult:
    """What became of a media that was written by an upsert."""
    name = format_id("media", media)
    if result.status is Status.FAILED:
        return ItemResult(name, None, str(result.code), result.message)
    return ItemResult(name, result.status.value.lower())
