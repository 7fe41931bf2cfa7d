"""The folders below a root, one after the other, always in the same order, and what is wrong with what lies there.

Files of a folder come before the folders in it, both by name. Held in memory are the names within the folders on the
way down to the present one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from sources.folder.endings import DISCS, EXTRA_FOLDERS, HIDDEN, SIDECARS, SUBTITLE_FOLDERS, VIDEOS, ending_of
from sources.source import Unreadable

MAX_DEPTH = 64  # folders in each other
LONGEST_PATH = 2_000  # bytes, as a media's file has it

Inode: TypeAlias = tuple[int, int]


@dataclass(slots=True)
class Folder:
    """A folder with what is in it, by name. path: from the root, "" for the root itself.

    extra: the name of the folder of extras that it is or is in; disc: which sort of disc it is; above: the one around
    it."""

    path: str
    videos: list[str] = field(default_factory=list)
    sidecars: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    subtitles: list[str] = field(default_factory=list)  # folders of subtitles, which are not walked
    extra: str | None = None
    disc: str | None = None
    above: Folder | None = None
    passed: str = ""  # the last name that was read before, where reading goes on within the folder
    main_count: int | None = None  # how many of the videos are no extras, once somebody has counted

    def path_of(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Walk:
    """A root that is walked. follow: whether links that lead out of it are followed."""

    root: Path
    follow: bool = False

    def folders(self, position: str = "") -> Iterator[Folder | Unreadable]:
        """Behind the file or folder at `position`; whether it is there still does not matter."""
        top = self.root.stat()
        yield from self._below(Folder(""), [(top.st_dev, top.st_ino)], position.split("/") if position else [])

    def _below(self, folder: Folder, chain: list[Inode], after: list[str]) -> Iterator[Folder | Unreadable]:
        faults = list(self._list(folder))
        is_passed = len(after) > 1 or (bool(after) and after[0] in folder.folders)
        if after and not is_passed:
            folder.passed = after[0]
        if not is_passed:
            yield from faults
            yield folder
        for name in folder.folders:
            if is_passed and name < after[0]:
                continue
            inner = after[1:] if is_passed and name == after[0] else []
            if is_passed and name == after[0] and not inner:
                continue
            yield from self._enter(folder, name, chain, inner)

    def _enter(self, folder: Folder, name: str, chain: list[Inode], after: list[str]) -> Iterator[Folder | Unreadable]:
        path = folder.path_of(name)
        try:
            at = (self.root / path).stat()
        except OSError as error:
            yield unreadable_path(path, error)
            return
        inode = (at.st_dev, at.st_ino)
        if inode in chain:
            yield Unreadable(path, "It is a circle: it leads back into a folder that it is in.")
            return
        if len(chain) > MAX_DEPTH:
            yield Unreadable(path, f"It is more than {MAX_DEPTH} folders deep.")
            return
        extra = folder.extra or (name if is_extra(folder, name) else None)
        inner = Folder(path, extra=extra, disc=DISCS.get(name.lower()), above=folder)
        if inner.disc is not None:
            if not after:
                yield inner
            return
        yield from self._below(inner, [*chain, inode], after)

    def _list(self, folder: Folder) -> Iterator[Unreadable]:
        """Fills in what lies in a folder, and tells what cannot be read."""
        try:
            with os.scandir(self.root / folder.path) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield unreadable_path(folder.path or ".", error)
            return
        for entry in found:
            if not HIDDEN.fullmatch(entry.name) and (fault := self._sort(folder, entry)) is not None:
                yield fault

    def _sort(self, folder: Folder, entry: os.DirEntry[str]) -> Unreadable | None:
        path = folder.path_of(entry.name)
        ending = ending_of(entry.name)
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and ending not in VIDEOS and ending not in SIDECARS and not entry.is_symlink():
                return None
            if (reason := wrong_name(path)) is not None:
                return Unreadable(shown_path(path), reason, shown_path(path))
            if entry.is_symlink():
                return self._sort_link(folder, entry, ending)
            if is_folder:
                inner = folder.subtitles if entry.name.lower() in SUBTITLE_FOLDERS else folder.folders
                inner.append(entry.name)
            elif not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                return Unreadable(path, "It is no file but a pipe, a socket or a device.")
            else:
                (folder.videos if ending in VIDEOS else folder.sidecars).append(entry.name)
        except OSError as error:
            return unreadable_path(path, error)
        return None

    def _sort_link(self, folder: Folder, entry: os.DirEntry[str], ending: str) -> Unreadable | None:
        """What a link leads to is read in its own place, if that is below the root."""
        path = folder.path_of(entry.name)
        at = entry.stat()
        is_folder = stat.S_ISDIR(at.st_mode)
        if not is_folder and ending not in VIDEOS and ending not in SIDECARS:
            return None
        target = os.path.realpath(self.root / path)
        root = os.path.realpath(self.root)
        here = os.path.realpath(self.root / folder.path)
        if is_folder and (here == target or here.startswith(target + os.sep)):
            return Unreadable(path, "It is a circle: it leads back into a folder that it is in.")
        if target == root or target.startswith(root + os.sep):
            return None
        if not self.follow:
            return Unreadable(path, "It is a link that leads out of the folder: links=follow follows it.")
        if is_folder:
            folder.folders.append(entry.name)
        elif stat.S_ISREG(at.st_mode):
            (folder.videos if ending in VIDEOS else folder.sidecars).append(entry.name)
        return None


def is_extra(folder: Folder, name: str) -> bool:
    """Extras are in a folder of a movie or a series; right below the root the same name may be a library's."""
    return name.lower() in EXTRA_FOLDERS and (bool(folder.path) or bool(folder.videos))


def wrong_name(path: str) -> str | None:
    """Why a path cannot be stored."""
    try:
        encoded = path.encode()
    except UnicodeEncodeError:
        return "Its name is not UTF-8: rename it."
    return f"Its path is longer than {LONGEST_PATH} bytes." if len(encoded) > LONGEST_PATH else None


def shown_path(path: str) -> str:
    """A path for people, with the bytes that are not UTF-8 as \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def unreadable_path(path: str, error: OSError) -> Unreadable:
    """In words for people."""
    if isinstance(error, FileNotFoundError):
        reason = "It vanished while the folder was read, or leads nowhere."
    elif isinstance(error, PermissionError):
        reason = "It may not be read: give this user the right to read it."
    else:
        reason = f"It cannot be read: {error.strerror or error}."
    return Unreadable(shown_path(path), reason, "")
