"""What a file is, by its content: whatever its name, its address or its server say."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import BinaryIO

from domain.file_type import SUBTITLES, FileType
from providers.files.file_error import bad_file
from providers.files.picture_size import Size, picture_size

HEAD_BYTES = 4_096  # bytes
AVIF_BRANDS = frozenset({b"avif", b"avis"})
# Times as SubRip writes them, after the number of the first text.
SRT = re.compile(r"\s*\d+[ \t]*\r?\n\s*\d{1,3}:\d{2}:\d{2}[,.]\d{1,3}[ \t]*-->")
VTT = re.compile(r"WEBVTT(?:[ \t\r\n]|$)")
ASS = re.compile(r"\s*(?:;[^\n]*\n\s*|!:[^\n]*\n\s*)*\[Script Info\]", re.IGNORECASE)
MARKUP = re.compile(r"\s*(?:<\?xml|<!--|<!doctype|<html|<head|<body|<script|<svg)", re.IGNORECASE)


def recognise(file: BinaryIO, wanted: Collection[FileType]) -> tuple[FileType, Size | None]:
    """The type of a file and the size of a picture; FileError with BAD_FILE where it is none of those wanted."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise bad_file("The file is empty.")
    type = picture_type(head) or text_type(head)
    if type is None or type not in wanted:
        raise bad_file(f"The file is {described(head, type)}, and none of {', '.join(sorted(wanted))}.")
    if type in SUBTITLES:
        check_text(file)
        return type, None
    if (size := picture_size(type, file)) is None:
        raise bad_file(f"The file begins as {type.value}, but its header has no width and height.")
    return type, size


def picture_type(head: bytes) -> FileType | None:
    """By its magic number."""
    if head.startswith(b"\xff\xd8\xff"):
        return FileType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileType.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return FileType.GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileType.WEBP
    if head[4:8] == b"ftyp" and brands(head) & AVIF_BRANDS:
        return FileType.AVIF
    return None


def brands(head: bytes) -> set[bytes]:
    """Of an ISO base media file: the major brand and those that it is compatible with."""
    box = head[: min(int.from_bytes(head[:4], "big"), 256)]
    return {box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))}


def text_type(head: bytes) -> FileType | None:
    text = decoded(head)
    if text is None:
        return None
    if VTT.match(text):
        return FileType.VTT
    if ASS.match(text):
        return FileType.ASS
    return FileType.SRT if SRT.match(text) else None


def decoded(head: bytes) -> str | None:
    """The beginning of a text, in UTF-8, in UTF-16 with its mark, or in a charset of single bytes; None for what has
    bytes that no text has."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "replace").removeprefix("\ufeff")
    return None if b"\0" in head else head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def check_text(file: BinaryIO) -> None:
    """FileError where what began as a text has bytes that no text has."""
    file.seek(0)
    if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
        return
    file.seek(0)
    while chunk := file.read(1 << 20):
        if b"\0" in chunk:
            raise bad_file("The file begins as a text, but is none.")


def described(head: bytes, type: FileType | None) -> str:
    if type is not None:
        return type.value
    text = decoded(head)
    if text is not None and MARKUP.match(text):
        return "HTML, SVG or other markup"
    return "of an unknown type" if text is None else "a text of an unknown type"
