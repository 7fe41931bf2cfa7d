"""`python -m bench.hostile`: measures what hostile requests cost, into docs/benchmarks-hostile.md. `make bench-hostile`
starts it."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.settings import CHECKOUT
from bench.database import FOLDER
from bench.hostile.cases import DOCUMENTS, TOGETHER, request
from bench.hostile.measure import growth, measure, measure_set, wait_alone, wait_beside
from bench.hostile.report import Side, markdown
from bench.hostile.server import serving
from bench.hostile.sockets import DISTINCT, STRAINS, strain
from bench.machine import machine
from bench.servers import ServerError
from tests.support.query_files import read_queries

DOCUMENT = CHECKOUT / "docs" / "benchmarks-hostile.md"
REQUESTS = 30_000
FILES = 1_024  # what most systems allow a process

console = Console(width=None if sys.stdout.isatty() else 180)
failures = Console(stderr=True)


def main(
    beside: Annotated[Path | None, typer.Option(help="Another checkout, measured in the same run.")] = None,
    quick: Annotated[bool, typer.Option(help="A few cases, whether all works; into .bench/ instead of docs/.")] = False,
) -> None:
    """Measure what hostile requests cost the worker and those who come meanwhile."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    checkouts = {"now": CHECKOUT} | ({"before": beside.resolve()} if beside is not None else {})
    try:
        sides = {name: measure_side(name, checkout, quick=quick) for name, checkout in reversed(checkouts.items())}
    except ServerError as error:
        failures.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    written = FOLDER / DOCUMENT.name if quick else DOCUMENT
    written.write_text(markdown(sides, [row for row in machine() if row[0] != "Node.js"]))
    console.print(f"Written: {written}", soft_wrap=True)


def measure_side(name: str, checkout: Path, *, quick: bool) -> Side:
    """A server for each case: what one leaves behind is not the next one's."""
    side = Side()
    folder = FOLDER / f"hostile-{name}"
    for case in DOCUMENTS[:2] if quick else DOCUMENTS:
        console.print(f"{name}: {case.title}")
        with serving(checkout, folder) as target:
            side.costs[case.name] = measure(target, case)
    console.print(f"{name}: the operations of tests/data/hostile")
    with serving(checkout, folder) as target:
        hostile = {query.words: request(query.text, **query.variables) for query in read_queries("hostile")}
        side.set = measure_set(target, dict(list(hostile.items())[:3]) if quick else hostile)
    with serving(checkout, folder) as target:
        side.alone = wait_alone(target)
        for case in TOGETHER[:1] if quick else TOGETHER:
            console.print(f"{name}: beside ten times: {case.title}")
            side.waits[case.name] = wait_beside(target, case)
    for key in list(STRAINS)[:1] if quick else STRAINS:
        title, act = STRAINS[key]
        console.print(f"{name}: {title}")
        with serving(checkout, folder, FILES) as target:
            side.strains[key] = strain(target, act)
    console.print(f"{name}: distinct requests")
    with serving(checkout, folder) as target:
        side.growth = growth(target, DISTINCT, 300 if quick else REQUESTS)
    return side


if __name__ == "__main__":
    typer.run(main)
