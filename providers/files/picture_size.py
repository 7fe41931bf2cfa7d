"""Width and height of pictures, read from their headers. Nothing is decoded, so that no picture can do harm."""

from __future__ import annotations

from typing import BinaryIO, TypeAlias

from domain.file_type import FileType

Size: TypeAlias = tuple[int, int]  # width and height in pixels

MAX_SIDE = 65_535
MAX_SEGMENTS = 1_000  # of a JPEG, before its size
# What begins a frame of a JPEG: SOF0 to SOF15 without those that are tables.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers without a length.
BARE = frozenset({0x01, *range(0xD0, 0xD9)})
AVIF_HEAD = 65_536  # the boxes that describe a picture come first


def picture_size(type: FileType, file: BinaryIO) -> Size | None:
    """Of a picture; None where its header does not say it, or says what cannot be."""
    file.seek(0)
    readers = {
        FileType.PNG: png_size,
        FileType.GIF: gif_size,
        FileType.WEBP: webp_size,
        FileType.JPEG: jpeg_size,
        FileType.AVIF: avif_size,
    }
    size = readers[type](file)
    return size if size is not None and all(1 <= side <= MAX_SIDE for side in size) else None


def png_size(file: BinaryIO) -> Size | None:
    head = file.read(24)
    if len(head) < 24 or head[12:16] != b"IHDR":
        return None
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def gif_size(file: BinaryIO) -> Size | None:
    head = file.read(10)
    if len(head) < 10:
        return None
    return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")


def webp_size(file: BinaryIO) -> Size | None:
    """Of each of its three kinds: lossy, lossless and extended."""
    head = file.read(30)
    if len(head) < 25:
        return None
    kind = head[12:16]
    if kind == b"VP8 " and len(head) == 30 and head[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(head) == 30:
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    return None


def jpeg_size(file: BinaryIO) -> Size | None:
    """From its first frame, segment by segment."""
    file.seek(2)
    for _ in range(MAX_SEGMENTS):
        if file.read(1) != b"\xff":
            return None
        while (marker := file.read(1)) == b"\xff":
            pass  # padding
        if not marker:
            return None
        if marker[0] in BARE:
            continue
        length = int.from_bytes(file.read(2), "big")
        if length < 2:
            return None
        if marker[0] in FRAMES:
            frame = file.read(5)
            return (int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")) if len(frame) == 5 else None
        file.seek(length - 2, 1)
    return None


def avif_size(file: BinaryIO) -> Size | None:
    """The largest of its image spatial extents (box `ispe`): those of thumbnails and tiles are smaller."""
    head = file.read(AVIF_HEAD)
    found: list[Size] = []
    at = head.find(b"ispe")
    while at >= 0 and len(body := head[at + 8 : at + 16]) == 8:
        found.append((int.from_bytes(body[:4], "big"), int.from_bytes(body[4:], "big")))
        at = head.find(b"ispe", at + 4)
    return max(found, key=lambda size: size[0] * size[1], default=None)
