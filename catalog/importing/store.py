"""A chunk stored: one transaction with its items, what is known of them from then on, and how far the run has come."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from catalog.importing import statements
from catalog.importing.beside import Beside
from catalog.importing.checkpoint import IMPORT_NAME, Checkpoint, ImportRun, save
from catalog.importing.chunk import Chunk, Entry, failure, items_to_upsert, parent_keys
from catalog.importing.moved import move_files
from catalog.importing.plan import ImportPlan
from catalog.importing.progress import Failure, ImportCounts, Progress
from catalog.importing.shared import ParentRepeatedError, SharedMedia, find_repeated
from catalog.transaction import Writer, transact
from catalog.upsert.item import MatchBy, Result, Status
from catalog.upsert.upsert import upsert_media
from database.connection import DATABASE_ERRORS, ConnectionLostError
from database.session import Session
from domain.errors import CatalogError
from domain.viewer import Viewer
from sources.source import MAX_MEMO, Source, SourceItem


class DryRunError(Exception):
    """Undoes what a dry run has done."""


class ProgressError(Exception):
    """What a progress has raised: it is no fault of an item."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class ChunkStore:
    """Stores the chunks of a run."""

    session: Session
    viewer: Viewer
    source: Source
    plan: ImportPlan
    run: ImportRun
    progress: Progress
    beside: Beside

    async def store(self, chunk: Chunk, at: Checkpoint) -> Checkpoint:
        """What is done after the chunk. What a progress raises ends it; all other errors are those of the database, or
        of an item that the upsert does not know how to refuse: nothing is stored then."""
        while True:
            try:
                return await self._attempt(chunk, at)
            except ParentRepeatedError:
                continue
            except ProgressError as error:
                raise error.cause from error

    async def _attempt(self, chunk: Chunk, at: Checkpoint) -> Checkpoint:
        after = at

        async def work(writer: Writer) -> None:
            nonlocal after
            counts = at.counts.copy()
            failures = list(chunk.failures)
            if chunk.entries:
                with self.beside.storing():
                    await self._upsert(writer, chunk, at, counts, failures)
            counts.unchanged += len(chunk.unchanged)
            counts.created += chunk.assumed
            counts.note_failures(failures)
            after = replace(
                at,
                counts=counts,
                chunks=at.chunks + 1,
                position=chunk.position or at.position,
                unreadable=at.unreadable + chunk.unreadable,
                is_cut=at.is_cut or chunk.is_cut,
            )
            if not self.plan.is_dry_run:
                await self._see(writer, chunk, at)
                await save(writer, self.run, after)
            await self._tell(writer, counts, failures)
            if self.plan.is_dry_run:
                raise DryRunError

        with suppress(DryRunError):
            await transact(self.session, self.viewer, IMPORT_NAME, work)
        if self.plan.is_dry_run:
            await transact(self.session, self.viewer, IMPORT_NAME, lambda writer: self._see(writer, chunk, at))
        return after

    async def _see(self, writer: Writer, chunk: Chunk, at: Checkpoint) -> None:
        """Marks items as being there, where what is gone is to be found."""
        if self.plan.prunes and chunk.seen:
            await writer.fetch(statements.SEE_ITEMS, self.run.source, at.seen, chunk.seen)

    async def _tell(self, writer: Writer, counts: ImportCounts, failures: Sequence[Failure]) -> None:
        try:
            await self.progress.save(writer, counts, failures)
        except (CatalogError, ConnectionLostError, *DATABASE_ERRORS):
            raise
        except Exception as error:
            raise ProgressError(error) from error

    async def _upsert(
        self, writer: Writer, chunk: Chunk, at: Checkpoint, counts: ImportCounts, failures: list[Failure]
    ) -> None:
        entries = chunk.entries
        moves = [entry.move for entry in entries if entry.move is not None]
        if moves:
            await move_files(writer, self.run, moves)
        items = items_to_upsert(chunk, self.plan.library)
        shared = SharedMedia(writer, self.source, self.run, at.seen, entries)
        results = await upsert_media(
            writer,
            items,
            match_by=(MatchBy.ID, *self.plan.match_by),
            on_conflict=self.plan.on_conflict,
            refuse=shared.refuse,
            on_write=self.beside.leave_to_others,
        )
        repeated = find_repeated(chunk, results)
        note_results(chunk, results, counts, failures)
        await self._put(writer, entries, at.seen, results, {**shared.found, **repeated})

    async def _put(
        self,
        writer: Writer,
        entries: Sequence[Entry],
        seen: int,
        results: Sequence[Result],
        duplicates: dict[int, int],
    ) -> None:
        """Remembers which media the items are, of duplicates too; failed ones are tried again at the next run."""
        if not self.run.source:
            return
        kept = [
            (
                *(entry.found.key, entry.fingerprint, duplicates.get(result.place, result.media)),
                *(result.place in duplicates, memo_of(entry.found)),
            )
            for entry, result in zip(entries, results, strict=True)
            if result.status is not Status.FAILED or result.place in duplicates
        ]
        if kept:
            await writer.fetch(statements.PUT_ITEMS, self.run.source, seen, *map(list, zip(*kept, strict=True)))


def memo_of(found: SourceItem) -> bytes | None:
    return found.memo if 0 < len(found.memo) <= MAX_MEMO else None


def note_results(chunk: Chunk, results: Sequence[Result], counts: ImportCounts, failures: list[Failure]) -> None:
    """Adds what became of the entries."""
    for entry, result in zip(chunk.entries, results, strict=True):
        if result.status is Status.FAILED:
            failures.append(failure(entry.found, str(result.code), str(result.message), result.path))
        elif entry.move is not None:
            counts.moved += 1
            counts.updated += 1
        elif result.status is Status.CREATED:
            counts.created += 1
            chunk.made += parent_keys([entry.found])
        elif result.status is Status.UPDATED:
            counts.updated += 1
        else:
            counts.unchanged += 1
