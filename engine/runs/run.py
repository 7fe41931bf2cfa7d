"""Running a plan: columns breadth first, then one batch after the other until nothing is pending."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo
from graphql.execution.values import VariableValues
from graphql.pyutils import is_awaitable

from engine.plans.inputs import Inputs
from engine.plans.plan import Field, Plan
from engine.relation import gone
from engine.runs.answer_size import AnswerSize
from engine.runs.awaitables import Waits
from engine.runs.batch_scheduling import Batches, Group, Request
from engine.runs.column import Column, field_path
from engine.runs.completion import Slot, Slow, Values, complete
from engine.runs.errors import Failures
from engine.runs.field_resolution import resolve
from engine.runs.info import HELPERS
from engine.runs.loader_requests import lists_along
from engine.runs.progress import Progress

if TYPE_CHECKING:
    from engine.executor import Engine

# A resolver that is late by this many turns of the event loop is waited for in any case: it waits for nothing outside.
TURNS = 10


class Run:
    """One execution of a plan."""

    __slots__ = (
        "_dropped_at",
        "_engine",
        "_held_until",
        "_progress",
        "_root_value",
        "batches",
        "context",
        "converted",
        "failures",
        "observer",
        "plan",
        "schema",
        "size",
        "variables",
        "waits",
    )

    def __init__(
        self,
        engine: Engine,
        plan: Plan,
        variables: VariableValues,
        context: Any,
        root_value: Any,
        progress: Progress | None = None,
    ) -> None:
        self._engine = engine
        self._progress = progress or Progress()
        self._root_value = root_value
        self._held_until: float | None = None
        self._dropped_at = 0
        self.schema = engine.schema
        self.plan = plan
        self.size = AnswerSize(engine.answer_bytes)
        self.variables = variables
        self.context = context
        self.observer = getattr(context, "observer", None)  # who wants to know what the batches are for
        self.converted: dict[tuple[str, str], Any] = {}  # variables as arguments, by name and type
        self.failures = Failures()
        self.batches = Batches()
        self.waits = Waits()

    @property
    def loaders(self) -> Any:
        """The loaders; a field that writes leaves new ones in the context."""
        return getattr(self.context, "loaders", None)

    @property
    def strawberry(self) -> tuple[Any, Any]:
        """Strawberry's settings and scalars."""
        return self._engine.strawberry

    @property
    def inputs(self) -> Inputs:
        """The conversions of input values."""
        return self._engine.inputs

    async def execute(self) -> dict[str, Any] | None:
        """The data; errors are in `failures`. Raises AnswerTooLarge."""
        root = self.build(Column(self.plan.root, [self._root_value]))
        try:
            if self.plan.serial:
                await self._execute_serially(root)
            else:
                self.expand(root)
                await self._drive()
        finally:
            if self.waits.is_to_end:
                await self.waits.end()
        return None if self.failures.root_is_null else root.answers[0]

    async def _execute_serially(self, root: Column) -> None:
        """The root fields one after the other, everything below each before the next."""
        progress, answer = self._progress, root.answers[0]
        progress.begin(answer, self.failures.so_far)
        for row in root.broken:
            self._mend(root, row)
        for key in answer.keys() - {field.key for field in root.selection.columns}:
            progress.done(key, answer[key])
        for field in root.selection.columns:
            progress.running = field.key
            resolve(self, root, field)
            await self._drive()
            if self.failures.root_is_null:
                break
            progress.done(field.key, answer[field.key])

    def build(self, column: Column) -> Column:
        """Makes the answers of a column, so far as its objects give them at once. They are to be put in their places
        before the column is expanded: what fails in them nulls these. Raises AnswerTooLarge."""
        template, broken = column.selection.template, column.broken

        def skip(row: int, parent: Any) -> dict[str, Any]:
            broken.append(row)
            return dict(template)

        self.size.add_objects(column)
        column.answers = column.selection.build(column.objects, skip)
        if column.selection.texts:
            self.size.add_texts(column)
        return column

    def expand(self, column: Column) -> None:
        """Completes the answers of a column: what its builder could not, then what it has left open."""
        for row in column.broken:
            self._mend(column, row)
        for field in column.selection.columns:
            resolve(self, column, field)

    def _mend(self, column: Column, row: int) -> None:
        """Completes the fields of a builder one by one."""
        for field in column.selection.inline:
            assert field.access.read is not None
            slow = Slow(self, column, field)
            try:
                value = field.access.read(column.objects[row])
            except Exception as error:
                self.failures.add(column, row, field, (), error)
            else:
                slow.complete(Slot(row, (), column.answers[row], field.key), value, field.type)

    def wanted_rows(self, column: Column) -> Sequence[int]:
        """The objects of a column whose answers have not been nulled."""
        rows = range(len(column.objects))
        return [row for row in rows if column.is_wanted(row)] if self.failures.found else rows

    def info(self, column: Column, row: int, field: Field) -> GraphQLResolveInfo[Any]:
        """What a resolver is told of its field."""
        return GraphQLResolveInfo(
            field.name,
            field.nodes,
            field.type,
            field.parent_type,
            field_path(column, row, field),
            self.schema,
            self.plan.fragments,
            self._root_value,
            self.plan.operation,
            self.variables,
            self.context,
            is_awaitable,
            None,
            HELPERS,
        )

    async def _drive(self) -> None:
        """Sends batches and takes what resolvers give, until nothing is pending or nothing is left to answer."""
        loading: Loading | None = None
        try:
            while (self.batches or self.waits or loading) and not self.failures.root_is_null:
                self._drop(loading)
                if loading is None or loading.task.cancelled():
                    group = await self._next()
                    loading = None
                    if group is not None and not self.waits:
                        self._deliver(group, await self._load(group))
                        continue
                    if group is not None:
                        loading = Loading(group, asyncio.ensure_future(self._load(group)))
                tasks = self.waits.tasks if loading is None else [*self.waits.tasks, loading.task]
                if tasks:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                self.waits.deliver(self)
                if loading is not None and loading.task.done() and not loading.task.cancelled():
                    self._deliver(loading.group, loading.task.result())
                    loading = None
        finally:
            if loading is not None:
                loading.task.cancel()
                await asyncio.gather(loading.task, return_exceptions=True)

    async def _next(self) -> Group | None:
        """The batch to send now; None where all wait for resolvers, one of which has come, or there is none."""
        if not self.batches:
            return None
        group = self.batches.take(self.waits.fields if self.waits else ())
        if group is not None or await self._patience():
            return group
        group = self.batches.take(self.waits.fields, anyway=True)
        if group is not None and self.observer is not None:
            self.observer.hurry(group.name)
        return group

    async def _patience(self) -> bool:
        """Waits for resolvers that hold up every batch; False where they have had their time."""
        for _ in range(TURNS):
            if self.waits.is_any_done():
                return True
            await asyncio.sleep(0)
        if self._engine.batch_wait <= 0:
            return False
        if self._held_until is None:
            self._held_until = monotonic() + self._engine.batch_wait
        left = self._held_until - monotonic()
        if left > 0:
            await asyncio.wait(self.waits.tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        return self.waits.is_any_done()

    async def _load(self, group: Group) -> Values:
        """One batch: a value or exception a key."""
        keys = group.keys
        asked = [] if self.observer is None else [request.asked() for request in group.requests]
        try:
            if len(set(keys)) == 1 and (along := lists_along(self.loaders, group)):
                return await group.loader.load_batch(keys, asked, along)
            return await group.loader.load_batch(keys, asked)
        except Exception as error:
            return [error] * len(keys)

    def _deliver(self, group: Group, values: Values) -> None:
        """Hands the values of a batch to those who asked."""
        if len(group.requests) == 1 and group.requests[0].deliver is None:
            self._complete(group.requests[0], values)
            return
        start, each = 0, list(values)
        for request in group.requests:
            end = start + len(request.keys)
            (request.deliver or partial(self._complete, request))(each[start:end])
            start = end

    def deliver_known(self, request: Request) -> bool:
        """Answers a request at once where its loader knows every key: there is nothing to wait for."""
        asked = [] if self.observer is None else [request.asked()]
        values = request.loader.peek(request.keys, asked)
        if values is None:
            return False
        self._complete(request, values)
        return True

    def _complete(self, request: Request, values: Values) -> None:
        declaration = request.field.access.declaration
        if declaration is not None and declaration.required:
            values = [gone() if value is None else value for value in values]
        complete(self, request.column, request.field, values, request.rows)

    def _drop(self, loading: Loading | None) -> None:
        """Gives up what is pending for answers that have been nulled since."""
        if len(self.failures.found) == self._dropped_at:
            return
        self._dropped_at = len(self.failures.found)
        self.batches.drop()
        self.waits.drop(lambda wait: wait.column.is_wanted(wait.row))
        if loading is not None and not any(request.is_wanted for request in loading.group.requests):
            loading.task.cancel()


class Loading:
    """A batch under way while resolvers are waited for."""

    __slots__ = ("group", "task")

    def __init__(self, group: Group, task: asyncio.Task[Values]) -> None:
        self.group = group
        self.task = task
