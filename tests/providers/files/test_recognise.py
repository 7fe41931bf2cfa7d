"""Types and sizes of files, by their content."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from domain.file_type import PICTURES, SUBTITLES, FileType
from providers.files.file_error import FileError
from providers.files.recognise import recognise
from tests.support.media_files import SRT, make_video, png

ALL = PICTURES | SUBTITLES
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc4\x00\x02\xff\xc2\x00\x0b\x08" + struct.pack(">HH", 480, 640) + b"\1\1\x11\0"
)
GIF = b"GIF89a" + struct.pack("<HH", 7, 5) + b"\0\0\0"
LOSSY = b"RIFF\x20\0\0\0WEBPVP8 \x10\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 100, 50)
LOSSLESS = b"RIFF\x20\0\0\0WEBPVP8L\x10\0\0\0\x2f" + struct.pack("<I", (99 | 49 << 14)) + b"\0" * 8
EXTENDED = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")
AVIF = (
    b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"
    + b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", 20, 10)
    + b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", 300, 200)
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "type", "size"),
    [
        (png(640, 480), FileType.PNG, (640, 480)),
        (JPEG, FileType.JPEG, (640, 480)),
        (GIF, FileType.GIF, (7, 5)),
        (LOSSY, FileType.WEBP, (100, 50)),
        (LOSSLESS, FileType.WEBP, (100, 50)),
        (EXTENDED, FileType.WEBP, (100, 50)),
        (AVIF, FileType.AVIF, (300, 200)),
        (SRT, FileType.SRT, None),
        ("\ufeff".encode() + SRT, FileType.SRT, None),
        (SRT.decode().encode("utf-16"), FileType.SRT, None),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", FileType.VTT, None),
        (b"; a comment\n[Script Info]\nTitle: x\n", FileType.ASS, None),
    ],
)
def test_files_are_known_by_their_content(content: bytes, type: FileType, size: tuple[int, int] | None) -> None:
    assert recognise(io.BytesIO(content), ALL) == (type, size)


@pytest.mark.parametrize("options", [("-c:v", "mjpeg", "-f", "mjpeg"), ("-c:v", "libwebp", "-f", "webp")])
def test_pictures_of_a_real_encoder_have_their_size(tmp_path: Path, options: tuple[str, ...]) -> None:
    given = ("-f", "lavfi", "-i", "testsrc=d=0.1:s=62x34:r=10", "-frames:v", "1", "-pix_fmt", "yuvj420p")
    path = make_video(tmp_path / "picture", *given, *options)
    with path.open("rb") as file:
        assert recognise(file, PICTURES)[1] == (62, 34)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "HTML, SVG"),
        (b"  <!DOCTYPE html><p>Not found", "HTML, SVG"),
        (b"<?xml version='1.0'?><svg/>", "HTML, SVG"),
        (b"MZ\x90\0\3", "unknown type"),
        (b"hello", "text of an unknown type"),
        (png()[:20], "no width and height"),
        (png(0, 5), "no width and height"),
        (png(70_000, 5), "no width and height"),
        (b"\xff\xd8\xff\xe0", "no width and height"),
        (b"\xff\xd8\xff\xe0\0\0" * 10, "no width and height"),
        (b"GIF89a\1", "no width and height"),
        (AVIF[:40], "no width and height"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "unknown type"),
        (SRT + b"\0" * 5, "unknown type"),
        (SRT + b"x" * 5_000 + b"\0", "begins as a text"),
    ],
)
def test_what_is_no_picture_and_no_subtitle_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words) as found:
        recognise(io.BytesIO(content), ALL)
    assert found.value.extensions["code"] == "BAD_FILE"


def test_a_subtitle_is_no_picture_nor_the_other_way_round() -> None:
    with pytest.raises(FileError, match="is SRT, and none of AVIF"):
        recognise(io.BytesIO(SRT), PICTURES)
    with pytest.raises(FileError, match="is PNG, and none of ASS"):
        recognise(io.BytesIO(png()), SUBTITLES)
