"""The MIDI files below a folder, in an order that is always the same; blocking: to be run in a thread."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from sources.presence import is_there
from sources.source import Unreadable

MIDI_SUFFIXES = (".mid", ".midi", ".kar", ".rmi")
LONGEST_KEY = 1_000
HASH_BYTES = 20  # of the digest of what is in a file
READ_BYTES = 1 << 20
FolderInode: TypeAlias = tuple[int, int]


class MidiFile(NamedTuple):
    """A file below the folder. key: its path from there; hash: BLAKE2b of what is in it, in hexadecimal digits,
    once it was read."""

    key: str
    path: str
    size: int
    modified_ns: int
    hash: str = ""


def walk_midi(root: str, position: str = "") -> Iterator[MidiFile | Unreadable]:
    """The files after the one of this position: folder by folder, names by code points, subfolders among them.

    Links are followed, but not into a folder that is being read. Of a folder the names are in memory, no more."""
    after = tuple(position.split("/")) if position else ()
    yield from walk_folder(root, "", after, ())


def walk_folder(
    root: str, below: str, after: Sequence[str], entered: tuple[FolderInode, ...]
) -> Iterator[MidiFile | Unreadable]:
    """Of one folder; `after`: where in it reading goes on; `entered`: the folders that it lies in."""
    folder = os.path.join(root, below) if below else root  # noqa: PTH118
    try:
        status = os.stat(folder)  # noqa: PTH116
        here = (status.st_dev, status.st_ino)
        if here in entered:
            return
        names = sorted(name for name, _ in folder_names(folder))
    except OSError as error:
        yield refused(below or ".", error)
        return
    for name in names:
        if after and name < after[0]:
            continue
        resumed = bool(after) and name == after[0]
        key = f"{below}/{name}" if below else name
        if name.lower().endswith(MIDI_SUFFIXES):
            if not resumed:
                yield from recorded(root, key, entered, here)
            elif len(after) > 1:
                yield from walk_folder(root, key, after[1:], (*entered, here))
        else:
            yield from walk_folder(root, key, after[1:] if resumed else (), (*entered, here))


def folder_names(folder: str) -> Iterator[tuple[str, bool]]:
    """Names in a folder that may be MIDI files or folders, and whether they are files."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.lower().endswith(MIDI_SUFFIXES):
                yield entry.name, True
            elif is_folder(entry):
                yield entry.name, False


def is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a circle of links
        return False


def recorded(
    root: str, key: str, entered: tuple[FolderInode, ...], here: FolderInode
) -> Iterator[MidiFile | Unreadable]:
    """What is to be recorded of a file; of a folder with a name like a file's what is in it."""
    try:
        found = find_file(root, key)
    except IsADirectoryError:
        yield from walk_folder(root, key, (), (*entered, here))
    except OSError as error:
        yield refused(key, error)
    else:
        yield found


def find_file(root: str, key: str) -> MidiFile | Unreadable:
    """A file that is not read yet. OSError where it cannot be."""
    if (readable := without_surrogates(key)) != key:
        return Unreadable(readable, "its name is not UTF-8: rename it", position=readable)
    if len(key) > LONGEST_KEY:
        return Unreadable(key, f"its path has more than {LONGEST_KEY} letters", position=key)
    path = f"{root}/{key}"
    at = os.stat(path)  # noqa: PTH116
    if stat.S_ISDIR(at.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(at.st_mode):
        return Unreadable(key, "it is no regular file", position=key)
    return MidiFile(key, path, at.st_size, at.st_mtime_ns)


def record_file(found: MidiFile) -> MidiFile | Unreadable:
    """The file with its hash: all of it is read."""
    try:
        return hashed_file(found)
    except OSError as error:
        return refused(found.key, error)


def hashed_file(found: MidiFile) -> MidiFile | Unreadable:
    key, path = found.key, found.path
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # nobody may write to a pipe
    try:
        before = os.fstat(file)
        if not stat.S_ISREG(before.st_mode):
            return Unreadable(key, "it is no regular file", position=key)
        digest = hashlib.blake2b(digest_size=HASH_BYTES)
        while part := os.read(file, READ_BYTES):
            digest.update(part)
        after = os.fstat(file)
    finally:
        os.close(file)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return Unreadable(key, "it was written to while it was read: read it again later", position=key)
    return MidiFile(key, path, after.st_size, after.st_mtime_ns, digest.hexdigest())


def refused(where: str, error: OSError) -> Unreadable:
    """A file or folder that the file system does not give."""
    readable = without_surrogates(where)
    return Unreadable(readable, (error.strerror or "it cannot be read").lower(), position=readable)


def without_surrogates(name: str) -> str:
    """With "?" for bytes that are not UTF-8: it comes before every letter, so that reading on misses nothing."""
    return name if name.isascii() else name.encode(errors="replace").decode()


def is_midi_file(root: str, key: str) -> bool | None:
    """Whether a file of this key lies below the folder; None where the file system does not tell."""
    below = Path(key)
    if ".." in below.parts or below.is_absolute() or not key.lower().endswith(MIDI_SUFFIXES):
        return False
    found = is_there(Path(root, below))
    return Path(root, below).is_file() if found else found
