"""The processes that analyse MIDI files: in order, within limits, and replaced when they end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from sources.midi.analyser import WORKERS_SETTING, Analysis, MidiAnalyser, analysis_workers
from sources.source import SourceError
from tests.support.midi_files import NOTE, midi, note

SLOW = ("-m", "tests.support.midi_worker")  # what a file says it does


def files(folder: Path, *contents: bytes) -> list[str]:
    """Paths of files with these contents."""
    paths = [folder / f"{place}.mid" for place in range(len(contents))]
    for path, data in zip(paths, contents, strict=True):
        path.write_bytes(data)
    return [str(path) for path in paths]


async def batches(paths: Sequence[str], size: int) -> AsyncIterator[tuple[int, list[str]]]:
    for start in range(0, len(paths), size):
        yield start, list(paths[start : start + size])


async def analysed(analyser: MidiAnalyser, paths: Sequence[str], size: int = 2) -> list[Analysis]:
    found: list[Analysis] = []
    async with analyser:
        async for start, analyses in analyser.analyse(batches(paths, size)):
            assert start == len(found)
            found += analyses
    return found


def notes_or_reasons(found: Sequence[Analysis]) -> list[int | str]:
    return [one.reason if one.facts is None else one.facts["note_count"] for one in found]


async def test_files_are_analysed_in_order_by_several_processes(tmp_path: Path) -> None:
    paths = files(tmp_path, *(midi(note() * count) for count in range(1, 12)))

    found = await analysed(MidiAnalyser(workers=3), paths)

    assert notes_or_reasons(found) == list(range(1, 12))


async def test_what_cannot_be_read_is_told_and_the_rest_is_analysed(tmp_path: Path) -> None:
    paths = files(tmp_path, b"", midi(NOTE), midi(NOTE)[:-3], midi(NOTE))
    os.mkfifo(tmp_path / "pipe.mid")
    (tmp_path / "large.mid").write_bytes(b"")
    os.truncate(tmp_path / "large.mid", 1 << 40)  # takes no room
    paths += [str(tmp_path / name) for name in ("pipe.mid", "large.mid", "gone.mid")]

    found = await analysed(MidiAnalyser(workers=1), paths, size=10)

    assert notes_or_reasons(found) == [
        "the file is empty",
        1,
        "track 1 declares 12 bytes and 9 are left",
        1,
        "it is no regular file",
        "it is larger than 16 MB",
        "no such file or directory",
    ]


async def test_a_file_that_takes_too_long_costs_its_time_and_no_other(tmp_path: Path) -> None:
    paths = files(tmp_path, b"read", b"spin", b"read", b"spin", b"read")

    found = await analysed(MidiAnalyser(workers=1, seconds=0.2, command=SLOW), paths, size=5)

    assert notes_or_reasons(found) == [1, *["it takes longer than 0.2 seconds", 1] * 2]


async def test_a_process_that_is_stopped_is_replaced(tmp_path: Path) -> None:
    paths = files(tmp_path, b"read", b"stop", b"read")

    found = await analysed(MidiAnalyser(workers=1, seconds=0.2, command=SLOW), paths, size=5)

    assert notes_or_reasons(found) == [1, "it takes longer than 0.2 seconds", 1]


async def test_a_file_that_takes_too_much_memory_is_told(tmp_path: Path) -> None:
    paths = files(tmp_path, b"read", b"grow", b"read")

    found = await analysed(MidiAnalyser(workers=1, memory=1 << 29, command=SLOW), paths, size=5)

    assert notes_or_reasons(found) == [1, "it needs more than 512 MB of memory", 1]


async def test_a_file_that_ends_the_process_is_told_and_the_process_replaced(tmp_path: Path) -> None:
    paths = files(tmp_path, b"crash", b"read", b"crash", b"crash", b"read")

    found = await analysed(MidiAnalyser(workers=2, command=SLOW), paths, size=5)

    reason = "it ends the process that reads it"
    assert notes_or_reasons(found) == [reason, 1, reason, reason, 1]


async def test_the_library_loads_within_the_limits_of_memory(tmp_path: Path) -> None:
    """As many addresses as all have: too few would make every file unreadable."""
    paths = files(tmp_path, midi(b"".join(b"\x00\x90\x3c\x40\x01\x80\x3c\x40" for _ in range(500_000))))

    [found] = await analysed(MidiAnalyser(workers=1), paths)

    assert (found.facts or {})["note_count"] == 500_000


async def test_no_process_is_left_when_reading_ends_early(tmp_path: Path) -> None:
    paths = files(tmp_path, *[midi(NOTE)] * 40)
    analyser = MidiAnalyser(workers=2)

    async with analyser, aclosing(analyser.analyse(batches(paths, 2))) as chunks:
        await anext(chunks)
        pids = [one.process.pid for one in analyser.workers if one.process is not None]

    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_nothing_is_begun_when_reading_was_left(tmp_path: Path) -> None:
    """The iterator is not closed: its tasks would start processes anew."""
    paths = files(tmp_path, *[midi(NOTE)] * 40)
    async with MidiAnalyser(workers=2) as analyser:
        chunks = analyser.analyse(batches(paths, 2))
        await anext(chunks)

    await asyncio.sleep(0.05)
    assert [one.process for one in analyser.workers] == [None, None]
    await chunks.aclose()


async def test_a_process_whose_parent_is_killed_ends(tmp_path: Path) -> None:
    analyser = MidiAnalyser(workers=1)
    [path] = files(tmp_path, midi(NOTE))
    await analyser.analyse_files([path])
    process = analyser.workers[0].process
    assert process is not None
    assert process.stdin is not None

    process.stdin.close()  # as the system does it for a parent that is dead

    assert await asyncio.wait_for(process.wait(), 20) == 0
    await analyser.workers[0].stop()


def test_there_are_as_many_processes_as_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKERS_SETTING, "3")
    assert len(MidiAnalyser().workers) == 3
    monkeypatch.setenv(WORKERS_SETTING, "")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 5}, raising=False)
    assert analysis_workers() == 2
    for wrong in ("0", "257", "many", "-1"):
        monkeypatch.setenv(WORKERS_SETTING, wrong)
        with pytest.raises(SourceError, match=WORKERS_SETTING):
            analysis_workers()
