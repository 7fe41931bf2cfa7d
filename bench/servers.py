"""The servers that are measured: how each is started, one process each, and how it is ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.settings import CHECKOUT
from bench.database import FOLDER, Database
from bench.queries import Dialect, Query

START_SECONDS = 60.0
END_SECONDS = 10.0
OLDEST_NODE = 22  # PostGraphile answers with errors on older ones
NODE = CHECKOUT / "bench" / "node"
# What must not reach a server from the environment of whoever starts the benchmark.
HIDDEN = ("MARQUEE_", "OTEL_", "PG", "DATABASE_URL", "NODE_OPTIONS", "PYTHON")

PRODUCTION = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
MARQUEE_SETTINGS = {
    "MARQUEE_POOL_MIN": "10",
    "MARQUEE_POOL_MAX": "10",
    "MARQUEE_TRACE_PAGES": "false",
    "MARQUEE_REPORT": "false",
    "MARQUEE_SLOW_REQUEST": "60",
}
SAMPLED = {
    "MARQUEE_TRACE_PAGES": "true",
    "OTEL_TRACES_SAMPLER": "traceidratio",
    "OTEL_TRACES_SAMPLER_ARG": "0.01",
}


@dataclass(frozen=True, slots=True, eq=False)
class Peer:
    """Something that is measured. `program`: what runs it (a module of uvicorn's, a file of Node's, or Marquee).

    A peer that leaves the kind of plan to PostgreSQL is run with each of `plans`, and shown with the better one."""

    name: str
    title: str
    dialect: Dialect
    program: str
    plans: tuple[str, ...] = ("force_custom_plan", "force_generic_plan")
    environment: Mapping[str, str] = field(default_factory=dict)

    def answers(self, query: Query) -> bool:
        return self.dialect != "postgraphile" or query.postgraphile is not None


def marquee(name: str, title: str, **environment: str) -> Peer:
    """Marquee, which says itself which plan each statement wants."""
    return Peer(name, title, "marquee", "marquee", ("auto",), {**MARQUEE_SETTINGS, **environment})


PEERS = (
    marquee("marquee", "Marquee"),
    marquee("sampled", "Marquee, 1 % traced", **SAMPLED),
    marquee("reference", "Marquee on graphql-core", MARQUEE_ENGINE="reference"),
    Peer("postgraphile", "PostGraphile", "postgraphile", "postgraphile.mjs"),
    Peer("mercurius", "Mercurius, JIT and loaders", "plain", "mercurius.mjs"),
    Peer("strawberry", "Strawberry, aiodataloader", "plain", "bench.peers.plain:app"),
    Peer("floor", "Python by hand, batched", "plain", "bench.peers.floor:app"),
    Peer("floor-json", "Python by hand, JSON in SQL", "plain", "bench.peers.floor_json:app"),
)


@dataclass(frozen=True, slots=True)
class Server:
    """A running process of a peer."""

    peer: Peer
    plan: str
    port: int
    pid: int


class ServerError(Exception):
    """A server did not start; what it said is in the message."""


@contextmanager
def running(peers: tuple[Peer, ...], database: Database) -> Iterator[list[Server]]:
    """One server for each peer and plan, for as long as the context lasts. Raises ServerError."""
    logs = FOLDER / "logs"
    logs.mkdir(exist_ok=True)
    with ExitStack() as stack:
        yield [
            stack.enter_context(serving(peer, plan, database, logs / f"{peer.name}-{plan}.log"))
            for peer in peers
            for plan in peer.plans
        ]


@contextmanager
def serving(peer: Peer, plan: str, database: Database, log: Path) -> Iterator[Server]:
    """A server that takes connections."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
    environment = {**own, **peer.environment}
    with ExitStack() as stack, log.open("wb") as said:
        if peer.program == "marquee":
            port, command, inherited = marquee_command(stack)
            environment |= {"DATABASE_URL": database.args.dsn, "MARQUEE_STATE_DIR": str(FOLDER / peer.name)}
            (FOLDER / peer.name).mkdir(parents=True, exist_ok=True)
        else:
            port, inherited = free_port(), []
            command = node_command(peer) if peer.program.endswith(".mjs") else uvicorn_command(peer, port)
            environment |= {**database.environment(), "PLAN_CACHE_MODE": plan, "PORT": str(port), **PRODUCTION}
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=inherited,
        )
        stack.callback(end, process)
        wait_until_up(process, port, peer, log)
        yield Server(peer, plan, port, process.pid)


def marquee_command(stack: ExitStack) -> tuple[int, list[str], list[int]]:
    """Port, command and inherited file descriptors of a worker, without the supervisor that only looks after it."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    ready, owner = os.pipe(), os.pipe()
    for descriptor in (*ready, *owner):
        stack.callback(os.close, descriptor)
    inherited = [listener.fileno(), ready[1], owner[0]]
    port: int = listener.getsockname()[1]
    return port, [sys.executable, "-m", "app.process.worker", *map(str, inherited)], inherited


def node_command(peer: Peer) -> list[str]:
    node = shutil.which("node")
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node is not None else ""
    if node is None or int(said.strip().removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        raise ServerError(
            f"There is no Node.js {OLDEST_NODE} or newer on the PATH: start this by `make bench`, which brings one."
        )
    return [node, str(NODE / peer.program)]


def uvicorn_command(peer: Peer, port: int) -> list[str]:
    fast = ["--loop", "uvloop", "--http", "httptools", "--lifespan", "on", "--no-access-log", "--log-level", "warning"]
    return [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", str(port), *fast, peer.program]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(process: subprocess.Popen[bytes], port: int, peer: Peer, log: Path) -> None:
    """Marquee's listener takes connections from the start; those wait until the worker does."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-3000:]
                raise ServerError(f"{peer.title} did not start:\n{said}") from None
            time.sleep(0.1)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
