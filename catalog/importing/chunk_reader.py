"""What is to be done with the readings of a chunk: which items are new, which have changed, which are as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from catalog.edit import LoopYield
from catalog.importing import statements
from catalog.importing.checkpoint import IMPORT_NAME, ImportRun
from catalog.importing.chunk import DUPLICATE, Chunk, Entry, KnownItem, failure, is_key, parent_keys, usable
from catalog.importing.fingerprint import Fingerprints
from catalog.importing.moved import MoveSearch
from catalog.importing.plan import ImportPlan
from catalog.importing.prepared import Prepared
from catalog.importing.progress import Failure
from catalog.transaction import statement
from database.session import Session
from domain.errors import Code
from sources.source import KnownReading, Source, SourceItem

FIRST_RUN = 1


class ChunkReader:
    """Finds out what is to be done with readings: by one statement, two where files were moved."""

    def __init__(self, session: Session, source: Source, plan: ImportPlan, run: ImportRun) -> None:
        self._session = session
        self._source = source
        self._run = run
        self._fingerprints = Fingerprints(plan)
        self._moves = MoveSearch(session, source, run)
        self._made: set[str] = set()

    async def read(self, prepared: Prepared) -> Chunk:
        readings = prepared.readings
        found = prepared.usable or await usable(readings, LoopYield())
        items, same = found.items, found.unchanged
        chunk = Chunk(
            readings[-1].position if readings else "",
            failures=list(found.failures),
            unreadable=found.unreadable,
            is_cut=found.is_cut,
        )
        parents = {one.parent for one in items.values() if one.parent is not None}
        known = await self._known([*items, *same, *(parents - items.keys())])
        chunk.parents = {key: one.media for key, one in known.items()}
        for key, one in items.items():
            self._sort(chunk, one, known.get(key), prepared.fingerprints.get(key))
        note_unchanged(chunk, same, known)
        new = {entry.found.key: entry for entry in chunk.entries if entry.known is None}
        found_anew = {key: entry.found for key, entry in new.items()}
        for key, move in (await self._moves.find(found_anew)).items():
            new[key].move = move
        chunk.read = prepared.take_items()
        return chunk

    def note_made(self, keys: Sequence[str]) -> None:
        """What a dry run would have made, so that what hangs on it is not missed."""
        self._made.update(keys)

    async def known(self, keys: Sequence[str]) -> dict[str, KnownReading]:
        """What a source that asks is told: of its first run nothing. What that has stored comes again at most, and a
        look at the database has to wait until the chunk that is being stored is done."""
        usable_keys = [key for key in keys if is_key(key)]
        if not usable_keys or not self._run.source or self._run.number == FIRST_RUN:
            return {}
        rows = await self._session.fetch(
            statement(IMPORT_NAME, statements.KNOWN_READINGS), (self._run.source, usable_keys)
        )
        return {key: KnownReading(memo or b"", partial(self._is_same, made)) for key, made, memo in rows}

    def _is_same(self, made: bytes, parent: str | None, fingerprint: bytes) -> bool:
        return made == self._fingerprints.of_source(parent, fingerprint)

    async def _known(self, keys: Sequence[str]) -> dict[str, KnownItem]:
        if not keys or not self._run.source:
            return {}
        rows = await self._session.fetch(statement(IMPORT_NAME, statements.KNOWN), (self._run.source, keys))
        return {row[0]: KnownItem(row[1], row[2], row[3]) for row in rows}

    def _sort(self, chunk: Chunk, found: SourceItem, known: KnownItem | None, fingerprint: bytes | None) -> None:
        chunk.seen.append(found.key)
        fingerprint = fingerprint or self._fingerprints.of(found)
        if known is None and found.parent in self._made:
            chunk.assumed += 1
            chunk.made += parent_keys([found])
        elif known is None or known.fingerprint != fingerprint:
            chunk.entries.append(Entry(found, fingerprint, known))
        elif known.is_duplicate:
            chunk.failures.append(failure(found, Code.DUPLICATE, DUPLICATE))
        else:
            chunk.unchanged.append(found.key)


def note_unchanged(chunk: Chunk, same: Iterable[str], known: Mapping[str, KnownItem]) -> None:
    """What the source has not read, as it is known. A media that somebody has deleted since then is read next time."""
    for key in same:
        chunk.seen.append(key)
        if key in known:
            chunk.unchanged.append(key)
        else:
            chunk.failures.append(Failure(key, Code.CONFLICT.value, "Its media was deleted meanwhile: import again."))
