"""Tunes of the demo: traditional ones and others whose composers are dead for more than a hundred years, in the public
domain everywhere. The settings are our own."""

from __future__ import annotations

from typing import NamedTuple

from sources.demo.midi_file import TempoMark, midi_bytes, read_bars

FIDDLE, FLUTE, PIANO, MUSIC_BOX, ACCORDION, GUITAR = 40, 73, 0, 10, 21, 24


class Tune(NamedTuple):
    """A tune in ABC notation, lengths in eighths. sharps: of its key signature, below 0 flats; tempo: quarter notes a
    minute; slower: the tempo of the last two bars; year: of the first print or performance, where that is known."""

    slug: str
    title: str
    kind: str
    metre: tuple[int, int]
    sharps: int
    is_minor: bool
    tempo: int
    program: int
    notation: str
    slower: int | None = None
    composer: str | None = None
    year: int | None = None


TUNES = (
    Tune(
        *("kesh-jig", "The Kesh Jig", "jig", (6, 8), 1, False, 170, FIDDLE),
        "G3 GAB|A3 ABd|edd gdd|edB dBA|G3 GAB|A3 ABd|edd gdB|AGF G3|"
        "B2B dBd|ege dBG|B2B dBG|ABA AGA|BAB dBd|ege dBd|gfg aga|bgg g3",
    ),
    Tune(
        *("drowsy-maggie", "Drowsy Maggie", "reel", (4, 4), 2, False, 180, FIDDLE),
        "E2BE dEBE|E2BE AFDF|E2BE dEBE|BABc dAFD|E2BE dEBE|E2BE AFDF|E2BE dEBE|BABc dAFD|"
        "d2fd c2ec|defg afge|d2fd c2ec|BABc dAFA|d2fd c2ec|defg afge|afge fdec|BABc dAFD",
    ),
    Tune(
        *("drunken-sailor", "What Shall We Do with the Drunken Sailor", "shanty", (2, 4), 0, False, 120, ACCORDION),
        "A2AA|A2AA|A2D2|F2A2|G2GG|G2GG|G2C2|E2G2|A2AA|A2AA|A2B2|c2d2|c2A2|G2E2|D4|D4",
    ),
    Tune(
        *("scarborough-fair", "Scarborough Fair", "ballad", (3, 4), 0, False, 112, FLUTE),
        "D4D2|A4A2|E3FE2|D6|z2A2c2|d4c2|A2B2G2|A6|z4d2|d4d2|c4A2|A2G2F2|E2C4|D4A2|G4F2|E2D2C2|D6",
    ),
    Tune(
        *("greensleeves", "Greensleeves", "ballad", (6, 8), 0, True, 110, GUITAR),
        "z5A|c2d e3/2f/e|d2B G3/2A/B|c2A A3/2^G/A|B2^G E2A|c2d e3/2f/e|d2B G3/2A/B|c3/2B/A ^G3/2^F/^G|A6|"
        "g3 g3/2f/e|d2B G3/2A/B|c2A A3/2^G/A|B2^G E3|g3 g3/2f/e|d2B G3/2A/B|c3/2B/A ^G3/2^F/^G|A6",
        slower=80,
        year=1580,
    ),
    Tune(
        *("amazing-grace", "Amazing Grace (New Britain)", "hymn", (3, 4), 1, False, 84, PIANO),
        "z4D2|G4BG|B4A2|G4E2|D4D2|G4BG|B4A2|d6|d4B2|d4BG|B4A2|G4E2|D4D2|G4BG|B4A2|G6",
        slower=60,
        year=1829,
    ),
    Tune(
        *("auld-lang-syne", "Auld Lang Syne", "song", (4, 4), 1, False, 100, ACCORDION),
        "z6D2|G3GG2B2|A3GA2B2|G3GB2d2|e6e2|d3BB2G2|A3GA2B2|G3EE2D2|G6e2|"
        "d3BB2G2|A3GA2e2|d3BB2d2|e6e2|d3BB2G2|A3GA2B2|G3EE2D2|G8",
        slower=72,
        year=1799,
    ),
    Tune(
        *("frere-jacques", "Frère Jacques", "round", (4, 4), 0, False, 120, MUSIC_BOX),
        "C2D2E2C2|C2D2E2C2|E2F2G4|E2F2G4|GAGFE2C2|GAGFE2C2|C2G,2C4|C2G,2C4",
    ),
    Tune(
        *("ah-vous-dirai-je-maman", "Ah! vous dirai-je, maman", "song", (4, 4), 0, False, 112, MUSIC_BOX),
        "C2C2G2G2|A2A2G4|F2F2E2E2|D2D2C4|G2G2F2F2|E2E2D4|G2G2F2F2|E2E2D4|C2C2G2G2|A2A2G4|F2F2E2E2|D2D2C4",
        year=1761,
    ),
    Tune(
        *("ode-to-joy", "Ode to Joy", "hymn", (4, 4), 2, False, 120, PIANO),
        "F2F2G2A2|A2G2F2E2|D2D2E2F2|F3EE4|F2F2G2A2|A2G2F2E2|D2D2E2F2|E3DD4",
        composer="Ludwig van Beethoven",
        year=1824,
    ),
)


def tune_file(tune: Tune) -> bytes:
    """The tune as a MIDI file."""
    bars = read_bars(tune.notation, tune.sharps)
    slower = [] if tune.slower is None else [TempoMark(len(bars) - 2, tune.slower)]
    return midi_bytes(
        bars,
        title=tune.title,
        metre=tune.metre,
        sharps=tune.sharps,
        is_minor=tune.is_minor,
        tempi=[TempoMark(0, tune.tempo), *slower],
        program=tune.program,
    )
