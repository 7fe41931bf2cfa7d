"""What ffprobe tells, and what becomes of files that it cannot read."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sources.folder.probe import facts_of_output, probe
from tests.support.media_folder import items, lay, values

FFPROBE, FFMPEG = shutil.which("ffprobe"), shutil.which("ffmpeg")
needs_ffmpeg = pytest.mark.skipif(FFPROBE is None or FFMPEG is None, reason="ffmpeg is not here")


def program(folder: Path, script: str) -> str:
    """A program in the place of ffprobe."""
    path = folder / "ffprobe"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@needs_ffmpeg
async def test_ffprobe_tells_container_codecs_size_and_duration(tmp_path: Path) -> None:
    source = "testsrc=size=64x48:rate=5:duration=2"
    made = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "mpeg4", str(tmp_path / "Heat (1995).mkv")]
    subprocess.run([str(one) for one in made], check=True)
    lay(tmp_path, {"Broken (2000).mkv": b"\x1aE\xdf\xa3" + b"\xff" * 5000, "Text (2001).mp4": "no video"})

    found = await items(tmp_path, ffprobe=str(FFPROBE))

    names = ("container", "codecs", "width", "height", "duration_ms")
    rows = {key: item.item.lists["files"][0] for key, item in found.items()}
    assert {name: rows["Heat (1995).mkv"].get(name) for name in names} == {
        "container": "matroska",
        "codecs": ["mpeg4"],
        "width": 64,
        "height": 48,
        "duration_ms": 2000,
    }
    assert all(name not in rows["Text (2001).mp4"] for name in names)
    assert "width" not in rows["Broken (2000).mkv"]


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    assert probe(program(tmp_path, "exec sleep 60"), tmp_path / "Heat.mkv", seconds=0.2) == {}


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense", "echo '[]'", "echo '{\"streams\": 5}'", "kill -9 $$"])
def test_a_program_that_fails_tells_nothing(tmp_path: Path, script: str) -> None:
    assert probe(program(tmp_path, script), tmp_path / "Heat.mkv") == {}
    assert probe(str(tmp_path / "nowhere"), tmp_path / "Heat.mkv") == {}


def test_names_that_look_like_options_or_protocols_are_names(tmp_path: Path) -> None:
    echo = program(tmp_path, 'for last; do :; done; printf \'{"format": {"format_name": "%s"}}\' "$last"')

    assert probe(echo, Path("-i")) == {"container": "file:-i"}
    assert probe(echo, Path("concat:a|b")) == {"container": "file:concat:a|b"}


async def test_the_longest_version_says_how_long_a_movie_runs(tmp_path: Path) -> None:
    lay(tmp_path, ["Heat (1995)/Heat - 1080p.mkv", "Heat (1995)/Heat - 4K.mkv"])
    script = 'case "$*" in *4K*) d=10200;; *) d=10140;; esac; echo "{\\"format\\": {\\"duration\\": \\"$d\\"}}"'

    [found] = (await items(tmp_path, ffprobe=program(tmp_path, script))).values()

    assert [one["duration_ms"] for one in found.item.lists["files"]] == [10_140_000, 10_200_000]
    assert values(found, "runtime_minutes") == (170,)


HOSTILE: list[tuple[bytes, dict[str, Any]]] = [
    (b"", {}),
    (b"null", {}),
    (b'{"streams": [{"codec_type": "video", "width": -1, "height": 99999999999}], "format": {"duration": "nan"}}', {}),
    (b'{"streams": [{"codec_type": "video", "codec_name": "a\\u0000"}], "format": {"duration": "1e300"}}', {}),
    (b'{"streams": [7], "format": {"format_name": "' + b"x" * 60 + b'"}}', {}),
    (
        b'{"streams": [{"codec_type": "video", "codec_name": "mjpeg", "width": 9, "disposition": {"attached_pic": 1}},'
        b'{"codec_type": "video", "codec_name": "h264", "width": 5, "height": 4},'
        b'{"codec_type": "audio", "codec_name": "aac"}, {"codec_type": "subtitle", "codec_name": "srt"}],'
        b'"format": {"format_name": "mov,mp4,m4a", "duration": "1.5"}}',
        {"container": "mov", "codecs": ["mjpeg", "h264", "aac"], "width": 5, "height": 4, "duration_ms": 1500},
    ),
]


@pytest.mark.parametrize(("output", "facts"), HOSTILE)
def test_only_what_can_be_stored_is_taken(output: bytes, facts: dict[str, Any]) -> None:
    assert facts_of_output(output) == facts
