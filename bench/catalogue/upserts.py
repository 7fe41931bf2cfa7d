"""`python -m bench.catalogue.upserts`: measures upserts of full items and writes docs/benchmarks-upsert.md.

Each is set against a bare COPY of the rows that it stores into plain tables without indexes, in the same run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console

from app.collecting import collect_rarely
from app.errors import StartError
from app.settings import CHECKOUT
from bench.catalogue import database
from bench.database import FOLDER
from bench.machine import machine
from bench.report import markdown_table
from catalog.derived.statements import deleted_media
from catalog.transaction import transact
from catalog.upsert.item import Item, Result
from catalog.upsert.upsert import upsert_media
from database.connect import ConnectOptions
from database.connect_args import ConnectArgs
from database.open_session import open_session
from database.session import Session
from database.statement import plain
from database.transaction import Transaction
from domain.viewer import UNRESTRICTED

SIZES = (500, 5_000)
CATALOGUE = 100_000
ROUNDS = 5
ONE_BY_ONE = 100  # items sent alone in each round
DOCUMENT = CHECKOUT / "docs" / "benchmarks-upsert.md"
WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)

# What an upsert stores of its items, with the column that says of which media a row is.
TABLES = {
    "media": "id",
    **dict.fromkeys(
        (
            *("media_tag", "media_genre", "media_person", "credit", "external_id", "media_file"),
            *("history_event", "media_change"),
        ),
        "media_id",
    ),
}
COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
MADE = deleted_media("library_id = $1")
HISTORY_MADE = "DELETE FROM history_event WHERE library_id = $1"
NOTED = "DELETE FROM media_change WHERE library_id = $1"

console = Console()


@dataclass(slots=True)
class Times:
    """Seconds of each round."""

    new: list[float] = field(default_factory=list)
    unchanged: list[float] = field(default_factory=list)
    half_changed: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    own_tables: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)  # of ONE_BY_ONE items


def full_item(place: int, library: int, random: Random, *, year: int) -> Item:
    """4 tags, 3 genres, 10 credits, 2 external ids, 1 file."""
    number = f"{random.randrange(10**9)}-{place}"
    return Item(
        place,
        values={"library_id": library, "title": f"The Upsert {number}", "year": year},
        lists={
            "tags": [f"upsert tag {random.randrange(2_000)}" for _ in range(4)],
            "genres": [f"upsert genre {random.randrange(30)}" for _ in range(3)],
            "credits": [
                {"person_id": f"Upsert Person {random.randrange(20_000)}", "role": "ACTOR", "character": f"Part {part}"}
                for part in range(10)
            ],
            "external_ids": [{"source": source, "value": f"u{number}"} for source in ("imdb", "tmdb")],
            "files": [{"path": f"/upsert/{number}.mkv", "size": place, "modified_at": WHEN}],
        },
    )


def changed(item: Item) -> Item:
    """The same media a year later, without its first tag."""
    lists = {**item.lists, "tags": item.lists["tags"][1:]}
    return Item(item.place, values={**item.values, "year": item.values["year"] + 1}, lists=lists)


async def seconds(work: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    started = perf_counter()
    done = await work()
    return perf_counter() - started, done


async def send(session: Session, items: Sequence[Item], status: str) -> list[Result]:
    """An upsert; every item must come to what is expected."""
    results = await transact(session, UNRESTRICTED, "upsert_media", lambda writer: upsert_media(writer, items))
    wrong = [result for result in results if result.status.value not in status.split()]
    if wrong:
        raise StartError(f"an item came to {wrong[0]}")
    return results


async def measure_round(session: Session, library: int, size: int, seed: int, times: Times) -> None:
    random = Random(seed)
    items = [full_item(place, library, random, year=1950 + place % 70) for place in range(size)]
    took, results = await seconds(partial(send, session, items, "CREATED"))
    times.new.append(took)
    times.unchanged.append((await seconds(partial(send, session, items, "UNCHANGED")))[0])
    half = [changed(item) if item.place % 2 else item for item in items]
    times.half_changed.append((await seconds(partial(send, session, half, "UPDATED UNCHANGED")))[0])
    rows = await stored_rows(session, [result.media for result in results])
    times.floor.append(await copy_rows(session, rows, "floor_"))
    for table in rows:
        await session.fetch(plain("floor", f"TRUNCATE floor_{table}"), ())
    await forget(session, library)
    times.own_tables.append(await copy_rows(session, rows, ""))
    single = [full_item(0, library, random, year=1999) for _ in range(ONE_BY_ONE)]

    async def alone() -> None:
        for item in single:
            await send(session, [item], "CREATED")

    times.alone.append((await seconds(alone))[0])


async def stored_rows(session: Session, media: Sequence[int | None]) -> dict[str, list[Any]]:
    """The rows of these media, by table."""
    rows: dict[str, list[Any]] = {}
    for table, column in TABLES.items():
        columns = ", ".join(await column_names(session, table))
        text = f"SELECT {columns} FROM {table} WHERE {column} = any($1::bigint[])"
        rows[table] = [tuple(row) for row in await session.fetch(plain("floor", text), (list(media),))]
    return rows


async def copy_rows(session: Session, rows: dict[str, list[Any]], prefix: str) -> float:
    """Seconds of a COPY of rows into the tables of these names with a prefix."""
    columns = {table: await column_names(session, table) for table in rows}  # a floor_ table has them too

    async def copy(transaction: Transaction) -> None:
        for table, records in rows.items():
            await transaction.copy_in(f"{prefix}{table}", columns[table], records)

    took, _ = await seconds(lambda: session.transact(copy))
    return took


async def forget(session: Session, library: int) -> None:
    """Takes away what was made."""
    for text in (MADE, HISTORY_MADE, NOTED):
        await session.fetch(plain("clear", text), (library,))


async def column_names(session: Session, table: str) -> list[str]:
    """Those that a COPY can bring: not the generated ones."""
    return [row[0] for row in await session.fetch(plain("floor", COLUMNS), (table,))]


async def measure(args: ConnectArgs, rounds: int, sizes: Sequence[int]) -> dict[int, Times]:
    """Times by the number of items."""
    found = {size: Times() for size in sizes}
    collect_rarely()  # as the server does
    async with open_session(args, ConnectOptions(statement_timeout=None, cache_size=200)) as session:
        [library] = await session.fetch(plain("library", database.LIBRARY_ID), (database.LIBRARY,))
        for table in TABLES:
            await session.fetch(plain("floor", f"DROP TABLE IF EXISTS floor_{table}"), ())
            text = f"CREATE TABLE floor_{table} AS SELECT * FROM {table} WITH NO DATA"
            await session.fetch(plain("floor", text), ())
        for turn in range(rounds):
            for size, times in found.items():
                console.print(f"round {turn + 1} of {rounds}: {size:,} items")
                await measure_round(session, library[0], size, turn * 10_000 + size, times)
                await forget(session, library[0])
        for table in TABLES:
            await session.fetch(plain("floor", f"DROP TABLE floor_{table}"), ())
    return found


def table(found: dict[int, Times]) -> str:
    """The figures: ratios of rounds at the median, milliseconds an item."""
    columns = (
        "items",
        "new, ms an item",
        "COPY : new",
        "COPY : own tables",
        "own tables : new",
        "new : unchanged",
        "new : half changed",
        "less time than alone",
    )
    rows = []
    for size, times in found.items():
        pairs = list(zip(times.new, times.unchanged, times.half_changed, times.floor, times.alone, strict=True))
        bounds = list(zip(times.floor, times.own_tables, times.new, strict=True))
        rows.append(
            [
                f"{size:,}",
                f"{median(times.new) / size * 1000:.2f}",
                f"{median(floor / new for new, _, _, floor, _ in pairs):.2f}",
                f"{median(floor / own for floor, own, _ in bounds):.2f}",
                f"{median(own / new for _, own, new in bounds):.2f}",
                f"{median(new / same for new, same, _, _, _ in pairs):.1f}",
                f"{median(new / half for new, _, half, _, _ in pairs):.1f}",
                f"{median(1 - new / size / (alone / ONE_BY_ONE) for new, _, _, _, alone in pairs):.0%}",
            ]
        )
    return markdown_table(columns, rows)


INTRODUCTION = f"""# Benchmarks of upserts

