"""A folder of MIDI files: each is recorded as a track with its file, and analysed unless that is left for later."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias, TypeVar

from catalog.upsert.item import Item, MatchBy
from domain.enums import MediaKind
from sources.file_time import time_of_file
from sources.format import Format, Option
from sources.midi.analyser import BATCH_BYTES, BATCH_FILES, Analysis, MidiAnalyser
from sources.midi.walk import MIDI_SUFFIXES, MidiFile, is_midi_file, record_file, walk_midi
from sources.source import Known, KnownReading, Reading, SourceError, SourceItem, Unchanged, Unreadable, nothing_known

T = TypeVar("T")
Entry: TypeAlias = "MidiFile | Unchanged | Unreadable"

CONTAINER = "mid"
GUESSED_ENTRIES = 1_000  # entries of a folder that a guess looks at
YES, NO = ("yes", "true", "1"), ("no", "false", "0")


def open_midi_folder(location: str, options: Mapping[str, str]) -> MidiFolder:
    """The MIDI files below a folder; option `analyse`: yes or no. SourceError."""
    analyse = yes_or_no(options.get("analyse", "yes"))
    root = Path(os.path.abspath(location))  # noqa: PTH100 - links stay as they are written
    if not root.is_dir():
        raise SourceError(f"{location} is no folder: give one that has MIDI files in it.")
    return MidiFolder(str(root), analyse=analyse)


def yes_or_no(given: str) -> bool:
    """SourceError."""
    if given.lower() not in (*YES, *NO):
        raise SourceError(f"analyse is yes or no, not {given}.")
    return given.lower() in YES


class MidiFolder:
    """The source; nothing is in memory but what is read ahead."""

    total = None

    def __init__(self, root: str, *, analyse: bool = True, analyser: Callable[[], MidiAnalyser] = MidiAnalyser) -> None:
        self.root = root
        self.analyse = analyse
        self._analyser = analyser

    async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        """Each file as a track; of one that cannot be analysed, its track without facts and then why."""
        batches = self._recorded(pulled(walk_midi(self.root, position)), known)
        if not self.analyse:
            async for batch in batches:
                for entry in batch:
                    yield track_of(entry) if isinstance(entry, MidiFile) else entry
            return
        async with self._analyser() as analyser:
            async for batch, analyses in analyser.analyse(with_paths(batches)):
                for one in merged_readings(batch, analyses):
                    yield one

    async def _recorded(self, batches: AsyncIterator[list[Entry]], known: Known) -> AsyncIterator[list[Entry]]:
        """Files that have changed since they were imported with their hashes."""
        async for batch in batches:
            before = await known([entry.key for entry in batch if isinstance(entry, MidiFile)])
            yield await asyncio.to_thread(self._record, batch, before)

    def _record(self, batch: list[Entry], before: Mapping[str, KnownReading]) -> list[Entry]:
        return [
            entry
            if not isinstance(entry, MidiFile)
            else Unchanged(entry.key, entry.key)
            if entry.key in before and before[entry.key].is_same(None, track_fingerprint(entry, has_facts=self.analyse))
            else record_file(entry)
            for entry in batch
        ]

    async def has(self, key: str) -> bool | None:
        """Whether a file of this path is there."""
        return await asyncio.to_thread(is_midi_file, self.root, key)


async def pulled(entries: Iterator[Entry]) -> AsyncGenerator[list[Entry], None]:
    """What a blocking iterator gives, in batches, read in a thread one batch ahead."""
    ahead = asyncio.create_task(asyncio.to_thread(next_batch, entries))
    try:
        while batch := await ahead:
            ahead = asyncio.create_task(asyncio.to_thread(next_batch, entries))
            yield batch
    finally:
        await asyncio.wait([ahead])  # a thread cannot be left: the iterator is its own until it is back


def next_batch(entries: Iterator[Entry]) -> list[Entry]:
    """The next files, some megabytes of them."""
    found: list[Entry] = []
    size = 0
    for entry in islice(entries, BATCH_FILES):
        found.append(entry)
        size += entry.size if isinstance(entry, MidiFile) else 0
        if size >= BATCH_BYTES:
            break
    return found


async def with_paths(batches: AsyncIterator[list[Entry]]) -> AsyncIterator[tuple[list[Entry], list[str]]]:
    async for batch in batches:
        yield batch, [entry.path for entry in batch if isinstance(entry, MidiFile)]


def merged_readings(batch: list[Entry], analyses: list[Analysis]) -> Iterator[Reading]:
    """The tracks with what was found out about them."""
    found = iter(analyses)
    for entry in batch:
        if not isinstance(entry, MidiFile):
            yield entry
            continue
        analysis = next(found)
        yield track_of(entry, analysis.facts)
        if analysis.facts is None:
            yield Unreadable(entry.key, f"recorded, but not analysed: {analysis.reason}", position=entry.key)


def track_of(file: MidiFile, facts: Mapping[str, Any] | None = None) -> SourceItem:
    """A file as a track."""
    row = {
        "path": file.path,
        "size": file.size,
        "modified_at": time_of_file(file.modified_ns),
        "hash": file.hash,
        "container": CONTAINER,
    }
    lists: dict[str, Any] = {"files": [row]}
    if facts is not None:
        lists["music"] = dict(facts)
    item = Item(0, values={"kind": MediaKind.TRACK.value, "title": title_of(file.key)}, lists=lists)
    fingerprint = track_fingerprint(file, has_facts=facts is not None)
    return SourceItem(file.key, item, fingerprint=fingerprint, position=file.key)


def track_fingerprint(file: MidiFile, *, has_facts: bool) -> bytes:
    return f"{file.size}:{file.modified_ns}:{has_facts:d}".encode()


def title_of(key: str) -> str:
    """A file's name without its ending, underscores as blanks."""
    name = PurePosixPath(key).name
    return " ".join(PurePosixPath(name).stem.replace("_", " ").split()) or name


def guess_midi_folder(location: str) -> float:
    """The share of MIDI files among what lies in a folder, or in its folders where it has no files."""
    root = Path(location)
    if not root.is_dir():
        return 0.0
    names = [one.name.lower() for one in islice(root.iterdir(), GUESSED_ENTRIES) if not one.is_dir()]
    if not names:
        names = [one.name.lower() for one in islice(root.glob("*/*"), GUESSED_ENTRIES) if not one.is_dir()]
    share = sum(name.endswith(MIDI_SUFFIXES) for name in names) / len(names) if names else 0.0
    return share if share >= 0.5 else 0.0


MIDI_FOLDER = Format(
    "midi",
    "A folder of MIDI files: tracks with their files, tempo, key, time signature, programs, notes and duration.",
    "most files in the folder are MIDI files",
    guess_midi_folder,
    open_midi_folder,
    (
        Option(
            "analyse",
            "whether files are analysed while they are read; the job `analyse` does it later.",
            "yes",
            check=yes_or_no,
        ),
    ),
    reads=(("file", "a track with its file"), ("events", "the track's music")),
    # Titles are names of files: two tunes of one name in two folders are two.
    match_by=(MatchBy.PATH,),
)
