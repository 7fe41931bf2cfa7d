"""One import of a command in this process: shown, reported, and told to scripts by a status."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from time import monotonic

from rich.console import Console

from app.process.import_display import ImportDisplay, gone_line, outcomes, reasons
from app.process.import_report import append, begin_report
from catalog.importing.job_row import add_run, end_row, update_run
from catalog.importing.plan import ImportPlan
from catalog.importing.progress import Failure, ImportCounts
from catalog.importing.run import run_import
from catalog.transaction import Writer, transact
from catalog.upsert.item import MatchBy, OnConflict
from database.connect_args import without_password
from database.connection import DATABASE_ERRORS, ConnectionLostError
from database.session import Session
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED
from sources.formats import OpenedSource, is_path
from sources.source import SourceError, Warned

IMPORT = "import"


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
    folder. match_by: None for that of the format."""

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

    @property
    def place(self) -> str:
        """The location as it is remembered: the same file is the same source, from whichever folder it is named."""
        return str(Path(self.location).resolve()) if is_path(self.location) else without_password(self.location)


class Interrupted(Exception):
    """Somebody has asked to stop."""


class TerminalProgress:
    """Shows an import, writes down what failed, and lets the run of a job follow."""

    def __init__(
        self, order: ImportOrder, plan: ImportPlan, display: ImportDisplay, stopped: Callable[[], bool]
    ) -> None:
        self._order = order
        self._plan = plan
        self._display = display
        self._stopped = stopped
        self._total: int | None = None
        self._is_cancelled = False  # by a client, as any run of a job can be
        self.run: int | None = None
        self.counts = ImportCounts()

    async def begun(self, writer: Writer, counts: ImportCounts, is_resumed: bool) -> None:
        self.counts = counts
        self._display.begin(counts)
        if not is_resumed:
            await asyncio.to_thread(begin_report, self._order.report)
        else:
            self._display.say(f"Going on after {counts.done:,} items of an import that was interrupted.")
        if not self._plan.is_dry_run:
            told = {"location": self._plan.location, "format": self._plan.format, "mode": self._plan.on_conflict}
            self.run = await add_run(writer, self._plan.library, told)

    async def save(self, writer: Writer, counts: ImportCounts, failures: Sequence[Failure]) -> None:
        if failures:
            await asyncio.to_thread(append, self._order.report, failures)
        if self.run is not None:
            self._is_cancelled = await update_run(writer, self.run, counts, self._total)

    def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
        self.counts, self._total = counts, total
        self._display.update(counts, total, item)
        if self._stopped() or self._is_cancelled:
            raise Interrupted

    def gone(self, known: int, gone: int, examples: Sequence[str]) -> None:
        self._display.say(gone_line(known, gone, examples))


class Stop:
    """Ctrl-C: the first lets the chunk that is stored come to its end, the second does not."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.is_asked = False
        self.event = asyncio.Event()
        self._task = asyncio.current_task()

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, self._ask)

    def _ask(self) -> None:
        if self.is_asked and self._task is not None:
            self._task.cancel()
            return
        self.is_asked = True
        self.event.set()
        self._console.print("Stopping after this chunk (again to stop at once) ...", highlight=False)


async def import_once(
    session: Session, console: Console, order: ImportOrder, plan: ImportPlan, opened: OpenedSource, stop: Stop
) -> ExitStatus:
    """One run, and what is said of it at its end."""
    began = monotonic()
    with ImportDisplay(console, f"{opened.format.name} into {order.library}") as display:
        progress = TerminalProgress(order, plan, display, lambda: stop.is_asked)
        try:
            counts = await run_import(session, UNRESTRICTED, opened.source, plan, progress)
        except BaseException as error:
            await end(session, progress, error)
            if isinstance(error, Interrupted):
                display.say(import_summary(progress.counts, monotonic() - began, display.rate))
                return interrupted(console, order)
            raise
        await end(session, progress, None)
    say(
        console,
        ("Dry run, nothing was stored: " if plan.is_dry_run else "")
        + import_summary(counts, monotonic() - began, display.rate),
    )
    for line in opened.source.warnings if isinstance(opened.source, Warned) else ():
        say(console, f"Note: {line}")
    if not counts.failed:
        return ExitStatus.DONE
    console.print(reasons(counts))
    say(console, f"What failed, and why: {order.report}")
    return ExitStatus.SOME_FAILED


async def end(session: Session, progress: TerminalProgress, error: BaseException | None) -> None:
    """The run of the job ends too, as far as the database can still be told."""
    run = progress.run
    if run is None:
        return
    is_stopped = error is None or isinstance(error, Interrupted | asyncio.CancelledError)
    code = None if is_stopped else code_of(error)
    status = "SUCCEEDED" if error is None else "CANCELLED" if is_stopped else "FAILED"
    told = None if is_stopped else str(error) or type(error).__name__
    # Stopped at once: the connection may be in the middle of what was stopped.
    with suppress(CatalogError, ConnectionLostError, *DATABASE_ERRORS):
        await transact(session, UNRESTRICTED, IMPORT, lambda writer: end_row(writer, run, status, told, code))


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
    console.print(line, highlight=False, markup=False, soft_wrap=True)
