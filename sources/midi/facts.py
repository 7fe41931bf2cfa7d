"""What is found out about a MIDI file: tempo, key, time signature, their changes, programs, notes, duration.

MusicFacts are columns of table music, as an upsert takes them (catalog/upsert/lists.py)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

from symusic import Score

from domain.bounds import CHANGES_OF_MUSIC, COLUMNS, TEMPO_HUNDREDTHS
from sources.midi.chunks import UnreadableMidiError, checked_chunks

P = TypeVar("P")
MusicFacts: TypeAlias = dict[str, Any]
TempoMap: TypeAlias = "list[tuple[int, float]]"  # ticks, and microseconds of a quarter note from there on

QUARTER_MICROSECONDS = 500_000.0  # until a file says otherwise: 120 beats a minute
MAJOR = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")
MINOR = ("Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#")
MIDDLE = 7  # the place of the keys without sharps and flats


def read_facts_of(data: bytes) -> MusicFacts:
    """The facts of a file's bytes; UnreadableMidiError."""
    chunks = checked_chunks(data)
    try:
        score: Any = Score.from_midi(chunks.data)
    except RuntimeError as error:
        why = str(error).removeprefix("MiniMidi: ").removesuffix(": iostream error")
        raise UnreadableMidiError(f"its events cannot be read: {why}") from error
    end = score.end()
    if score.start() < 0 or end >= 2**31 - 1:
        raise UnreadableMidiError("it is longer than ticks can count")
    tempi = tempo_map(score)
    milliseconds = clock(tempi, score.ticks_per_quarter)
    changes = [(milliseconds(tick), hundredths(quarter)) for tick, quarter in tempi]
    keys = without_repeats((milliseconds(one.time), key_name(one.key, one.tonality)) for one in score.key_signatures)
    metres = without_repeats((milliseconds(one.time), metre(one)) for one in score.time_signatures)
    duration = milliseconds(end)
    facts = {
        "tempo_hundredths": longest(changes, duration),
        "key_signature": keys[0][1] if keys else None,
        "time_signature": metres[0][1] if metres else None,
        "track_count": chunks.tracks,
        "note_count": score.note_num(),
        "duration_ms": duration,
        "programs": sorted({track.program for track in score.tracks if track.notes and not track.is_drum}),
        "tempo_changes": changes[:CHANGES_OF_MUSIC],
        "key_signature_changes": keys[:CHANGES_OF_MUSIC],
        "time_signature_changes": metres[:CHANGES_OF_MUSIC],
    }
    if not COLUMNS["music.duration_ms"].holds(duration):
        raise UnreadableMidiError(f"it would last {duration / 1000:.0f} seconds")
    return facts


def tempo_map(score: Any) -> TempoMap:
    """When which tempo begins, in the order of time, from tick 0 on; tempos that nothing can have are left out."""
    told = sorted((one.time, one.mspq) for one in score.tempos if one.time >= 0 and one.mspq > 0)
    found: TempoMap = [(0, QUARTER_MICROSECONDS)]
    for tick, quarter in told:
        if not TEMPO_HUNDREDTHS.holds(hundredths(quarter)) or quarter == found[-1][1]:
            continue
        if tick == found[-1][0]:
            found.pop()
        if not found or found[-1][1] != quarter:
            found.append((tick, float(quarter)))
    return found


def clock(tempi: TempoMap, ticks_per_quarter: int) -> Callable[[int], int]:
    """What says at which millisecond a tick comes; to be asked in the order of time or not."""
    starts, passed = [tick for tick, _ in tempi], [0.0]
    for (tick, quarter), (after, _) in pairwise(tempi):
        passed.append(passed[-1] + (after - tick) * quarter / ticks_per_quarter)

    def milliseconds(tick: int) -> int:
        at = max(bisect_right(starts, tick) - 1, 0)
        return round((passed[at] + max(tick - starts[at], 0) * tempi[at][1] / ticks_per_quarter) / 1000)

    return milliseconds


def hundredths(quarter: float) -> int:
    """Hundredths of beats a minute of a quarter note's microseconds."""
    return round(6_000_000_000 / quarter)


def longest(changes: Sequence[tuple[int, int]], duration: int) -> int:
    """The tempo that most of the piece has, of equally long ones the first."""
    lasts: Counter[int] = Counter()
    ends = [at for at, _ in changes[1:]] + [max(duration, changes[-1][0])]
    for (at, tempo), end in zip(changes, ends, strict=True):
        lasts[tempo] += end - at
    return lasts.most_common(1)[0][0]


def key_name(sharps: int, is_minor: int) -> str | None:
    """ "F# minor" of a number of sharps, or of flats below 0; None for what is no key."""
    if abs(sharps) > MIDDLE or is_minor not in (0, 1):
        return None
    return f"{(MINOR if is_minor else MAJOR)[sharps + MIDDLE]} {'minor' if is_minor else 'major'}"


def metre(signature: Any) -> str | None:
    """ "6/8"; None for what no music has."""
    above, below = signature.numerator, signature.denominator
    return f"{above}/{below}" if 0 < above < 1000 and 0 < below < 1000 else None


def without_repeats(changes: Iterable[tuple[int, P | None]]) -> list[tuple[int, P]]:
    """In the order of time, without what changes nothing; of those at one time the last."""
    found: list[tuple[int, P]] = []
    for at, value in sorted(changes, key=lambda change: change[0]):
        if value is None:
            continue
        if found and found[-1][0] == at:
            found.pop()
        if not found or found[-1][1] != value:
            found.append((at, value))
    return found
