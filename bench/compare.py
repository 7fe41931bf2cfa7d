"""CPU of the server a request, of this checkout beside another one's: `python -m bench.compare OTHER [ROUNDS]`.

OTHER is the folder of another checkout, set up with the same packages. Both serve the same database, one process each;
they take turns, query by query and slice by slice, so that what disturbs this machine disturbs both."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from app.settings import CHECKOUT
from bench import database
from bench.database import FOLDER, Database
from bench.measure import Load, measure
from bench.queries import QUERIES, Query
from bench.servers import HIDDEN, PEERS, Server, end, marquee_command, wait_until_up

SLICE = 1.0  # seconds
ROUNDS = 10
PEER = PEERS[0]


@contextmanager
def serving(checkout: Path, filled: Database) -> Iterator[Server]:
    """One process that serves from a checkout."""
    name = f"compare-{checkout.name}"
    log, state = FOLDER / f"{name}.log", FOLDER / name
    state.mkdir(exist_ok=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
    environment = {**own, **PEER.environment, "DATABASE_URL": filled.args.dsn, "MARQUEE_STATE_DIR": str(state)}
    with ExitStack() as stack, log.open("wb") as said:
        port, command, inherited = marquee_command(stack)
        process = subprocess.Popen(command, cwd=checkout, env=environment, stdout=said, stderr=said, pass_fds=inherited)
        stack.callback(end, process)
        wait_until_up(process, port, PEER, log)
        yield Server(PEER, checkout.name, port, process.pid)


def compare(servers: list[Server], query: Query, load: Load, postgres: int, rounds: int) -> tuple[float, float]:
    """Microseconds of CPU a request of each server: the medians of the slices, after one that warms up."""
    found: list[list[float]] = [[] for _ in servers]
    for turn in range(rounds + 1):
        order = list(enumerate(servers))
        for place, server in order if turn % 2 else order[::-1]:
            one = measure(server, query, SLICE, load, postgres)
            if turn:
                found[place].append(one.server_cpu * 1e6 / len(one.outcome.latencies))
    mine, others = map(median, found)
    return mine, others


def main(other: Path, rounds: int) -> None:
    with database.running() as filled, ExitStack() as stack:
        servers = [stack.enter_context(serving(checkout, filled)) for checkout in (CHECKOUT, other)]
        load = stack.enter_context(Load())
        for query in QUERIES:
            mine, others = compare(servers, query, load, filled.pid, rounds)
            sys.stdout.write(f"{query.name:10} {mine:8.0f} us {others:8.0f} us  {mine / others:.3f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)
