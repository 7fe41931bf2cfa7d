"""Files read without blocking on what is no file: size, time, hash, text of bounded length, fingerprint."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from sources.file_time import time_of_file

HASHED_END = 65_536  # bytes that are hashed at the start and at the end of a file
DIGEST = 20
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class UnfitFile(Exception):
    """A file that no media can be made of; the message says why."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was found. path: from the root."""

    path: str
    size: int
    mtime_ns: int

    @property
    def modified_at(self) -> datetime:
        return time_of_file(self.mtime_ns)


def state_of(root: Path, path: str) -> FileState:
    """OSError where it is not there, UnfitFile where it is no file."""
    at = (root / path).stat()
    if not stat.S_ISREG(at.st_mode):
        raise UnfitFile("It is no file but a pipe, a socket or a device.")
    return FileState(path, at.st_size, at.st_mtime_ns)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A file's descriptor. A pipe that took the file's place meanwhile neither blocks nor is read: UnfitFile."""
    descriptor = os.open(path, FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnfitFile("It is no file but a pipe, a socket or a device.")
        yield descriptor
    finally:
        os.close(descriptor)


def hash_of(root: Path, file: FileState) -> str:
    """Of size, first and last 64 kB: what stays when a file is moved. UnfitFile where the file changes meanwhile."""
    made = blake2b(str(file.size).encode(), digest_size=DIGEST)
    with opened(root / file.path) as descriptor:
        made.update(os.pread(descriptor, HASHED_END, 0))
        if file.size > HASHED_END:
            made.update(os.pread(descriptor, HASHED_END, max(HASHED_END, file.size - HASHED_END)))
        at = os.fstat(descriptor)
    if (at.st_size, at.st_mtime_ns) != (file.size, file.mtime_ns):
        raise UnfitFile("It is being written: it is read the next time.")
    return f"blake2b-ends:{made.hexdigest()}"


def bytes_of(path: Path, most: int) -> bytes:
    """All of a file of at most so many bytes. OSError, UnfitFile."""
    with opened(path) as descriptor:
        parts: list[bytes] = []
        length = 0
        while part := os.read(descriptor, HASHED_END):
            parts.append(part)
            length += len(part)
            if length > most:
                raise UnfitFile(f"It is larger than {most} bytes.")
    return b"".join(parts)


def fingerprint_of(files: Iterable[FileState], *more: object) -> bytes:
    """Changes with any of the files, and with what else is given."""
    made = blake2b(digest_size=16)
    for one in files:
        made.update(f"{one.path}\0{one.size}\0{one.mtime_ns}\0".encode())
    made.update(repr(more).encode(errors="surrogatepass"))
    return made.digest()
