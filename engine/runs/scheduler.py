"""Runs a plan: new buckets are resolved, then one batch after the other goes out until nothing is pending."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

from engine.runs.awaitables import Wait, outcome
from engine.runs.batch_scheduling import Group
from engine.runs.bucket import Bucket
from engine.runs.completion import Slot, ValueCompleter, Values, complete
from engine.runs.execution import Execution
from engine.runs.field_resolution import resolve
from engine.runs.loader_requests import complete_request, lists_along
from engine.runs.progress import Progress

# A resolver that is late by this many turns of the event loop is waited for in any case: it waits for nothing outside.
TURNS = 10


async def run(execution: Execution, progress: Progress | None = None) -> dict[str, Any] | None:
    """The data of an execution, whose errors are in its `failures`. Raises AnswerTooLarge.

    `progress`: where a mutation is to note how far it has come."""
    plan = execution.plan
    root = execution.build(Bucket(plan.root, [execution.root_value]))
    scheduler = Scheduler(execution)
    try:
        if plan.serial:
            await run_serially(scheduler, root, progress or Progress())
        else:
            expand_new(execution)
            await scheduler.drive()
    finally:
        if execution.waits.is_to_end:
            await execution.waits.end()
    return None if execution.failures.root_is_null else root.answers[0]


async def run_serially(scheduler: Scheduler, root: Bucket, progress: Progress) -> None:
    """The root fields one after the other, everything below each before the next."""
    execution, answer = scheduler.execution, root.answers[0]
    execution.new_buckets.clear()  # the root's own fields are resolved here
    progress.begin(answer, execution.failures.so_far)
    for row in root.broken:
        complete_inline(execution, root, row)
    for key in answer.keys() - {field.key for field in root.selection.to_resolve}:
        progress.done(key, answer[key])
    for field in root.selection.to_resolve:
        progress.running = field.key
        resolve(execution, root, field)
        expand_new(execution)
        await scheduler.drive()
        if execution.failures.root_is_null:
            break
        progress.done(field.key, answer[field.key])


def expand_new(execution: Execution) -> None:
    """Completes the answers of new buckets: what their builders could not, then the fields that these leave open.

    What a field leads to comes before the next one, as in graphql-core: which errors are reported depends on it."""
    while execution.new_buckets:
        buckets, execution.new_buckets = execution.new_buckets, []
        for bucket in buckets:
            for row in bucket.broken:
                complete_inline(execution, bucket, row)
            for field in bucket.selection.to_resolve:
                resolve(execution, bucket, field)
                if execution.new_buckets:
                    expand_new(execution)


def complete_inline(execution: Execution, bucket: Bucket, row: int) -> None:
    """Completes the fields of a builder one by one."""
    for field in bucket.selection.inline:
        assert field.access.read is not None
        completer = ValueCompleter(execution, bucket, field)
        try:
            value = field.access.read(bucket.objects[row])
        except Exception as error:
            execution.failures.add(bucket, row, field, (), error)
        else:
            completer.complete(Slot(row, (), bucket.answers[row], field.key), value, field.type)


class Loading:
    """A batch under way while resolvers are waited for."""

    __slots__ = ("group", "task")

    def __init__(self, group: Group, task: asyncio.Task[Values]) -> None:
        self.group = group
        self.task = task


class Scheduler:
    """Decides what an execution waits for next."""

    __slots__ = ("_dropped_at", "_held_until", "execution")

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._held_until: float | None = None
        self._dropped_at = 0

    async def drive(self) -> None:
        """Sends batches and takes what resolvers give, until nothing is pending or nothing is left to answer."""
        execution = self.execution
        batches, waits, failures = execution.batches, execution.waits, execution.failures
        loading: Loading | None = None
        try:
            while (batches.groups or waits.pending or loading) and not failures.root_is_null:
                if len(failures.found) != self._dropped_at:
                    self._drop(loading)
                if loading is None or loading.task.cancelled():
                    loading = None
                    group = await self._next() if batches.groups else None
                    if group is not None and not waits.pending:
                        self._deliver(group, await self._load(group))
                        continue
                    if group is not None:
                        loading = Loading(group, asyncio.ensure_future(self._load(group)))
                loading = await self._wait(loading)
        finally:
            if loading is not None:
                loading.task.cancel()
                await asyncio.gather(loading.task, return_exceptions=True)

    async def _wait(self, loading: Loading | None) -> Loading | None:
        """Waits for resolvers and the batch under way, takes what has come, and gives back what has not."""
        waits = self.execution.waits
        tasks = waits.tasks if loading is None else [*waits.tasks, loading.task]
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for done in waits.take_done():
            self._resume(done)
        if loading is not None and loading.task.done() and not loading.task.cancelled():
            self._deliver(loading.group, loading.task.result())
            return None
        return loading

    async def _next(self) -> Group | None:
        """The batch to send now; None where all wait for resolvers, one of which has come."""
        batches, waits, observer = self.execution.batches, self.execution.waits, self.execution.observer
        group = batches.take(waits.fields if waits.pending else ())
        if group is not None or await self._is_any_in_time():
            return group
        group = batches.take(waits.fields, anyway=True)
        if group is not None and observer is not None:
            observer.send_incomplete(group.name)
        return group

    async def _is_any_in_time(self) -> bool:
        """Waits for resolvers that hold up every batch; False once they have used up the time for it."""
        waits, batch_wait = self.execution.waits, self.execution.configuration.batch_wait
        for _ in range(TURNS):
            if waits.is_any_done():
                return True
            await asyncio.sleep(0)
        if batch_wait <= 0:
            return False
        if self._held_until is None:
            self._held_until = monotonic() + batch_wait
        left = self._held_until - monotonic()
        if left > 0:
            await asyncio.wait(waits.tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        return waits.is_any_done()

    async def _load(self, group: Group) -> Values:
        """One batch: a value or exception a key."""
        keys = group.keys
        asked = [] if self.execution.observer is None else [request.asked() for request in group.requests]
        try:
            if len(set(keys)) == 1 and (along := lists_along(self.execution.context.loaders, group)):
                return await group.loader.load_batch(keys, asked, along)
            return await group.loader.load_batch(keys, asked)
        except Exception as error:
            return [error] * len(keys)

    def _deliver(self, group: Group, values: Values) -> None:
        """Hands the values of a batch to those who asked."""
        if len(group.requests) == 1:
            complete_request(self.execution, group.requests[0], values)
            expand_new(self.execution)
            return
        start, each = 0, list(values)
        for request in group.requests:
            end = start + len(request.keys)
            complete_request(self.execution, request, each[start:end])
            expand_new(self.execution)
            start = end

    def _resume(self, waits: list[Wait]) -> None:
        """Completes what has come of one field of one bucket."""
        execution, bucket, field = self.execution, waits[0].bucket, waits[0].field
        whole = [wait for wait in waits if wait.resume is None]
        values, rows = [outcome(wait.task) for wait in whole], [wait.row for wait in whole]
        complete(execution, bucket, field, values, rows, awaited=True)
        expand_new(execution)
        if len(whole) == len(waits):
            return
        completer = ValueCompleter(execution, bucket, field)
        for wait in waits:
            if wait.resume is not None:
                wait.resume(completer, outcome(wait.task))
        completer.finish()
        expand_new(execution)

    def _drop(self, loading: Loading | None) -> None:
        """Gives up what is pending for answers that have been nulled since."""
        execution = self.execution
        self._dropped_at = len(execution.failures.found)
        execution.batches.drop()
        execution.waits.drop(lambda wait: wait.bucket.is_wanted(wait.row))
        if loading is not None and not any(request.is_wanted for request in loading.group.requests):
            loading.task.cancel()
