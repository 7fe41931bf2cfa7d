"""Upserts of music: instruments and changes, which are lists within one row."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.upsert.item import Status
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.upserting import failures, item, upsert

UPSERT = """mutation ($music: MusicInput) { upsertMedia(items: [{library: "library_1", title: "A", music: $music}]) {
    results { status code path media { music { programs tempoChanges { atSeconds tempo }
        keySignatureChanges { atSeconds keySignature } timeSignatureChanges { timeSignature } } } } } }"""
MUSIC: dict[str, Any] = {
    "programs": [40, 0, 40],
    "tempo_changes": [(2000, 9050), (0, 12_000)],
    "key_signature_changes": [(0, "F# minor")],
    "time_signature_changes": [(0, "6/8")],
}


async def test_clients_send_instruments_and_changes(api: Api, connection: Any) -> None:
    await add_library(connection)
    music = {
        "programs": [40, 0, 40],
        "tempoChanges": [{"atSeconds": 2, "tempo": 90.5}, {"atSeconds": 0, "tempo": 120}],
        "keySignatureChanges": [{"atSeconds": 0.5, "keySignature": "F# minor"}],
        "timeSignatureChanges": [{"atSeconds": 0, "timeSignature": "6/8"}],
    }

    answers = [(await api.run(UPSERT, music=music))["upsertMedia"]["results"][0] for _ in range(2)]

    assert [answer["status"] for answer in answers] == ["CREATED", "UNCHANGED"]
    assert answers[1]["media"]["music"] == {
        **music,
        "programs": [0, 40],
        "tempoChanges": music["tempoChanges"][::-1],  # type: ignore[index]
        "timeSignatureChanges": [{"timeSignature": "6/8"}],
    }


async def test_what_is_the_same_is_unchanged_and_what_is_left_out_stays(api: Api, connection: Any) -> None:
    await add_library(connection)
    await upsert(api, [item(music=MUSIC)])

    [same] = await upsert(api, [item(music=MUSIC)])
    [fewer] = await upsert(api, [item(music={"programs": [1]})])

    assert (same.status, fewer.status) == (Status.UNCHANGED, Status.UPDATED)
    row = await connection.fetchrow("SELECT programs, tempo_changes::text, time_signature_changes::text FROM music")
    assert tuple(row) == ([1], "[[0, 12000], [2000, 9050]]", '[[0, "6/8"]]')


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("programs", [128]),
        ("programs", 1),
        ("tempo_changes", [(0, 0)]),
        ("tempo_changes", [(-1, 12_000)]),
        ("tempo_changes", [(0, 12_000), (0, 9000)]),
        ("tempo_changes", [12_000]),
        ("tempo_changes", [(at, 12_000) for at in range(1001)]),
        ("key_signature_changes", [(0, "a" * 21)]),
        ("key_signature_changes", [(0, "\0")]),
        ("time_signature_changes", [(0, "waltz")]),
    ],
)
async def test_what_cannot_be_stored_fails_by_itself(api: Api, connection: Any, column: str, value: Any) -> None:
    await add_library(connection)

    assert await failures(api, item(music={column: value}), item(1, "B")) == [
        ("BAD_ARGUMENT", f"music.{column}"),
        ("CREATED", ""),
    ]
