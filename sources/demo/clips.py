"""Clips of the demo's channels, our own: idents and bumpers with small pictures, made of colours by the program."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple, TypeAlias

from sources.demo.owned import FAMILY, NIGHT

Colour: TypeAlias = tuple[int, int, int]

WIDTH, HEIGHT = 160, 90
FRAMES = 3  # pictures of a clip


class Clip(NamedTuple):
    """A clip. seconds: how long it is; top, bottom: the colours of its pictures."""

    slug: str
    title: str
    channel: str
    kind: str
    seconds: int
    top: Colour
    bottom: Colour


CLIPS = (
    Clip("night-owl-dusk", "Night Owl: dusk", NIGHT, "ident", 10, (72, 41, 96), (233, 116, 81)),
    Clip("night-owl-midnight", "Night Owl: midnight", NIGHT, "ident", 12, (8, 12, 36), (40, 62, 110)),
    Clip("night-owl-next", "Night Owl: coming up next", NIGHT, "bumper", 6, (20, 20, 20), (120, 90, 30)),
    Clip("night-owl-back", "Night Owl: we'll be right back", NIGHT, "bumper", 5, (20, 20, 20), (30, 100, 90)),
    Clip("family-hour-morning", "Family Hour: morning", FAMILY, "ident", 8, (250, 214, 120), (120, 190, 240)),
    Clip("family-hour-meadow", "Family Hour: meadow", FAMILY, "ident", 9, (140, 200, 250), (90, 170, 80)),
    Clip("family-hour-next", "Family Hour: coming up next", FAMILY, "bumper", 6, (240, 120, 120), (250, 210, 130)),
    Clip("family-hour-back", "Family Hour: we'll be right back", FAMILY, "bumper", 5, (120, 120, 240), (250, 210, 130)),
)


def frame(clip: Clip, place: int) -> bytes:
    """A picture of a clip as a PNG file: its colours run into each other, further down the later it is."""
    share = place / FRAMES
    rows = bytearray()
    for y in range(HEIGHT):
        part = max(0.0, min(1.0, (y / HEIGHT + share) / 1.5))
        colour = bytes(round(a + (b - a) * part) for a, b in zip(clip.top, clip.bottom, strict=True))
        rows += b"\0" + colour * WIDTH
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in parts)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
