"""One import of a command in this process: shown, reported, and told to scripts by a status."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from time import monotonic

from rich.console import Console

from app.process.import_display import ImportDisplay, gone_line, outcomes, reasons
from app.process.import_report import append, begin_report
from catalog.importing.plan import ImportPlan
from catalog.importing.progress import Failure, ImportCounts
from catalog.importing.run import run_import
from catalog.transaction import Writer
from catalog.upsert.item import MatchBy, OnConflict
from database.connect_args import without_password
from database.session import Session
from domain.enums import JobStatus
from domain.errors import CatalogError, Code
from domain.text import printable
from domain.viewer import UNRESTRICTED
from jobs.core.attempt import SUCCEEDED
from jobs.core.command_run import CommandRun
from jobs.core.heartbeat import LOST_AFTER
from jobs.core.taking import Ending
from jobs.import_media import IMPORT, parameters_of_plan
from jobs.import_run import JobProgress
from jobs.kind import JobStopped, StopReason
from sources.formats import OpenedSource, is_path
from sources.source import SourceError, warnings_of

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class ExitStatus(IntEnum):
    """What scripts are told; docs/import.md lists them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    SOURCE = 3
    SOME_FAILED = 4
    PRUNE_REFUSED = 5
    RUNNING = 6
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What the command was told. report: the file for what failed, None for the one of this
    folder. match_by: None for that of the format. lost_after: seconds without a heartbeat after which the process of a
    run counts as dead."""

    location: str
    library: str
    kind: str | None = None
    format: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    match_by: Sequence[MatchBy] | None = None
    mode: OnConflict = OnConflict.REPLACE
    prunes: bool = False
    max_pruned: int = 20
    is_dry_run: bool = False
    restarts: bool = False
    watches: bool = False
    report: Path = Path("import-failures.jsonl")
    chunk: int = 1_000
    lost_after: float = LOST_AFTER

    @property
    def place(self) -> str:
        """The location as it is remembered: the same file is the same source, from whichever folder it is named."""
        return str(Path(self.location).resolve()) if is_path(self.location) else without_password(self.location)


class TerminalProgress:
    """Shows an import, writes down what failed, and lets the run of a job follow."""

    def __init__(
        self, order: ImportOrder, plan: ImportPlan, display: ImportDisplay, stop: Stop, run: CommandRun
    ) -> None:
        self._order = order
        self._plan = plan
        self._display = display
        self._stop = stop
        self._run = run
        self.job: JobProgress | None = None  # of a dry run nobody else is told
        self.counts = ImportCounts()

    async def begun(self, writer: Writer, counts: ImportCounts, is_resumed: bool) -> None:
        self.counts = counts
        self._display.begin(counts)
        if not is_resumed:
            await asyncio.to_thread(begin_report, self._order.report)
        else:
            self._display.say(f"Going on after {counts.done:,} items of an import that was interrupted.")
        if not self._plan.is_dry_run:
            self.job = JobProgress(await self._run.begin(writer, IMPORT, parameters_of_plan(self._plan)))
            await self.job.begun(writer, counts, is_resumed)

    async def save(self, writer: Writer, counts: ImportCounts, failures: Sequence[Failure]) -> None:
        if failures:
            await asyncio.to_thread(append, self._order.report, failures)
        if self.job is not None:
            await self.job.save(writer, counts, failures)

    def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
        self.counts = counts
        self._display.update(counts, total, item)
        if self.job is not None:
            self.job.told(counts, total, item)
        if self._stop.is_asked:
            raise JobStopped(StopReason.CANCEL)

    def gone(self, known: int, gone: int, examples: Sequence[str]) -> None:
        self._display.say(gone_line(known, gone, examples))
        if self.job is not None:
            self.job.gone(known, gone, examples)


class Stop:
    """Ctrl-C: the first lets the chunk that is stored come to its end, the second does not. More of them change
    nothing: what is left is to say how the import has ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.is_asked = False
        self.event = asyncio.Event()
        self._task = asyncio.current_task()

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        for one in SIGNALS:
            loop.add_signal_handler(one, self._ask)

    def be_deaf(self) -> None:
        """Once it was asked, it is about to end: another Ctrl-C must not take its status from scripts."""
        if not self.is_asked:
            return
        loop = asyncio.get_running_loop()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # none comes in between
        for one in SIGNALS:
            loop.remove_signal_handler(one)
            signal.signal(one, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _ask(self) -> None:
        if not self.is_asked:
            self.is_asked = True
            self.event.set()
            self._console.print("Stopping after this chunk (again to stop at once) ...", highlight=False)
        elif self._task is not None:
            self._task.cancel()
            self._task = None


@dataclass(frozen=True, slots=True)
class Importing:
    """Imports of a command: one, or with --watch one after the other. beats: a session for heartbeats."""

    session: Session
    beats: Session
    console: Console
    order: ImportOrder
    plan: ImportPlan
    stop: Stop

    async def once(self, opened: OpenedSource) -> ExitStatus:
        """One run, and what is said of it at its end."""
        began = monotonic()
        run = CommandRun(self.beats, self.order.lost_after)
        with ImportDisplay(self.console, f"{opened.format.name} into {self.order.library}") as display:
            progress = TerminalProgress(self.order, self.plan, display, self.stop, run)
            try:
                async with run.beating():
                    counts = await run_import(self.session, UNRESTRICTED, opened.source, self.plan, progress)
            except BaseException as error:
                await run.end(ending_of(error))
                if not isinstance(error, JobStopped):
                    raise
                display.say(import_summary(progress.counts, monotonic() - began, display.rate))
                return self.stopped(error)
            if progress.job is not None:
                progress.job.finished(opened.source, counts)
            await run.end(SUCCEEDED)
        self.conclude(opened, counts, monotonic() - began, display.rate)
        return ExitStatus.SOME_FAILED if counts.failed else ExitStatus.DONE

    def stopped(self, why: JobStopped) -> ExitStatus:
        if why.reason is not StopReason.LOST:
            return interrupted(self.console, self.order)
        say(self.console, "The run of this import has gone to a worker, or was deleted: see the jobs.")
        return ExitStatus.RUNNING

    def conclude(self, opened: OpenedSource, counts: ImportCounts, seconds: float, rate: float) -> None:
        """Says what became of the items."""
        dry = "Dry run, nothing was stored: " if self.plan.is_dry_run else ""
        say(self.console, dry + import_summary(counts, seconds, rate))
        for line in warnings_of(opened.source):
            say(self.console, f"Note: {line}")
        if counts.failed:
            self.console.print(reasons(counts))
            say(self.console, f"What failed, and why: {self.order.report}")


def ending_of(error: BaseException) -> Ending:
    """How the run ends by it."""
    if isinstance(error, JobStopped | asyncio.CancelledError):
        return Ending(JobStatus.CANCELLED)
    return Ending(JobStatus.FAILED, code_of(error), str(error) or type(error).__name__)


def code_of(error: BaseException | None) -> str:
    if isinstance(error, CatalogError):
        return str(error.extensions["code"])
    return Code.SOURCE_UNREADABLE if isinstance(error, SourceError) else "INTERNAL"


def import_summary(counts: ImportCounts, seconds: float, rate: float) -> str:
    return f"{outcomes(counts)} in {seconds:,.1f} s ({rate:,.0f} items/s)."


def interrupted(console: Console, order: ImportOrder) -> ExitStatus:
    say(console, "Interrupted: give the same command again to go on from here, or with --restart to begin anew.")
    return ExitStatus.INTERRUPTED


def say(console: Console, line: str) -> None:
    console.print(printable(line), highlight=False, markup=False, soft_wrap=True)
