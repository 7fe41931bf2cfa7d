"""A source of generated full items: 4 tags, 3 genres, 10 credits, 2 external ids, 1 file each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from catalog.upsert.item import Item
from sources.source import Known, Reading, SourceItem, nothing_known

SOME = 100  # items after which others have their turn
WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def generated(number: int) -> SourceItem:
    """Always the same for a number, with names that many items share."""
    random = Random(number)
    lists: dict[str, Any] = {
        "tags": [f"tag {random.randrange(2_000)}" for _ in range(4)],
        "genres": [f"genre {random.randrange(30)}" for _ in range(3)],
        "credits": [
            {"person_id": f"Person {random.randrange(20_000)}", "role": "ACTOR", "character": f"Part {part}"}
            for part in range(10)
        ],
        "external_ids": [{"source": source, "value": f"u{number}"} for source in ("imdb", "tmdb")],
        "files": [{"path": f"/films/{number}.mkv", "size": number, "modified_at": WHEN}],
    }
    item = Item(0, values={"title": f"The Film {number}", "year": 1950 + number % 70}, lists=lists)
    return SourceItem(f"item {number}", item, position=str(number + 1))


def generated_source(what: str) -> GeneratedSource | None:
    """The source of a number of items, or of those from one number to another (10000-20000); None for a path."""
    first, dash, last = what.rpartition("-")
    if not last.isdigit() or (dash and not first.isdigit()):
        return None
    return GeneratedSource(int(last), int(first or 0))


class GeneratedSource:
    """Makes each item when it is read: none is kept. `first`: the number of the first one."""

    def __init__(self, size: int, first: int = 0) -> None:
        self.size = size
        self.first = first

    @property
    def total(self) -> int | None:
        return self.size - self.first

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        for number in range(int(position or self.first), self.size):
            yield generated(number)
            if number % SOME == 0:
                await asyncio.sleep(0)

    async def has(self, key: str) -> bool | None:
        return None
