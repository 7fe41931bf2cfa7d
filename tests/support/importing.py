"""Imports in tests: sources in memory, runs over a database of one's own, and catalogues compared table by table."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from catalog.importing.plan import ImportPlan
from catalog.importing.progress import Failure, ImportCounts, Silent
from catalog.importing.run import run_import
from catalog.transaction import Writer
from database.connect_args import ConnectArgs
from database.open_session import open_session
from domain.viewer import UNRESTRICTED, Viewer
from sources.source import Known, Reading, SourceItem, Unreadable, nothing_known
from tests.support.upserting import item


class ListSource:
    """A source of readings in memory; positions are numbers of readings. knows: whether it can tell what is there."""

    def __init__(self, readings: Sequence[Reading], *, knows: bool = True) -> None:
        self.readings = readings
        self.keys = {one.key for one in readings if isinstance(one, SourceItem)}
        self.knows = knows
        self.read_from: list[str] = []
        self.given = 0
        self.before: Callable[[int], None] = lambda number: None

    @property
    def total(self) -> int | None:
        return len(self.readings)

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        self.read_from.append(position)
        for number, one in enumerate(self.readings, 1):
            if number > int(position or 0):
                self.before(number)
                self.given = number
                yield replace(one, position=str(number))
                if number % 50 == 0:
                    await asyncio.sleep(0)

    async def has(self, key: str) -> bool | None:
        return key in self.keys if self.knows else None


class Told(Silent):
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self.counts: list[ImportCounts] = []
        self.totals: list[int | None] = []
        self.examples: list[tuple[int, int, Sequence[str]]] = []

    async def save(self, writer: Writer, counts: ImportCounts, failures: Sequence[Failure]) -> None:
        self.failures += failures

    def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
        self.counts.append(counts.copy())
        self.totals.append(total)

    def gone(self, known: int, gone: int, examples: Sequence[str]) -> None:
        self.examples.append((known, gone, examples))

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Where and why."""
        return [(one.where, one.code) for one in self.failures]


def movie(key: str, title: str | None = None, *, parent: str | None = None, **lists: Any) -> SourceItem:
    """An item of a source; names of columns of media are its own values."""
    return SourceItem(key, item(0, title or key, library=None, **lists), parent=parent)


def movies(number: int, first: int = 0, **lists: Any) -> list[SourceItem]:
    return [movie(f"k{one}", f"Movie {one}", **lists) for one in range(first, first + number)]


def unreadable(where: str) -> Unreadable:
    return Unreadable(where, "it is broken", "raw")


async def run(
    args: ConnectArgs,
    source: ListSource | Sequence[Reading],
    told: Told | None = None,
    viewer: Viewer = UNRESTRICTED,
    **options: Any,
) -> ImportCounts:
    """An import into library 1, over a session of its own."""
    plan = ImportPlan(**{"library": 1, "format": "list", "location": "memory", **options})
    source = source if isinstance(source, ListSource) else ListSource(source)
    async with open_session(args) as session:
        return await run_import(session, viewer, source, plan, told or Told())


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> None:
    """Returns when an awaited condition holds; fails after a minute."""
    for _ in range(1_200):
        if await condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never: {what}")


def numbers(counts: ImportCounts) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, failed."""
    return counts.created, counts.updated, counts.unchanged, counts.failed


TABLES = """
SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND c.relname <> ALL($1) AND c.relname NOT LIKE '%_media_count' ORDER BY 1
"""
# Tables that tell when something happened, or how often it was tried. Kept counts are checked for themselves
# (assert_no_drift), since they may lie in several rows.
OF_TIME = ["schema_migration", "media_change", "history_event", "import_source", "job_run"]
COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = $1 AND data_type NOT LIKE 'timestamp%' AND column_name <> ALL($2)
ORDER BY ordinal_position
"""
# Ids differ between two catalogues; what they stand for does not.
IDS = {
    "media_id": "(SELECT m.title || coalesce('/' || m.season_number, '') || coalesce('/' || m.episode_number, '')"
    " FROM media m WHERE m.id = t.media_id)",
    "parent_id": "(SELECT m.title FROM media m WHERE m.id = t.parent_id)",
    "library_id": "(SELECT l.name FROM library l WHERE l.id = t.library_id)",
    **{
        f"{noun}_id": f"(SELECT n.name FROM {noun} n WHERE n.id = t.{noun}_id)"
        for noun in ("tag", "genre", "channel", "collection", "release_group")
    },
    # Several have one name.
    "person_id": """(SELECT n.name || coalesce((
        SELECT string_agg(' ' || x.source || ':' || x.value, '' ORDER BY x.source, x.value)
        FROM person_external_id x WHERE x.person_id = n.id
    ), '') FROM person n WHERE n.id = t.person_id)""",
}


async def catalogue(connection: Any) -> dict[str, list[str]]:
    """All that a catalogue holds, by table, without ids, times and versions."""
    found = {}
    for (table,) in await connection.fetch(TABLES, OF_TIME):
        left_out = ["id", "source_id", "run", "transaction_id"]
        columns = [row[0] for row in await connection.fetch(COLUMNS, table, left_out)]
        told = ", ".join(
            f"{IDS[name]} AS {name}" if name in IDS and table != name.removesuffix("_id") else f"t.{name}"
            for name in columns
        )
        rows = await connection.fetch(f"SELECT r::text FROM (SELECT {told} FROM {table} t) AS r ORDER BY 1")
        found[table] = [row[0] for row in rows]
    return found
