"""Folders as they are found: what cannot be read is told with its reason, the rest gets in."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from sources.folder import files, walk
from sources.folder.source import open_folder
from sources.midi.folder import open_midi_folder
from sources.source import SourceError, SourceItem, Unreadable
from tests.support.media_folder import faults, items, keys, lay, read, values

NO_FILE = "It is no file but a pipe, a socket or a device."
VANISHED = "It vanished while the folder was read, or leads nowhere."
CIRCLE = "It is a circle: it leads back into a folder that it is in."


async def test_names_that_are_not_utf_8_are_shown_by_their_bytes(tmp_path: Path) -> None:
    lay(tmp_path, ["Heat (1995).mkv"])
    root = os.fsencode(tmp_path)
    Path(os.fsdecode(root + b"/caf\xe9.mkv")).write_text("video")
    Path(os.fsdecode(root + b"/caf\xe9.txt")).write_text("not looked at")
    Path(os.fsdecode(root + b"/d\xfcr")).mkdir()
    Path(os.fsdecode(root + b"/d\xfcr/Alien (1979).mkv")).write_text("video")

    assert await faults(tmp_path) == [
        ("caf\\xe9.mkv", "Its name is not UTF-8: rename it."),
        ("d\\xfcr", "Its name is not UTF-8: rename it."),
    ]
    assert await keys(tmp_path) == ["Heat (1995).mkv"]


async def test_keys_are_names_as_they_are_and_titles_are_composed(tmp_path: Path) -> None:
    composed, decomposed = "Am\xe9lie (2001).mkv", unicodedata.normalize("NFD", "L\xe9on (1994).mkv")
    lay(tmp_path, [composed, decomposed])

    found = await items(tmp_path)

    assert sorted(found) == sorted([composed, decomposed])
    assert {values(one, "title") for one in found.values()} == {("Am\xe9lie",), ("L\xe9on",)}


async def test_links_within_the_folder_are_read_once_and_circles_and_ways_out_are_told(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", lay(tmp_path / "outside", ["Alien (1979).mkv"])
    lay(root, ["Movies/Heat (1995).mkv"])
    (root / "again.mkv").symlink_to("Movies/Heat (1995).mkv")
    (root / "all").symlink_to("Movies")
    (root / "Movies/up").symlink_to("..")
    (root / "Movies/self").symlink_to("self")
    (root / "broken.mkv").symlink_to("nowhere.mkv")
    (root / "out").symlink_to(outside)
    (root / "out.mkv").symlink_to(outside / "Alien (1979).mkv")

    out = "It is a link that leads out of the folder: links=follow follows it."
    assert await faults(root) == [
        ("broken.mkv", VANISHED),
        ("out", out),
        ("out.mkv", out),
        ("Movies/self", "It cannot be read: Too many levels of symbolic links."),
        ("Movies/up", CIRCLE),
    ]
    assert await keys(root) == ["Movies/Heat (1995).mkv"]
    assert await keys(root, links="follow") == ["out.mkv", "Movies/Heat (1995).mkv", "out/Alien (1979).mkv"]


async def test_circles_through_the_outside_end_too(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    lay(root, ["Heat (1995).mkv"])
    lay(outside, ["Alien (1979).mkv"])
    (root / "out").symlink_to(outside)
    (outside / "more").symlink_to(outside)

    assert await faults(root, links="follow") == [("out/more", CIRCLE)]


async def test_folders_that_are_too_deep_are_not_called_circles(tmp_path: Path) -> None:
    names = [f"d{number}" for number in range(70)]
    lay(tmp_path, ["/".join([*names, "Heat (1995).mkv"])])

    assert await faults(tmp_path) == [("/".join(names[:65]), "It is more than 64 folders deep.")]


async def test_pipes_sockets_and_devices_are_not_opened(tmp_path: Path) -> None:
    lay(tmp_path, ["Heat (1995)/Heat.mkv"])
    os.mkfifo(tmp_path / "pipe.mkv")
    os.mkfifo(tmp_path / "Heat (1995)/movie.nfo")
    (tmp_path / "device.mkv").symlink_to("/dev/zero")

    assert await faults(tmp_path, links="follow") == [
        ("pipe.mkv", NO_FILE),
        ("Heat (1995)/movie.nfo", NO_FILE),
    ]
    assert await keys(tmp_path) == ["Heat (1995)/Heat.mkv"]


async def test_a_file_that_becomes_a_pipe_while_it_is_read_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, ["Heat (1995).mkv"])
    found = files.state_of(tmp_path, "Heat (1995).mkv")
    (tmp_path / "Heat (1995).mkv").unlink()
    os.mkfifo(tmp_path / "Heat (1995).mkv")

    with pytest.raises(files.UnfitFile, match="no file but a pipe"):
        files.hash_of(tmp_path, found)


async def test_empty_files_and_files_that_are_being_written_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, {"Empty (2000).mkv": "", "Growing (2001).mkv": "video", "Heat (1995).mkv": "video"})
    real = files.hash_of

    def grown(root: Path, file: files.FileState) -> str:
        if "Growing" in file.path:
            with (root / file.path).open("ab") as more:
                more.write(b"more")
        return real(root, file)

    monkeypatch.setattr("sources.folder.build.hash_of", grown)

    assert await faults(tmp_path) == [
        ("Empty (2000).mkv", "It is empty: it has no bytes."),
        ("Growing (2001).mkv", "It is being written: it is read the next time."),
    ]
    assert await keys(tmp_path) == ["Heat (1995).mkv"]


async def test_what_vanishes_between_two_looks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, ["Gone (2000).mkv", "Heat (1995).mkv", "Folder/Alien (1979).mkv"])
    real = walk.Walk._list

    def vanishing(self: walk.Walk, folder: walk.Folder) -> Any:
        yield from real(self, folder)
        for path in ("Gone (2000).mkv", "Folder/Alien (1979).mkv"):
            (tmp_path / path).unlink(missing_ok=True)
        if (tmp_path / "Folder").exists():
            (tmp_path / "Folder").rmdir()

    monkeypatch.setattr(walk.Walk, "_list", vanishing)

    assert await faults(tmp_path) == [("Gone (2000).mkv", VANISHED), ("Folder", VANISHED)]
    assert await keys(tmp_path) == ["Heat (1995).mkv"]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
async def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    lay(tmp_path, ["Locked (2000).mkv", "Heat (1995).mkv", "Closed/Alien (1979).mkv"])
    real_open, real_scan = os.open, os.scandir

    def open_(path: Any, *more: Any, **named: Any) -> int:
        if "Locked" in os.fspath(path):
            raise error
        return real_open(path, *more, **named)

    def scandir(path: Any) -> Any:
        if "Closed" in os.fspath(path):
            raise error
        return real_scan(path)

    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(os, "scandir", scandir)

    reason = {
        13: "It may not be read: give this user the right to read it.",
        5: "It cannot be read: Input/output error.",
    }[error.errno or 0]
    assert await faults(tmp_path) == [("Locked (2000).mkv", reason), ("Closed", reason)]
    assert await keys(tmp_path) == ["Heat (1995).mkv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_files_without_rights_are_told(tmp_path: Path) -> None:
    lay(tmp_path, ["Locked (2000).mkv", "Heat (1995).mkv"])
    (tmp_path / "Locked (2000).mkv").chmod(0)

    assert [where for where, _ in await faults(tmp_path)] == ["Locked (2000).mkv"]


async def test_hidden_files_and_what_systems_leave_behind_are_passed_over(tmp_path: Path) -> None:
    lay(
        tmp_path,
        [
            ".hidden.mkv",
            "._Heat (1995).mkv",
            ".trash/A.mkv",
            "@eaDir/B.mkv",
            "$RECYCLE.BIN/C.mkv",
            "System Volume Information/D.mkv",
            "lost+found/E.mkv",
            "Heat.trickplay/F.mkv",
            "notes.txt",
            "Heat (1995).mkv.part",
            "Heat (1995).mkv",
        ],
    )

    assert await keys(tmp_path) == ["Heat (1995).mkv"]


async def test_a_file_of_ten_gigabytes_costs_128_kilobytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "Big (2000).mkv").open("wb") as big:
        big.truncate(10_000_000_000)
    real, read_bytes = os.pread, []

    def pread(descriptor: int, length: int, at: int) -> bytes:
        found = real(descriptor, length, at)
        read_bytes.append(len(found))
        return found

    monkeypatch.setattr(os, "pread", pread)

    [found] = (await items(tmp_path)).values()

    assert found.item.lists["files"][0]["size"] == 10_000_000_000
    assert read_bytes == [65_536, 65_536]


async def test_paths_too_long_to_be_stored_are_told(tmp_path: Path) -> None:
    deep = tmp_path
    for number in range(10):
        deep = deep / (f"{number}" * 220)
    deep.mkdir(parents=True)
    (deep / "Heat (1995).mkv").write_text("video")
    lay(tmp_path, ["Alien (1979).mkv"])

    assert [reason for _, reason in await faults(tmp_path)] == ["Its path is longer than 2000 bytes."]
    assert await keys(tmp_path) == ["Alien (1979).mkv"]


async def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    lay(tmp_path, ["Heat (1995).mkv"])

    with pytest.raises(SourceError, match="is no folder"):
        open_folder(str(tmp_path / "Heat (1995).mkv"), {})
    with pytest.raises(SourceError, match="is no folder"):
        open_folder(str(tmp_path / "nowhere"), {})
    source = open_folder(str(tmp_path), {"ffprobe": "off"})
    (tmp_path / "Heat (1995).mkv").unlink()
    tmp_path.rmdir()
    with pytest.raises(SourceError, match="is not there"):
        await anext(source.read())


@pytest.mark.parametrize(
    "options",
    [{"extras": "all"}, {"links": "yes"}, {"workers": "0"}, {"workers": "x"}, {"ffprobe": "/nowhere/ffprobe"}],
)
def test_options_of_other_values_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(SourceError, match=next(iter(options))):
        open_folder(str(tmp_path), options)


async def test_every_reading_has_a_position_once_there_is_one(tmp_path: Path) -> None:
    lay(tmp_path, {"A (2000).mkv": "video", "B (2001).mkv": "", "C/D (2002).mkv": ""})

    found = await read(tmp_path)

    assert [(type(one), one.position) for one in found] == [
        (SourceItem, "A (2000).mkv"),
        (Unreadable, "B (2001).mkv"),
        (Unreadable, "C/D (2002).mkv"),
    ]


async def test_a_source_says_what_is_there_still(tmp_path: Path) -> None:
    lay(tmp_path, ["Show/Season 1/S01E01E02.mkv", "TV/Lost.S01E01.mkv"])
    source = open_folder(str(tmp_path), {"ffprobe": "off"})
    found = [one.key for one in await read(tmp_path) if isinstance(one, SourceItem)]

    assert [await source.has(key) for key in found] == [True, None, True, True, None, None, True]
    assert [await source.has(key) for key in ("gone.mkv", "gone.mkv#2", "Gone/", "Gone/?season=1")] == [False] * 4


async def test_what_lies_where_nobody_may_look_is_not_taken_for_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_folder(str(lay(tmp_path, ["a/Heat (1995).mkv"])), {"ffprobe": "off"})
    midi = open_midi_folder(str(tmp_path), {})

    def refuse(path: object, **_: object) -> None:
        raise PermissionError(13, "Permission denied")

    keys = ["a/Heat (1995).mkv", "a/", "a/?series=heat", "a/Heat (1995).mkv#2"]
    assert [await source.has(one) for one in [*keys, "b.mkv"]] == [True, True, None, True, False]
    with monkeypatch.context() as patched:
        patched.setattr(os, "lstat", refuse)
        assert [await source.has(one) for one in keys] == [None] * 4
        assert await midi.has("a/b.mid") is None
    assert await midi.has("a/b.mid") is False
