"""Frames of videos: of good ones, of broken ones, and of those that mean harm."""

from __future__ import annotations

import asyncio
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from providers.client import OutboundClient
from providers.files import ffmpeg
from providers.files.ffmpeg import FrameLimits, run_ffmpeg
from providers.files.file_error import FileError
from providers.files.folder import PARTS, FileFolder
from providers.files.frames import FrameMaker
from tests.support.faulty_server import FaultyServer
from tests.support.media_files import files_of, make_video, moving


@pytest.fixture
def folder(tmp_path: Path) -> FileFolder:
    return FileFolder(tmp_path / "files")


@pytest.fixture
def maker(folder: FileFolder) -> FrameMaker:
    return FrameMaker(folder, [32, 16], FrameLimits(seconds=20, pixels=1_000_000))


async def test_a_frame_is_taken_at_a_tenth_in_two_widths(maker: FrameMaker, folder: FileFolder, tmp_path: Path) -> None:
    frame = await maker.frame(moving(tmp_path / "a.mp4", seconds=2))

    assert frame.offset_ms == 200
    assert [(file.type, file.dimensions) for file in frame.files] == [("WEBP", (16, 9)), ("WEBP", (32, 18))]
    assert all(file.path.is_file() for file in frame.files)
    assert list((folder.root / PARTS).iterdir()) == []


async def test_a_frame_of_one_colour_is_passed_over(maker: FrameMaker, tmp_path: Path) -> None:
    sources = ["-f", "lavfi", "-i", "color=black:d=1:s=64x36:r=10", "-f", "lavfi", "-i", "testsrc=d=4:s=64x36:r=10"]
    join = ["-filter_complex", "[0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[a][b]concat=n=2", "-c:v", "mpeg4"]
    video = make_video(tmp_path / "a.mkv", *sources, *join)
    assert (await maker.frame(video)).offset_ms == 1_500


async def test_a_video_of_one_colour_has_a_frame_all_the_same(maker: FrameMaker, tmp_path: Path) -> None:
    video = make_video(tmp_path / "a.mkv", "-f", "lavfi", "-i", "color=black:d=1:s=64x36:r=10", "-c:v", "mpeg4")
    assert (await maker.frame(video)).offset_ms == 100


async def test_a_frame_is_taken_where_it_is_asked_for(maker: FrameMaker, tmp_path: Path) -> None:
    video = moving(tmp_path / "a.mp4")
    assert (await maker.frame(video, 700)).offset_ms == 700
    with pytest.raises(FileError, match="no frame of it"):
        await maker.frame(video, 5_000)


async def test_small_and_flat_videos_stay_small(maker: FrameMaker, tmp_path: Path) -> None:
    source = ["-f", "lavfi", "-i", "testsrc=d=1:s=64x36:r=10", "-c:v", "rawvideo"]
    dot = make_video(tmp_path / "dot.nut", *source, "-vf", "format=rgb24,crop=1:1")
    tall = make_video(tmp_path / "tall.nut", *source, "-vf", "format=rgb24,scale=2:600,setsar=1")

    assert [file.dimensions for file in (await maker.frame(dot)).files] == [(1, 1), (1, 1)]
    assert [file.dimensions for file in (await maker.frame(tall)).files] == [(2, 64), (2, 128)]


def truncated(path: Path) -> None:
    whole = moving(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def playlist(target: str) -> Callable[[Path], None]:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:9", "#EXTINF:9,", target, "#EXT-X-ENDLIST", ""]

    def write(path: Path) -> None:
        path.write_text("\n".join(lines))

    return write


def concat(path: Path) -> None:
    moving(path.with_name("other.mp4"))
    path.write_text("ffconcat version 1.0\nfile other.mp4\n")


def sound(path: Path) -> None:
    make_video(path, "-f", "lavfi", "-i", "sine=d=0.2", "-c:a", "aac")


def huge(path: Path) -> None:
    make_video(path, "-f", "lavfi", "-i", "color=red:d=0.1:s=2000x1000:r=10", "-c:v", "mjpeg", "-f", "matroska")


def binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 1_000)


def said(words: str) -> list[str]:
    """Options that write words into the title of a video; ffmpeg prints at most 250 letters without a separator."""
    return ["-metadata", "title=" + "\x0b".join(words[at : at + 250] for at in range(0, len(words), 250))]


@pytest.mark.parametrize(
    "title",
    [
        "Duration: " + "9" * 5_000 + ":00:00.00",
        "Duration: 99999:00:00.00",
        "Stream #0:0: Video: " * 1_000,  # read carelessly, it takes hours
        "Stream #0:0: Video: x, 99999x99999 ",
    ],
)
async def test_what_a_video_says_in_words_is_not_believed(maker: FrameMaker, tmp_path: Path, title: str) -> None:
    source = ["-f", "lavfi", "-i", "testsrc=d=1:s=64x36:r=10", "-c:v", "mpeg4"]
    frame = await maker.frame(make_video(tmp_path / "a.mkv", *source, *said(title)))
    assert (frame.offset_ms, frame.files[-1].dimensions) == (100, (32, 18))


