"""Writes tunes as MIDI files: a format 1 file of a conductor's track and one voice, from a subset of ABC notation."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

DIVISION = 480  # ticks of a quarter note
EIGHTH = DIVISION // 2
VELOCITY = 80
SHARPS, FLATS = "FCGDAEB", "BEADGCF"
STEPS = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 67, "A": 69, "B": 71}
ACCIDENTALS = {"^": 1, "_": -1, "=": 0}
# An accidental, a letter (small: an octave higher; z: a rest), commas and apostrophes for octaves, a length in eighths.
TOKEN = re.compile(r"([\^_=]?)([A-Ga-gz])([,']*)(\d*)(/?)(\d*)|([|\s])")


class Sound(NamedTuple):
    """A note, or a rest where `pitch` is None. length: in eighths."""

    pitch: int | None
    length: Fraction


class TempoMark(NamedTuple):
    """A tempo from a bar on (from 0), in quarter notes a minute."""

    bar: int
    quarters: int


def read_bars(notation: str, sharps: int) -> list[list[Sound]]:
    """The bars of a tune; ValueError for what is no notation. sharps: of its key, below 0 of flats."""
    altered = dict.fromkeys(SHARPS[:sharps], 1) if sharps > 0 else dict.fromkeys(FLATS[:-sharps], -1)
    bars: list[list[Sound]] = [[]]
    at = 0
    for match in TOKEN.finditer(notation):
        if match.start() != at:
            break
        at = match.end()
        if match[7] is None:
            bars[-1].append(read_sound(match, altered))
        elif match[7] == "|":
            bars.append([])
    if at != len(notation):
        raise ValueError(f"This is no notation: {notation[at : at + 10]!r}")
    return [bar for bar in bars if bar]


def read_sound(match: re.Match[str], altered: dict[str, int]) -> Sound:
    accidental, letter, octaves, above, slash, below = match.groups()[:6]
    length = Fraction(int(above or 1), int(below or 2) if slash else 1)
    if letter == "z":
        return Sound(None, length)
    name = letter.upper()
    pitch = STEPS[name] + 12 * (letter.islower() + octaves.count("'") - octaves.count(","))
    return Sound(pitch + (ACCIDENTALS[accidental] if accidental else altered.get(name, 0)), length)


def midi_bytes(
    bars: Sequence[Sequence[Sound]],
    *,
    title: str,
    metre: tuple[int, int],
    sharps: int,
    is_minor: bool,
    tempi: Sequence[TempoMark],
    program: int,
) -> bytes:
    """The file."""
    voice = [(0, bytes([0xC0, program])), *voice_events([sound for bar in bars for sound in bar])]
    head = [
        (0, meta(0x03, title.encode())),
        (0, meta(0x58, bytes([metre[0], metre[1].bit_length() - 1, 24, 8]))),
        (0, meta(0x59, struct.pack("bB", sharps, is_minor))),
    ]
    tempo_changes = [
        (bar_start(bars, mark.bar), meta(0x51, (60_000_000 // mark.quarters).to_bytes(3, "big"))) for mark in tempi
    ]
    return struct.pack(">4sIHHH", b"MThd", 6, 1, 2, DIVISION) + track(head + tempo_changes) + track(voice)


def bar_start(bars: Sequence[Sequence[Sound]], place: int) -> int:
    """The tick at which a bar begins."""
    return int(sum(sound.length for bar in bars[:place] for sound in bar) * EIGHTH)


def voice_events(sounds: Sequence[Sound]) -> Iterator[tuple[int, bytes]]:
    """Notes as they begin and end, with their ticks."""
    passed = Fraction(0)
    for pitch, length in sounds:
        start, passed = passed, passed + length
        if pitch is not None:
            yield int(start * EIGHTH), bytes([0x90, pitch, VELOCITY])
            yield int(passed * EIGHTH), bytes([0x80, pitch, 0])


def meta(kind: int, data: bytes) -> bytes:
    return bytes([0xFF, kind]) + variable(len(data)) + data


def track(events: Sequence[tuple[int, bytes]]) -> bytes:
    """A chunk of events with their ticks, in their order."""
    written, before = bytearray(), 0
    for tick, event in events:
        written += variable(tick - before) + event
        before = tick
    written += variable(0) + meta(0x2F, b"")
    return struct.pack(">4sI", b"MTrk", len(written)) + written


def variable(number: int) -> bytes:
    """A number in as few bytes as it takes, seven bits each."""
    found = [number & 0x7F]
    while number := number >> 7:
        found.append(0x80 | number & 0x7F)
    return bytes(reversed(found))
