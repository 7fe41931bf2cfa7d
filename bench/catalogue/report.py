"""The report: tables for the terminal, and docs/benchmarks-catalogue.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from graphql import parse, print_ast
from rich.table import Table

from bench.catalogue.measure import OPERATIONS, Lengths, Result, Results
from bench.catalogue.operation import Figure, Operation
from bench.catalogue.subject import PAGES
from bench.measure import CONNECTIONS, MAX_FOREIGN
from bench.report import Rows, markdown_table, rich_table

Of = Literal["request", "database"]
Cells = list[list[str]]

DETAILS = (
    *("", "p50 ms", "p95 ms", "p99 ms", "req/s", "database ms"),
    *("statements", "failed", "disturbed"),
)
CODE = re.compile(r'"code":"([A-Z_]+)"')
FIRST_PAGE = "page1"


@dataclass(frozen=True, slots=True)
class Run:
    """All that one run found, by size. `settings`: those of the database that matter."""

    sizes: Mapping[int, Results]
    machine: Rows
    settings: Mapping[str, str]
    lengths: Lengths


def milliseconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def failure_word(result: Result) -> str:
    """What went wrong, in a word; nothing where nothing did."""
    if not result.failures:
        return ""
    code = CODE.search(result.refusal)
    return code[1] if code else "not what was asked"


def value(result: Result, of: Of) -> float:
    """What a figure is compared with."""
    return result.milliseconds(0.95) if of == "request" else result.database_ms


def is_met(result: Result, figure: Figure) -> bool:
    return not result.failures and value(result, figure.of) < figure.milliseconds


def missed(operation: Operation, run: Run, of: Of) -> list[str]:
    """Which figures are missed, and where."""
    return [
        f"{figure.row} at {size:,}"
        for figure in operation.figures
        for size, results in run.sizes.items()
        if figure.of == of and figure.is_for(size) and operation in results and not is_met(results[operation], figure)
    ]


def figure_rows(run: Run, of: Of) -> Cells:
    """Operations by sizes, with what is wanted of them and where that is missed."""
    rows = []
    for operation in OPERATIONS:
        figures = [figure for figure in operation.figures if figure.of == of]
        if (of == "request" or figures) and any(operation in results for results in run.sizes.values()):
            found = [results.get(operation) for results in run.sizes.values()]
            cells = ["-" if one is None else failure_word(one) or milliseconds(value(one, of)) for one in found]
            wanted = ", ".join(f"{figure.row} < {figure.milliseconds:g}" for figure in figures)
            rows.append([operation.title, *cells, wanted or "-", verdict(operation, run, of)])
    return rows


def verdict(operation: Operation, run: Run, of: Of) -> str:
    applies = any(
        figure.of == of and figure.is_for(size) and operation in results
        for figure in operation.figures
        for size, results in run.sizes.items()
    )
    return ", ".join(missed(operation, run, of)) or ("none" if applies else "-")


def figure_columns(run: Run) -> list[str]:
    return ["", *(f"{size:,}" for size in run.sizes), "wanted", "missed"]


def page_rows(run: Run) -> Cells:
    """What deep pages cost, in multiples of the first one, in the middle of the latencies."""
    rows = []
    for size, results in run.sizes.items():
        found = {operation.name: result.milliseconds(0.5) for operation, result in results.items() if result.alone}
        deep = [found.get(f"page{page}") for page in PAGES]
        if FIRST_PAGE in found:
            first = found[FIRST_PAGE]
            times = ["-" if one is None else f"{milliseconds(one)} ({one / first:.2f})" for one in deep]
            rows.append([f"{size:,}", milliseconds(first), *times])
    return rows


PAGE_COLUMNS = ("media", "page 1", *(f"page {page:,}" for page in PAGES))


def detail_rows(results: Results) -> Cells:
    return [
        [
            operation.title,
            *(milliseconds(result.milliseconds(share)) for share in (0.5, 0.95, 0.99)),
            "-" if result.rate is None else f"{result.rate:,.0f}",
            f"{result.database_ms:.3f}",
            f"{result.statements:.1f}",
            f"{result.failures} {failure_word(result)}".strip(),
            f"{result.disturbed} of {len(result.outcomes)}",
        ]
        for operation, result in results.items()
    ]


def tables(run: Run) -> Iterator[Table]:
    """What the terminal shows."""
    for size, results in run.sizes.items():
        yield rich_table(f"{size:,} media", DETAILS, detail_rows(results))
    yield rich_table("p95 in ms, one request at a time", figure_columns(run), figure_rows(run, "request"))
    yield rich_table("ms in the database", figure_columns(run), figure_rows(run, "database"))
    yield rich_table("Pages by title, p50 in ms (times the first one)", PAGE_COLUMNS, page_rows(run))


def markdown(run: Run) -> str:
    """The whole document."""
    columns = figure_columns(run)
    parts = [INTRODUCTION, "## What is wanted", WANTED_NOTE, markdown_table(columns, figure_rows(run, "request"))]
    parts += ["In the database, in milliseconds:", markdown_table(columns, figure_rows(run, "database"))]
    parts += ["## Deep pages", PAGE_NOTE, markdown_table(PAGE_COLUMNS, page_rows(run)), "## Figures", FIGURE_NOTE]
    for size, results in run.sizes.items():
        parts += [f"### {size:,} media", markdown_table(DETAILS, detail_rows(results))]
    parts += ["## Operations", *map(document, OPERATIONS), "## How it is measured"]
    parts += [METHOD.format(slice=run.lengths.slice, rounds=run.lengths.rounds, connections=CONNECTIONS)]
    settings = ", ".join(f"{name} {value}" for name, value in run.settings.items() if name != "server_version")
    machine = [*run.machine, ("PostgreSQL", f"{run.settings['server_version']}: {settings}")]
    parts += ["## Machine", markdown_table(("", ""), machine).replace("---:", "---")]
    return "\n\n".join(parts) + "\n"


def document(operation: Operation) -> str:
    return f"{operation.title}:\n\n```graphql\n{print_ast(parse(operation.document))}\n```"


INTRODUCTION = """# Benchmarks of the catalogue