async def test_a_video_that_claims_to_last_for_years_has_a_frame(maker: FrameMaker, tmp_path: Path) -> None:
    for seconds in (400_000, 4_000_000_000):
        path = moving(tmp_path / f"{seconds}.mkv")
        path.write_bytes(with_duration(path.read_bytes(), float(seconds)))
        assert (await maker.frame(path)).offset_ms == 0


def with_duration(matroska: bytes, seconds: float) -> bytes:
    """The same video, whose header says another duration: an element with the id 4489 and eight bytes, in
    milliseconds."""
    head, mark, rest = matroska.partition(b"\x44\x89\x88")
    assert mark
    return head + mark + struct.pack(">d", seconds * 1000) + rest[8:]


@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (lambda path: None, "none.mp4", "not there"),
        (lambda path: path.touch(), "empty.mp4", "is empty"),
        (lambda path: path.mkdir(), "folder.mp4", "no regular file"),
        (os.mkfifo, "pipe.mp4", "no regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "endless.mp4", "no regular file"),
        (truncated, "truncated.mp4", "no frame"),
        (lambda path: path.write_text("No video at all.\n" * 99), "text.mp4", "no frame|known container"),
        (binary, "binary.mkv", "no frame|known container"),
        (playlist("file:///etc/passwd"), "passwd.m3u8", "list of other files"),
        (playlist("file:///etc/passwd"), "passwd.mp4", "list of other files"),
        (concat, "concat.mp4", "list of other files"),
        (sound, "sound.mp4", "no frames"),
        (huge, "huge.mkv", "2000x1000"),
        (lambda path: path.write_text("<svg/>"), "picture.svg", "no frame|known container"),
    ],
)
async def test_a_video_that_is_none_has_a_reason(
    maker: FrameMaker, folder: FileFolder, tmp_path: Path, make: Callable[[Path], None], name: str, words: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(FileError, match=words) as found:
        await maker.frame(tmp_path / name)
    assert found.value.extensions["code"] == "BAD_FILE"
    assert not (folder.root / PARTS).exists() or list((folder.root / PARTS).iterdir()) == []


async def test_no_playlist_makes_anybody_call_an_address(
    maker: FrameMaker, server: FaultyServer, client: OutboundClient, tmp_path: Path
) -> None:
    for name in ("list.m3u8", "list.mp4"):
        playlist(f"{server.url}/secret.ts")(tmp_path / name)
        with pytest.raises(FileError):
            await files_of(client, tmp_path / "files").frames.frame(tmp_path / name)
    assert server.asked == []


async def test_pixels_are_counted_by_the_decoder_too(
    folder: FileFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge(tmp_path / "huge.mkv")
    monkeypatch.setattr("providers.files.frames.probe", none_known)
    with pytest.raises(FileError, match="too large"):
        await FrameMaker(folder, [16], FrameLimits(seconds=20, pixels=1_000_000)).frame(tmp_path / "huge.mkv")


async def none_known(*given: object) -> ffmpeg.VideoFacts:
    return ffmpeg.VideoFacts(None, 1, 1)


ENDLESS = ["-f", "lavfi", "-i", "testsrc", "-f", "null", "-"]


async def test_what_takes_too_long_is_ended_and_whoever_waits_goes_on() -> None:
    output = await run_ffmpeg(ENDLESS, FrameLimits(seconds=1))
    assert output.status in (None, -9, -14, -24)
    assert "longer than 1 seconds" in ffmpeg.why_failed(output, FrameLimits(seconds=1))


async def test_memory_and_files_are_limited(tmp_path: Path) -> None:
    source = ["-f", "lavfi", "-i", "testsrc=s=4000x4000:d=0.1"]
    fat = await run_ffmpeg([*source, "-f", "null", "-"], FrameLimits(memory=150_000_000))
    assert fat.status != 0

    long = await run_ffmpeg([*source, "-c:v", "rawvideo", str(tmp_path / "out.avi")], FrameLimits(file_bytes=10_000))
    assert long.status != 0
    assert (tmp_path / "out.avi").stat().st_size <= 10_000


async def test_nothing_is_left_running_of_what_is_not_waited_for() -> None:
    task = asyncio.create_task(run_ffmpeg(ENDLESS, FrameLimits(seconds=30)))
    before = time.monotonic()
    while not (running := running_ffmpeg()) and time.monotonic() < before + 20:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])

    assert running
    assert not any(psutil.pid_exists(pid) for pid in running)


def running_ffmpeg() -> list[int]:
    """Those that this process has started."""
    return [child.pid for child in psutil.Process().children(recursive=True) if "testsrc" in child.cmdline()]
