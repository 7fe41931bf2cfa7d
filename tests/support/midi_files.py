"""MIDI files made byte by byte, sound ones and broken ones."""

from __future__ import annotations

import struct

END = b"\x00\xff\x2f\x00"
NOTE = b"\x00\x90\x3c\x40\x60\x80\x3c\x40"  # a quarter note at a division of 96


def midi(*tracks: bytes, format: int = 1, division: int = 96, declared: int | None = None) -> bytes:
    """A file of these tracks, each without its end."""
    head = struct.pack(">4sIHHH", b"MThd", 6, format, len(tracks) if declared is None else declared, division)
    return head + b"".join(chunk(b"MTrk", track + END) for track in tracks)


def chunk(kind: bytes, data: bytes, length: int | None = None) -> bytes:
    return kind + struct.pack(">I", len(data) if length is None else length) + data


def riff(data: bytes) -> bytes:
    """The file within a RIFF file of type RMID."""
    return struct.pack("<4sI4s4sI", b"RIFF", len(data) + 12, b"RMID", b"data", len(data)) + data


def tempo(quarter: int, delta: int = 0) -> bytes:
    """A tempo by the microseconds of a quarter note."""
    return bytes([delta]) + b"\xff\x51\x03" + quarter.to_bytes(3, "big")


def key(sharps: int, minor: int = 0, delta: int = 0) -> bytes:
    return bytes([delta]) + b"\xff\x59\x02" + struct.pack("bB", sharps, minor)


def metre(above: int, power: int, delta: int = 0) -> bytes:
    """A time signature; `power`: the one of two that makes its lower number."""
    return bytes([delta]) + b"\xff\x58\x04" + bytes([above, power, 24, 8])


def program(number: int, channel: int = 0) -> bytes:
    return bytes([0, 0xC0 | channel, number])


def note(pitch: int = 60, ticks: int = 96, channel: int = 0) -> bytes:
    return bytes([0, 0x90 | channel, pitch, 64, ticks, 0x80 | channel, pitch, 64])
