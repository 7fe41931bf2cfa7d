"""What can be found out about items before an upsert, without the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.edit import LoopYield
from catalog.upsert.item import Item
from catalog.upsert.keys import FoldedTitles
from catalog.upsert.names import ItemNames
from catalog.upsert.plan import Work, read_work, readers_of


@dataclass(frozen=True, slots=True)
class ReadItems:
    """Items whose values and rows were checked, by their places; names, titles: those that they give.

    For one upsert, which changes it."""

    works: dict[int, Work]
    names: ItemNames
    titles: FoldedTitles

    def take_over(self, items: Sequence[Item]) -> bool:
        """Whether it serves an upsert of these items, which differ from those that were read in their parents at
        most; if so it is theirs from now on."""
        works = list(self.works.values())
        if len(items) != len(works) or not all(map(reads_alike, items, (work.item for work in works))):
            return False
        for work, item in zip(works, items, strict=True):
            work.item = item
        return True


def reads_alike(item: Item, other: Item) -> bool:
    """Whether what two items come to without the database is the same, provided that their parents are well-formed."""
    return (
        (item.place, item.id, item.error) == (other.place, other.id, other.error)
        and item.lists is other.lists
        and item.values == other.values
    )


async def read_items(items: Iterable[Item], turns: LoopYield) -> ReadItems:
    """Checks items; what is wrong with one is remembered in its work."""
    read = ReadItems({}, ItemNames(), FoldedTitles())
    readers = readers_of(read.names)
    for item in items:
        await turns.maybe_yield()
        read.works[item.place] = await read_work(item, readers, read.titles, turns)
    return read
