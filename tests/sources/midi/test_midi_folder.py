"""A folder of MIDI files as a source: its order, its keys, what cannot be read, what is found out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import pytest

from sources.formats import open_source
from sources.midi.analyser import MidiAnalyser
from sources.midi.folder import MidiFolder, guess_midi_folder, open_midi_folder, pulled
from sources.midi.walk import MidiFile, walk_midi
from sources.source import Reading, SourceError, SourceItem, Unreadable
from tests.support.midi_files import NOTE, midi

TUNE = midi(NOTE)


def add(folder: Path, *names: str, data: bytes = TUNE) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


async def readings(folder: Path, position: str = "", analyse: str = "no") -> list[Reading]:
    return [one async for one in open_midi_folder(str(folder), {"analyse": analyse}).read(position)]


async def keys(folder: Path, position: str = "") -> list[str]:
    return [f"! {one.where}" if isinstance(one, Unreadable) else one.key for one in await readings(folder, position)]


async def test_a_file_is_recorded_as_a_track(tmp_path: Path) -> None:
    add(tmp_path, "Reels/The_Silver  Spear.MID")
    path = tmp_path / "Reels" / "The_Silver  Spear.MID"
    os.utime(path, ns=(0, 1_700_000_000_123_456_789))

    [found] = await readings(tmp_path)

    assert isinstance(found, SourceItem)
    assert (found.key, found.position, found.parent) == (*["Reels/The_Silver  Spear.MID"] * 2, None)
    assert found.fingerprint == b"34:1700000000123456789:0"
    assert found.item.values == {"kind": "TRACK", "title": "The Silver Spear"}
    assert found.item.lists == {
        "files": [
            {
                "path": str(path),
                "size": 34,
                "modified_at": datetime(2023, 11, 14, 22, 13, 20, 123456, UTC),
                "hash": blake2b(TUNE, digest_size=20).hexdigest(),
                "container": "mid",
            }
        ]
    }


async def test_analysis_comes_with_the_track_and_what_cannot_be_analysed_behind_it(tmp_path: Path) -> None:
    add(tmp_path, "a.mid", "c.mid")
    add(tmp_path, "b.mid", data=b"MThd")

    a, b, why, c = await readings(tmp_path, analyse="yes")

    assert isinstance(a, SourceItem)
    assert a.item.lists["music"]["note_count"] == 1  # type: ignore[call-overload]
    assert isinstance(b, SourceItem)
    assert "music" not in b.item.lists
    reason = "recorded, but not analysed: the file does not begin with a MIDI header"
    assert why == Unreadable("b.mid", reason, position="b.mid")
    assert isinstance(c, SourceItem)
    assert [a.fingerprint, b.fingerprint] != [c.fingerprint, b.fingerprint]


async def test_files_come_in_one_order_and_reading_goes_on_behind_any(tmp_path: Path) -> None:
    add(tmp_path, "a.mid", "a/x.mid", "a/y/z.midi", "a b.kar", "B.MID", "b/c.rmi", "é.mid", "zz.txt", "b.mid/in.mid")
    found = await keys(tmp_path)

    assert found == [
        *("B.MID", "a/x.mid", "a/y/z.midi", "a b.kar", "a.mid"),
        *("b/c.rmi", "b.mid/in.mid", "é.mid"),
    ]
    for place, position in enumerate(found):
        assert await keys(tmp_path, position) == found[place + 1 :], position
    assert await keys(tmp_path, "a/xx.mid") == found[2:]  # it was there when reading stopped


async def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    root = tmp_path / "root"
    add(root, "a/one.mid")
    add(tmp_path, "other/two.mid")
    (root / "a" / "round").symlink_to(root)
    (root / "self").symlink_to("self")
    (root / "other").symlink_to(tmp_path / "other")
    (root / "lost.mid").symlink_to(tmp_path / "nothing")
    (root / "loop.mid").symlink_to("loop.mid")

    assert await keys(root) == ["a/one.mid", "! loop.mid", "! lost.mid", "other/two.mid"]


async def test_what_cannot_be_recorded_is_told_with_its_reason(tmp_path: Path) -> None:
    add(tmp_path, "a.mid")
    os.mkfifo(tmp_path / "pipe.mid")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.mid")).write_bytes(TUNE)
    deep = tmp_path.joinpath(*["d" * 200] * 6)
    add(deep, "deep.mid")

    found = [(one.where, one.reason) for one in await readings(tmp_path) if isinstance(one, Unreadable)]

    assert found == [
        (str((deep / "deep.mid").relative_to(tmp_path)), "its path has more than 1000 letters"),
        ("pipe.mid", "it is no regular file"),
        ("?.mid", "its name is not UTF-8: rename it"),
    ]


async def test_a_file_that_is_written_to_while_it_is_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tmp_path, "a.mid")
    read = os.read

    def grow(file: int, size: int) -> bytes:
        with (tmp_path / "a.mid").open("ab") as growing:
            growing.write(b"x" if growing.tell() < 40 else b"")
        return read(file, size)

    monkeypatch.setattr(os, "read", grow)

    [found] = await readings(tmp_path)

    assert isinstance(found, Unreadable)
    assert found.reason == "it was written to while it was read: read it again later"


async def test_files_without_a_byte_and_with_impossible_times_are_recorded(tmp_path: Path) -> None:
    add(tmp_path, "a.mid", data=b"")
    os.utime(tmp_path / "a.mid", ns=(0, -(2**62)))

    [found] = await readings(tmp_path)

    assert isinstance(found, SourceItem)
    [file] = found.item.lists["files"]
    assert file["size"] == 0
    assert file["modified_at"].year >= 1823


async def test_only_files_below_the_folder_are_there(tmp_path: Path) -> None:
    add(tmp_path, "in/a.mid", "out.mid")
    source = open_midi_folder(str(tmp_path / "in"), {})

    assert [await source.has(key) for key in ("a.mid", "b.mid", "../out.mid", str(tmp_path / "out.mid"), "")] == [
        *(True, False, False, False, False)
    ]


async def test_reading_can_end_early(tmp_path: Path) -> None:
    add(tmp_path, *(f"{place:04}.mid" for place in range(600)))
    analyser = MidiAnalyser(workers=1)
    source = MidiFolder(str(tmp_path), analyser=lambda: analyser)

    reading = source.read()
    first = await anext(reading)
    await reading.aclose()  # type: ignore[attr-defined]

    assert isinstance(first, SourceItem)
    assert analyser.workers[0].process is None


async def test_no_more_is_read_ahead_than_a_batch(tmp_path: Path) -> None:
    add(tmp_path, *(f"{place:04}.mid" for place in range(1000)))
    taken = 0

    def counted() -> Iterator[MidiFile | Unreadable]:
        nonlocal taken
        for entry in walk_midi(str(tmp_path)):
            taken += 1
            yield entry

    batches = pulled(counted())
    first = await anext(batches)
    await batches.aclose()

    assert (len(first), taken) == (250, 500)


async def test_a_folder_of_midi_files_is_guessed(tmp_path: Path) -> None:
    add(tmp_path, "tunes/a.mid", "tunes/b.mid", "tunes/list.txt", "top/sub/c.mid", "films/a.mid", "films/b.mkv")
    add(tmp_path, "films/c.mkv")

    for folder in ("tunes", "top"):
        assert (await open_source(str(tmp_path / folder))).format.name == "midi"
    assert guess_midi_folder(str(tmp_path / "films")) == 0
    with pytest.raises(SourceError, match="analyse is yes or no, not maybe"):
        await open_source(str(tmp_path), "midi", {"analyse": "maybe"})
    with pytest.raises(SourceError, match="no folder"):
        await open_source(str(tmp_path / "tunes" / "a.mid"), "midi")
