"""Music: what is known of a media as music, and the index that answers for tempo alone."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from tests.support.api import Api
from tests.support.factories import add_library, add_media
from tests.support.plans import scans, step


async def test_media_have_their_music_with_one_statement(api: Api, connection: Any) -> None:
    library = await add_library(connection, kind="TRACK")
    for _ in range(3):
        await add_media(connection, library, kind="TRACK")
    await connection.execute("INSERT INTO music VALUES (1, 12051, 'F# minor', '6/8', 16, 2345, 183001)")
    await connection.execute("INSERT INTO music (media_id) VALUES (2)")

    data = await api.run(
        """{ media { nodes { music { tempo keySignature timeSignature trackCount noteCount durationSeconds } } } }"""
    )

    names = ("tempo", "keySignature", "timeSignature", "trackCount", "noteCount", "durationSeconds")
    known = dict(zip(names, (120.51, "F# minor", "6/8", 16, 2345, 183.001), strict=True))
    assert [node["music"] for node in data["media"]["nodes"]] == [known, dict.fromkeys(names), None]
    assert api.statements == ["media_pages", "music_by_media_id"]


async def test_music_tells_its_instruments_and_changes(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection, kind="TRACK"), kind="TRACK")
    await connection.execute(
        """INSERT INTO music (media_id, programs, tempo_changes, key_signature_changes, time_signature_changes)
        VALUES (1, '{40,0}', '[[0, 12000], [1500, 9050]]', '[[0, "C major"]]', '[[250, "6/8"]]')"""
    )

    data = await api.run(
        """{ mediaItem(id: "media_1") { music { programs tempoChanges { atSeconds tempo }
            keySignatureChanges { keySignature } timeSignatureChanges { atSeconds timeSignature } } } }"""
    )

    assert data["mediaItem"]["music"] == {
        "programs": [40, 0],
        "tempoChanges": [{"atSeconds": 0, "tempo": 120}, {"atSeconds": 1.5, "tempo": 90.5}],
        "keySignatureChanges": [{"keySignature": "C major"}],
        "timeSignatureChanges": [{"atSeconds": 0.25, "timeSignature": "6/8"}],
    }
    assert api.statements == ["media_by_id", "music_by_media_id"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("programs", "{128}"),
        ("programs", "{{1},{2}}"),
        ("programs", "{1,NULL}"),
        ("tempo_changes", "{}"),
        ("tempo_changes", "[1]"),
        ("key_signature_changes", '[["C major", 0]]'),
        ("time_signature_changes", f"[{', '.join(['[0, 1]'] * 1001)}]"),
    ],
)
async def test_instruments_and_changes_that_are_none_are_not_stored(connection: Any, column: str, value: str) -> None:
    await add_media(connection, await add_library(connection))

    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(f"INSERT INTO music (media_id, {column}) VALUES (1, '{value}')")


async def test_music_goes_with_its_media_and_is_refused_where_it_cannot_be(connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    for wrong in ("tempo_hundredths) VALUES (1, 0", "time_signature) VALUES (1, 'waltz'", "duration_ms) VALUES (1, -1"):
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(f"INSERT INTO music (media_id, {wrong})")

    await connection.execute("INSERT INTO music (media_id) VALUES (1)")
    await connection.execute("DELETE FROM media")

    assert await connection.fetchval("SELECT count(*) FROM music") == 0


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
async def test_a_range_of_tempo_is_read_from_its_index_alone(mode: str, large_reader: Any) -> None:
    await large_reader.execute(f"SET plan_cache_mode = {mode}")
    await large_reader.execute(
        """PREPARE probe (integer, integer) AS SELECT media_id, key_signature, time_signature FROM music
        WHERE tempo_hundredths BETWEEN $1 AND $2 ORDER BY tempo_hundredths LIMIT 100"""
    )

    text = await large_reader.fetchval("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE probe(12000, 12100)")

    await large_reader.execute("DEALLOCATE probe")
    (found,) = scans(list(step(json.loads(text)[0]["Plan"]).walk()))
    assert (found.type, found.index, found.read) == ("Index Only Scan", "music_tempo", 100)
