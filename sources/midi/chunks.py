"""The chunks of a MIDI file, checked before anything else reads it: what a header declares costs nothing to check."""

from __future__ import annotations

import struct
from typing import NamedTuple

MAX_MIDI_BYTES = 16 * 1024 * 1024  # of a file that is analysed: hours of music take less than one
HEADER = struct.Struct(">4sIHHH")
CHUNK_HEAD = struct.Struct(">4sI")
RIFF_HEAD = struct.Struct("<4sI4s4sI")
MIDI_FORMATS = (0, 1)
SMPTE = 0x8000  # a division with this bit counts frames of film, not parts of a beat
SHORTEST_HEADER = 6
OTHER_CHUNKS = 1_000  # chunks beside tracks that a file may have


class UnreadableMidiError(Exception):
    """The file is no MIDI file, is damaged, or is more than is read. The message is for people."""


class Chunks(NamedTuple):
    """A file whose header and chunks hold together. data: without a RIFF wrapper; tracks: how many it has."""

    data: bytes
    tracks: int


def checked_chunks(data: bytes) -> Chunks:
    """The file, if its header and the lengths of its chunks can be believed; UnreadableMidiError."""
    if not data:
        raise UnreadableMidiError("the file is empty")
    data = unwrapped(data)
    if len(data) < HEADER.size or data[:4] != b"MThd":
        raise UnreadableMidiError("the file does not begin with a MIDI header")
    _, length, format_, tracks, division = HEADER.unpack_from(data)
    if length < SHORTEST_HEADER or CHUNK_HEAD.size + length > len(data):
        raise UnreadableMidiError(f"its header declares {length} bytes")
    if format_ not in MIDI_FORMATS:
        raise UnreadableMidiError(f"MIDI format {format_} is not read, only 0 and 1")
    if division & SMPTE or not division:
        raise UnreadableMidiError("its division is of film frames or zero: only parts of a quarter note are read")
    if not tracks:
        raise UnreadableMidiError("its header declares no tracks")
    check_tracks(data, CHUNK_HEAD.size + length, tracks)
    if length > SHORTEST_HEADER:  # allowed by the format, and refused by the library
        head = struct.pack(">4sI", b"MThd", SHORTEST_HEADER) + data[CHUNK_HEAD.size : HEADER.size]
        data = head + data[CHUNK_HEAD.size + length :]
    return Chunks(data, tracks)


def check_tracks(data: bytes, at: int, declared: int) -> None:
    """All declared tracks are there, each as long as it says."""
    found = others = 0
    while found < declared:
        if at == len(data):
            raise UnreadableMidiError(f"its header declares {declared} tracks and it has {found}")
        if at + CHUNK_HEAD.size > len(data):
            raise UnreadableMidiError(f"it ends within the head of track {found + 1}")
        kind, length = CHUNK_HEAD.unpack_from(data, at)
        at += CHUNK_HEAD.size
        if length > len(data) - at:
            raise UnreadableMidiError(f"track {found + 1} declares {length} bytes and {len(data) - at} are left")
        at += length
        found += kind == b"MTrk"
        others += kind != b"MTrk"
        if others > OTHER_CHUNKS:
            raise UnreadableMidiError(f"it has more than {OTHER_CHUNKS} chunks that are no tracks")


def unwrapped(data: bytes) -> bytes:
    """The MIDI file within a RIFF file of type RMID; any other as it is."""
    if data[:4] != b"RIFF":
        return data
    if len(data) < RIFF_HEAD.size:
        raise UnreadableMidiError("it ends within its RIFF header")
    _, _, form, kind, length = RIFF_HEAD.unpack_from(data)
    if (form, kind) != (b"RMID", b"data"):
        raise UnreadableMidiError("it is a RIFF file of another type than RMID")
    if length > len(data) - RIFF_HEAD.size:
        raise UnreadableMidiError(f"its RIFF chunk declares {length} bytes")
    return data[RIFF_HEAD.size : RIFF_HEAD.size + length]
