"""`python -m bench.importing`: measures imports and writes docs/benchmarks-import.md."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.errors import StartError
from app.postgres.embedded import EmbeddedPostgres
from app.settings import CHECKOUT
from bench.database import FOLDER
from bench.importing.measure import Measured, measure, own_database
from bench.importing.queries import ITEMS, RATE, SECONDS, SLICE, WANTED, measure_queries, query_rows
from bench.machine import machine
from bench.report import markdown_table
from sources.formats import open_source
from sources.source import SourceError

SIZES = (10_000, 50_000, 100_000)
DOCUMENT = CHECKOUT / "docs" / "benchmarks-import.md"
SHARED = Path(os.environ.get("MARQUEE_SHARED", CHECKOUT.parent / "shared"))
WIKIPEDIA = "data/wikipedia-movies"
COLUMNS = (
    *("source", "items", "items/s", "seconds", "client CPU, s", "server CPU, s"),
    *("COPY : first", "first : again", "peak memory, MB", "again, MB"),
)

INTRODUCTION = """# Benchmarks of imports

Generated full items (4 tags, 3 genres, 10 credits, 2 external ids, 1 file each) and, where it is there, the collection
wikipedia-movies, imported into an empty catalogue by a process of its own, and again without a change. `COPY : first`:
a bare COPY of the rows that are stored, into plain tables without indexes and foreign keys in the same run, by the time
of the import; wanted: at least 0.25. `first : again`: wanted at least 3. Peak memory of the importing process: wanted
below 80 MB, the same for any number of items.

Client CPU, server CPU: seconds of processors of the importing process, and of the process of PostgreSQL that serves it.
About half of the client's work on a chunk is done while the server stores the chunk before it, or the list before it,
so that an import takes less than the sum where two processors are free.

`make bench-import` makes this file; `make bench-import ARGS="--sizes 1000000"` takes about half an hour, and writes
beside the databases."""

QUERIES = "## Queries beside an import"
QUERY_COLUMNS = ("pages", "number", "p50, ms", "p95, ms")
QUERY_INTRODUCTION = f"""Pages of 20 media with tags and genres, {RATE} a second whether or not those before have been
answered, of one server's loop over a catalogue of {ITEMS:,} media: {SECONDS:.0f} seconds undisturbed, and while another
process imports {ITEMS:,} generated items, both in one run. The time of a page begins when it is due; p50 and p95 are
the medians of slices of {SLICE} pages. Wanted: the p95 beside an import within {WANTED:.0f} times that of pages alone.
`make bench-import ARGS=--queries` makes this part alone."""

console = Console()


async def measure_all(folder: Path, sources: dict[str, str]) -> list[Measured]:
    server = EmbeddedPostgres(folder / "importing")
    with server as args:
        found = []
        for name, what in sources.items():
            console.print(f"{name} ...")
            found.append(await measure(args, name, what))
            console.print(markdown_table(COLUMNS, [row(found[-1])]), markup=False)
    return found


async def measure_beside(folder: Path) -> str:
    """The part of the document about queries."""
    console.print("queries beside an import ...")
    with EmbeddedPostgres(folder / "importing") as admin:
        async with own_database(admin, "bench_import_queries") as args:
            alone, beside = await measure_queries(args)
    table = markdown_table(QUERY_COLUMNS, query_rows(alone, beside))
    console.print(table, markup=False)
    words = (
        f"The import took {beside.imported:.0f} s. Load average of the machine at the end: {os.getloadavg()[0]:.0f}."
    )
    return "\n\n".join((QUERIES, QUERY_INTRODUCTION, table, words))


def with_part(text: str, part: str) -> str:
    """A document with a part in the place of the one with the same heading, or before that of the machine."""
    heading = part.partition("\n")[0]
    before, found, rest = text.partition(f"{heading}\n")
    if not found:
        before, found, rest = text.partition("## Machine")
        return f"{before}{part}\n\n{found}{rest}"
    after = rest.find("\n## ")
    return f"{before}{part}\n{rest[after:] if after >= 0 else ''}"


async def is_known(path: Path) -> bool:
    """Whether a collection is there, in a format that is known."""
    try:
        await open_source(str(path))
    except SourceError:
        return False
    return True


def row(one: Measured) -> list[str]:
    return [
        one.name,
        f"{one.items:,}",
        f"{one.items / one.first:,.0f}",
        f"{one.first:.1f}",
        f"{one.client:.1f}",
        f"{one.server:.1f}",
        f"{one.floor / one.first:.2f}",
        f"{one.first / one.again:.1f}",
        f"{one.memory / 1e6:.0f}",
        f"{one.memory_again / 1e6:.0f}",
    ]


def main(
    sizes: Annotated[str, typer.Option(help="Numbers of generated items.")] = ",".join(map(str, SIZES)),
    folder: Annotated[Path, typer.Option(help="Where the databases are kept.")] = FOLDER,
    queries: Annotated[bool, typer.Option("--queries", help="Only queries beside an import, into docs/.")] = False,
) -> None:
    """Measure imports, and queries beside one. Other sizes go to the folder instead of docs/."""
    folder.mkdir(parents=True, exist_ok=True)
    if queries:
        DOCUMENT.write_text(with_part(DOCUMENT.read_text(), asyncio.run(measure_beside(folder))))
        return
    sources = {f"{int(size):,}": size for size in sizes.split(",")}
    if asyncio.run(is_known(SHARED / WIKIPEDIA)):
        sources["wikipedia-movies"] = str(SHARED / WIKIPEDIA)
    try:
        found = asyncio.run(measure_all(folder, sources))
        part = asyncio.run(measure_beside(folder))
    except StartError as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False)
        sys.exit(1)
    table = markdown_table(COLUMNS, [row(one) for one in found])
    own = [(name, versions) for name, versions in machine() if name != "Node.js"]
    text = "\n\n".join((INTRODUCTION, table, part, "## Machine", markdown_table(("", ""), own))) + "\n"
    written = DOCUMENT if sizes == ",".join(map(str, SIZES)) else folder / DOCUMENT.name
    written.write_text(text)
    console.print(table, markup=False)
    console.print(f"Written: {written}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
