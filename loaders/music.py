"""Music: the musical properties of a media."""

from __future__ import annotations

from typing import Any

from database.row import Column, Row
from domain.bounds import MUSIC_MILLISECONDS, TEMPO_HUNDREDTHS
from loaders.core.batch_loader import LoaderGroup, One
from loaders.sql.attribute import Attributes, Number, Numbers, Scaled, Word
from loaders.sql.statement import BatchStatement


class MusicRow(Row):
    """Of table music; tempo in beats a minute with two decimals, duration in seconds with three.

    Changes are lists of pairs: milliseconds from the start, and what holds from there on, a tempo in hundredths."""

    media_id = Column[int]()
    tempo = Column["float | None"]("({t}.tempo_hundredths / 100.0)::float8")
    key_signature = Column["str | None"]()
    time_signature = Column["str | None"]()
    track_count = Column["int | None"]()
    note_count = Column["int | None"]()
    duration_seconds = Column["float | None"]("({t}.duration_ms / 1000.0)::float8")
    programs = Column[list[int]]()
    tempo_changes = Column[Any]()
    key_signature_changes = Column[Any]()
    time_signature_changes = Column[Any]()


class MusicAttributes(Attributes, table="music"):
    """What music can be chosen by."""

    tempo = Scaled(TEMPO_HUNDREDTHS, "tempo_hundredths")
    key_signature = Word(str)
    time_signature = Word(str)
    track_count = Number()
    note_count = Number()
    duration_seconds = Scaled(MUSIC_MILLISECONDS, "duration_ms")
    programs = Numbers()


# The music of media.
MUSIC_BY_MEDIA_ID = BatchStatement(
    MusicRow, "SELECT u.media_id AS key, {columns:u} FROM music u WHERE u.media_id = {keys}"
)


class MusicLoaders(LoaderGroup):
    """Loaders of music."""

    music_by_media_id = One[int, MusicRow](MUSIC_BY_MEDIA_ID)
