"""A source of generated full items: 4 tags, 3 genres, 10 credits, 2 external ids, 1 file each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

from bench.catalogue.upserts import full_item
from sources.source import Reading, SourceItem

SOME = 100  # items after which others have their turn


class GeneratedSource:
    """Makes each item when it is read: none is kept."""

    def __init__(self, size: int) -> None:
        self.size = size

    @property
    def total(self) -> int | None:
        return self.size

    async def read(self, position: str = "") -> AsyncIterator[Reading]:
        for number in range(int(position or 0), self.size):
            item = full_item(number, 0, Random(number), year=1950 + number % 70)
            values = {name: value for name, value in item.values.items() if name != "library_id"}
            yield SourceItem(f"item {number}", replace(item, values=values), position=str(number + 1))
            if number % SOME == 0:
                await asyncio.sleep(0)

    async def has(self, key: str) -> bool | None:
        return None
