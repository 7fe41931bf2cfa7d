"""`python -m bench.catalogue`: measures Marquee's own operations and writes docs/benchmarks-catalogue.md."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.errors import StartError
from app.settings import CHECKOUT
from bench import servers
from bench.catalogue import database
from bench.catalogue.measure import OPERATIONS, QUICK, Lengths, Results, measure
from bench.catalogue.report import Run, markdown, tables
from bench.database import FOLDER, server_settings
from bench.machine import machine
from bench.measure import Load, LoadError
from bench.servers import ServerError

SIZES = (10_000, 100_000, 1_000_000)
SMALLEST = 100
MARQUEE = servers.marquee("catalogue", "Marquee")
DOCUMENT = CHECKOUT / "docs" / "benchmarks-catalogue.md"
NAMES = [operation.name for operation in OPERATIONS]

# Wide enough for the tables where there is no terminal to fit.
console = Console(width=None if sys.stdout.isatty() else 180)
failures = Console(stderr=True)


def main(
    quick: Annotated[bool, typer.Option(help="A moment each: whether all works, not how fast.")] = False,
    sizes: Annotated[str, typer.Option(help="Numbers of media.")] = ",".join(map(str, SIZES)),
    only: Annotated[str, typer.Option(help=f"Operations: {', '.join(NAMES)}.")] = "",
    folder: Annotated[Path, typer.Option(help="Where the databases are kept.")] = FOLDER,
) -> None:
    """Measure Marquee's operations. Part of it (any option) goes to the folder instead of docs/."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = read_sizes(sizes)
    asked = read_names(only)
    try:
        run = measure_all(wanted, asked, QUICK if quick else Lengths(), folder)
    except (StartError, ServerError, LoadError) as error:
        failures.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    for table in tables(run):
        console.print(table)
    written = folder / DOCUMENT.name if quick or only or wanted != SIZES else DOCUMENT
    written.write_text(markdown(run))
    console.print(f"Written: {written}", soft_wrap=True)


def read_sizes(text: str) -> tuple[int, ...]:
    """In ascending order."""
    try:
        found = tuple(sorted({int(size) for size in text.split(",")}))
    except ValueError:
        raise typer.BadParameter(f"{text}: numbers of media, with commas between them") from None
    if found[0] < SMALLEST:
        raise typer.BadParameter(f"{found[0]}: at least {SMALLEST}")
    return found


def read_names(text: str) -> list[str]:
    """All where none is given."""
    names = text.split(",") if text else NAMES
    for name in names:
        if name not in NAMES:
            raise typer.BadParameter(f"{name} is none of {', '.join(NAMES)}")
    return names


def measure_all(sizes: Sequence[int], asked: Sequence[str], lengths: Lengths, folder: Path) -> Run:
    """Raises PostgresError, ServerError, LoadError."""
    found: dict[int, Results] = {}
    settings: dict[str, str] = {}
    with Load() as load:
        for size in sizes:
            with console.status(f"{size:,} media") as status:

                def progress(what: str, size: int = size, show: object = status) -> None:
                    status.update(f"{size:,} media: {what}")

                with (
                    database.running(folder, size, progress) as filled,
                    servers.serving(MARQUEE, "auto", filled, folder / f"catalogue-{size}.log") as server,
                ):
                    settings = asyncio.run(server_settings(filled.args))
                    found[size] = asyncio.run(measure(server, filled, size, lengths, load, asked, progress))
    own = [(name, versions) for name, versions in machine() if name != "Node.js"]
    return Run(found, own, settings, lengths)


if __name__ == "__main__":
    typer.run(main)
