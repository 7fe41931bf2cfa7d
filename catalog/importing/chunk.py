"""One chunk of a source: what is known of its items, which of them are new, moved, changed, and of what they hang."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from catalog.importing import statements
from catalog.importing.checkpoint import IMPORT_NAME, ImportRun
from catalog.importing.fingerprint import Fingerprints, shortened
from catalog.importing.moved import Move, find_moves
from catalog.importing.plan import ImportPlan
from catalog.importing.progress import RAW, Failure
from catalog.transaction import statement
from catalog.upsert.item import Item, Key
from database.session import Session
from domain.errors import CatalogError, Code
from domain.text import storable
from sources.media_fields import field_path
from sources.source import KnownReading, Reading, Source, SourceItem, Unchanged, Unreadable

KEY_LETTERS, KEY_BYTES = 1_000, 2_000
# Of what is reported where an entry of a source is no item at all.
UNREADABLE = "UNREADABLE"


@dataclass(slots=True)
class KnownItem:
    """What is known of an item of an earlier run."""

    fingerprint: bytes
    media: int
    is_duplicate: bool


@dataclass(slots=True)
class Entry:
    """An item that has to be upserted. known: of an earlier run; move: from where its file came."""

    found: SourceItem
    fingerprint: bytes
    known: KnownItem | None = None
    move: Move | None = None

    @property
    def media(self) -> int | None:
        """The media that it is, as far as its key tells."""
        if self.move is not None:
            return self.move.media
        return None if self.known is None or self.known.is_duplicate else self.known.media


@dataclass(slots=True)
class Chunk:
    """What is to be done with some readings of a source, which end at `position`.

    entries: what is new or changed; unchanged: keys of the others; seen: keys of items that are there, whatever becomes
    of them. unreadable: how many readings were no items; is_cut: what comes after one of them
    could not be read either. parents: media by the keys of known items. same_as: by the key
    of an item on which others hang the key of the one before that is the same media; redone: for how many of these the
    chunk was done anew. made: keys of new media on which others may hang; assumed: new items that hang on such ones of
    a dry run, which are not there any more."""

    position: str = ""
    entries: list[Entry] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    parents: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    is_cut: bool = False
    same_as: dict[str, str] = field(default_factory=dict)
    redone: int = 0
    made: list[str] = field(default_factory=list)
    assumed: int = 0

    @property
    def last(self) -> str:
        """What was read last, for people."""
        if self.entries:
            return str(self.entries[-1].found.item.values.get("title", self.entries[-1].found.key))
        return self.unchanged[-1] if self.unchanged else ""


def failure(found: SourceItem, code: str, reason: str, path: Sequence[str | int] = ()) -> Failure:
    """Why an item was not imported; `path`: where in it the fault is."""
    where = found.key if not path else f"{found.key}: {'.'.join(field_path(path))}"
    return Failure(where, str(code), reason, shortened(found, RAW))


class ChunkReader:
    """Finds out what is to be done with readings: by one statement, two where files were moved."""

    def __init__(self, session: Session, source: Source, plan: ImportPlan, run: ImportRun) -> None:
        self._session = session
        self._source = source
        self._run = run
        self._fingerprints = Fingerprints(plan)
        self._made: set[str] = set()

    async def read(self, readings: Sequence[Reading]) -> Chunk:
        chunk = Chunk(readings[-1].position if readings else "")
        items, same = usable(readings, chunk)
        parents = {one.parent for one in items.values() if one.parent is not None}
        known = await self._known([*items, *same, *(parents - items.keys())])
        chunk.parents = {key: one.media for key, one in known.items()}
        for key, found in items.items():
            self._sort(chunk, found, known.get(key))
        note_unchanged(chunk, same, known)
        new = {entry.found.key: entry for entry in chunk.entries if entry.known is None}
        found_anew = {key: entry.found for key, entry in new.items()}
        for key, move in (await find_moves(self._session, self._source, self._run, found_anew)).items():
            new[key].move = move
        return chunk

    def note_made(self, keys: Sequence[str]) -> None:
        """What a dry run would have made, so that what hangs on it is not missed."""
        self._made.update(keys)

    async def known(self, keys: Sequence[str]) -> dict[str, KnownReading]:
        """What a source that asks is told."""
        usable_keys = [key for key in keys if is_key(key)]
        if not usable_keys or not self._run.source:
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

    def _sort(self, chunk: Chunk, found: SourceItem, known: KnownItem | None) -> None:
        chunk.seen.append(found.key)
        fingerprint = self._fingerprints.of(found)
        if known is None and found.parent in self._made:
            chunk.assumed += 1
            chunk.made += parent_keys([found])
        elif known is None or known.fingerprint != fingerprint:
            chunk.entries.append(Entry(found, fingerprint, known))
        elif known.is_duplicate:
            chunk.failures.append(failure(found, Code.DUPLICATE, DUPLICATE))
        else:
            chunk.unchanged.append(found.key)


def parent_keys(found: Iterable[SourceItem]) -> list[str]:
    """Keys of items on which others may hang."""
    return [one.key for one in found if one.item.values.get("kind") in ("SERIES", "SEASON")]


DUPLICATE = "Another item of this source is the same media: nothing was taken of this one."


def note_unchanged(chunk: Chunk, same: Iterable[str], known: Mapping[str, KnownItem]) -> None:
    """What the source has not read, as it is known. A media that somebody has deleted since then is read next time."""
    for key in same:
        chunk.seen.append(key)
        if key in known:
            chunk.unchanged.append(key)
        else:
            chunk.failures.append(Failure(key, Code.CONFLICT.value, "Its media was deleted meanwhile: import again."))


def usable(readings: Sequence[Reading], chunk: Chunk) -> tuple[dict[str, SourceItem], set[str]]:
    """The items by their keys, and the keys of unchanged ones; what is none fails."""
    items: dict[str, SourceItem] = {}
    same: set[str] = set()
    for one in readings:
        if isinstance(one, Unreadable):
            chunk.unreadable += 1
            chunk.is_cut |= one.stops
            chunk.failures.append(Failure(one.where, UNREADABLE, one.reason, one.raw[:RAW]))
        elif isinstance(one, Unchanged):
            same.add(one.key)
        elif not is_key(one.key) or not (one.parent is None or is_key(one.parent)):
            chunk.unreadable += 1
            reason = f"A key is a text of 1 to {KEY_LETTERS} letters and {KEY_BYTES} bytes that can be stored."
            chunk.failures.append(failure(one, Code.BAD_ARGUMENT, reason))
        elif one.key in items or one.key in same:
            chunk.failures.append(failure(one, Code.DUPLICATE, "The key stands twice in the source."))
        else:
            items[one.key] = one
    return items, same


def is_key(text: str) -> bool:
    return storable(text) and 1 <= len(text) <= KEY_LETTERS and len(text.encode()) <= KEY_BYTES


def upsert_items(entries: Sequence[Entry], chunk: Chunk, library: int) -> list[Item]:
    """The items of entries as an upsert takes them; each has its place in the entries as its own.

    A media that is known stays in the library where it is: it may have been put into another one by hand."""
    places = {entry.found.key: place for place, entry in enumerate(entries)}
    return [upsert_item(entry, place, places, chunk, library) for place, entry in enumerate(entries)]


def upsert_item(entry: Entry, place: int, places: dict[str, int], chunk: Chunk, library: int) -> Item:
    found = entry.found
    item = found.item
    given: dict[str, Any] = {"place": place, "id": entry.media, "version": None}
    if entry.media is None:
        given["values"] = {**item.values, "library_id": library}
    if found.parent is not None:
        parent = chunk.same_as.get(found.parent, found.parent)
        media, other = chunk.parents.get(parent), places.get(parent)
        if media is None and other is None:
            given["error"] = CatalogError(Code.NOT_FOUND, f"Its parent, {found.parent}, is not there or has failed.")
            given["error_path"] = ["parent"]
        else:
            given |= {"parent": Key(id=media) if media is not None else Key(item=other), "has_parent": True}
    return replace(item, **given)
