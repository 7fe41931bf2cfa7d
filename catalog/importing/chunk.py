"""One chunk of a source: its items, which of them are new, moved, changed, and of what they hang."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.edit import LoopYield
from catalog.importing.fingerprint import shortened
from catalog.importing.moved import Move
from catalog.importing.progress import RAW, Failure
from catalog.upsert.item import Item, Key
from catalog.upsert.read import ReadItems
from domain.errors import CatalogError, Code
from domain.text import storable
from sources.media_fields import field_path
from sources.source import Reading, SourceItem, Unchanged, Unreadable

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
    a dry run, which are not there any more. read: the items of its entries, where they were read ahead."""

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
    read: ReadItems | None = None

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


def parent_keys(found: Iterable[SourceItem]) -> list[str]:
    """Keys of items on which others may hang."""
    return [one.key for one in found if one.item.values.get("kind") in ("SERIES", "SEASON")]


DUPLICATE = "Another item of this source is the same media: nothing was taken of this one."


@dataclass(slots=True)
class UsableReadings:
    """Readings told apart. items: by their keys; unchanged: keys of those that the source has not read; what is no item
    fails: unreadable, is_cut, failures as in a Chunk."""

    items: dict[str, SourceItem] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    unreadable: int = 0
    is_cut: bool = False

    def put(self, one: Reading) -> None:
        if isinstance(one, Unreadable):
            self.unreadable += 1
            self.is_cut |= one.stops
            self.failures.append(Failure(one.where, UNREADABLE, one.reason, one.raw[:RAW]))
        elif isinstance(one, Unchanged):
            self.unchanged.add(one.key)
        elif not is_key(one.key) or not (one.parent is None or is_key(one.parent)):
            self.unreadable += 1
            reason = f"A key is a text of 1 to {KEY_LETTERS} letters and {KEY_BYTES} bytes that can be stored."
            self.failures.append(failure(one, Code.BAD_ARGUMENT, reason))
        elif one.key in self.items or one.key in self.unchanged:
            self.failures.append(failure(one, Code.DUPLICATE, "The key stands twice in the source."))
        else:
            self.items[one.key] = one


async def usable(readings: Sequence[Reading], turns: LoopYield) -> UsableReadings:
    found = UsableReadings()
    for one in readings:
        await turns.maybe_yield()
        found.put(one)
    return found


def is_key(text: str) -> bool:
    return storable(text) and 1 <= len(text) <= KEY_LETTERS and len(text.encode()) <= KEY_BYTES


def items_to_upsert(chunk: Chunk, library: int) -> list[Item] | ReadItems:
    """The items of the entries, as they were read ahead where that is still of use: the first time, if it was guessed
    right what they are."""
    items = upsert_items(chunk.entries, chunk, library)
    read, chunk.read = chunk.read, None
    return read if read is not None and read.take_over(items) else items


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
