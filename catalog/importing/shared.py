"""Items of one source that turn out to be one media: the first is taken, the others are reported and remembered as
duplicates, whichever chunks they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog.importing import statements
from catalog.importing.checkpoint import ImportRun
from catalog.importing.chunk import Chunk
from catalog.transaction import Writer
from catalog.upsert.item import Item, Key, MatchBy, Result, Status
from catalog.upsert.keys import FoldedTitles
from catalog.upsert.match import Matcher
from domain.errors import Code
from sources.source import Source


class SharedMediaError(Exception):
    """The chunk is to be done anew, with some items as duplicates. places: of the entries, with their media."""

    def __init__(self, places: dict[int, int]) -> None:
        super().__init__(places)
        self.places = places


async def find_shared(
    writer: Writer, source: Source, run: ImportRun, seen: int, chunk: Chunk, results: Sequence[Result]
) -> None:
    """SharedMediaError where new items have found media that other items of the source have, which are there still.

    Of an item that nobody knows whether it is there still, the new one may be the new name: both keep the media."""
    found = {
        entry.found.key: result
        for entry, result in zip(chunk.entries, results, strict=True)
        if entry.media is None and result.status in (Status.UPDATED, Status.UNCHANGED)
    }
    if not found or not run.source:
        return
    media = [result.media for result in found.values()]
    places: dict[int, int] = {}
    for key, of, other, last_seen in await writer.fetch(statements.SHARED, run.source, list(found), media):
        if last_seen == seen or await source.has(other):
            places[found[key].place] = of
            chunk.parents[key] = of
    if places:
        raise SharedMediaError(places)


async def find_repeated(
    writer: Writer,
    order: Sequence[MatchBy],
    chunk: Chunk,
    items: Sequence[Item],
    results: Sequence[Result],
    known: dict[int, int],
) -> dict[int, int]:
    """The media of items that failed because another one of the chunk is of the same, by their places.

    SharedMediaError where others of the chunk hang on one of them: they are to hang on the first."""
    again = [
        with_parent_id(items[result.place], results)
        for result in results
        if result.code == Code.DUPLICATE and result.place not in known
    ]
    if not again:
        return {}
    matcher = Matcher(again, order, FoldedTitles())
    await matcher.lock_libraries(writer)
    matches = await matcher.run(writer)
    media = {place: one for place, one in matches.media.items() if one is not None}
    first = {result.media: result.place for result in results if result.status is not Status.FAILED}
    wanted = {entry.found.parent for entry in chunk.entries}
    for place, one in media.items():
        key = chunk.entries[place].found.key
        if key in wanted and one in first and chunk.same_as.get(key) is None:
            chunk.same_as[key] = chunk.entries[first[one]].found.key
    if len(chunk.same_as) > chunk.redone:
        chunk.redone = len(chunk.same_as)
        raise SharedMediaError({})
    return media


def with_parent_id(item: Item, results: Sequence[Result]) -> Item:
    """Its parent is stored by now."""
    if item.parent is None or item.parent.item is None:
        return item
    return replace(item, parent=Key(id=results[item.parent.item].media))
