"""Items of one source that turn out to be one media: the first is taken, the others are reported and remembered as
duplicates, whichever chunks they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.importing import statements
from catalog.importing.checkpoint import ImportRun
from catalog.importing.chunk import DUPLICATE, Chunk, Entry
from catalog.transaction import Writer
from catalog.upsert.item import Result, Status
from domain.errors import CatalogError, Code
from sources.source import Source


class ParentRepeatedError(Exception):
    """The chunk is to be done anew: items of it hang on one that another item before it is (Chunk.same_as)."""


class SharedMedia:
    """Refuses new items of a chunk whose media other items of the source have, which are there still.

    Of an item that nobody knows whether it is there still, the new one may be the new name: both keep the media.
    found: the media of those that were refused, by their places."""

    def __init__(self, writer: Writer, source: Source, run: ImportRun, seen: int, entries: Sequence[Entry]) -> None:
        self._writer = writer
        self._source = source
        self._run = run
        self._seen = seen
        self._entries = entries
        self.found: dict[int, int] = {}

    async def refuse(self, media: Mapping[int, int]) -> Mapping[int, CatalogError]:
        """Those to be refused of the items at some places, with the media that they have found."""
        new = {
            entry.found.key: place
            for place in media
            if (entry := self._entries[place]).media is None  # what is known by its key has had its media before
        }
        if not new or not self._run.source:
            return {}
        asked = list(new), [media[place] for place in new.values()]
        for key, of, other, last_seen in await self._writer.fetch(statements.SHARED, self._run.source, *asked):
            if last_seen == self._seen or await self._source.has(other):
                self.found[new[key]] = of
        return {place: CatalogError(Code.DUPLICATE, DUPLICATE) for place in self.found}


def find_repeated(chunk: Chunk, results: Sequence[Result]) -> dict[int, int]:
    """The media of items that failed because another one of the chunk is of the same, by their places.

    ParentRepeatedError where others of the chunk hang on one of them: they are to hang on the first."""
    repeated = [(one.place, results[one.same_as]) for one in results if one.same_as is not None]
    wanted = {entry.found.parent for entry in chunk.entries} if repeated else ()
    media: dict[int, int] = {}
    for place, first in repeated:
        if first.status is Status.FAILED or first.media is None:
            continue
        media[place] = first.media
        key = chunk.entries[place].found.key
        if key in wanted:
            chunk.same_as.setdefault(key, chunk.entries[first.place].found.key)
    if len(chunk.same_as) > chunk.redone:
        chunk.redone = len(chunk.same_as)
        raise ParentRepeatedError
    return media
