"""What resolvers make the operation wait for: awaitables, each a task, each with the field that it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from engine.plans.plan import Field
from engine.runs.bucket import Bucket
from engine.runs.futures import ignore_exception

Resume = Callable[[Any, Any], None]  # a ValueCompleter of the field and the outcome


class Wait:
    """One awaitable of a field of an object. `resume` takes what came of it; without one it is the field's value."""

    __slots__ = ("bucket", "field", "is_own", "resume", "row", "task")

    def __init__(
        self, bucket: Bucket, row: int, field: Field, awaitable: Awaitable[Any], resume: Resume | None
    ) -> None:
        self.bucket = bucket
        self.row = row
        self.field = field
        self.resume = resume
        self.task: asyncio.Future[Any] = asyncio.ensure_future(awaitable)
        self.is_own = self.task is not awaitable  # a future may be somebody else's as well

    def cancel(self) -> None:
        self.task.add_done_callback(ignore_exception)
        if self.is_own:
            self.task.cancel()


class Waits:
    """All that an execution waits for beside its loaders."""

    __slots__ = ("_dropped", "pending")

    def __init__(self) -> None:
        self.pending: list[Wait] = []
        self._dropped: list[Wait] = []

    @property
    def is_to_end(self) -> bool:
        """Whether something may still run."""
        return bool(self.pending or self._dropped)

    def add(
        self, bucket: Bucket, row: int, field: Field, awaitable: Awaitable[Any], resume: Resume | None = None
    ) -> None:
        self.pending.append(Wait(bucket, row, field, awaitable, resume))

    @property
    def tasks(self) -> list[asyncio.Future[Any]]:
        return [wait.task for wait in self.pending]

    @property
    def fields(self) -> set[Field]:
        """The fields that something is still to come of."""
        return {wait.field for wait in self.pending}

    def is_any_done(self) -> bool:
        return any(wait.task.done() for wait in self.pending)

    def take_done(self) -> list[list[Wait]]:
        """What has come, field by field."""
        done = [wait for wait in self.pending if wait.task.done()]
        self.pending = [wait for wait in self.pending if not wait.task.done()]
        found: dict[tuple[int, int], list[Wait]] = {}
        for wait in done:
            found.setdefault((id(wait.bucket), id(wait.field)), []).append(wait)
        return list(found.values())

    def drop(self, is_wanted: Callable[[Wait], bool]) -> None:
        """Cancels what nobody needs any more."""
        kept = []
        for wait in self.pending:
            if wait.task.done() or is_wanted(wait):
                kept.append(wait)
            else:
                wait.cancel()
                self._dropped.append(wait)
        self.pending = kept

    async def end(self) -> None:
        """Cancels everything and sees it end."""
        waits = [*self.pending, *self._dropped]
        self.pending, self._dropped = [], []
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*(wait.task for wait in waits if wait.is_own), return_exceptions=True)


def outcome(task: asyncio.Future[Any]) -> Any:
    """The value, or the exception in place of it."""
    if task.cancelled():
        return RuntimeError("The resolver was cancelled.")
    error = task.exception()
    return task.result() if error is None else error
