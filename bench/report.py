"""The report: tables for the terminal, and docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from graphql import parse, print_ast
from rich.table import Table

from bench.database import MEDIA
from bench.executor import Costs
from bench.measure import CONNECTIONS, MAX_FOREIGN, Lengths
from bench.queries import Query
from bench.result import Entry, Figures, Ratios, ratios
from bench.servers import Peer

Entries = Mapping[Peer, Entry]
Rows = list[tuple[str, str]]

COLUMNS = (
    *("", "req/s", "p50 ms", "p99 ms", "server ms", "PostgreSQL ms", "MB"),
    *("statements", "plans", "failed", "disturbed"),
)
RATIO_COLUMNS = (
    *("", "better Node peer", "by hand, batched", "on graphql-core", "1 % traced"),
    "p99, Node peer : Marquee",
)
EXECUTOR_COLUMNS = ("", "compiled, ms", "graphql-core, ms", "ratio")
PLANS = {"auto": "its own", "force_custom_plan": "custom", "force_generic_plan": "generic"}


@dataclass(frozen=True, slots=True)
class Run:
    """All that one run found."""

    peers: Sequence[Peer]
    machine: Rows
    settings: Mapping[str, str]
    lengths: Lengths
    entries: Mapping[Query, Entries]
    executor: Mapping[Query, Costs]


def row(peer: Peer, entry: Entry | None) -> list[str]:
    """The cells of a peer; dashes where it does not answer the query."""
    if entry is None:
        return [peer.title, *["-"] * (len(COLUMNS) - 1)]
    figures = entry.figures
    return [
        peer.title,
        f"{figures.rate:,.0f}" if figures.rate >= 100 else f"{figures.rate:.1f}",
        f"{figures.p50:.2f}",
        f"{figures.p99:.2f}",
        f"{figures.server_ms:.3f}",
        f"{figures.postgres_ms:.3f}",
        f"{figures.memory:.0f}",
        str(entry.statements),
        PLANS[entry.plan],
        str(figures.failures),
        f"{figures.disturbed} of {figures.slices}",
    ]


def ratio_row(query: Query, found: Ratios) -> list[str]:
    def times(ratio: float | None) -> str:
        return "-" if ratio is None else f"{ratio:.2f}"

    node = "-" if found.node is None else f"{found.node:.2f} ({found.node_peer.partition(',')[0]})"
    return [query.title, node, *map(times, (found.floor, found.reference, found.sampled, found.tail))]


def executor_rows(run: Run) -> list[list[str]]:
    return [
        [query.title, f"{costs.compiled:.3f}", f"{costs.reference:.3f}", f"{costs.ratio:.1f}"]
        for query, costs in run.executor.items()
    ]


def rich_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right", no_wrap=True)
    for cells in rows:
        table.add_row(*cells)
    return table


def tables(run: Run) -> Iterator[Table]:
    """What the terminal shows."""
    for query, entries in run.entries.items():
        yield rich_table(query.title, COLUMNS, [row(peer, entries.get(peer)) for peer in run.peers])
    yield rich_table("The executor alone", EXECUTOR_COLUMNS, executor_rows(run))
    rows = [ratio_row(query, ratios(entries)) for query, entries in run.entries.items()]
    yield rich_table("Marquee's requests a second, in multiples of those of ...", RATIO_COLUMNS, rows)


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, rule, *rows))


def all_figures(run: Run) -> list[Figures]:
    return [entry.figures for entries in run.entries.values() for entry in entries.values()]


def spread(found: Sequence[Figures]) -> float:
    """The widest distance of a slice's rate from its row's, as a share: the median over all rows."""
    return median(max(one.highest_rate / one.rate - 1, 1 - one.lowest_rate / one.rate) for one in found)


def markdown(run: Run) -> str:
    """The whole document."""
    ratio_rows = [ratio_row(query, ratios(entries)) for query, entries in run.entries.items()]
    parts = [
        INTRODUCTION.format(media=MEDIA, connections=CONNECTIONS),
        "## Ratios",
        RATIO_NOTE,
        markdown_table(RATIO_COLUMNS, ratio_rows),
        "## Figures",
        FIGURE_NOTE,
    ]
    for query, entries in run.entries.items():
        rows = [row(peer, entries.get(peer)) for peer in run.peers]
        document = f"```graphql\n{print_ast(parse(query.document))}\n```"
        parts += [f"### {query.title}", document, markdown_table(COLUMNS, rows)]
    parts += ["## The executor alone", EXECUTOR_NOTE, markdown_table(EXECUTOR_COLUMNS, executor_rows(run))]
    parts += ["## Noise", noise(run), "## How it is measured", METHOD.format(**facts(run)), "## Machine"]
    settings = ", ".join(f"{name} {value}" for name, value in run.settings.items() if name != "server_version")
    machine = [*run.machine, ("PostgreSQL", f"{run.settings['server_version']}: {settings}")]
    parts.append(markdown_table(("", ""), machine).replace("---:", "---"))
    return "\n\n".join(parts) + "\n"


def facts(run: Run) -> dict[str, object]:
    lengths = run.lengths
    return {"slice": lengths.slice, "warm_up": lengths.warm_up, "rounds": lengths.rounds, "connections": CONNECTIONS}


def noise(run: Run) -> str:
    found = all_figures(run)
    return NOISE.format(
        slices=sum(figures.slices for figures in found),
        disturbed=sum(figures.disturbed for figures in found),
        foreign=MAX_FOREIGN,
        spread=f"{spread(found):.0%}",
        load=max(figures.load_cores for figures in found),
    )


INTRODUCTION = """# Benchmarks

