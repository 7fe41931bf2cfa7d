"""Updates of some fields of media that have everything: what is not named stays, and is not checked either."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from domain.memberships import BY_NOUN, MEMBERSHIPS
from domain.viewer import Viewer
from tests.catalog.test_media_edit import FIELDS, UPDATE, codes
from tests.support.api import Api
from tests.support.factories import add_credit, add_library, add_media, add_media_file, add_name, add_person, mark

ALL = f"""{FIELDS} {" ".join(f"{one.plural} {{ name }}" for one in MEMBERSHIPS)} files {{ path }}
    credits {{ nodes {{ person {{ name }} }} }} children {{ nodes {{ id }} }}"""
READ = f"query ($id: ID!) {{ mediaItem(id: $id) {{ {ALL} }} }}"
KINDS = {"MOVIE": 1, "SERIES": 2, "SEASON": 3, "EPISODE": 4, "CLIP": 5, "TRACK": 6}
SECOND_PARENT = {"SEASON": "media_7", "EPISODE": "media_8"}


async def fill(connection: Any) -> None:
    """One media of each kind with all that can hang on it, all in one library; then another series with a season."""
    library = await add_library(connection, kind=None)
    await add_library(connection, "Other", kind=None)
    person = await add_person(connection, "Somebody")
    for noun in BY_NOUN:
        await add_name(connection, noun, f"a {noun}")
    parents = {"SEASON": 2, "EPISODE": 3}
    for number, kind in enumerate(KINDS, 1):
        media = await add_media(
            connection,
            library,
            f"The {kind}",
            kind=kind,
            parent_id=parents.get(kind),
            original_title="Autre",
            year=1999,
            rating_tenths=73,
            runtime_minutes=90,
            overview="Words.",
            season_number=1,
            episode_number=2,
            metadata={"a": {"b": [1, True, None, 1.5]}, "watched": True},
        )
        assert media == number
        for noun in BY_NOUN:
            await mark(connection, noun, media, 1)
        await add_credit(connection, media, person)
        await add_media_file(connection, media, f"/{kind}")
    await add_media(connection, library, "Another series", kind="SERIES")
    await add_media(connection, library, "Another season", kind="SEASON", parent_id=7)


def changes_of(kind: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    """By field: a new value, and what of the media it changes as it is read."""
    plain = {
        "originalTitle": "Tiers",
        "year": None,
        "rating": 10.0,
        "runtimeMinutes": None,
        "overview": "Others.",
        "addedAt": "2020-02-03T04:05:06.000007+00:00",
        "seasonNumber": 7,
        "episodeNumber": None,
        "metadata": {"c": 1},
    }
    found: dict[str, tuple[Any, dict[str, Any]]] = {name: (value, {name: value}) for name, value in plain.items()}
    found["title"] = ("A new one", {"title": "A new one", "sortTitle": "new one"})
    found["library"] = ("library_2", {"library": {"id": "library_2"}})
    if kind in SECOND_PARENT:
        found["parent"] = (SECOND_PARENT[kind], {"parent": {"id": SECOND_PARENT[kind]}})
    if kind in ("MOVIE", "CLIP", "TRACK"):  # others have parents or children, which say what they are
        other = "CLIP" if kind == "MOVIE" else "MOVIE"
        found["kind"] = (other, {"kind": other})
    patched = {"a": {"b": [1, True, None, 1.5], "d": 2}}
    found["metadataPatch"] = ({"a": {"d": 2}, "watched": None}, {"metadata": patched})
    return found


def named_together(kind: str) -> Iterator[tuple[str, ...]]:
    """Each field alone, and each two of them."""
    names = changes_of(kind)
    yield from ((name,) for name in names)
    yield from (pair for pair in combinations(names, 2) if {*pair} != {"metadata", "metadataPatch"})


@pytest.mark.parametrize("kind", KINDS)
async def test_every_field_and_every_two_change_alone(api: Api, connection: Any, kind: str) -> None:
    await fill(connection)
    number, id = KINDS[kind], f"media_{KINDS[kind]}"
    before = (await api.run(READ, id=id))["mediaItem"]
    stored = await connection.fetchval("SELECT to_jsonb(m) FROM media m WHERE id = $1", number)
    restore = "UPDATE media m SET {} FROM jsonb_populate_record(NULL::media, $2::jsonb) r WHERE m.id = $1".format(
        ", ".join(
            f"{name} = r.{name}"
            for name in (
                *(
                    "library_id",
                    "kind",
                    "title",
                    "folded_title",
                    "sort_title",
                    "original_title",
                    "year",
                    "rating_tenths",
                ),
                *(
                    "runtime_minutes",
                    "overview",
                    "added_at",
                    "parent_id",
                    "season_number",
                    "episode_number",
                    "metadata",
                    "version",
                ),
            )
        )
    )
    changes = changes_of(kind)

    for names in named_together(kind):
        expected = dict(before)
        for name in names:
            expected |= changes[name][1]
        data = await api.run(UPDATE, items={"id": id, **{name: changes[name][0] for name in names}})
        after = (await api.run(READ, id=id))["mediaItem"]
        assert (data["edit"]["errors"], after) == ([], {**expected, "version": after["version"]}), names
        assert after["version"] == before["version"] + 1, names
        await connection.execute(restore, number, stored)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_allowed_once_stays_whatever_else_changes(api: Api, connection: Any, kind: str) -> None:
    """Rows from before today's rules: without a parent, in a library of another kind."""
    library = await add_library(connection, kind="TRACK" if kind != "TRACK" else "MOVIE")
    await add_media(connection, library, "Old", kind=kind)

    same = {"kind": kind, "library": "library_1", "parent": None}
    data = await api.run(UPDATE, items={"id": "media_1", "title": "New", "rating": 1.5, **same})

    assert (codes(data), data["edit"]["media"][0]["title"]) == ([], "New")


async def test_a_media_whose_parent_is_hidden_can_be_changed_but_not_hung_elsewhere(api: Api, connection: Any) -> None:
    hidden, seen = await add_library(connection, "h", None), await add_library(connection, "s", None)
    await add_media(connection, hidden, "Series", kind="SERIES")
    await add_media(connection, hidden, "Other", kind="SERIES")
    await add_media(connection, seen, "Season", kind="SEASON", parent_id=1)

    data = await api.run(UPDATE, Viewer((seen,)), items={"id": "media_3", "title": "x", "parent": "media_1"})
    assert codes(data) == []
    data = await api.run(UPDATE, Viewer((seen,)), items={"id": "media_3", "title": "y", "parent": "media_2"})
    assert codes(data) == [("NOT_FOUND", 0, "media_3")]
    assert await connection.fetchval("SELECT title FROM media WHERE id = 3") == "x"


async def test_a_patch_keeps_numbers_as_they_are_stored(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    await connection.execute("""UPDATE media SET metadata = '{"n": 12345678901234567890123, "deep": {"x": 1.50}}'""")

    await api.run(UPDATE, items={"id": "media_1", "metadataPatch": {"deep": {"y": True}, "new": {"a": {"b": None}}}})

    stored = await connection.fetchval("SELECT metadata::text FROM media")
    assert stored == '{"n": 12345678901234567890123, "new": {"a": {}}, "deep": {"x": 1.50, "y": true}}'
