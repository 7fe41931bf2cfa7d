"""Readings of a source with what can be found out about them while the chunk before them is being stored: without the
database, and without knowing what that chunk makes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.importing.beside import Beside, BesideYield
from catalog.importing.chunk import Chunk, UsableReadings, usable
from catalog.importing.fingerprint import Fingerprints
from catalog.upsert.item import Item
from catalog.upsert.read import ReadItems, read_items
from sources.source import Reading, SourceItem

log = logging.getLogger("marquee.import")


@dataclass(slots=True)
class Prepared:
    """Readings of a chunk. usable, fingerprints: what they are, and the fingerprints of items by their keys, as far as
    that was found out.

    items: as an upsert reads them where all of them are new media; for one use."""

    readings: Sequence[Reading]
    usable: UsableReadings | None = None
    fingerprints: Mapping[str, bytes] = field(default_factory=dict)
    items: ReadItems | None = None

    def take_items(self) -> ReadItems | None:
        taken, self.items = self.items, None
        return taken


class Preparer:
    """Prepares chunks, each while the one before it is being stored."""

    def __init__(self, fingerprints: Fingerprints, library: int, beside: Beside) -> None:
        self._fingerprints = fingerprints
        self._library = library
        self._beside = beside
        self._expects_new = False

    def note(self, before: Chunk) -> None:
        """The next items are likely to be new media where those before them are; else they are not read, since most of
        them need not be."""
        if before.seen:
            self._expects_new = len(before.entries) == len(before.seen) and all(
                entry.media is None for entry in before.entries
            )

    async def prepare(self, readings: Sequence[Reading]) -> Prepared:
        """What is wrong with an item is left to be found out where it is stored: there it fails alone."""
        try:
            return await self._prepare(readings)
        except Exception:
            log.debug("a chunk is not prepared", exc_info=True)
            return Prepared(readings)

    async def _prepare(self, readings: Sequence[Reading]) -> Prepared:
        turns = BesideYield(self._beside)
        found = await usable(readings, turns)
        fingerprints = {}
        for key, one in found.items.items():
            await turns.maybe_yield()
            fingerprints[key] = self._fingerprints.of(one)
        if not self._expects_new:
            return Prepared(readings, found, fingerprints)
        items = (new_item(one, place, self._library) for place, one in enumerate(found.items.values()))
        return Prepared(readings, found, fingerprints, await read_items(items, turns))


def new_item(found: SourceItem, place: int, library: int) -> Item:
    """An item as it is upserted where it is a new media; without the parent that its key will tell."""
    item = found.item
    given: dict[str, Any] = {"place": place, "id": None, "version": None}
    if found.parent is not None:
        given |= {"parent": None, "has_parent": False}
    return replace(item, **given, values={**item.values, "library_id": library})
