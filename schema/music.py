"""Musical properties of a media."""

from __future__ import annotations

from typing import Any

import strawberry

from domain.bounds import CHANGES_OF_MUSIC, MUSIC_MILLISECONDS, TEMPO_HUNDREDTHS
from loaders.music import MusicRow
from schema.core.node import row_type


def change_time() -> Any:
    """When a change comes; a change is a pair of milliseconds and a value."""
    return strawberry.field(
        resolver=lambda self: self[0] / MUSIC_MILLISECONDS.parts, description="Seconds from the start, three decimals."
    )


@strawberry.type(description="A tempo that a piece of music has from some time on.")
class TempoChange:
    at_seconds: float = change_time()
    tempo: float = strawberry.field(
        resolver=lambda self: self[1] / TEMPO_HUNDREDTHS.parts, description="Beats a minute, two decimals."
    )


@strawberry.type(description="A key that a piece of music has from some time on.")
class KeySignatureChange:
    at_seconds: float = change_time()
    key_signature: str = strawberry.field(
        resolver=lambda self: self[1], description='The key, as "C major" or "F# minor".'
    )


@strawberry.type(description="A time signature that a piece of music has from some time on.")
class TimeSignatureChange:
    at_seconds: float = change_time()
    time_signature: str = strawberry.field(resolver=lambda self: self[1], description='As "4/4" or "6/8".')


def changes_of(what: str) -> Any:
    return strawberry.field(
        description=f"{what}, in the order of time, the first one included; at most the first {CHANGES_OF_MUSIC:,}."
    )


@row_type(MusicRow, description="Musical properties of a media.")
class Music:
    tempo: float | None = strawberry.field(
        description="Beats a minute, two decimals; of a piece that changes it, the one that it has longest."
    )
    key_signature: str | None = strawberry.field(
        description='Its key, as "C major" or "F# minor"; of a piece that changes it, the first.'
    )
    time_signature: str | None = strawberry.field(
        description='Its time signature, for example "4/4" or "6/8"; of a piece that changes it, the first.'
    )
    track_count: int | None = strawberry.field(description="Number of tracks in a MIDI file.")
    note_count: int | None = strawberry.field(description="Number of notes.")
    duration_seconds: float | None = strawberry.field(description="Playing time in seconds, three decimals.")
    programs: list[int] = strawberry.field(
        description="Its instruments: programs of General MIDI, from 0 to 127, without percussion."
    )
    tempo_changes: list[TempoChange] = changes_of("Its tempos")
    key_signature_changes: list[KeySignatureChange] = changes_of("Its keys")
    time_signature_changes: list[TimeSignatureChange] = changes_of("Its time signatures")
