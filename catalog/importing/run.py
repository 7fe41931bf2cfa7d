"""An import run from its start, or from where it was interrupted, to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TypeVar

from catalog.importing.beside import Beside
from catalog.importing.checkpoint import IMPORT_NAME, ImportRun, begin_run, current, end_run, save
from catalog.importing.chunk import Chunk, failure
from catalog.importing.chunk_reader import ChunkReader
from catalog.importing.fingerprint import Fingerprints
from catalog.importing.plan import ImportPlan
from catalog.importing.prepared import Prepared, Preparer
from catalog.importing.progress import ImportCounts, Progress
from catalog.importing.prune import Prune
from catalog.importing.read_ahead import ReadAhead
from catalog.importing.store import ChunkStore
from catalog.transaction import transact
from database.connection import DATABASE_ERRORS, ConnectionLostError
from database.session import Session
from domain.errors import CatalogError, Code
from domain.viewer import Viewer
from sources.source import KnownReading, Reading, Source, SourceError, SourceItem

T = TypeVar("T")

log = logging.getLogger("marquee.import")

# Errors of a time, not of an item: the chunk is tried again.
AWAY = frozenset({Code.DATABASE_UNAVAILABLE, Code.DATABASE_BUSY, Code.OUTCOME_UNKNOWN})
PASSING = frozenset({Code.CONFLICT, Code.STATEMENT_TIMEOUT})
# Errors that no chunk would be spared.
FATAL = frozenset({Code.DATABASE_FULL, Code.READ_ONLY, Code.IMPORT_RUNNING})
CHUNK_TRIES = 3  # of a chunk, while the database answers
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0  # seconds
END_SECONDS = 5.0
INTERNAL = "INTERNAL"


async def run_import(
    session: Session, viewer: Viewer, source: Source, plan: ImportPlan, progress: Progress
) -> ImportCounts:
    """Imports a source: what became of its items.

    NOT_FOUND for the library, IMPORT_RUNNING, PRUNE_REFUSED; SourceError. Whatever ends it, the next run of the same
    plan goes on after the last chunk that was stored."""
    run = await patient(lambda: begin_run(session, viewer, plan, progress), plan.patience)
    is_complete = False
    try:
        counts = await Importer(session, viewer, source, plan, run, progress).run_to_end()
        is_complete = not plan.is_dry_run
        return counts
    except CatalogError as error:
        is_complete = error.extensions["code"] == Code.PRUNE_REFUSED.value  # all was read
        raise
    finally:
        with suppress(CatalogError, ConnectionLostError, *DATABASE_ERRORS, TimeoutError):
            await asyncio.wait_for(end_run(session, viewer, run, is_complete=is_complete), END_SECONDS)


async def patient(work: Callable[[], Awaitable[T]], patience: float) -> T:
    """What `work` gives, which is called again while the database is away, for some seconds."""
    until, pause = monotonic() + patience, FIRST_PAUSE
    while True:
        try:
            return await work()
        except CatalogError as error:
            if error.extensions["code"] not in AWAY or monotonic() > until:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


class Importer:
    """A run under way."""

    def __init__(
        self, session: Session, viewer: Viewer, source: Source, plan: ImportPlan, run: ImportRun, progress: Progress
    ) -> None:
        self._parts = session, viewer, source, plan, run, progress
        self._session = session
        self._viewer = viewer
        self._source = source
        self._plan = plan
        self._run = run
        self._progress = progress
        self._beside = Beside()
        self._preparer = Preparer(Fingerprints(plan), plan.library, self._beside)
        self._reader = ChunkReader(session, source, plan, run)
        self._store = ChunkStore(session, viewer, source, plan, run, progress, self._beside)
        self._at = run.at

    async def run_to_end(self) -> ImportCounts:
        if not self._at.is_read:
            ahead = ReadAhead(
                self._source, self._at.position, self._plan.chunk, self._known, self._preparer.prepare, self._beside
            )
            async with ahead:
                async for prepared in ahead.chunks():
                    await self._do(prepared)
            self._at = replace(self._at, is_read=True)
        if self._plan.prunes:
            await patient(self._save, self._plan.patience)
            await patient(self._prune, self._plan.patience)
        return self._at.counts

    async def _known(self, keys: Sequence[str]) -> Mapping[str, KnownReading]:
        return await patient(lambda: self._reader.known(keys), self._plan.patience)

    async def _prune(self) -> None:
        """From what is stored: it may be called again after what it did was stored and nobody said so."""
        if not self._plan.is_dry_run:
            self._at = await current(self._session, self._run)
        self._at = await Prune(*self._parts).run_to_end(self._at)

    async def _save(self) -> None:
        if not self._plan.is_dry_run:
            await transact(self._session, self._viewer, IMPORT_NAME, lambda writer: save(writer, self._run, self._at))

    async def _do(self, prepared: Prepared) -> None:
        """Stores readings; those that the database does not take are found by halves, and fail alone."""
        readings = prepared.readings
        try:
            chunk = await self._patiently(prepared)
        except CatalogError as error:
            if error.extensions["code"] in AWAY | FATAL:
                raise
            fault: Exception = error
        except (SourceError, ConnectionLostError):
            raise
        except (*DATABASE_ERRORS, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            fault = error
        else:
            self._progress.told(self._at.counts, self._source.total, chunk.last)
            return
        if len(readings) > 1:
            middle = len(readings) // 2
            await self._do(Prepared(readings[:middle]))
            await self._do(Prepared(readings[middle:]))
        elif readings:
            await self._refuse(readings[0], fault)
        else:
            raise fault

    async def _refuse(self, reading: Reading, fault: Exception) -> None:
        """Reports an item that the database does not take."""
        if not isinstance(reading, SourceItem):
            raise fault
        code = fault.extensions["code"] if isinstance(fault, CatalogError) else INTERNAL
        if code == INTERNAL:
            log.warning("item %r cannot be imported", reading.key, exc_info=fault)
        words = str(fault) or type(fault).__name__
        chunk = Chunk(reading.position, seen=[reading.key], failures=[failure(reading, code, words)])
        self._at = await self._store.store(chunk, self._at)
        self._progress.told(self._at.counts, self._source.total, chunk.last)

    async def _patiently(self, prepared: Prepared) -> Chunk:
        """Stores readings as a chunk, again and again while the database is away or others are in the way."""
        until, tries, pause = monotonic() + self._plan.patience, 1, FIRST_PAUSE
        while True:
            try:
                chunk = await self._reader.read(prepared)
                self._preparer.note(chunk)
                self._at = await self._store.store(chunk, self._at)
                if self._plan.is_dry_run:
                    self._reader.note_made(chunk.made)
                return chunk
            except CatalogError as error:
                code = error.extensions["code"]
                if code not in AWAY | PASSING or monotonic() > until:
                    raise
                if code in PASSING and tries >= CHUNK_TRIES:
                    raise
            tries += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            if await self._is_stored():
                return Chunk()

    async def _is_stored(self) -> bool:
        """Whether the chunk was stored though nobody said so; False where the database is still away."""
        if self._plan.is_dry_run:
            return False
        try:
            stored = await current(self._session, self._run)
        except CatalogError as error:
            if error.extensions["code"] in AWAY:
                return False
            raise
        is_stored = stored.chunks > self._at.chunks
        self._at = stored if is_stored else self._at
        return is_stored
