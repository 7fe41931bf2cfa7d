"""What is found out about MIDI files, and which files are refused before their events are read."""

from __future__ import annotations

import struct
from random import Random

import pytest

from sources.midi.chunks import UnreadableMidiError
from sources.midi.facts import read_facts_of
from tests.support.midi_files import END, NOTE, chunk, key, metre, midi, note, program, riff, tempo


def test_the_facts_of_a_file() -> None:
    conductor = tempo(500_000) + key(1) + metre(6, 3) + tempo(600_000, 96) + key(-3, 1, 96) + metre(4, 2)
    melody = program(40) + note() * 3
    others = program(0, 1) + note(channel=1) + program(7, 2)
    drums = program(5, 9) + note(channel=9)

    assert read_facts_of(midi(conductor, melody, others, drums)) == {
        "tempo_hundredths": 10_000,  # for 1.2 seconds, the first one for .5
        "key_signature": "G major",
        "time_signature": "6/8",
        "track_count": 4,
        "note_count": 5,
        "duration_ms": 1700,
        "programs": [0, 40],
        "tempo_changes": [(0, 12_000), (500, 10_000)],
        "key_signature_changes": [(0, "G major"), (1100, "C minor")],
        "time_signature_changes": [(0, "6/8"), (1100, "4/4")],
    }


def test_a_file_that_says_little_has_the_tempo_it_is_played_with() -> None:
    facts = read_facts_of(midi(note(), format=0))

    assert facts == {
        **{"key_signature": None, "key_signature_changes": []},
        **{"time_signature": None, "time_signature_changes": []},
        **{"tempo_hundredths": 12_000, "tempo_changes": [(0, 12_000)]},
        **{"track_count": 1, "note_count": 1, "duration_ms": 500, "programs": [0]},
    }


def test_what_changes_nothing_or_cannot_be_is_left_out() -> None:
    track = tempo(0) + tempo(500_000, 1) + tempo(500_000, 1) + key(112, 5) + key(2) + key(2, 0, 1) + metre(0, 2) + NOTE

    facts = read_facts_of(midi(track))

    assert facts["tempo_changes"] == [(0, 12_000)]
    assert facts["key_signature_changes"] == [(10, "D major")]
    assert facts["time_signature_changes"] == []


def test_of_many_changes_the_first_thousand_are_told() -> None:
    track = b"".join(tempo(500_000 + number % 2 * 1000, 1) for number in range(3000)) + NOTE

    assert len(read_facts_of(midi(track))["tempo_changes"]) == 1000


def test_a_file_within_riff_and_with_other_chunks_is_read() -> None:
    plain = midi(NOTE)
    with_other = plain[:14] + chunk(b"XFIH", b"abc") + plain[14:] + b"trailing"

    assert read_facts_of(riff(plain)) == read_facts_of(with_other) == read_facts_of(plain)


SOUND = midi(NOTE)
BROKEN = {
    "the file is empty": b"",
    "the file does not begin with a MIDI header": b"MThd\0\0\0\6",
    "its header declares 5 bytes": b"MThd\0\0\0\5" + SOUND[8:],
    "its header declares 4294967295 bytes": b"MThd\xff\xff\xff\xff" + SOUND[8:],
    "MIDI format 2 is not read, only 0 and 1": midi(NOTE, format=2),
    "MIDI format 65535 is not read, only 0 and 1": midi(NOTE, format=65_535),
    "its division is of film frames or zero: only parts of a quarter note are read": midi(NOTE, division=0),
    "its header declares no tracks": midi(declared=0),
    "its header declares 3 tracks and it has 1": midi(NOTE, declared=3),
    "it ends within the head of track 2": midi(NOTE, declared=2) + b"MTr",
    "track 1 declares 4294967295 bytes and 12 are left": SOUND[:14] + chunk(b"MTrk", NOTE + END, 2**32 - 1),
    "track 1 declares 12 bytes and 7 are left": SOUND[:-5],
    "it has more than 1000 chunks that are no tracks": midi(declared=1) + chunk(b"JUNK", b"") * 1001,
    "it is a RIFF file of another type than RMID": b"RIFF\0\0\0\0WAVEfmt \0\0\0\0",
    "it ends within its RIFF header": b"RIFF\0\0",
    "its RIFF chunk declares 4294967295 bytes": riff(SOUND)[:16] + b"\xff\xff\xff\xff" + SOUND,
}


@pytest.mark.parametrize(("reason", "data"), BROKEN.items(), ids=range(len(BROKEN)))
def test_what_does_not_hold_together_is_refused_with_its_reason(reason: str, data: bytes) -> None:
    with pytest.raises(UnreadableMidiError) as refused:
        read_facts_of(data)

    assert str(refused.value) == reason


def test_a_division_of_film_frames_is_refused() -> None:
    with pytest.raises(UnreadableMidiError, match="film frames"):
        read_facts_of(midi(NOTE, division=0xE728))


EVENTS = {
    "running status without a status": b"\x00\x3c\x40",
    "an event that ends early": b"\x00\x90\x3c",
    "a sysex event of 268 MB": b"\x00\xf0\xff\xff\xff\x7f\x01",
    "a text of 268 MB": b"\x00\xff\x01\xff\xff\xff\x7f\x01",
    "an endless number": b"\xff" * 40,
    "a status that nothing has": b"\x00\xf4\x00\xf5",
}


@pytest.mark.parametrize("track", EVENTS.values(), ids=EVENTS)
def test_events_that_cannot_be_read_are_refused(track: bytes) -> None:
    data = midi(declared=1) + chunk(b"MTrk", track)

    with pytest.raises(UnreadableMidiError, match="its events cannot be read"):
        read_facts_of(data)


def test_more_ticks_than_can_be_counted_are_refused() -> None:
    longest = b"\xff\xff\xff\x7f\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\x40"

    with pytest.raises(UnreadableMidiError, match="longer than ticks can count"):
        read_facts_of(midi(longest * 20))


@pytest.mark.parametrize("flood", [b"\x00\xf0\x01\xf7", b"\x00\xff\x01\x00", b"\x00\xb0\x07\x40", b"\x00\xc0\x01"])
def test_floods_of_events_are_read(flood: bytes) -> None:
    assert read_facts_of(midi(flood * 200_000 + NOTE))["note_count"] == 1


def test_damaged_files_are_read_or_refused_and_nothing_else() -> None:
    sound = midi(tempo(400_000) + key(2) + metre(3, 2), program(40) + note() * 20, note(channel=9) * 5)
    random = Random(1)
    read = 0
    for _ in range(3000):
        data = bytearray(sound)
        for _ in range(random.randint(1, 4)):
            data[random.randrange(len(data))] = random.randrange(256)
        del data[random.randint(1, len(data)) if random.random() < 0.3 else len(data) :]
        try:
            facts = read_facts_of(bytes(data))
        except UnreadableMidiError:
            continue
        read += 1
        assert 0 <= facts["duration_ms"] <= 9_000_000_000_000
        assert facts["tempo_hundredths"] > 0
    assert 0 < read < 3000


def test_the_header_is_read_as_the_format_says() -> None:
    """A longer header is allowed: what it has more is passed over."""
    longer = b"MThd" + struct.pack(">IHHHH", 8, 1, 1, 96, 7) + SOUND[14:]

    assert read_facts_of(longer) == read_facts_of(SOUND)
