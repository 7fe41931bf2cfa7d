"""Musical properties of a media."""

from __future__ import annotations

import strawberry

from loaders.music import MusicRow
from schema.core.node import row_type


@row_type(MusicRow, description="Musical properties of a media.")
class Music:
    tempo: float | None = strawberry.field(description="Beats a minute, two decimals.")
    key_signature: str | None = strawberry.field(description='Its key, as "C major" or "F# minor".')
    time_signature: str | None = strawberry.field(description='Its time signature, for example "4/4" or "6/8".')
    track_count: int | None = strawberry.field(description="Number of tracks in a MIDI file.")
    note_count: int | None = strawberry.field(description="Number of notes.")
    duration_seconds: float | None = strawberry.field(description="Playing time in seconds, three decimals.")
