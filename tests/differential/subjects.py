"""What is compared: a schema with its contexts and roots, operations on it, on both engines, in several timings."""

from __future__ import annotations

import asyncio
import gc
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute

from engine.documents.document import Document
from tests.differential.chance import DELAYS
from tests.differential.comparison import Outcome, disagreements, without_propagation
from tests.differential.memory import Context
from tests.differential.running import document_of, run

WAIT_SECONDS = 2.0  # seconds, for what should take milliseconds
TURNS = 40  # of waiting for what goes on in the background
CORE = "coroutine 'Executor."  # graphql-core leaves some of its own, which may be found during a later run
TIMINGS = 3  # runs of the compiled engine, each with other delays


def nothing() -> None:
    """No root value."""


@dataclass(frozen=True)
class Subject:
    """A schema, and a new root value for each run."""

    schema: GraphQLSchema
    root: Callable[[], Any] = nothing
    batch_wait: float = 0.0

    async def differ(
        self, text: str, variables: Mapping[str, Any], name: str | None = None, *, seed: int = 0
    ) -> list[str]:
        """In words, where the engines disagree on an operation. Raises engine.document.Invalid."""
        document = document_of(self.schema, text)
        reference = await self.outcome(document, variables, name, compiled=False, seed=seed)
        whole = await self._whole(document, variables, name, seed) if reference.is_cut else reference
        runs = [
            await self.outcome(document, variables, name, compiled=True, seed=seed + timing)
            for timing in range(1 if reference.is_sync else TIMINGS)
        ]
        found = [words for one in runs for words in disagreements(reference, one, whole.errors)]
        return list(dict.fromkeys(found + batches_differ(reference, whole, runs, self.batch_wait)))

    async def outcome(
        self, document: Document, variables: Mapping[str, Any], name: str | None, *, compiled: bool, seed: int
    ) -> Outcome:
        """What one engine makes of an operation, with the delays of a seed."""
        context, before = Context(seed), asyncio.all_tasks()
        DELAYS.set(context.delays)
        found = Outcome(ExecutionResult(None, None), log=context.log)
        with left_alone() as warned:
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    found.result, found.is_sync = await run(
                        self.schema,
                        document,
                        variables,
                        context,
                        compiled=compiled,
                        name=name,
                        root_value=self.root(),
                        batch_wait=self.batch_wait,
                    )
            except Exception as error:
                found.raised = "".join(traceback.format_exception(error)[-3:])
            let_go(found.result.errors)
            found.batches = context.loaders.batches.copy()
            endless = await idle(before)
            context.loaders.loaders.clear()  # their answers are errors too
        found.slept, found.broke = context.delays.slept, context.delays.broke
        left = {str(one.message) for one in warned if not (compiled and CORE in str(one.message))}
        found.left = sorted(left | set(endless))
        return found

    async def together(self, document: Document, *, seed: int) -> Outcome:
        """What the compiled engine makes of an operation while others are under way: nothing is cleared up between."""
        context = Context(seed)
        DELAYS.set(context.delays)
        result, _ = await run(
            self.schema, document, {}, context, compiled=True, root_value=self.root(), batch_wait=self.batch_wait
        )
        return Outcome(result, batches=context.loaders.batches)

    async def _whole(self, document: Document, variables: Mapping[str, Any], name: str | None, seed: int) -> Outcome:
        """The operation without error propagation, with every error and every batch that it can have.

        Where something never comes, what has come until patience ends."""
        context, before = Context(seed), asyncio.all_tasks()
        DELAYS.set(context.delays)
        marked = without_propagation(document.node)
        result = ExecutionResult(None, None)
        with left_alone():
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS / 10):
                    found = execute(self.schema, marked, self.root(), context, dict(variables), name)
                    result = found if isinstance(found, ExecutionResult) else await found
            let_go(result.errors)
            await idle(before)
            context.loaders.loaders.clear()
        return Outcome(result, batches=context.loaders.batches)


def let_go(errors: list[GraphQLError] | None) -> None:
    """Takes the tracebacks of errors, which hold on to the frames in which they were raised."""
    left: list[Any] = list(errors or ())
    known: set[int] = set()
    while left:
        error = left.pop()
        if error is not None and id(error) not in known:
            known.add(id(error))
            error.__traceback__ = None
            left += [error.__context__, error.__cause__, getattr(error, "original_error", None)]


@contextmanager
def left_alone() -> Iterator[list[warnings.WarningMessage]]:
    """Takes the warnings of all that is made and thrown away in the meantime."""
    gc.disable()  # so that all that is made stays in the youngest generation
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield warned
            gc.collect(0)
    finally:
        gc.enable()


async def idle(before: set[asyncio.Task[Any]]) -> list[str]:
    """Waits for what has been left in the background: graphql-core ends there what a bubbling error has cut off.

    Gives the names of the coroutines that have to be ended."""
    for _ in range(TURNS):
        if not (left := asyncio.all_tasks() - before):
            return []
        await asyncio.wait(left, timeout=WAIT_SECONDS / TURNS)
    for task in left:
        task.cancel()
    await asyncio.wait(left)
    return [f"{getattr(task.get_coro(), '__qualname__', task)} goes on for ever" for task in left]


def batches_differ(reference: Outcome, whole: Outcome, runs: list[Outcome], batch_wait: float) -> list[str]:
    """Where the compiled engine sends more batches than the reference, or not always the same number.

    Waits for the clock leave the number to the timing where the engine does not wait for them in turn; so do errors
    that cut the operation short."""
    if batch_wait == 0 and any(one.slept for one in (reference, *runs)):
        return []
    most = max(reference.batches.total(), whole.batches.total())
    found = [
        f"batches: at most {most} {dict(reference.batches)}, got {one.batches.total()} {dict(one.batches)}"
        for one in runs
        if one.batches.total() > most
    ]
    counts = [dict(sorted(one.batches.items())) for one in runs]
    if not reference.is_cut and any(one != counts[0] for one in counts):
        found.append(f"batches by timing: {counts}")
    return found
