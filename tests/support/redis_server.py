"""Redis servers of one's own: one alone, and three that are a cluster."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
NODES, SLOTS = 3, 16384
needs_redis = pytest.mark.skipif(PROGRAM is None, reason="redis-server is not installed here (.ci/run installs it)")


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(is_so: Callable[[], bool], words: str) -> None:
    for _ in range(1000):
        with contextlib.suppress(RedisConnectionError):
            if is_so():
                return
        time.sleep(0.02)
    raise AssertionError(words)


@contextlib.contextmanager
def redis_server(*options: str) -> Iterator[str]:
    """The address of a server that keeps everything in memory."""
    assert PROGRAM is not None
    port, folder = unused_port(), tempfile.mkdtemp(prefix="marquee-redis-")
    common = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([PROGRAM, *common, *options], stdout=subprocess.DEVNULL)
    try:
        with Redis(port=port) as client:
            wait_for(lambda: bool(client.ping()), "Redis does not answer")
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(Path(folder))


@contextlib.contextmanager
def redis_cluster() -> Iterator[str]:
    """The address of a node of three that share the slots, without replicas."""
    with contextlib.ExitStack() as stack:
        ports = [unused_port() for _ in range(NODES)]
        options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port")
        urls = [stack.enter_context(redis_server(*options, str(port))) for port in ports]
        nodes = [stack.enter_context(Redis.from_url(url, decode_responses=True)) for url in urls]
        for number, node in enumerate(nodes):
            first, last = number * SLOTS // NODES, (number + 1) * SLOTS // NODES - 1
            node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        for url, port in list(zip(urls, ports, strict=True))[1:]:
            nodes[0].execute_command("CLUSTER", "MEET", "127.0.0.1", url.rpartition(":")[2], port)
        for node in nodes:
            wait_for(lambda one=node: is_whole(one), "the cluster does not come together")  # type: ignore[misc]
        yield urls[0]


def is_whole(node: Redis) -> bool:
    known = node.execute_command("CLUSTER", "INFO")  # type: ignore[no-untyped-call]
    words = known if isinstance(known, dict) else dict(line.split(":") for line in known.split())
    return words["cluster_state"] == "ok" and int(words["cluster_known_nodes"]) == NODES
