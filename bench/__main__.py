"""`python -m bench`: measures Marquee beside its peers and writes docs/benchmarks.md. `make bench` starts it."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Annotated

import typer
from rich.console import Console

from app.errors import StartError
from app.settings import CHECKOUT
from bench import database, servers
from bench.executor import DifferentBodyError, measure_executor
from bench.machine import machine
from bench.measure import QUICK, Lengths, Load, LoadError, measure_query
from bench.queries import QUERIES, Query
from bench.report import Entries, Run, markdown, tables
from bench.result import Entry, better
from bench.servers import PEERS, Peer, Server, ServerError
from bench.verify import DifferentAnswerError, count_statements, verify

DOCUMENT = CHECKOUT / "docs" / "benchmarks.md"
PARTIAL = database.FOLDER / "benchmarks.md"

# Wide enough for the tables where there is no terminal to fit.
console = Console(width=None if sys.stdout.isatty() else 180)
failures = Console(stderr=True)


def main(
    quick: Annotated[bool, typer.Option(help="One short slice each: whether all works, not how fast.")] = False,
    only: Annotated[str, typer.Option(help=f"Peers: {', '.join(peer.name for peer in PEERS)}.")] = "",
    queries: Annotated[str, typer.Option(help=f"Queries: {', '.join(query.name for query in QUERIES)}.")] = "",
) -> None:
    """Measure Marquee beside its peers. Part of it (any option) goes to .bench/benchmarks.md instead of docs/."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = {peer.name: peer for peer in PEERS}, {query.name: query for query in QUERIES}
    peers = tuple(chosen[0][name] for name in pick(only, list(chosen[0])))
    asked = tuple(chosen[1][name] for name in pick(queries, list(chosen[1])))
    try:
        run = measure_all(peers, asked, QUICK if quick else Lengths())
    except (StartError, ServerError, LoadError, DifferentAnswerError, DifferentBodyError) as error:
        failures.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    for table in tables(run):
        console.print(table)
    written = PARTIAL if quick or only or queries else DOCUMENT
    written.write_text(markdown(run))
    console.print(f"Written: {written.relative_to(CHECKOUT)}")


def pick(wanted: str, known: list[str]) -> list[str]:
    """The names asked for, in their own order; all where none is."""
    names = wanted.split(",") if wanted else known
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name} is none of {', '.join(known)}")
    return [name for name in known if name in names]


def measure_all(peers: tuple[Peer, ...], queries: tuple[Query, ...], lengths: Lengths) -> Run:
    """Raises PostgresError, ServerError, LoadError, DifferentAnswerError, DifferentBodyError."""
    with console.status("The database ..."), database.running() as filled:
        settings = asyncio.run(database.server_settings(filled.args))
        with servers.running(peers, filled) as started, Load() as load:
            for query in queries:
                console.print(f"The same data: {query.title}")
                asyncio.run(verify(able(started, query), query))
            entries = {query: measure_one(started, query, lengths, load, filled) for query in queries}
        with console.status("The executor alone ..."):
            executor = asyncio.run(measure_executor(filled.args, queries, lengths.executor))
    return Run(peers, machine(), settings, lengths, entries, executor)


def able(started: list[Server], query: Query) -> list[Server]:
    return [server for server in started if server.peer.answers(query)]


def measure_one(
    started: list[Server], query: Query, lengths: Lengths, load: Load, filled: database.Database
) -> Entries:
    """What each peer did on a query, in the order in which they were started."""
    with console.status(query.title) as status:

        def progress(server: Server, query: Query) -> None:
            status.update(f"{query.title}: {server.peer.title}")

        found = measure_query(able(started, query), query, lengths, load, filled.pid, progress)
        return {
            peer: Entry(figures, server.plan, asyncio.run(count_statements(server, query, filled.args)))
            for peer, (server, figures) in better(found).items()
        }


if __name__ == "__main__":
    typer.run(main)
