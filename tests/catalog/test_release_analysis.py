"""What is stored of analysed releases: what is filled in, what stays, groups, history."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from catalog.releases.analysis import AnalysedRelease, ReleaseFacts, store_analysis
from catalog.releases.due import FIRST_PLACE, DueScope, next_due_releases
from catalog.transaction import transact
from database.session import Session
from domain.errors import CatalogError, Code
from domain.viewer import UNRESTRICTED, Viewer
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_row

WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
FACTS = ReleaseFacts("GRP", 700, WHEN, 90, None)
NOT_KNOWN = CatalogError(Code.NOT_FOUND, "Not known.")


async def store(
    api: Api, *found: ReleaseFacts | CatalogError, viewer: Viewer = UNRESTRICTED, then: str = ""
) -> list[AnalysedRelease]:
    """Stores what was found of all releases, by their ids. then: SQL between reading and storing them."""
    session = Session(api.pool)
    try:
        due = await transact(
            session,
            UNRESTRICTED,
            "due",
            lambda writer: next_due_releases(writer, DueScope(releases=range(1, 100)), FIRST_PLACE, 100),
        )
        if then:
            await transact(session, UNRESTRICTED, "meanwhile", lambda writer: writer.fetch(then))
        by_id = sorted(due, key=lambda one: one.id)
        api.statements.clear()
        analysed = [AnalysedRelease(one, what) for one, what in zip(by_id, found, strict=True)]
        return await transact(session, viewer, "store", lambda writer: store_analysis(writer, analysed))
    finally:
        await session.close()


async def rows_of(connection: Any, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await connection.fetch(f"SELECT {', '.join(columns)} FROM release ORDER BY id")]


async def add_release(connection: Any, name: str, **columns: Any) -> int:
    return await add_row(connection, "release", **{"name": name, "category": "movies", **columns})


async def events_of(connection: Any) -> list[tuple[int, Any]]:
    rows = await connection.fetch("SELECT media_id, detail FROM history_event WHERE type = 'UPDATED' ORDER BY id")
    return [(row[0], json.loads(row[1])) for row in rows]


async def test_what_is_there_stays_and_what_is_not_is_filled_in(api: Api, connection: Any) -> None:
    own = await add_row(connection, "release_group", name="Own", folded_name="own")
    await add_release(connection, "a", size=5, release_group_id=own, nuke_reason="old", completeness=3)
    await add_release(connection, "b", failure="It failed.", state="FAILED")
    await store(api, FACTS, ReleaseFacts("New", None, None, None, "bad.crop"))
    assert await rows_of(
        connection, "state", "failure", "release_group_id", "size", "published_at", "completeness", "nuke_reason"
    ) == [
        ("ANALYSED", None, own, 5, WHEN, 90, None),
        ("ANALYSED", None, own + 1, None, None, None, "bad.crop"),
    ]
    assert [row[0] for row in await connection.fetch("SELECT name FROM release_group ORDER BY id")] == ["Own", "New"]


async def test_a_failure_is_told_but_takes_nothing_away_from_what_was_analysed(api: Api, connection: Any) -> None:
    await add_release(connection, "a")
    await add_release(connection, "b", state="ANALYSED", analysed_at=WHEN)
    outcomes = await store(api, NOT_KNOWN, NOT_KNOWN)
    assert [one.found for one in outcomes] == [NOT_KNOWN, NOT_KNOWN]
    assert await rows_of(connection, "state", "failure", "analysed_at") == [
        ("FAILED", "NOT_FOUND: Not known.", None),
        ("ANALYSED", None, WHEN),
    ]


async def test_a_group_that_is_there_under_another_spelling_is_taken(api: Api, connection: Any) -> None:
    await add_row(connection, "release_group", name="Éclair", folded_name="eclair")
    await add_release(connection, "a")
    await add_release(connection, "b")
    facts = [ReleaseFacts(name, None, None, None, None) for name in ("ECLAIR", "New")]
    await store(api, *facts)
    assert await rows_of(connection, "release_group_id") == [(1,), (2,)]


async def test_a_group_whose_name_can_be_none_fails_its_release_alone(api: Api, connection: Any) -> None:
    for name in "ab":
        await add_release(connection, name)
    outcomes = await store(api, ReleaseFacts("\u200b", None, None, None, None), FACTS)
    assert isinstance(outcomes[0].found, CatalogError)
    assert outcomes[0].found.extensions["code"] == "PROVIDER_BAD_ANSWER"
    assert [row[0] for row in await rows_of(connection, "state")] == ["FAILED", "ANALYSED"]


async def test_media_whose_releases_have_become_different_have_an_event_each(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    one, two = [await add_media(connection, library) for _ in range(2)]
    for name, media in [("a", one), ("b", one), ("c", two), ("d", None)]:
        await add_release(connection, name, **({} if media is None else {"media_id": media}))
    await store(api, FACTS, FACTS, NOT_KNOWN, FACTS)
    changed = {"added": 0, "changed": 2, "removed": 0}
    assert await events_of(connection) == [
        (one, {"releases": changed}),
        (two, {"releases": {**changed, "changed": 1}}),
    ]
    await store(api, FACTS, FACTS, NOT_KNOWN, FACTS)
    assert len(await events_of(connection)) == 2
    assert api.statements.count("store") == 5


async def test_one_that_is_gone_or_elsewhere_or_hidden_by_then_fails(api: Api, connection: Any) -> None:
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    media = [await add_media(connection, library) for library in (here, here, there)]
    for name, of in zip("abc", media, strict=True):
        await add_release(connection, name, media_id=of)
    await add_release(connection, "d")
    meanwhile = "WITH g AS (DELETE FROM release WHERE name = 'd') UPDATE release SET media_id = 2 WHERE name = 'a'"
    found = [one.found for one in await store(api, *[FACTS] * 4, viewer=Viewer((here,)), then=meanwhile)]
    assert [isinstance(one, CatalogError) and one.extensions["code"] for one in found] == [
        False,  # it has come to a media that is locked too
        False,
        "NOT_FOUND",
        "NOT_FOUND",
    ]
    assert [row[0] for row in await rows_of(connection, "state")] == ["ANALYSED", "ANALYSED", "NEW"]
