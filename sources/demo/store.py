"""Loads the parts of the demo that are no movies of the facts, and what the owner has of some of these."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from catalog.transaction import Writer, transact
from catalog.upsert.item import Item, Key, MatchBy, OnConflict, Result, Status
from catalog.upsert.upsert import upsert_media
from database.session import Session
from domain.text import fold
from domain.viewer import UNRESTRICTED
from sources.demo.load import Progress, silent
from sources.demo.scale import REAL_LIBRARY
from sources.demo.source import open_demo
from sources.source import SourceItem, Unreadable

NAME = "load_demo"  # of its statements

# The library of this name, made where it is not there.
LIBRARY = """
WITH made AS (
    INSERT INTO library (name, folded_name, kind) SELECT $1::text, $2::text, $3::text
    WHERE NOT EXISTS (SELECT FROM library WHERE folded_name = $2::text)
    RETURNING id
)
SELECT id FROM made UNION ALL SELECT id FROM library WHERE folded_name = $2::text LIMIT 1
"""
ADD_RUN = """
INSERT INTO job_run (type, library_id, status, total, succeeded, counts, queued_at, started_at, ended_at)
SELECT 'import', $1::bigint, 'SUCCEEDED', $2::integer, $2::integer, $3::jsonb, $4::timestamptz, $4::timestamptz,
    clock_timestamp()
"""


class Part(NamedTuple):
    """A part of the demo, and the library that it goes into."""

    name: str
    library: str
    kind: str


PARTS = (
    Part("owned", REAL_LIBRARY, "MOVIE"),
    Part("series", "Series", "SERIES"),
    Part("tunes", "Tunes", "TRACK"),
    Part("clips", "Clips", "CLIP"),
)


class DemoPartError(Exception):
    """A part of the demo could not be stored."""


async def load_parts(session: Session, folder: Path, progress: Progress = silent) -> int:
    """Stores all parts, each in a transaction; what is there already stays. How many media were made."""
    made = 0
    for part in PARTS:
        started = datetime.now(UTC)
        items = await part_items(part, folder)
        progress(part.name, 0, len(items))
        work = partial(store_part, part=part, items=items, started=started)
        results = await transact(session, UNRESTRICTED, NAME, work)
        made += sum(one.status is Status.CREATED for one in results)
        progress(part.name, len(items), len(items))
    return made


async def part_items(part: Part, folder: Path) -> list[Item]:
    """Its items, each with its place; what hangs on another one names its place."""
    places: dict[str, int] = {}
    items: list[Item] = []
    async for found in open_demo(f"demo:{part.name}", {"folder": str(folder)}).read():
        if isinstance(found, Unreadable):
            raise DemoPartError(f"{found.where}: {found.reason}")
        assert isinstance(found, SourceItem)
        place = places[found.key] = len(items)
        item = replace(found.item, place=place)
        if found.parent is not None:
            item = replace(item, parent=Key(item=places[found.parent]), has_parent=True)
        items.append(item)
    return items


async def store_part(writer: Writer, part: Part, items: list[Item], started: datetime) -> list[Result]:
    """Upserts the items, and notes the run where anything was changed."""
    [[library]] = await writer.fetch(LIBRARY, part.library, fold(part.library), part.kind)
    given = [replace(one, values={**one.values, "library_id": library}) for one in items]
    results = await upsert_media(writer, given, match_by=[MatchBy.EXTERNAL_ID], on_conflict=OnConflict.MERGE)
    for one in results:
        if one.status is Status.FAILED:
            raise DemoPartError(f"{items[one.place].values['title']}: {one.message}")
    counts = {status.value.lower(): sum(one.status is status for one in results) for status in Status}
    counts = {status: count for status, count in counts.items() if count}
    if counts.keys() - {"unchanged"}:
        await writer.fetch(ADD_RUN, library, len(items), counts, started)
    return results
