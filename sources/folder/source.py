"""A folder of media files as a source: docs/folders.md says what of names and sidecars is understood."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from sources.folder.build import Builder
from sources.folder.memo import names_of_memo
from sources.folder.names import NameFacts
from sources.folder.options import extras_of, links_of, workers_of
from sources.folder.pools import NameReader, ordered
from sources.folder.probe import find_ffprobe
from sources.folder.units import (
    Assembler,
    FileUnit,
    Named,
    NamedVideo,
    Unit,
    bounded,
    main_videos,
    path_of_video,
)
from sources.folder.walk import Folder, Walk, unreadable_path
from sources.in_thread import read_in_thread
from sources.presence import is_there
from sources.source import Known, KnownReading, Reading, Source, SourceError, Unreadable, nothing_known
from sources.warnings import Warnings

NAMES_OF_A_BATCH = 16  # names that are read at once
BATCHES_OF_A_QUESTION = 100  # of what is known

AskKnown: TypeAlias = Callable[[Sequence[str]], Mapping[str, KnownReading]]


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """clips: whether trailers and other extras become clips; workers: processes for names, threads for files."""

    clips: bool = False
    follow: bool = False
    ffprobe: str | None = None
    workers: int = 1


@dataclass(slots=True)
class VideoBatch:
    """Some videos of a folder. known, facts: what earlier imports have kept of them, by path."""

    folder: Folder | Unreadable
    videos: Sequence[str]
    known: Mapping[str, KnownReading] = field(default_factory=dict)
    facts: Mapping[str, NameFacts] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        if isinstance(self.folder, Unreadable):
            return []
        return [path_of_video(self.folder, name) for name in self.videos]


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Items are made of the files below `root`, in the order of the walk."""

    root: Path
    options: FolderOptions
    noticed: Warnings = field(default_factory=Warnings)

    @property
    def warnings(self) -> Sequence[str]:
        return list(self.noticed.found)

    @property
    def total(self) -> int | None:
        return None

    def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        loop = asyncio.get_running_loop()

        async def ask(keys: Sequence[str]) -> Mapping[str, KnownReading]:
            return await known(keys)

        return read_in_thread(
            lambda: self._readings(position, lambda keys: asyncio.run_coroutine_threadsafe(ask(keys), loop).result())
        )

    async def has(self, key: str) -> bool | None:
        return await asyncio.to_thread(self._has, key)

    def _has(self, key: str) -> bool | None:
        """Whether a file or folder is there; of what is none of its own, whether its folder is."""
        if (found := is_there(self.root / key)) is not False:
            return found
        path, mark, _ = key.partition("?")
        if not mark:
            path, mark, number = key.rpartition("#")
            return is_there(self.root / path) if mark and number.isdigit() else None if mark else False
        return False if is_there(self.root / path) is False else None

    def _readings(self, position: str, ask: AskKnown) -> Iterator[Reading | None]:
        workers = self.options.workers
        names = NameReader(workers)
        threads = ThreadPoolExecutor(workers + 1, thread_name_prefix="folder")
        builder = Builder(self.root, self.options.ffprobe, self.noticed)
        try:
            batches = asked(self._batches(position), ask)
            named = unpacked(ordered(lambda batch: submit_names(names, batch), batches, 2 * workers + 1))
            units = Assembler(self.root.name).units(named)
            built = ordered(lambda unit: threads.submit(builder.build, unit), units, 4 * workers)
            yield from placed(built, position)
        except FileNotFoundError as error:
            raise SourceError(f"{self.root} is not there.") from error
        finally:
            names.close()
            threads.shutdown(wait=False, cancel_futures=True)

    def _batches(self, position: str) -> Iterator[VideoBatch]:
        """Folders with some of their names at a time."""
        for folder in Walk(self.root, self.options.follow).folders(position):
            videos = [] if isinstance(folder, Unreadable) else main_videos(folder, self.options.clips)
            if isinstance(folder, Folder) and folder.passed:
                videos = [name for name in videos if name > folder.passed]
            for start in range(0, max(1, len(videos)), NAMES_OF_A_BATCH):
                yield VideoBatch(folder, videos[start : start + NAMES_OF_A_BATCH])


def asked(batches: Iterator[VideoBatch], ask: AskKnown) -> Iterator[VideoBatch]:
    """Batches with what is known of their files: one question for many of them."""
    while some := list(islice(batches, BATCHES_OF_A_QUESTION)):
        known = ask([bounded(path) for batch in some for path in batch.paths])
        facts = {path: of for one in known.values() for path, of in names_of_memo(one.memo).items()}
        for batch in some:
            batch.known = {path: known[key] for path in batch.paths if (key := bounded(path)) in known}
            batch.facts = {path: facts[path] for path in batch.paths if path in facts}
            yield batch


def submit_names(names: NameReader, batch: VideoBatch) -> Future[list[NameFacts]]:
    """Names that no earlier import has read."""
    if new := [path for path in batch.paths if path not in batch.facts]:
        return names.submit(new)
    done: Future[list[NameFacts]] = Future()
    done.set_result([])
    return done


def unpacked(answers: Iterable[tuple[VideoBatch, list[NameFacts]]]) -> Iterator[Named]:
    for batch, facts in answers:
        new = iter(facts)
        yield (
            batch.folder,
            [
                NamedVideo(name, batch.facts.get(path) or next(new), batch.known.get(path))
                for name, path in zip(batch.videos, batch.paths, strict=True)
            ],
        )


def placed(built: Iterable[tuple[Unit, list[Reading]]], position: str) -> Iterator[Reading]:
    """Readings with the positions behind them. Until a unit is whole, that is behind the one before."""
    for unit, readings in built:
        after = position
        if isinstance(unit, FileUnit):
            after = unit.folder.path_of(unit.names[-1]) if unit.names else unit.folder.path
        for place, one in enumerate(readings, 1):
            yield replace(one, position=after if place == len(readings) else position)
        position = after


def open_folder(location: str, options: Mapping[str, str]) -> Source:
    """SourceError where no folder is there that may be read, or for a value that an option does not have."""
    root = Path(os.path.abspath(location))  # noqa: PTH100
    if not root.is_dir():
        raise SourceError(f"{location} is no folder.")
    try:
        with os.scandir(root):
            pass
    except OSError as error:
        raise SourceError(f"{location}: {unreadable_path('', error).reason}") from error
    return FolderSource(root, read_options(options))


def read_options(options: Mapping[str, str]) -> FolderOptions:
    named = options.get("ffprobe", "")
    program = None if named == "off" else find_ffprobe(named or None)
    if named not in ("", "off") and program is None:
        raise SourceError(f"ffprobe={named} is no program: give its path, or off to do without.")
    return FolderOptions(
        clips=extras_of(options.get("extras", "skip")) == "clips",
        follow=links_of(options.get("links", "skip")) == "follow",
        ffprobe=program,
        workers=workers_of(options.get("workers", "")),
    )
