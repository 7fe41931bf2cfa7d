"""The folder of stored files: each under the hash of its content, and beside them what is being downloaded.

    <folder>/ab/abcd....jpg     a stored file, never changed
    <folder>/parts/<name>.part  a download under way, from which it goes on after a fault or a restart

All of this blocks: it is called in threads."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from domain.file_type import FileType, file_name
from providers.files.file_error import disk_full, error_of_os
from providers.files.picture_size import Size
from providers.files.recognise import recognise

FILE_NAME = re.compile(r"([0-9a-f]{64})\.[a-z0-9]{3,4}")
PARTS = "parts"
# Files that nothing refers to are kept for so long: their rows may be about to be stored, when all that a job has taken
# at once has come, from hosts that are slow.
KEPT_SECONDS = 86_400.0
PART_SECONDS = 86_400.0  # a download that nobody has gone on with
NAMES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it was stored: sha256 of its content in hexadecimal, size in bytes, width and height in pixels."""

    hash: str
    type: FileType
    size: int
    path: Path
    dimensions: Size | None = None

    @property
    def width(self) -> int | None:
        return None if self.dimensions is None else self.dimensions[0]

    @property
    def height(self) -> int | None:
        return None if self.dimensions is None else self.dimensions[1]


class FileFolder:
    """root: made when it is first written to. reserve: bytes of its disk that stay free."""

    def __init__(
        self, root: Path, reserve: int = 0, *, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
    ) -> None:
        self.root = root
        self.parts = root / PARTS
        self._reserve = reserve
        self._free = free

    def path_of(self, name: str) -> Path | None:
        """Of a stored file by its name, whether or not it is there; None for what is no name of one."""
        return self.root / name[:2] / name if FILE_NAME.fullmatch(name) else None

    def part_of(self, key: str) -> Path:
        """Of the download that is known by a text."""
        return self.parts / f"{hashlib.sha256(key.encode()).hexdigest()}.part"

    def prepare(self) -> None:
        """Makes the folders; FileError."""
        with self.guarded():
            self.parts.mkdir(parents=True, exist_ok=True)

    def check_space(self, needed: int = 0) -> None:
        """FileError with DISK_FULL where so many bytes would not fit beside the reserve."""
        with self.guarded():
            if self._free(self.root) < self._reserve + needed:
                raise disk_full(self.root)

    def store(self, part: Path, wanted: Collection[FileType]) -> StoredFile:
        """Makes a stored file of one that is complete, which is gone then; of the same content there is one.

        FileError: it is none of the types that are wanted, or cannot be stored."""
        with self.guarded():
            try:
                with part.open("rb") as file:
                    type, dimensions = recognise(file, wanted)
                    size = file.seek(0, os.SEEK_END)
                    file.seek(0)
                    found = hashlib.file_digest(file, "sha256").hexdigest()
                    os.fsync(file.fileno())
                path = self.root / found[:2] / file_name(found, type)
                self._place(part, path)
            finally:
                part.unlink(missing_ok=True)
            return StoredFile(found, type, size, path, dimensions)

    def _place(self, part: Path, path: Path) -> None:
        """A file that is there already is marked as used, so that it is not removed in this moment."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock(fcntl.LOCK_SH):
            if path.exists():
                os.utime(path)
            else:
                os.utime(part)
                part.rename(path)

    def stored_names(self, *, older: float = KEPT_SECONDS) -> Iterator[list[str]]:
        """The names of stored files that were not used for some seconds, some at a time."""
        names: list[str] = []
        before = time.time() - older
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            for path in folder.iterdir():
                if FILE_NAME.fullmatch(path.name) and modified(path) < before:
                    names.append(path.name)
            if len(names) >= NAMES_AT_ONCE:
                yield names
                names = []
        if names:
            yield names

    def remove(self, names: Collection[str], *, older: float = KEPT_SECONDS) -> int:
        """Removes stored files that nothing refers to, but for those that were used meanwhile; how many."""
        removed = 0
        with self._lock(fcntl.LOCK_EX):
            for name in names:
                path = self.path_of(name)
                if path is not None and modified(path) < time.time() - older:
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def remove_old_parts(self, *, older: float = PART_SECONDS) -> int:
        """Removes downloads that nobody has gone on with for some seconds; how many files."""
        old = [path for path in self.parts.glob("*") if modified(path) < time.time() - older]
        for path in old:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(old)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """What the file system says, in our words."""
        try:
            yield
        except OSError as error:
            raise error_of_os(error, self.root) from None

    @contextmanager
    def _lock(self, how: int) -> Iterator[None]:
        """Between those who store, together, and who removes, alone; in all processes of the machine."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a") as file:
            fcntl.flock(file, how)
            yield


def modified(path: Path) -> float:
    """When a file was last written to, or used again; now for one that is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def open_part(path: Path) -> Part | None:
    """The download under way at a path, which is begun if there is none; None while another one has it."""
    while True:
        with ExitStack() as opened:
            file = opened.enter_context(path.open("ab", buffering=0))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            if is_at(file, path):
                os.utime(file.fileno())  # somebody goes on with it
                opened.pop_all()
                return Part(path, file)
        # Who had it has stored or removed it between the two calls: this file is no part any longer.


def is_at(file: FileIO, path: Path) -> bool:
    """Whether an open file is the one at a path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


class Part:
    """A download under way, which its holder alone has. validator: the ETag or date of what was begun."""

    def __init__(self, path: Path, file: FileIO) -> None:
        self.path = path
        self._validator_path = path.with_suffix(".validator")
        self._file = file

    @property
    def size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    @property
    def validator(self) -> str | None:
        with suppress(OSError, UnicodeDecodeError):
            return self._validator_path.read_text("ascii") or None
        return None

    def begin(self, validator: str | None) -> None:
        """From its first byte."""
        self._file.truncate(0)
        self._validator_path.unlink(missing_ok=True)
        if validator is not None:
            self._validator_path.write_text(validator, "ascii")

    def write(self, data: bytes) -> None:
        """Without a buffer, whose rest would be written once more, and fail once more, when the file is closed."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def close(self, *, keep: bool) -> None:
        """keep: for who goes on with it, if anything has come."""
        if not keep or self.size == 0:
            self.path.unlink(missing_ok=True)
            self._validator_path.unlink(missing_ok=True)
        self._file.close()
