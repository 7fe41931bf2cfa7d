"""The analysis of MIDI files that are in the catalogue: which, what is stored, and how it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.music_analysis import AnalysedChunk, analyse_music
from catalog.transaction import Writer
from database.session import Session
from domain.viewer import UNRESTRICTED, Viewer
from sources.midi.analyser import MidiAnalyser
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_media_file
from tests.support.midi_files import midi, note, tempo

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def add_tracks(connection: Any, folder: Path, *contents: bytes, library: int = 1) -> list[int]:
    """Media with a MIDI file each."""
    found = []
    for data in contents:
        media = await add_media(connection, library, kind="TRACK")
        path = folder / f"{media}.mid"
        path.write_bytes(data)
        await add_media_file(connection, media, str(path), container="mid", modified_at=LONG_AGO)
        found.append(media)
    return found


async def analyse(
    api: Api, media: Sequence[int] | None = None, viewer: Viewer = UNRESTRICTED, **options: Any
) -> list[AnalysedChunk]:
    session = Session(api.pool)
    try:
        async with MidiAnalyser(workers=1) as analyser:
            return [chunk async for chunk in analyse_music(session, viewer, analyser, media, **options)]
    finally:
        await session.close()


async def music(connection: Any) -> dict[int, tuple[Any, ...]]:
    rows = await connection.fetch("SELECT media_id, tempo_hundredths, note_count FROM music")
    return {row[0]: tuple(row)[1:] for row in rows}


async def test_what_was_not_analysed_yet_is_and_only_once(api: Api, connection: Any, tmp_path: Path) -> None:
    await add_library(connection, kind="TRACK")
    await add_tracks(connection, tmp_path, midi(tempo(400_000) + note()), b"", midi(note() * 2))
    await add_media(connection, 1, kind="TRACK")
    await add_media_file(connection, 4, "/a/b.mp3", container="mp3")

    [chunk] = await analyse(api)
    again = await analyse(api)

    assert (chunk.last, chunk.analysed) == (3, 2)
    assert [(one.media, one.reason) for one in chunk.failures] == [(2, "the file is empty")]
    assert await music(connection) == {1: (15_000, 1), 3: (12_000, 2)}
    processed = await connection.fetch("SELECT media_id FROM process_timestamp WHERE process = 'analyse' ORDER BY 1")
    assert [row[0] for row in processed] == [1, 2, 3]
    assert again == []


async def test_a_file_that_was_written_to_since_is_analysed_anew(api: Api, connection: Any, tmp_path: Path) -> None:
    await add_library(connection, kind="TRACK")
    await add_tracks(connection, tmp_path, midi(note()), midi(note()))
    await analyse(api)
    (tmp_path / "2.mid").write_bytes(midi(note() * 3))
    await connection.execute("UPDATE media_file SET modified_at = now() + interval '1 min' WHERE media_id = 2")

    [chunk] = await analyse(api)

    assert chunk.analysed == 1
    assert await music(connection) == {1: (12_000, 1), 2: (12_000, 3)}


async def test_given_media_are_analysed_anew_and_what_has_no_file_is_passed_over(
    api: Api, connection: Any, tmp_path: Path
) -> None:
    await add_library(connection, kind="TRACK")
    await add_tracks(connection, tmp_path, midi(note()), midi(note()))
    await add_media(connection, 1, kind="TRACK")
    await analyse(api)
    await connection.execute("UPDATE music SET note_count = 99")

    [chunk] = await analyse(api, [2, 3, 77])

    assert chunk.analysed == 1
    assert await music(connection) == {1: (12_000, 99), 2: (12_000, 1)}


async def test_media_that_may_not_be_changed_are_not_analysed(api: Api, connection: Any, tmp_path: Path) -> None:
    for name in ("Mine", "Theirs"):
        await add_library(connection, name, kind="TRACK")
    await add_tracks(connection, tmp_path, midi(note()), library=1)
    await add_tracks(connection, tmp_path, midi(note()), library=2)

    await analyse(api, viewer=Viewer(libraries=(1,)))
    await analyse(api, [2], viewer=Viewer(libraries=(1,)))

    assert list(await music(connection)) == [1]


async def test_it_goes_on_behind_what_was_saved_with_the_facts(api: Api, connection: Any, tmp_path: Path) -> None:
    await add_library(connection, kind="TRACK")
    await add_tracks(connection, tmp_path, *[midi(note())] * 3)
    saved: list[int] = []

    async def fail(writer: Writer, chunk: AnalysedChunk) -> None:
        saved.append(chunk.last)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await analyse(api, save=fail)
    nothing = await music(connection)
    [chunk] = await analyse(api, after=1)

    assert (saved, nothing) == ([3], {})
    assert (chunk.analysed, chunk.last) == (2, 3)
    assert sorted(await music(connection)) == [2, 3]


async def test_a_chunk_takes_as_many_statements_for_one_as_for_many(api: Api, connection: Any, tmp_path: Path) -> None:
    await add_library(connection, kind="TRACK")
    numbers = []
    for count in (1, 20):
        await add_tracks(connection, tmp_path, *[midi(note())] * count, b"")
        api.statements.clear()
        await analyse(api)
        numbers.append(len(api.statements))

    assert numbers[0] == numbers[1]
