"""Runs `python -m app` in processes of its own, for the tests of what such a process does."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from app.settings import CHECKOUT
from tests.support.databases import make_folder

WAIT_SECONDS = 60.0


def environment(**variables: str) -> dict[str, str]:
    """This one without settings, but with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARQUEE_")}
    kept.pop("DATABASE_URL", None)
    return {**kept, "MARQUEE_PORT": "0", "MARQUEE_DEMO": "false", **variables}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m app ARGUMENT...` to its end."""
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment(**variables), capture_output=True, text=True, timeout=WAIT_SECONDS
    )


@contextlib.contextmanager
def state_folder() -> Iterator[Path]:
    """A new folder that the user who runs PostgreSQL can enter too, which pytest's own are not for root."""
    folder = make_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def copy(source: Path, target: Path) -> None:
    """Copies a state folder that no server uses, with the owners of its files."""
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def command(process: psutil.Process) -> list[str]:
    """Its command line; empty when it is gone."""
    try:
        return process.cmdline()  # type: ignore[no-any-return]
    except psutil.NoSuchProcess:
        return []


class Served:
    """A running `python -m app serve`."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self.output = output

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def address(self) -> str:
        found = re.search(r"http://\S+(?=/graphql)", self.said)
        assert found is not None, self.said
        return found.group().replace("0.0.0.0", "127.0.0.1")

    def get(self, path: str) -> int:
        """The status of an answer; 0 when there is none."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def family(self) -> list[psutil.Process]:
        """The supervisor's workers, the database server and its processes."""
        return psutil.Process(self.process.pid).children(recursive=True)  # type: ignore[no-any-return]

    def workers(self) -> list[psutil.Process]:
        return [child for child in self.family() if "app.process.worker" in command(child)]

    def databases(self) -> list[psutil.Process]:
        """The server that runs; empty while there is none."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "".join(command(child)[:1]).endswith("/bin/postgres")]


@contextlib.contextmanager
def serving(state_dir: Path, **variables: str) -> Iterator[Served]:
    """Serves once the banner is out; killed at the end if it still runs."""
    output = state_dir / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=CHECKOUT,
            env=environment(MARQUEE_STATE_DIR=str(state_dir), **variables),
            stdout=file,
            stderr=file,
        )
    served = Served(process, output)
    try:
        until(lambda: "Stop" in served.said or process.poll() is not None, "a banner")
        assert process.poll() is None, served.said
        yield served
    finally:
        if process.poll() is None:
            family = served.family()
            process.send_signal(signal.SIGKILL)
            process.wait()
            until(lambda: all(map(is_gone, family)), "the end of all processes")
