"""The cache in a folder, for several processes of one machine.

An entry is a file, written beside and moved into its place, so that a reader has the whole of it or an older one; what
a crash has left half written is told by its checksum. When it was used last is its time of change. Who writes holds the
lock of the folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from providers.cache.disk_state import DiskState, folder_lock, locked_state
from providers.cache.entry import Entry, EntryError, pack, size_of, unpack, unpack_head
from providers.cache.store import Bounds, Counts, Group, GroupStatistics, Selection, parts_of

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
# Bytes in which an entry's head and key have room.
LONGEST_HEAD = 2048
# Of a full folder one entry in so many is removed beyond need: all of it has to be looked through for that.
SLACK = 32


class DiskStore:
    """Entries in a folder, which is made where it is missing."""

    name = "disk"

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self.bounds = bounds
        self._folder = DiskFolder(folder, bounds)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="provider-cache")

    async def read(self, key: str) -> Entry | None:
        return await self._run(DiskFolder.read, key)

    async def write(self, key: str, entry: Entry, now: float) -> None:
        await self._run(DiskFolder.write, key, entry, now)

    async def note(self, uses: Mapping[str, float], counts: Mapping[Group, Counts]) -> None:
        await self._run(DiskFolder.note, uses, counts)

    async def take_lease(self, key: str, holder: str, now: float, seconds: float) -> bool:
        return await self._run(DiskFolder.take_lease, key, holder, now, seconds)

    async def release_lease(self, key: str, holder: str) -> None:
        await self._run(DiskFolder.release_lease, key, holder)

    async def clear(self, selection: Selection, now: float) -> int:
        return await self._run(DiskFolder.clear, selection, now)

    async def statistics(self, now: float) -> list[GroupStatistics]:
        return await self._run(DiskFolder.statistics, now)

    async def close(self) -> None:
        """What is under way in threads is waited for: it is short."""
        await asyncio.to_thread(self._threads.shutdown)

    async def _run(self, work: Callable[Concatenate[DiskFolder, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a thread: a disk may take its time."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(self._folder, *args, **kwargs))


class DiskFolder:
    """What is done in the folder, by one thread or another."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self._folder = folder
        self._entries = folder / "entries"
        self._leases = folder / "leases"
        self._bounds = bounds

    def read(self, key: str) -> Entry | None:
        try:
            found, entry = unpack(self._path(key).read_bytes())
        except (FileNotFoundError, EntryError):
            return None
        return entry if found == key else None

    def write(self, key: str, entry: Entry, now: float) -> None:
        path, size = self._path(key), size_of(key, entry)
        with locked_state(self._folder) as state:
            self._open(state)
            if (older := size_at(path)) is not None:
                state.entries, state.bytes = state.entries - 1, state.bytes - older
            self._make_room(state, size, path)
            # Counted before it is there: after a crash in between there is less than is counted, never more.
            state.entries, state.bytes = state.entries + 1, state.bytes + max(size, older or 0)
            state.save()
            replace_file(path, pack(key, entry), now)
            if older is not None and older > size:
                state.bytes -= older - size
                state.save()

    def note(self, uses: Mapping[str, float], counts: Mapping[Group, Counts]) -> None:
        for key, at in uses.items():
            try:
                os.utime(self._path(key), (at, at))
            except FileNotFoundError:
                continue  # it has made room for another one
        if counts:
            with locked_state(self._folder) as state:
                self._open(state)
                for group, one in counts.items():
                    state.count(group).add(one)
                state.save()

    def take_lease(self, key: str, holder: str, now: float, seconds: float) -> bool:
        path = self._leases / digest(key)
        self._leases.mkdir(parents=True, exist_ok=True, mode=0o700)
        with folder_lock(self._folder):
            if lease_end(path) <= now:
                path.unlink(missing_ok=True)
            try:
                descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            except FileExistsError:
                return False
            with os.fdopen(descriptor, "w") as file:
                file.write(f"{now + seconds} {holder}")
            return True

    def release_lease(self, key: str, holder: str) -> None:
        path = self._leases / digest(key)
        with folder_lock(self._folder):
            if path.exists() and path.read_text().endswith(f" {holder}"):
                path.unlink()

    def clear(self, selection: Selection, now: float) -> int:
        number = 0
        with locked_state(self._folder) as state:
            for path in self._files():
                head = head_of(path)
                if head is None:
                    path.unlink(missing_ok=True)  # damaged: nobody can read it
                elif selection.has(head[0]) and not (selection.only_expired and head[1] > now):
                    path.unlink(missing_ok=True)
                    number += 1
            for lease in self._leases.glob("*"):
                if lease_end(lease) <= now:
                    lease.unlink(missing_ok=True)
            self._look_through(state)
            state.save()
        return number

    def statistics(self, now: float) -> list[GroupStatistics]:
        with locked_state(self._folder) as state:
            groups = {
                group: GroupStatistics(group, hits=one.hits, misses=one.misses, evictions=one.evictions)
                for group, one in state.counts.items()
            }
        for path in self._files():
            head, size = head_of(path), size_at(path)
            if head is not None and size is not None:
                group = parts_of(head[0]).group
                one = groups.setdefault(group, GroupStatistics(group))
                one.entries, one.bytes, one.active = one.entries + 1, one.bytes + size, one.active + (head[1] > now)
        return [groups[group] for group in sorted(groups)]

    def _path(self, key: str) -> Path:
        name = digest(key)
        return self._entries / name[:2] / name

    def _files(self) -> Iterator[Path]:
        return (path for path in self._entries.glob("*/*") if path.suffix != ".new")

    def _open(self, state: DiskState) -> None:
        if not state.is_known:
            self._look_through(state)

    def _look_through(self, state: DiskState) -> None:
        """Adds up what there is, and removes what nobody has finished."""
        for left in self._entries.glob("*/*.new"):
            left.unlink(missing_ok=True)
        sizes = [size for path in self._files() if (size := size_at(path)) is not None]
        state.entries, state.bytes, state.is_known = len(sizes), sum(sizes), True

    def _make_room(self, state: DiskState, size: int, path: Path) -> None:
        """Removes what was used least recently, but for the file that is about to be replaced."""
        most_entries, most_bytes = self._bounds.entries, self._bounds.bytes
        if state.entries + 1 <= most_entries and state.bytes + size <= most_bytes:
            return
        found = sorted((one.stat().st_mtime_ns, one) for one in self._files() if one != path)
        state.entries, state.bytes = len(found), sum(one.stat().st_size for _, one in found)
        more = len(found) // SLACK
        for _, one in found:
            if state.entries + 1 <= most_entries and state.bytes + size <= most_bytes:
                if more == 0:
                    return
                more -= 1
            head, gone = head_of(one), one.stat().st_size
            one.unlink()
            state.entries, state.bytes = state.entries - 1, state.bytes - gone
            if head is not None:
                state.count(parts_of(head[0]).group).evictions += 1


def digest(key: str) -> str:
    return blake2b(key.encode(), digest_size=20).hexdigest()


def size_at(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def head_of(path: Path) -> tuple[str, float] | None:
    """The key of a file and when its entry expires; None where it is damaged or gone."""
    try:
        with path.open("rb") as file:
            return unpack_head(file.read(LONGEST_HEAD), os.fstat(file.fileno()).st_size)
    except (FileNotFoundError, EntryError, UnicodeDecodeError):
        return None


def lease_end(path: Path) -> float:
    """When a lease ends; 0 where there is none, or where a crash has left half of one."""
    try:
        return float(path.read_text().partition(" ")[0])
    except (FileNotFoundError, ValueError):
        return 0.0


def replace_file(path: Path, content: bytes, used_at: float) -> None:
    """Writes a file beside and moves it into its place; of one that does not fit nothing stays."""
    beside = path.with_suffix(".new")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        beside.write_bytes(content)
        os.utime(beside, (used_at, used_at))
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
