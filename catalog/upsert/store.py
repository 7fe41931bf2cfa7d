"""What an upsert writes: new rows by COPY, changes by statements over arrays, history and feed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from catalog.derived.declared import FEED, PAIRS
from catalog.derived.new_rows import Event, Notes, note_all
from catalog.derived.statements import joined, new_pairs, updated_media
from catalog.edit import BriefLoopYield, LoopYield
from catalog.media_edit import CHANGES, COPIED, EDITABLE_COLUMNS, SETS
from catalog.media_values import client_name
from catalog.transaction import Writer
from catalog.upsert import statements
from catalog.upsert.ahead import OneAhead
from catalog.upsert.list_changes import CopiedRows, ListChanges, ListChangesMaker
from catalog.upsert.lists import LISTS, LISTS_BY_NAME
from catalog.upsert.names import ItemNames
from catalog.upsert.plan import Work, missing_names
from database.row import Row as Record
from domain.enums import HistoryEventType

# The feed is moved at the end.
UPDATE_QUIETLY_WITH_COPIES = updated_media(SETS, CHANGES, feed=False)
UPDATE_QUIETLY = updated_media(SETS, CHANGES, carries=False, feed=False)

# The pairs of rows that were copied in for media that have others already: some may be there.
_GIVEN_PAIRS = "SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS given({keys})"
PAIRS_BESIDE = {
    one.source: joined(_GIVEN_PAIRS.replace("{keys}", ", ".join(one.keys)), new_pairs(one.source)) for one in PAIRS
}

MEDIA_COLUMNS = ("id", *EDITABLE_COLUMNS)

FEW = 20  # media, for whose rows a task of their own takes longer than it spares


class UpsertStore:
    """Writes what was planned. locked: the media that are there, by id."""

    def __init__(self, writer: Writer, names: ItemNames, locked: Mapping[int, Record]) -> None:
        self._writer = writer
        self._names = names
        self._locked = locked
        self._notes = Notes()
        self._turns = LoopYield()
        self._made: Mapping[str, Mapping[str, int]] = {}
        self._media: dict[int, Mapping[str, Any]] = {}

    async def write(self, works: Iterable[Work], on_write: Callable[[], None] | None = None) -> None:
        """Stores what changes, in a fixed order of tables and media. on_write: called when names are made, before rows
        are."""
        all_works = list(works)
        changing = sorted((work for work in all_works if work.changes), key=lambda work: work.media or 0)
        self._made = await self._names.create(self._writer, missing_names(changing))
        person_ids = {one: person for work in all_works for one, person in work.person_ids.items()}
        await self._names.people.store(self._writer, person_ids, self._made.get("person", {}))
        if not changing:
            return
        for work in changing:
            await self._turns.maybe_yield()
            self._media[work.media or 0] = self._after(work)
        if on_write is not None:
            on_write()
        await self._write_rows(changing)
        for work in changing:
            self._notes.events.append(self._event(work))
        await self._writer.fetch(note_all(), *self._notes.values())

    def _after(self, work: Work) -> Mapping[str, Any]:
        """The columns of a media as they are to be, as COPY takes them."""
        before = {} if work.is_new else self._locked[work.media or 0]["row"]
        after = {**before, **work.values}
        return {**after, "added_at": datetime.fromisoformat(after["added_at"])}

    async def _make(self, works: Sequence[Work]) -> None:
        rows = [(work.media, *map(self._media[work.media or 0].get, EDITABLE_COLUMNS)) for work in works]
        if rows:
            await self._copy(CopiedRows("media", MEDIA_COLUMNS, rows))

    async def _change(self, works: Sequence[Work]) -> None:
        if works:
            text = UPDATE_QUIETLY_WITH_COPIES if any(COPIED & work.values.keys() for work in works) else UPDATE_QUIETLY
            ids = [work.media for work in works]
            await self._writer.fetch(text, ids, [work.values for work in works], [work.patch for work in works])

    async def _write_rows(self, works: Sequence[Work]) -> None:
        """Media, then what hangs on them: the rows of a list are made while what comes before them is being stored."""
        maker = ListChangesMaker(self._made, self._media)
        given = [(of, some) for of in LISTS if (some := [work for work in works if of.name in work.differences])]
        if len(works) <= FEW:
            await self._write_media(works)
            for of, some in given:
                await self._send(await maker.changes(of, some, self._turns))
            return
        async with OneAhead([partial(maker.changes, of, some, BriefLoopYield()) for of, some in given]) as made:
            await self._write_media(works)
            async for changes in made.given():
                await self._send(changes)

    async def _write_media(self, works: Sequence[Work]) -> None:
        await self._make([work for work in works if work.is_new])
        await self._change([work for work in works if work.told])

    async def _send(self, changes: ListChanges) -> None:
        of = changes.of
        for text, sent in (
            (statements.delete_statement, changes.gone),
            (statements.update_statement, changes.changed),
            (statements.insert_statement, changes.inserted),
        ):
            if sent:
                await self._writer.fetch(text(of), *map(list, zip(*sent, strict=True)))
        while changes.copied:  # the rows of one table take much memory
            await self._copy(changes.copied.pop(0))
        if changes.pairs_beside:
            await self._writer.fetch(PAIRS_BESIDE[of.table], *map(list, zip(*changes.pairs_beside, strict=True)))

    async def _copy(self, copied: CopiedRows) -> None:
        await self._writer.copy_in(copied.table, copied.columns, copied.rows)
        self._notes.count(copied.table, copied.columns, copied.rows)

    def _event(self, work: Work) -> Event:
        """History, and with it the feed."""
        media = work.media or 0
        library = self._media[media]["library_id"]
        if work.is_new:
            return Event(media, library, HistoryEventType.CREATED, {"title": work.values["title"]})
        in_feed = bool(work.told) or any(LISTS_BY_NAME[name].table in FEED for name in work.differences)
        return Event(media, library, HistoryEventType.UPDATED, detail(work), in_feed)


def detail(work: Work) -> dict[str, Any]:
    """What history says of a change: own fields with old and new values, lists with the numbers of rows."""
    counts = {
        client_name(name): {"added": len(found.new), "changed": len(found.changed), "removed": len(found.gone)}
        for name, found in work.differences.items()
    }
    return {**work.told, **counts}
