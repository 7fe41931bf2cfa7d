"""`python -m bench.counting`: measures counts and facets and writes docs/benchmarks-counts.md."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import asyncpg
import typer
from rich.console import Console

from app.settings import CHECKOUT
from bench.catalogue import database
from bench.counting.measure import FacetTime, Measured, Way, measure_counts, measure_facets
from bench.database import FOLDER
from bench.machine import machine
from bench.report import markdown_table
from database.connect_args import ConnectArgs
from loaders.sql import estimate

DOCUMENT = CHECKOUT / "docs" / "benchmarks-counts.md"
INTRODUCTION = """# Benchmarks of counts and facets

`python -m bench.counting` writes this. Generated media; random filters of one to three predicates (genres, tags,
channels, years, ratings, a word of the title; one in seven joined by `or`), the same in each run, those that find
nothing left out. The error of an estimate is the part of the true number by which it differs from that. Times are those
for which the server's process ran on a processor, the shorter of two runs over one connection, in milliseconds: on a
machine that does nothing else a statement takes that long.

`ESTIMATED` takes samples of lists of more than 200,000 media. Here it is made to take them of shorter ones too, so that
its error can be seen: at this size the product would count.
"""
console = Console(stderr=True)


def main(
    media: Annotated[int, typer.Option(help="Number of media.")] = 100_000,
    filters: Annotated[int, typer.Option(help="Number of random filters.")] = 1_000,
    folder: Annotated[Path, typer.Option(help="Where the databases are kept.")] = FOLDER,
    dsn: Annotated[str, typer.Option(help="A database that is there already, in place of the folder's.")] = "",
) -> None:
    """Measure counts and facets."""
    if dsn:
        counts, facets = asyncio.run(measured(ConnectArgs(dsn), filters))
    else:
        with database.running(folder, media, lambda phase: console.print(phase)) as running:
            counts, facets = asyncio.run(measured(running.args, filters))
    text = report(media, counts, facets)
    whole = media == 100_000 and filters == 1_000
    written = DOCUMENT if whole else folder / DOCUMENT.name
    written.write_text(text)
    console.print(f"Written: {written}", soft_wrap=True)


async def measured(args: ConnectArgs, filters: int) -> tuple[list[Measured], list[FacetTime]]:
    connection: Any = await asyncpg.connect(**args.kwargs(), statement_cache_size=0)
    estimate.MOST_COUNTED = 0
    try:
        # One process alone, so that its time is the statement's.
        await connection.execute("SET jit = off; SET max_parallel_workers_per_gather = 0")
        return await measure_counts(connection, filters), await measure_facets(connection, filters // 5)
    finally:
        await connection.close()


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def percent(value: float) -> str:
    return f"{value * 100:.1f} %" if value < 10 else "over 1,000 %"


def row(title: str, counts: Sequence[Measured], of: Callable[[Measured], Way]) -> list[str]:
    errors = [one.off(of(one)) for one in counts]
    times = [of(one).milliseconds for one in counts]
    exact = sum(of(one).is_exact for one in counts)
    return [
        *(title, percent(median(errors)), percent(percentile(errors, 0.95)), percent(max(errors))),
        *(f"{exact / len(counts) * 100:.0f} %", f"{median(times):.1f}", f"{percentile(times, 0.95):.1f}"),
    ]


def report(media: int, counts: Sequence[Measured], facets: Sequence[FacetTime]) -> str:
    ways = [
        row("`EXACT`", counts, lambda one: one.exact),
        row("`ESTIMATED`", counts, lambda one: one.sample),
        row("EXPLAIN", counts, lambda one: one.planner),
        row("TABLESAMPLE SYSTEM", counts, lambda one: one.pages),
    ]
    guessed = [one for one in counts if one.error is not None]
    within = sum(abs(one.sample.value - one.exact.value) <= (one.error or 0) * one.sample.value for one in guessed)
    columns = ["way", "median error", "95 %", "worst", "exact", "median ms", "95 % ms"]
    said = (
        f"{len(guessed)} of the answers of `ESTIMATED` were estimates"
        + (f", with a median error of {percent(median(one.off(one.sample) for one in guessed))}" if guessed else "")
        + f"; {within} of them lie within the error that the answer says of itself (wanted: 95 of 100)."
    )
    parts = [
        INTRODUCTION,
        f"## Counts: {len(counts):,} filters at {media:,} media\n",
        markdown_table(columns, ways),
        f"\n{said}\n",
        "## Facets: genres, tags and years, ten values each, `multi`\n",
        markdown_table(["media found", "filters", "median ms", "95 % ms"], facet_rows(facets)),
        "\n## Machine\n",
        markdown_table(["", ""], [list(one) for one in machine() if one[0] != "Node.js"]),
    ]
    return "\n".join(parts) + "\n"


def facet_rows(facets: Sequence[FacetTime]) -> list[list[str]]:
    rows = []
    for least, most in ((0, 1_000), (1_000, 5_000), (5_000, 20_000), (20_000, 10**9)):
        times = [one.milliseconds for one in facets if least <= one.matched < most]
        name = f"{least:,} to {most:,}" if most < 10**9 else f"{least:,} and more"
        if times:
            rows.append([name, str(len(times)), f"{median(times):.1f}", f"{percentile(times, 0.95):.1f}"])
    return rows


if __name__ == "__main__":
    typer.run(main)
