"""How far an import has come, stored with each chunk; and which import of a library may run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any

from catalog.importing import statements
from catalog.importing.plan import ImportPlan
from catalog.importing.progress import ImportCounts, Progress
from catalog.transaction import Writer, statement, transact
from database.session import Session
from domain.errors import CatalogError, Code
from domain.viewer import Viewer

IMPORT_NAME = "import"  # of its statements
RUNNING_SECONDS, LOOK_AGAIN = 2.0, 0.1


@dataclass(slots=True)
class Checkpoint:
    """Where a run stands. seen: the number with which items are marked as seen: of the run that began reading.

    chunks: how many were stored; position: of the source; is_read: whether it was read to its end. unreadable: items
    that could not be read, of which nobody knows the keys; is_cut: what comes after one of these was not read
    either."""

    digest: str
    seen: int
    chunks: int = 0
    position: str = ""
    is_read: bool = False
    unreadable: int = 0
    is_cut: bool = False
    counts: ImportCounts = field(default_factory=ImportCounts)

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def checkpoint_of(stored: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(**{**stored, "counts": ImportCounts.of(stored["counts"])})


@dataclass(frozen=True, slots=True)
class ImportRun:
    """A run that has begun. source: the id of its import_source, 0 for one that is not there in a dry run."""

    source: int
    number: int
    at: Checkpoint
    is_resumed: bool


async def begin_run(session: Session, viewer: Viewer, plan: ImportPlan, progress: Progress) -> ImportRun:
    """A new run, or the one that was interrupted. NOT_FOUND for the library; IMPORT_RUNNING, after a moment: the
    connection of one that was killed lives a little longer."""

    async def work(writer: Writer) -> ImportRun:
        run = await first_steps(writer, plan)
        await progress.begun(writer, run.at.counts, run.is_resumed)
        return run

    until = monotonic() + RUNNING_SECONDS
    while True:
        try:
            return await transact(session, viewer, IMPORT_NAME, work)
        except CatalogError as error:
            if error.extensions["code"] != Code.IMPORT_RUNNING or monotonic() > until:
                raise
        await asyncio.sleep(LOOK_AGAIN)


async def first_steps(writer: Writer, plan: ImportPlan) -> ImportRun:
    """A dry run stores nothing of itself; one that is to find out what is gone marks what it sees, so that an
    interrupted run has to begin anew after it."""
    if not await writer.fetch(statements.LOCK_TARGET, plan.library, writer.libraries):
        raise CatalogError(Code.NOT_FOUND, "There is no such library.")
    place = plan.library, plan.format, plan.location
    found = await writer.fetch(statements.SOURCE, *place)
    if plan.is_dry_run and not (plan.prunes and found):
        return ImportRun(found[0][0] if found else 0, 0, Checkpoint(plan.digest, 0), is_resumed=False)
    if running := await writer.fetch(statements.RUNNING, plan.library):
        raise import_running(running[0][0])
    if not found:
        await writer.fetch(statements.ADD_SOURCE, *place)
        found = await writer.fetch(statements.SOURCE, *place)
    [[source, last, stored]] = found
    before = None if stored is None or plan.restarts or plan.is_dry_run else checkpoint_of(stored)
    is_resumed = before is not None and before.digest == plan.digest and (bool(before.position) or before.is_read)
    at = before if before is not None and is_resumed else Checkpoint(plan.digest, last + 1)
    checkpoint = None if plan.is_dry_run else at.stored()
    await writer.fetch(statements.BEGIN_RUN, source, last + 1, plan.told, checkpoint)
    return ImportRun(source, last + 1, at, is_resumed)


async def save(writer: Writer, run: ImportRun, at: Checkpoint) -> None:
    """Stores where a run stands with what it has done. IMPORT_RUNNING where another one has taken its place."""
    if not await writer.fetch(statements.CHECKPOINT, run.source, run.number, at.stored()):
        raise import_running(None)


async def current(session: Session, run: ImportRun) -> Checkpoint:
    """What is stored of a run whose last transaction has ended nobody knows how. IMPORT_RUNNING."""
    rows = await session.fetch(statement(IMPORT_NAME, statements.CURRENT_RUN), (run.source,))
    if not rows or rows[0][0] != run.number:
        raise import_running(None)
    return checkpoint_of(rows[0][1])


async def end_run(session: Session, viewer: Viewer, run: ImportRun, *, is_complete: bool) -> None:
    """The library is free for others."""
    if run.number:
        await transact(
            session,
            viewer,
            IMPORT_NAME,
            lambda writer: writer.fetch(statements.END_RUN, run.source, run.number, is_complete),
        )


def import_running(location: str | None) -> CatalogError:
    what = (
        f"{location} is being imported into this library" if location else "Another import has taken this one's place"
    )
    return CatalogError(Code.IMPORT_RUNNING, f"{what}: wait until it has ended, or stop it.")
