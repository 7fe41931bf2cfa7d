"""What is gone from a source goes from the catalogue: after a look at how much that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalog.importing import statements
from catalog.importing.checkpoint import IMPORT_NAME, Checkpoint, ImportRun, save
from catalog.importing.plan import ImportPlan
from catalog.importing.progress import Failure, ImportCounts, Progress
from catalog.media_deletion import delete_media
from catalog.transaction import Writer, statement, transact
from database.row import Row
from database.session import Session
from domain.errors import CatalogError, Code
from domain.viewer import Viewer
from sources.source import Source

EXAMPLES = 20
# What hangs on others goes first: episodes of seasons, then seasons and episodes of series, then all else.
LEAVES_FIRST = (2, 1, 0)


@dataclass(frozen=True, slots=True)
class Prune:
    """The end of a run that finds out what is gone."""

    session: Session
    viewer: Viewer
    source: Source
    plan: ImportPlan
    run: ImportRun
    progress: Progress

    async def run_to_end(self, at: Checkpoint) -> Checkpoint:
        """Deletes the media whose items are gone, with tombstones in the feed. PRUNE_REFUSED where these are more than
        the plan allows, or where nobody can know that they are gone: nothing is deleted then."""
        [[known, gone]] = await self._fetch(statements.COUNT_GONE, self.run.source, at.seen)
        if not gone:
            return at
        self.progress.gone(known, gone, await self._examples(at))
        await self._check(at, known, gone)
        if self.plan.is_dry_run:
            return replace(at, counts=replace(at.counts, pruned=gone))
        for depth in LEAVES_FIRST:
            last = ""
            while rows := await self._fetch(statements.GONE, self.run.source, at.seen, depth, last, self.plan.chunk):
                at = await self._delete(rows, at)
                last = rows[-1]["key"]
                self.progress.told(at.counts, known, rows[-1]["title"])
        return at

    async def _examples(self, at: Checkpoint) -> list[str]:
        rows = [
            row
            for depth in reversed(LEAVES_FIRST)
            for row in await self._fetch(statements.GONE, self.run.source, at.seen, depth, "", EXAMPLES)
        ]
        return [f"{row['title']} ({row['key']})" for row in rows[:EXAMPLES]]

    async def _check(self, at: Checkpoint, known: int, gone: int) -> None:
        if gone * 100 > known * self.plan.max_pruned:
            raise CatalogError(
                Code.PRUNE_REFUSED,
                f"{gone} of {known} items are gone from the source, more than {self.plan.max_pruned} %: nothing was"
                " deleted. Look whether the source is whole, then allow more.",
            )
        if at.is_cut:
            raise CatalogError(
                Code.PRUNE_REFUSED,
                f"The source could not be read to its end, and {gone} items are missing that may come after it: nothing"
                " was deleted. Mend the source first.",
            )
        if at.unreadable and await self._is_unsure(at):
            raise CatalogError(
                Code.PRUNE_REFUSED,
                f"{at.unreadable} items of the source could not be read, and {gone} are missing that may be among them:"
                " nothing was deleted. Mend the source first.",
            )

    async def _is_unsure(self, at: Checkpoint) -> bool:
        """Whether the source cannot say of an item whether it is there."""
        for depth in LEAVES_FIRST:
            for row in await self._fetch(statements.GONE, self.run.source, at.seen, depth, "", 1):
                return await self.source.has(row["key"]) is None
        return False

    async def _delete(self, rows: list[Row], at: Checkpoint) -> Checkpoint:
        gone = [row for row in rows if self._is_gone(at, await self.source.has(row["key"]))]
        after = at

        async def work(writer: Writer) -> None:
            nonlocal after
            counts = at.counts.copy()
            failures = await delete_items(writer, self.run, gone, counts)
            counts.note_failures(failures)
            after = replace(at, counts=counts, chunks=at.chunks + 1)
            await save(writer, self.run, after)
            await self.progress.save(writer, counts, failures)

        await transact(self.session, self.viewer, IMPORT_NAME, work)
        return after

    @staticmethod
    def _is_gone(at: Checkpoint, has: bool | None) -> bool:
        """Of what nobody knows it may be among what could not be read."""
        return has is False or (has is None and not at.unreadable)

    async def _fetch(self, text: str, *values: object) -> list[Row]:
        return await self.session.fetch(statement(IMPORT_NAME, text), values)


async def delete_items(writer: Writer, run: ImportRun, gone: Iterable[Row], counts: ImportCounts) -> list[Failure]:
    """Deletes the media of items, but for those that others have; why some could not be."""
    held = [row["key"] for row in gone if row["is_held"]]
    rows = {row["media_id"]: row for row in gone if not row["is_held"]}
    failures: list[Failure] = []
    if rows:
        outcome, deleted = await delete_media(
            writer, {media: place for place, media in enumerate(rows)}, with_children=False
        )
        counts.pruned += len(deleted)
        failures = [
            Failure(
                rows[one.media or 0]["key"], one.code.value, f"It is gone from the source, and stays: {one.message}"
            )
            for one in outcome.failures
        ]
    if held:
        await writer.fetch(statements.FORGET_ITEMS, run.source, held)
        counts.released += len(held)
    return failures
