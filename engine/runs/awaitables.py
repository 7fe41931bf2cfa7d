"""What resolvers make the operation wait for: awaitables, each a task, each with the field that it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from engine.plans.plan import Field
from engine.runs.column import Column
from engine.runs.completion import Slow, complete, forget

if TYPE_CHECKING:
    from engine.runs.run import Run

Resume = Callable[[Slow, Any], None]


class Wait:
    """One awaitable of a field of an object. `resume` takes what came of it; without one it is the field's value."""

    __slots__ = ("column", "field", "is_own", "resume", "row", "task")

    def __init__(
        self, column: Column, row: int, field: Field, awaitable: Awaitable[Any], resume: Resume | None
    ) -> None:
        self.column = column
        self.row = row
        self.field = field
        self.resume = resume
        self.task: asyncio.Future[Any] = asyncio.ensure_future(awaitable)
        self.is_own = self.task is not awaitable  # a future may be somebody else's as well

    def cancel(self) -> None:
        self.task.add_done_callback(forget)
        if self.is_own:
            self.task.cancel()


class Waits:
    """All that an execution waits for beside its loaders."""

    __slots__ = ("_dropped", "_waits")

    def __init__(self) -> None:
        self._waits: list[Wait] = []
        self._dropped: list[Wait] = []

    def __bool__(self) -> bool:
        return bool(self._waits)

    @property
    def is_to_end(self) -> bool:
        """Whether something may still run."""
        return bool(self._waits or self._dropped)

    def add(
        self, column: Column, row: int, field: Field, awaitable: Awaitable[Any], resume: Resume | None = None
    ) -> None:
        self._waits.append(Wait(column, row, field, awaitable, resume))

    @property
    def tasks(self) -> list[asyncio.Future[Any]]:
        return [wait.task for wait in self._waits]

    @property
    def fields(self) -> set[Field]:
        """The fields that something is still to come of."""
        return {wait.field for wait in self._waits}

    def is_any_done(self) -> bool:
        return any(wait.task.done() for wait in self._waits)

    def deliver(self, run: Run) -> None:
        """Completes what has come, field by field."""
        done = [wait for wait in self._waits if wait.task.done()]
        self._waits = [wait for wait in self._waits if not wait.task.done()]
        found: dict[tuple[int, int], list[Wait]] = {}
        for wait in done:
            found.setdefault((id(wait.column), id(wait.field)), []).append(wait)
        for waits in found.values():
            column, field = waits[0].column, waits[0].field
            whole = [wait for wait in waits if wait.resume is None]
            values, rows = [outcome(wait.task) for wait in whole], [wait.row for wait in whole]
            complete(run, column, field, values, rows, awaited=True)
            slow = Slow(run, column, field)
            for wait in waits:
                if wait.resume is not None:
                    wait.resume(slow, outcome(wait.task))
            slow.finish()

    def drop(self, is_wanted: Callable[[Wait], bool]) -> None:
        """Cancels what nobody needs any more."""
        kept = []
        for wait in self._waits:
            if wait.task.done() or is_wanted(wait):
                kept.append(wait)
            else:
                wait.cancel()
                self._dropped.append(wait)
        self._waits = kept

    async def end(self) -> None:
        """Cancels everything and sees it end."""
        waits = [*self._waits, *self._dropped]
        self._waits, self._dropped = [], []
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*(wait.task for wait in waits if wait.is_own), return_exceptions=True)


def outcome(task: asyncio.Future[Any]) -> Any:
    """The value, or the exception in place of it."""
    if task.cancelled():
        return RuntimeError("The resolver was cancelled.")
    error = task.exception()
    return task.result() if error is None else error
