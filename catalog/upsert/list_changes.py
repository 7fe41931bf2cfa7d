"""What an upsert sends for a list: the rows that go, that change and that are new, ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from catalog.derived.declared import COPIES, PAIRS, Pair
from catalog.derived.new_rows import copies
from catalog.edit import LoopYield
from catalog.upsert.lists import RowList
from catalog.upsert.plan import Work, with_ids
from catalog.upsert.same_rows import Row


@dataclass(frozen=True, slots=True)
class CopiedRows:
    """Rows of new things, as COPY takes them."""

    table: str
    columns: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ListChanges:
    """The rows of one list, of all media. gone, changed: parameters of the list's statements, a row each; inserted: of
    new rows of a list that is not copied; copied: those of one that is, and what follows of them.

    pairs_beside: pairs of rows that were copied in for media that have others already."""

    of: RowList
    gone: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    inserted: list[Row] = field(default_factory=list)
    copied: list[CopiedRows] = field(default_factory=list)
    pairs_beside: list[Row] = field(default_factory=list)


class ListChangesMaker:
    """made: ids of what was made, by noun and folded name; media: their columns as they are to be, by id."""

    def __init__(self, made: Mapping[str, Mapping[str, int]], media: Mapping[int, Mapping[str, Any]]) -> None:
        self._made = made
        self._media = media

    async def changes(self, of: RowList, works: Sequence[Work], turns: LoopYield) -> ListChanges:
        found, new = ListChanges(of), list[Row]()
        for work in works:
            await turns.maybe_yield()
            difference = work.differences[of.name]
            ids, rows = work.current.get(of.name, ([], []))
            found.gone.extend(
                (ids[at],) if of.has_id else (work.media, *(rows[at][key] for key in of.key_places))
                for at in difference.gone
            )
            for at, row in difference.changed:
                [row] = with_ids(of, [row], self._made)
                found.changed.append((ids[at] if of.has_id else work.media, *row))
            new += [(work.media, *row) for row in with_ids(of, difference.new, self._made)]
            if work.is_new:  # nobody asks for it again, and thousands take much memory
                del work.differences[of.name]
        if not of.is_copied:
            found.inserted.extend(new)
        elif new:
            found.copied.append(await self._copied(of, new, turns))
            await self._add_pairs(found, works, new, turns)
        return found

    async def _copied(self, of: RowList, rows: list[Row], turns: LoopYield) -> CopiedRows:
        """Rows of a table's order of keys stand side by side in its indexes: that takes a third less time."""
        if not of.has_id and of.key_places:
            rows = sorted(rows, key=itemgetter(*(1 + place for place in of.key_places)))
        for place, convert in of.converted:
            await turns.maybe_yield()
            rows = [(*row[: 1 + place], convert(row[1 + place]), *row[2 + place :]) for row in rows]
        columns = COPIES.get(of.table, ())
        if columns:
            await turns.maybe_yield()
            found = {row[0]: copies(columns, self._media[row[0]]) for row in rows}
            rows = [row + found[row[0]] for row in rows]
        return CopiedRows(of.table, ("media_id", *of.columns, *columns), rows)

    async def _add_pairs(
        self, found: ListChanges, works: Sequence[Work], rows: Sequence[Row], turns: LoopYield
    ) -> None:
        """What follows once from several rows: credits of one person."""
        new = {work.media for work in works if work.is_new}
        for pair in PAIRS:
            if pair.source != found.of.table:
                continue
            await turns.maybe_yield()
            at = 1 + found.of.columns.index(pair.keys[1])
            pairs = sorted({(row[at], row[0]) for row in rows})
            if copied := [(media, other) for other, media in pairs if media in new]:
                found.copied.append(self._copied_pairs(pair, copied))
            found.pairs_beside.extend((media, other) for other, media in pairs if media not in new)

    def _copied_pairs(self, pair: Pair, pairs: Sequence[tuple[int, int]]) -> CopiedRows:
        columns = COPIES[pair.table]
        found = {media: copies(columns, self._media[media]) for media, _ in pairs}
        return CopiedRows(pair.table, (*pair.keys, *columns), [(*one, *found[one[0]]) for one in pairs])
