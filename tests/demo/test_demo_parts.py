"""The parts of the demo beside its movies: what they are, that their files are real, and how they are loaded."""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app.process.demo import OTHER_PARTS, import_demo
from bench.generated.load import load_generated
from database.connect_args import ConnectArgs
from database.open_session import open_session
from sources.demo.clips import CLIPS, HEIGHT, WIDTH, frame
from sources.demo.midi_file import read_bars
from sources.demo.owned import OWNED
from sources.demo.source import DEMO, open_demo
from sources.demo.tunes import TUNES, Tune, tune_file
from sources.formats import open_source
from sources.midi.facts import read_facts_of
from sources.source import SourceError, SourceItem
from tests.support.api import Api

QUIET = Console(quiet=True)
EVERYTHING = """{
    series: media(filter: {kind: SERIES, title: "firefly"}) { nodes {
        title externalIds { source value } credits { nodes { role job person { name } } }
        children { nodes { title seasonNumber children { totalCount nodes { title episodeNumber } } } } } }
    tune: media(filter: {externalIds: {any: [{source: {eq: "demo"}, value: {eq: "tune/greensleeves"}}]}}) { nodes {
        title year music { tempo keySignature timeSignature programs tempoChanges { tempo } }
        files { name container } collections { name } } }
    channel(name: "Night Owl") { media(first: 1, filter: {kind: CLIP}) { totalCount nodes {
        clip { durationSeconds } thumbnails { state width } } } }
    jobRuns { totalCount nodes { type status succeeded total } }
}"""


async def items(part: str, folder: Path, position: str = "", **options: str) -> list[SourceItem]:
    source = open_demo(f"demo:{part}", {"folder": str(folder), **options})
    found = [one async for one in source.read(position)]
    assert all(isinstance(one, SourceItem) for one in found)
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("tune", TUNES, ids=lambda tune: tune.slug)
def test_a_tune_is_a_real_file_of_whole_bars(tune: Tune) -> None:
    bars = read_bars(tune.notation, tune.sharps)
    facts = read_facts_of(tune_file(tune))

    length = Fraction(8 * tune.metre[0], tune.metre[1])
    assert {sum(sound.length for sound in bar) for bar in bars} == {length}
    assert facts["note_count"] == sum(sound.pitch is not None for bar in bars for sound in bar) > 20
    assert facts["time_signature"] == f"{tune.metre[0]}/{tune.metre[1]}"
    assert facts["programs"] == [tune.program]
    assert [tempo for _, tempo in facts["tempo_changes"]] == [
        tempo * 100 for tempo in (tune.tempo, tune.slower) if tempo is not None
    ]
    assert facts["duration_ms"] > 10_000


def test_notation_is_read_with_keys_accidentals_octaves_and_lengths() -> None:
    [first, second] = read_bars("F ^G, f'2 |z3/2 _B/", 1)

    assert [tuple(sound) for sound in first] == [(66, 1), (56, 1), (90, 2)]
    assert [tuple(sound) for sound in second] == [(None, Fraction(3, 2)), (70, Fraction(1, 2))]
    assert read_bars("BE", -2)[0][0].pitch == 70
    with pytest.raises(ValueError, match="no notation: 'H2'"):
        read_bars("A H2", 0)


def test_a_picture_is_a_real_file() -> None:
    data = frame(CLIPS[0], 1)

    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (WIDTH, HEIGHT)
    start = data.index(b"IDAT")
    [length] = struct.unpack(">I", data[start - 4 : start])
    assert len(zlib.decompress(data[start + 4 : start + 4 + length])) == HEIGHT * (1 + 3 * WIDTH)


async def test_each_part_is_a_source_that_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for part, count in (("movies", 40), ("owned", 25), ("series", 50), ("tunes", 10), ("clips", 8)):
        found = await items(part, tmp_path, scale="40")
        again = await items(part, tmp_path, scale="40")

        assert len({one.key for one in found}) == len(found) == count
        assert found == again
        assert await items(part, tmp_path, found[4].position, scale="40") == found[5:]
        source = open_demo(f"demo:{part}", {"folder": str(tmp_path), "scale": "40"})
        assert [await source.has(key) for key in (found[0].key, "nothing")] == [True, False]
        assert source.total == count
        assert {one.parent for one in found} - {one.key for one in found} == {None}


async def test_a_part_is_opened_by_its_format(tmp_path: Path) -> None:
    for format in ("demo", None):
        opened = await open_source("demo:clips", format, {"folder": str(tmp_path)})
        assert opened.source.total == len(CLIPS)
    assert [DEMO.guess(one) for one in ("demo:clips", "clips")] == [1, 0]


async def test_what_the_demo_does_not_have_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="movies, owned, series, tunes, clips: there is no demo:books"):
        open_demo("demo:books", {})
    with pytest.raises(SourceError, match="scale is a number"):
        open_demo("demo:movies", {"scale": "many"})
    with pytest.raises(SourceError, match="at most 11216"):
        open_demo("demo:movies", {"scale": "11217"})


async def test_all_kinds_of_media_are_loaded_with_what_belongs_to_them(
    api: Api, connection: Any, writer: ConnectArgs, tmp_path: Path
) -> None:
    async with open_session(writer) as session:
        await load_generated(session, 11_216)
    made = await import_demo(writer, QUIET, tmp_path, OTHER_PARTS)

    data = await api.run(EVERYTHING)

    assert made == (68, 11_284)
    [series] = data["series"]["nodes"]
    assert series["externalIds"] == [{"source": "demo", "value": "firefly"}, {"source": "imdb", "value": "tt0303461"}]
    [season] = series["children"]["nodes"]
    assert season["children"]["totalCount"] == 14
    assert season["children"]["nodes"][1] == {"title": "The Train Job", "episodeNumber": 2}
    [tune] = data["tune"]["nodes"]
    assert (tune["title"], tune["files"]) == ("Greensleeves", [{"name": "greensleeves.mid", "container": "mid"}])
    assert tune["music"] == {
        **{"tempo": 110, "keySignature": "A minor", "timeSignature": "6/8", "programs": [24]},
        "tempoChanges": [{"tempo": 110}, {"tempo": 80}],
    }
    clips = data["channel"]["media"]
    assert clips["totalCount"] == 4
    assert [one["state"] for one in clips["nodes"][0]["thumbnails"]] == [*["READY"] * 3, "PENDING"]
    assert data["jobRuns"]["totalCount"] == 4
    paths = await connection.fetch("SELECT path FROM thumbnail WHERE state = 'READY'")
    assert all(Path(row[0]).is_file() for row in paths)
    kinds = {row[0]: row[1] for row in await connection.fetch("SELECT kind, count(*) FROM media GROUP BY 1")}
    assert kinds == {"MOVIE": 11_216, "SERIES": 4, "SEASON": 5, "EPISODE": 41, "TRACK": 10, "CLIP": 8}


def test_owned_movies_are_movies_of_the_facts_with_ids_of_their_own() -> None:
    assert len({one.imdb for one in OWNED}) == len(OWNED)
    assert all(one.imdb.startswith("tt") and len(one.imdb) == 9 for one in OWNED)