Marquee beside its peers: {connections} connections, {media:,} media of the demo generator, one PostgreSQL, one process
each. `make bench` makes this file; it builds all that it needs, and takes about a quarter of an hour. Absolute figures
are those of one machine: the ratios are what carries over."""

RATIO_NOTE = """Marquee's requests a second, in multiples of those of the faster one of PostGraphile and Mercurius on
that query, of the floor that is written by hand with batched statements, of Marquee on graphql-core, and of Marquee
with 1 % of its requests traced. The last column takes the lower p99 of the two Node peers: below 1 Marquee's is the
worse."""

FIGURE_NOTE = """`server ms` and `PostgreSQL ms` are the CPU that a request costs the server process and the database,
`MB` is the server's resident memory under load. Statements are those that PostgreSQL counts, after a plus those that
read nothing (asyncpg's pool resets a connection when it comes back). `plans`: each peer runs once with custom plans and
once with generic ones (left to itself, PostgreSQL takes one of the two), and is shown with the one that gave more
requests a second; Marquee says itself which statement wants which. PostGraphile has no federation."""

EXECUTOR_NOTE = """CPU of one run in process, from the request to the answer before it is written as JSON, with rows
from memory: no HTTP, no database. The least of many tries, the engines taking turns, garbage collection kept out."""

METHOD = """- Every peer answers from the same tables over a Unix socket with a pool of 10 connections, and must give
  the same data before anything is measured; cursors, and how ids, times and ratings are written, may differ.
- The peers take turns on each query in slices of {slice:g} s after {warm_up:g} s to warm up, {rounds} undisturbed
  slices each if they are to be had.
- The load is a closed loop over {connections} connections in a process of its own on the same machine; requests a
  second are connections over mean latency, the median of the slices; p50 and p99 are over all answers of those slices.
- Marquee runs one worker with reports off, and traces off but in the row that says so.
- Mercurius, plain Strawberry and the floors are written by hand for these queries, in `bench/`; they share their SQL.
  PostGraphile is given the tables alone; its rating is the number of tenths in the table.
- Plain Strawberry is what its documentation shows. The floors are no servers of GraphQL: they know the queries."""

NOISE = """{disturbed} of {slices} slices were disturbed: other programs used more than {foreign:g} cores meanwhile.
Those count for CPU a request, and for nothing else unless a peer has no other. In half of the rows every slice lies
within {spread} of the median; trust no ratio more than that. The load took up to {load:.2f} cores of the processor that
server and database run on too: with few cores the fastest peers are held back by it the most."""
