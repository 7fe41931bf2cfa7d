"""Upkeep of the database: what the server does by itself from time to time, and what is worth a look now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from catalog.counts import fold_counts
from catalog.drift import find_drift, mend_drift
from catalog.refold import fold_pending
from catalog.search_vocabulary import learn_words
from catalog.stored_files import forget_files, unknown_files
from catalog.taxonomy.retention import prune_journal
from catalog.transaction import Writer, transact
from domain.enums import JobLogLevel
from jobs.core.retention import prune_runs
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.parameters import parameter
from providers.files.folder import KEPT_SECONDS
from providers.limit_retention import remove_unused_limits

MAINTENANCE_NAME = "maintenance"
ANALYSE = "ANALYZE"


@dataclass(frozen=True, slots=True)
class Maintenance:
    analyse: bool = parameter("Whether PostgreSQL counts anew what its plans go by.", default=True)
    check: bool = parameter(
        "Whether counts, copies and the feed are checked against what they are made of.", default=True
    )
    repair: bool = parameter("Whether what the check finds is mended; edits wait meanwhile.", default=False)


async def maintain(context: JobContext, parameters: Maintenance) -> None:
    """Step by step: one that was done is not done again after a fault."""
    steps: list[tuple[str, Callable[[JobContext], Awaitable[int]]]] = [
        ("fold kept counts", fold_all),
        ("fold texts", fold_texts),
        ("remove old journals", lambda context: prune_journal(context.session)),
        ("remove old runs of jobs", lambda context: prune_runs(context.session)),
        ("remove unused limits", lambda context: remove_unused_limits(context.session)),
        ("remove files", remove_files),
        *([("analyse tables", analyse)] if parameters.analyse else []),
        *(
            [("check for drift", lambda context: check_drift(context, repair=parameters.repair))]
            if is_checked(parameters)
            else []
        ),
    ]
    done: list[str] = list(context.state.get("done", []))
    for name, step in steps:
        if name not in done:
            context.step(name)
            found = await step(context)
            done.append(name)
            by_outcome = {**context.counts.by_outcome, name: found}
            counts = JobCounts(len(done), context.counts.failed, by_outcome, context.counts.by_code)
            await save(context, done, counts)
            context.progress(counts, len(steps))


def is_checked(parameters: Maintenance) -> bool:
    return parameters.check or parameters.repair


async def save(context: JobContext, done: list[str], counts: JobCounts) -> None:
    async def work(writer: Writer) -> None:
        await context.save(writer, {"done": done}, counts)

    await transact(context.session, context.viewer, MAINTENANCE_NAME, work)


async def fold_all(context: JobContext) -> int:
    """How many times there was something to fold."""
    times = 0
    while await fold_counts(context.session):
        times += 1
        context.check()
    return times


async def fold_texts(context: JobContext) -> int:
    await fold_pending(context.session)
    while await learn_words(context.session):
        context.check()
    return 0


async def remove_files(context: JobContext) -> int:
    """How many files of the folder nothing refers to any longer, and downloads that nobody goes on with."""
    files = context.services.files
    if files is None:
        return 0
    await forget_files(context.session, KEPT_SECONDS)
    removed = await asyncio.to_thread(files.folder.remove_old_parts)
    batches = files.folder.stored_names()
    while names := await asyncio.to_thread(next, batches, None):
        unknown = await unknown_files(context.session, [name.partition(".")[0] for name in names])
        gone = [name for name in names if name.partition(".")[0] in unknown]
        removed += await asyncio.to_thread(files.folder.remove, gone)
        context.check()
    return removed


async def analyse(context: JobContext) -> int:
    async def work(writer: Writer) -> None:
        await writer.fetch(ANALYSE)

    await transact(context.session, context.viewer, MAINTENANCE_NAME, work)
    return 0


async def check_drift(context: JobContext, *, repair: bool) -> int:
    """How many rows are not as they should be, after the repair; the run's log names their tables."""
    found = await find_drift(context.session)
    if repair and any(drift.mends for drift in found):
        await mend_drift(context.session)
        context.log(f"Repaired what can be repaired of {sum(drift.rows for drift in found)} rows.")
        found = await find_drift(context.session)
    for drift in found:
        place = "" if drift.first is None else f", the first at {drift.first}"
        context.log(f"{drift.kind} of {drift.table}: {drift.rows} rows differ{place}", JobLogLevel.WARNING)
    return sum(drift.rows for drift in found)


MAINTENANCE = JobKind(
    name=MAINTENANCE_NAME,
    description="Folds kept counts and texts, removes what is kept no longer, analyses tables and looks for drift.",
    parameters=Maintenance,
    run=maintain,
    exclusive_key=lambda parameters: MAINTENANCE_NAME,
)
