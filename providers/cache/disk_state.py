"""What the entries of a folder add up to, and the lock that keeps those apart that change them."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from providers.cache.store import Counts, Group

LOCK_SECONDS = 2.0
LOCK_PAUSE = 0.002


class DiskState:
    """Sums and counts, in a file. is_known: the sums can be relied on; if not, the folder has to be looked through."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_known = False
        self.entries = self.bytes = 0
        self.counts: dict[Group, Counts] = {}
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            self._take(orjson.loads(path.read_bytes()))  # there may be none yet, or half of one

    def _take(self, kept: dict[str, object]) -> None:
        counts = {Group(*name.split("/", 1)): Counts(*numbers) for name, numbers in kept["counts"].items()}  # type: ignore[attr-defined]
        self.entries, self.bytes, self.counts = int(kept["entries"]), int(kept["bytes"]), counts  # type: ignore[call-overload]
        self.is_known = True

    def count(self, group: Group) -> Counts:
        return self.counts.setdefault(group, Counts())

    def save(self) -> None:
        counts = {"/".join(group): [one.hits, one.misses, one.evictions] for group, one in self.counts.items()}
        beside = self._path.with_suffix(".new")
        try:
            beside.write_bytes(orjson.dumps({"entries": self.entries, "bytes": self.bytes, "counts": counts}))
            beside.replace(self._path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """The lock of a folder, which is made where it is missing. TimeoutError where another one does not give it back."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        take_lock(descriptor)
        yield
    finally:
        os.close(descriptor)  # which gives the lock back


@contextmanager
def locked_state(folder: Path) -> Iterator[DiskState]:
    """The state of a folder, whose lock is held meanwhile."""
    with folder_lock(folder):
        yield DiskState(folder / "state.json")


def take_lock(descriptor: int) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError("the lock of the folder is held by another process") from None
            time.sleep(LOCK_PAUSE)
