"""What an upsert writes: new rows by COPY, changes by statements over arrays, history and feed at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from catalog.derived.declared import COPIES, FEED, PAIRS, Pair
from catalog.derived.new_rows import Event, Notes, copies, note_all
from catalog.derived.statements import joined, new_pairs, updated_media
from catalog.edit import LoopYield
from catalog.media_edit import CHANGES, COPIED, EDITABLE_COLUMNS, SETS
from catalog.media_values import client_name
from catalog.transaction import Writer
from catalog.upsert import statements
from catalog.upsert.lists import LISTS, LISTS_BY_NAME, RowList
from catalog.upsert.names import ItemNames
from catalog.upsert.plan import Work, missing_names, with_ids
from catalog.upsert.same_rows import Row
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

    async def write(self, works: Iterable[Work]) -> None:
        """Stores what changes, in a fixed order of tables and media."""
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
        await self._make([work for work in changing if work.is_new])
        await self._change([work for work in changing if work.told])
        for of in LISTS:
            await self._write_list(of, [work for work in changing if of.name in work.differences])
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
        await self._copy("media", MEDIA_COLUMNS, rows)

    async def _change(self, works: Sequence[Work]) -> None:
        if works:
            text = UPDATE_QUIETLY_WITH_COPIES if any(COPIED & work.values.keys() for work in works) else UPDATE_QUIETLY
            ids = [work.media for work in works]
            await self._writer.fetch(text, ids, [work.values for work in works], [work.patch for work in works])

    async def _copy(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        if rows:
            await self._writer.copy_in(table, columns, rows)
            self._notes.count(table, columns, rows)

    async def _write_list(self, of: RowList, works: Sequence[Work]) -> None:
        gone, changed, new = list[Row](), list[Row](), list[Row]()
        for work in works:
            await self._turns.maybe_yield()
            found = work.differences[of.name]
            ids, rows = work.current.get(of.name, ([], []))
            gone += [
                (ids[at],) if of.has_id else (work.media, *(rows[at][key] for key in of.key_places))
                for at in found.gone
            ]
            for at, row in found.changed:
                [row] = with_ids(of, [row], self._made)
                changed.append((ids[at] if of.has_id else work.media, *row))
            new += [(work.media, *row) for row in with_ids(of, found.new, self._made)]
        for statement, sent in (
            (statements.delete_statement, gone),
            (statements.update_statement, changed),
        ):
            if sent:
                await self._writer.fetch(statement(of), *map(list, zip(*sent, strict=True)))
        if new and of.is_copied:
            await self._copy_list(of, new)
            await self._add_pairs(of, works, new)
        elif new:
            await self._writer.fetch(statements.insert_statement(of), *map(list, zip(*new, strict=True)))

    async def _copy_list(self, of: RowList, rows: list[Row]) -> None:
        """Rows of a table's order of keys stand side by side in its indexes: that takes a third less time."""
        if not of.has_id and of.key_places:
            rows = sorted(rows, key=itemgetter(*(1 + place for place in of.key_places)))
        for place, convert in of.converted:
            rows = [(*row[: 1 + place], convert(row[1 + place]), *row[2 + place :]) for row in rows]
        columns = COPIES.get(of.table, ())
        if columns:
            found = {row[0]: copies(columns, self._media[row[0]]) for row in rows}
            rows = [row + found[row[0]] for row in rows]
        await self._copy(of.table, ("media_id", *of.columns, *columns), rows)

    async def _add_pairs(self, of: RowList, works: Sequence[Work], rows: Sequence[Row]) -> None:
        """What follows once from several rows: credits of one person."""
        new = {work.media for work in works if work.is_new}
        for pair in PAIRS:
            if pair.source != of.table:
                continue
            at = 1 + of.columns.index(pair.keys[1])
            pairs = sorted({(row[at], row[0]) for row in rows})
            await self._copy_pairs(pair, [(media, other) for other, media in pairs if media in new])
            if others := [(media, other) for other, media in pairs if media not in new]:
                await self._writer.fetch(PAIRS_BESIDE[of.table], *map(list, zip(*others, strict=True)))

    async def _copy_pairs(self, pair: Pair, pairs: Sequence[tuple[int, int]]) -> None:
        columns = COPIES[pair.table]
        found = {media: copies(columns, self._media[media]) for media, _ in pairs}
        await self._copy(pair.table, (*pair.keys, *columns), [(*one, *found[one[0]]) for one in pairs])

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