What Marquee's own operations cost at several sizes, beside the figures that its requirements name.
`make bench-catalogue` makes this file. Absolute figures are those of one machine."""

WANTED_NOTE = """95 % of the requests took less than so many milliseconds, one request at a time. `wanted`: rows of the
requirements with their milliseconds; `missed`: where one is not met, by a time or by an answer that failed. D3 and D4
are said for 10,000 media or more, T3 for 100,000 or more, R2 (in the database) for 100,000 at most. `-`: there is no
such page at that size."""

PAGE_NOTE = """The same order, by title, in pages of 100: milliseconds at the median, in brackets in multiples of the
first page. They take turns. The text of a first page is kept, that of all others is made anew."""

FIGURE_NOTE = f"""`req/s` are over {CONNECTIONS} connections, all other figures over one. `database ms` are those of a
request's statements by PostgreSQL's own clock, on average, with their plans; `statements` those that read or write.
`failed` with the code of an error; `disturbed`: slices in which other programs used more than {MAX_FOREIGN:g} cores,
which do not count for the latencies unless there are no others."""

METHOD = """- Each size has a database of its own from the demo generator, with metadata, channels, taglines, process
  timestamps, music and files added for this.
- One worker of Marquee's with a pool of 10 connections over a Unix socket, reports and traces off; the load is a
  process of its own on the same machine, in a closed loop.
- Queries take turns in slices of {slice:g} s, first over one connection, then over {connections}, {rounds} times; ids
  and words vary from request to request. What takes longer than a second is not measured over many connections.
- Edits are sent once each: every second one alone, the others over {connections} connections. What they made is taken
  away at the end."""