What upserts of full items cost (4 tags, 3 genres, 10 credits, 2 external ids, 1 file each), over one session beside
{CATALOGUE:,} media: new ones, the same again, with half of them changed. `COPY : new`: a bare COPY of the rows that
are stored, into plain tables without indexes and foreign keys in the same run, by the upsert's time. Wanted: at least
0.25; unchanged at least 3 times as fast as new; 70 to 90 % less time than the same items one at a time.

`COPY : own tables` is the most that any way of writing can reach: the same bare COPY by the time of a COPY of the
same rows, finished as they are stored, into the catalogue's own tables. An item is about 30 rows, most of them with
five indexes and two references to check: that is what the time goes to, and the 0.25 that was wanted lies above it.
`own tables : new` says how much of an upsert that is; the rest is checking the items, finding their media and names,
counts and history.

`make bench-catalogue` makes this file."""


def main(
    rounds: Annotated[int, typer.Option(help="How often each is measured.")] = ROUNDS,
    sizes: Annotated[str, typer.Option(help="Numbers of items.")] = ",".join(map(str, SIZES)),
    media: Annotated[int, typer.Option(help="Media that are there already.")] = CATALOGUE,
    folder: Annotated[Path, typer.Option(help="Where the databases are kept.")] = FOLDER,
) -> None:
    """Measure upserts. Part of it (any option) goes to the folder instead of docs/."""
    wanted = tuple(int(size) for size in sizes.split(","))
    try:
        with database.running(folder, media, console.print) as filled:
            found = asyncio.run(measure(filled.args, rounds, wanted))
    except StartError as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False)
        sys.exit(1)
    own = [(name, versions) for name, versions in machine() if name != "Node.js"]
    text = "\n\n".join((INTRODUCTION, table(found), "## Machine", markdown_table(("", ""), own))) + "\n"
    console.print(table(found), markup=False)
    is_whole = (rounds, wanted, media) == (ROUNDS, SIZES, CATALOGUE)
    written = DOCUMENT if is_whole else folder / DOCUMENT.name
    written.write_text(text)
    console.print(f"Written: {written}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
