"""`python -m bench.search`: measures search and writes docs/benchmarks-search.md."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.errors import StartError
from app.postgres.embedded import EmbeddedPostgres
from app.settings import CHECKOUT
from bench.catalogue.__main__ import SIZES, read_sizes
from bench.database import FOLDER, OPTIONS, Database, server_settings
from bench.machine import machine
from bench.measure import Load, LoadError
from bench.report import markdown_table
from bench.search.database import emptied
from bench.search.documents import read_documents
from bench.search.engines.all import ENGINES, engines
from bench.search.engines.engine import MissingEngineError
from bench.search.known_items import EACH, known_items
from bench.search.report import (
    SPEED_COLUMNS,
    SUCCESS_COLUMNS,
    Finding,
    Run,
    markdown,
    misses,
    quality_rows,
    speed_rows,
    success_rows,
)
from bench.search.speed import Speed, measure_speed
from bench.servers import ServerError

DOCUMENT = CHECKOUT / "docs" / "benchmarks-search.md"
SHARED = Path(os.environ.get("MARQUEE_SHARED", CHECKOUT.parent / "shared"))
COLLECTION = SHARED / "data" / "wikipedia-movies"
PARTS = ("quality", "speed")

console = Console(width=None if sys.stdout.isatty() else 180)


def main(
    parts: Annotated[str, typer.Option(help=f"Of {', '.join(PARTS)}.")] = ",".join(PARTS),
    sizes: Annotated[str, typer.Option(help="Numbers of media.")] = ",".join(map(str, SIZES)),
    only: Annotated[str, typer.Option(help=f"Engines: {', '.join(ENGINES)}.")] = ",".join(ENGINES),
    each: Annotated[int, typer.Option(help="Queries of a class of known items.")] = EACH,
    folder: Annotated[Path, typer.Option(help="Where the databases are kept.")] = FOLDER,
) -> None:
    """Measure search. Part of it (any option) goes to the folder instead of docs/."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted, asked = read_sizes(sizes), only.split(",")
    if unknown := [one for one in parts.split(",") if one not in PARTS] + [one for one in asked if one not in ENGINES]:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join((*PARTS, *ENGINES))}")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        finding = find(folder, asked, each) if "quality" in parts else None
        speeds = measure_speeds(folder, wanted) if "speed" in parts else {}
    except (StartError, ServerError, LoadError, MissingEngineError) as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    own = [(name, versions) for name, versions in machine() if name != "Node.js"]
    is_whole = (parts.split(","), wanted, asked, each) == (list(PARTS), SIZES, list(ENGINES), EACH)
    written = DOCUMENT if is_whole else folder / DOCUMENT.name
    written.write_text(markdown(Run(finding, speeds, own)))
    console.print(f"Written: {written}", soft_wrap=True)


def find(folder: Path, asked: list[str], each: int) -> Finding:
    """What the engines find of the known items. Raises PostgresError, ServerError, MissingEngineError."""
    documents = read_documents(COLLECTION)
    items = known_items(documents, each)
    queries = [item.query for item in items]
    server = EmbeddedPostgres(folder / "search", OPTIONS)
    answers = {}
    with server as args:
        assert server.pid is not None
        version = asyncio.run(server_settings(args))["server_version"]
        database = Database(asyncio.run(emptied(args)), server.pid)
        for engine in engines(database, folder, version, asked):
            with console.status(f"{len(queries):,} queries to {engine.name}"):
                answers[engine] = engine.searcher(documents, queries)
            found = Finding([one.title for one in documents], items, {engine: answers[engine]})
            show(list(SUCCESS_COLUMNS), success_rows(found))
    finding = Finding([one.title for one in documents], items, answers)
    show(*quality_rows(finding))
    console.print("\n".join(misses(finding)), markup=False, highlight=False)
    return finding


def measure_speeds(folder: Path, sizes: tuple[int, ...]) -> dict[int, Speed]:
    """Raises PostgresError, ServerError, LoadError."""
    found = {}
    with Load() as load:
        for size in sizes:
            with console.status(f"{size:,} media") as status:

                def progress(what: str, size: int = size, show: object = status) -> None:
                    status.update(f"{size:,} media: {what}")

                found[size] = measure_speed(folder, size, load, progress)
            show(list(SPEED_COLUMNS), speed_rows(found[size]))
            console.print(f"{size:,} media: {found[size].rate:,.0f} queries/s")
    return found


def show(columns: list[str], rows: list[list[str]]) -> None:
    console.print(markdown_table(columns, rows), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
