"""What the jobs that import share: a source opened within the places that are allowed, and progress told to the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.importing.plan import ImportPlan, import_plan_of
from catalog.importing.progress import Failure, ImportCounts
from catalog.importing.run import run_import
from catalog.importing.statements import SOURCES
from catalog.transaction import Writer, transact
from domain.enums import JobLogLevel
from domain.errors import CatalogError, Code
from jobs.core.command_run import end_killed
from jobs.import_places import chunk_size, import_places
from jobs.kind import JobContext, JobCounts
from sources.format import check_options
from sources.formats import OpenedSource, format_named, open_source
from sources.source import Source, SourceError, warnings_of

LOGGED_FAILURES = 200  # of a run; all are counted
EXAMPLES = 10
PASSED_OVER = (Code.SOURCE_UNREADABLE.value, Code.FORBIDDEN.value)


@dataclass(slots=True)
class JobProgress:
    """Tells the run of a job. before: counts of what the job imported before this source; done: ids of these.

    library: whose runs of killed commands are ended too."""

    context: JobContext
    before: ImportCounts = field(default_factory=ImportCounts)
    done: Sequence[int] = ()
    logged: int = 0
    library: int | None = None

    async def begun(self, writer: Writer, counts: ImportCounts, is_resumed: bool) -> None:
        if self.library is not None:
            await end_killed(writer, self.library)
        if is_resumed:
            self.context.log(f"Going on after {counts.done} items of an import that was interrupted.")

    async def save(self, writer: Writer, counts: ImportCounts, failures: Sequence[Failure]) -> None:
        state = {"sources": list(self.done), "counts": self.before.stored(), "items": counts.done}
        await self.context.save(writer, state, self._all(counts))
        for one in failures[: max(LOGGED_FAILURES - self.logged, 0)]:
            self.context.log(f"{one.where}: {one.code}: {one.reason}", JobLogLevel.WARNING)
        self.logged += len(failures)

    def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
        self.context.progress(self._all(counts), None if total is None else total + self.before.done, item)

    def gone(self, known: int, gone: int, examples: Sequence[str]) -> None:
        self.context.log(f"{gone} of {known} items are gone from the source: {', '.join(examples[:EXAMPLES])}")

    def note_warnings(self, source: Source) -> None:
        for line in warnings_of(source):
            self.context.log(line, JobLogLevel.WARNING)

    def finished(self, source: Source, counts: ImportCounts) -> None:
        """The last lines of the log, for who does not return the last one to a worker."""
        self.note_warnings(source)
        self.context.log(told(self.before.plus(counts)))

    def _all(self, counts: ImportCounts) -> JobCounts:
        both = self.before.plus(counts)
        return JobCounts(both.done - both.failed, both.failed, both.by_outcome, both.reasons)


async def opened(location: str, format: str | None, options: Mapping[str, str]) -> tuple[str, OpenedSource]:
    """The real location, and its source. FORBIDDEN, SOURCE_UNREADABLE."""
    real = await asyncio.to_thread(import_places().real, location)
    try:
        return real, await open_source(real, format, options)
    except SourceError as error:
        raise unreadable(error) from error


async def opened_again(plan: ImportPlan) -> OpenedSource:
    """The source of an earlier import. FORBIDDEN, SOURCE_UNREADABLE, also where its format or options have gone."""
    try:
        check_options(format_named(plan.format), plan.options)
    except SourceError as error:
        message = f"{plan.location} cannot be read as its last import was told to. {error} Import it with others."
        raise CatalogError(Code.SOURCE_UNREADABLE, message) from error
    return (await opened(plan.location, plan.format, plan.options))[1]


async def imported(context: JobContext, source: OpenedSource, plan: ImportPlan, progress: JobProgress) -> ImportCounts:
    try:
        counts = await run_import(context.session, context.viewer, source.source, plan, progress)
    except SourceError as error:
        raise unreadable(error) from error
    progress.note_warnings(source.source)
    return counts


def unreadable(error: SourceError) -> CatalogError:
    return CatalogError(Code.SOURCE_UNREADABLE, str(error))


async def sync(
    context: JobContext, library: int, location: str | None, change: Callable[[ImportPlan], ImportPlan]
) -> str:
    """Imports again what was imported into a library; what became of it. NOT_FOUND where nothing was.

    SOURCE_UNREADABLE, FORBIDDEN of a source after the others were read."""
    sources = await transact(
        context.session, context.viewer, "import", lambda writer: sources_of(writer, library, location)
    )
    done = list(context.state.get("sources", ()))
    counts = ImportCounts.of(context.state.get("counts", {}))
    fault: CatalogError | None = None
    for number, plan in sources:
        if number in done:
            continue
        context.step(plan.location)
        progress = JobProgress(context, counts, list(done), library=library)
        try:
            source = await opened_again(plan)
            counts = counts.plus(await imported(context, source, change(plan), progress))
        except CatalogError as error:
            if error.extensions["code"] not in PASSED_OVER:
                raise
            context.log(str(error), JobLogLevel.WARNING)
            fault = fault or error
        else:
            done.append(number)
    if fault is not None:
        context.log(told(counts))
        raise fault
    return told(counts)


async def sources_of(writer: Writer, library: int, location: str | None) -> list[tuple[int, ImportPlan]]:
    rows = await writer.fetch(SOURCES, library, location, writer.libraries)
    if not rows:
        raise CatalogError(Code.NOT_FOUND, "Nothing was imported into this library from there.")
    return [(row[0], import_plan_of(library, row[1], row[2], row[3], chunk=chunk_size())) for row in rows]


def told(counts: ImportCounts) -> str:
    """The last line of the log."""
    found: dict[str, Any] = {**counts.by_outcome, **({"failed": counts.failed} if counts.failed else {})}
    return ", ".join(f"{number} {name}" for name, number in found.items()) or "Nothing was found."
