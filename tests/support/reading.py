"""Sources read to their end, and put into a catalogue without an import: chunk after chunk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.upsert.item import Item, Key, Result
from sources.formats import open_source
from sources.source import Reading, Source, SourceItem, Unreadable
from tests.support.api import Api
from tests.support.upserting import upsert

CHUNK = 250


async def read_all(source: Source, position: str = "") -> list[Reading]:
    return [one async for one in source.read(position)]


async def read_location(location: str | Path, format: str | None = None, **options: str) -> list[Reading]:
    """All that a location gives."""
    return await read_all((await open_source(str(location), format, options)).source)


def items_of(readings: list[Reading]) -> list[SourceItem]:
    return [one for one in readings if isinstance(one, SourceItem)]


def failures_of(readings: list[Reading]) -> list[tuple[str, str]]:
    """Where and why of what could not be read."""
    return [(one.where, one.reason) for one in readings if isinstance(one, Unreadable)]


def titles_of(readings: list[Reading]) -> list[str]:
    return [one.item.values["title"] for one in items_of(readings)]


async def check_resuming(source: Source, every: int = 1) -> None:
    """Reading on after any item gives exactly what comes after it."""
    all_of = await read_all(source)
    for at in range(0, len(all_of), every):
        assert await read_all(source, all_of[at].position) == all_of[at + 1 :], at


async def import_all(api: Api, readings: list[Reading], library: int = 1, **options: Any) -> list[Result]:
    """What becomes of each item, in chunks; parents are those of items before."""
    results: list[Result] = []
    media: dict[str, int] = {}
    chunk: list[SourceItem] = []
    for one in [*items_of(readings), None]:
        if one is None or len(chunk) == CHUNK or one.parent in {other.key for other in chunk}:
            items = [placed(place, other, media, library) for place, other in enumerate(chunk)]
            done = await upsert(api, items, **options)
            media |= {other.key: result.media for other, result in zip(chunk, done, strict=True) if result.media}
            results += done
            chunk = []
        if one is not None:
            chunk.append(one)
    return results


def placed(place: int, one: SourceItem, media: Mapping[str, int], library: int) -> Item:
    """An item as an import completes it."""
    item = replace(one.item, place=place, values={**one.item.values, "library_id": library})
    return item if one.parent is None else replace(item, parent=Key(id=media[one.parent]), has_parent=True)
