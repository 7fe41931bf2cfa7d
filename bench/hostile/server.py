"""The server that is harmed: `python -m app serve` of a checkout, with one worker, and what its worker takes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.servers import HIDDEN, ServerError, end, free_port

START_SECONDS = 120.0
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """A server that answers, and the process that serves its requests."""

    port: int
    worker: int

    @property
    def cpu(self) -> float:
        """Seconds that the worker has computed."""
        times = psutil.Process(self.worker).cpu_times()
        return float(times.user + times.system)

    @property
    def memory(self) -> float:
        """Megabytes that the worker holds."""
        return float(psutil.Process(self.worker).memory_info().rss / MEGABYTE)

    def forget_peak(self) -> None:
        """From now on `peak` is the most that the worker has held since."""
        Path(f"/proc/{self.worker}/clear_refs").write_text("5")

    @property
    def peak(self) -> float:
        """The most megabytes that the worker has held."""
        for line in Path(f"/proc/{self.worker}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        raise ServerError("This system does not tell the peak of a process: the benchmark needs Linux.")


@contextmanager
def serving(checkout: Path, folder: Path, files: int | None = None) -> Iterator[Target]:
    """The product over its demo data, as it comes. `files`: how many it may have open. Raises ServerError."""
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    environment = {**own, "MARQUEE_PORT": str(port), "MARQUEE_STATE_DIR": str(folder), "MARQUEE_SLOW_REQUEST": "600"}

    def limit() -> None:
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    log = folder / "server.log"
    with log.open("wb") as said:
        command = [sys.executable, "-m", "app", "serve"]
        process = subprocess.Popen(command, cwd=checkout, env=environment, stdout=said, stderr=said, preexec_fn=limit)
        try:
            wait_until_ready(process, port, log)
            yield Target(port, worker_of(process.pid))
        finally:
            end(process)


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise ServerError(f"The server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def worker_of(supervisor: int) -> int:
    """The process that serves requests."""
    for child in psutil.Process(supervisor).children():
        if any("worker" in part for part in child.cmdline()):
            return int(child.pid)
    raise ServerError("The server has no worker.")
