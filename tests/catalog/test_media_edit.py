"""Media made, changed and deleted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library, add_media, add_name, mark

FIELDS = """id kind title originalTitle sortTitle year overview rating runtimeMinutes addedAt seasonNumber episodeNumber
    version metadata library { id } parent { id }"""
PAYLOAD = f"succeeded failed errors {{ code message item id }} media {{ {FIELDS} }}"
CREATE = f"mutation ($items: [NewMedia!]!) {{ edit: createMedia(items: $items) {{ {PAYLOAD} }} }}"
UPDATE = f"mutation ($items: [MediaChanges!]!) {{ edit: updateMedia(items: $items) {{ {PAYLOAD} }} }}"
DELETE = """mutation ($media: [ID!]!, $with: Boolean = false) { edit: deleteMedia(media: $media, withChildren: $with) {
    deletedIds succeeded failed errors { code item id } } }"""


def codes(data: Any) -> list[tuple[str, int, str]]:
    return [(error["code"], error["item"], error["id"]) for error in data["edit"]["errors"]]


async def test_media_are_made_with_what_is_given(api: Api, connection: Any) -> None:
    await add_library(connection, kind=None)
    whole = {
        "library": "library_1",
        "title": " The Élite ",
        "originalTitle": "L'Élite",
        "year": 1999,
        "overview": "Words.",
        "rating": 7.3,
        "runtimeMinutes": 101,
        "addedAt": "2024-05-06T07:08:09.123456Z",
        "metadata": {"genres": ["a"], "deep": {"n": 1.5}},
    }

    data = await api.run(CREATE, items=[whole, {"library": "library_1", "title": "B", "kind": "SERIES"}])

    first, second = data["edit"]["media"]
    assert first == {
        **whole,
        "id": "media_1",
        "kind": "MOVIE",
        "title": "The Élite",
        "sortTitle": "elite",
        "addedAt": "2024-05-06T07:08:09.123456+00:00",
        "library": {"id": "library_1"},
        "version": 1,
        **dict.fromkeys(("seasonNumber", "episodeNumber", "parent")),
    }
    assert (second["id"], second["kind"], second["metadata"], data["edit"]["succeeded"]) == ("media_2", "SERIES", {}, 2)
    assert api.statements == ["transaction", *["create_media"] * 5, "transaction", "media_by_id", "library_by_id"]
    await assert_no_drift(connection)


async def test_an_update_changes_what_is_given_and_nothing_else(api: Api, connection: Any) -> None:
    library, other = await add_library(connection), await add_library(connection, "Other")
    await add_media(connection, library, "The One", year=1999, rating_tenths=73, overview="Words.")
    await mark(connection, "tag", 1, await add_name(connection, "tag", "noir"))

    data = await api.run(UPDATE, items={"id": "media_1", "version": 1, "title": "A Two", "year": None, "rating": 8})

    [media] = data["edit"]["media"]
    assert (media["title"], media["sortTitle"], media["year"], media["rating"]) == ("A Two", "two", None, 8.0)
    assert (media["overview"], media["version"]) == ("Words.", 2)
    assert api.statements == ["transaction", *["update_media"] * 4, "transaction", "media_by_id", "library_by_id"]
    data = await api.run(UPDATE, items={"id": "media_1", "library": "library_2", "metadata": {"a": [1]}})
    assert (data["edit"]["media"][0]["library"], data["edit"]["media"][0]["version"]) == ({"id": "library_2"}, 3)
    assert await connection.fetchval("SELECT library_id FROM media_tag") == other
    await assert_no_drift(connection)


async def test_an_update_of_another_version_is_refused_and_loses_nothing(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for title in "AB":
        await add_media(connection, library, title)
    await api.run(UPDATE, items={"id": "media_1", "version": 1, "year": 2000})

    data = await api.run(
        UPDATE,
        items=[{"id": "media_1", "version": 1, "year": 1900}, {"id": "media_2", "version": 1, "year": 1901}],
    )

    assert codes(data) == [("VERSION_CONFLICT", 0, "media_1")]
    assert "its version is 2, not 1" in data["edit"]["errors"][0]["message"]
    assert [(media["id"], media["year"]) for media in data["edit"]["media"]] == [("media_2", 1901)]
    assert await connection.fetchval("SELECT year FROM media WHERE id = 1") == 2000


async def test_an_update_to_the_same_values_changes_no_version_and_no_history(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection), "A", year=1999)
    same = {"id": "media_1", "title": "A", "year": 1999, "addedAt": "2024-01-01T01:00:00+01:00", "rating": None}

    data = await api.run(UPDATE, items=same)

    assert (data["edit"]["succeeded"], data["edit"]["media"][0]["version"]) == (1, 1)
    assert await connection.fetchval("SELECT count(*) FROM history_event") == 0


async def test_history_tells_old_and_new_values(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection), "A", year=1999)
    await api.run(UPDATE, items={"id": "media_1", "title": "B", "rating": 7.5})

    data = await api.run('{ mediaItem(id: "media_1") { history { nodes { type detail } } } }')

    assert data["mediaItem"]["history"]["nodes"] == [
        {"type": "UPDATED", "detail": {"title": {"old": "A", "new": "B"}, "rating": {"old": None, "new": 7.5}}}
    ]


BAD: dict[str, list[Any]] = {
    "title": ["", "  ", "x" * 501, "\0", None, "ﷺ" * 400],
    "originalTitle": ["", " \t", "x" * 501, "\0", "\ud800"],
    "year": [-1, 10_000, 99_999],
    "rating": [-0.1, 10.1, 7.25, 1e300],
    "runtimeMinutes": [-1],
    "seasonNumber": [-1],
    "episodeNumber": [-1],
    "overview": ["", " ", "x" * 20_001, "\ud800"],
    "addedAt": [None, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"],
    "metadata": [None, [], "x", {"a": "\0"}, {"a": "\ud800"}, {"a": "x" * 70_000}],
    "metadataPatch": [None, [], "x", {"a": "\0"}, {"\ud800": 1}, {"a": "x" * 70_000}],
    "kind": [None],
    "library": [None, "library_9", "media_1", "x"],
    "parent": ["media_1", "media_99", "library_1"],
}


@pytest.mark.parametrize("field", BAD)
async def test_a_value_that_cannot_be_is_refused_with_a_code(api: Api, connection: Any, field: str) -> None:
    await add_media(connection, await add_library(connection), "A", year=1999)
    before = await connection.fetchrow("SELECT * FROM media")

    for value in BAD[field]:
        data = await api.run(UPDATE, items={"id": "media_1", field: value})
        assert codes(data)[0][0] in ("BAD_ARGUMENT", "NOT_FOUND", "BAD_ID"), value
        assert codes(data)[0][1:] == (0, "media_1"), value

    assert await connection.fetchrow("SELECT * FROM media") == before


async def test_seasons_hang_on_series_and_episodes_on_seasons(api: Api, connection: Any) -> None:
    await add_library(connection, kind="SERIES")
    new = {"library": "library_1", "title": "x"}
    await api.run(CREATE, items={**new, "kind": "SERIES"})
    await api.run(CREATE, items={**new, "kind": "SEASON", "parent": "media_1", "seasonNumber": 1})
    episodes = [{**new, "kind": "EPISODE", "parent": "media_2", "seasonNumber": 1, "episodeNumber": n} for n in (2, 1)]
    await api.run(CREATE, items=episodes)

    data = await api.run(
        """{ mediaItem(id: "media_1") { children { totalCount nodes { id parent { id }
        children { nodes { id } } } } } }"""
    )
    assert data["mediaItem"]["children"] == {
        "totalCount": 1,
        "nodes": [
            {
                "id": "media_2",
                "parent": {"id": "media_1"},
                "children": {"nodes": [{"id": "media_4"}, {"id": "media_3"}]},
            }
        ],
    }
    data = await api.run(UPDATE, items=[{"id": "media_1", "kind": "MOVIE"}, {"id": "media_3", "parent": "media_4"}])
    assert [code for code, *_ in codes(data)] == ["BAD_ARGUMENT", "BAD_ARGUMENT"]


async def test_deleted_media_leave_a_tombstone_and_their_history(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for title in "ABC":
        await mark(
            connection, "tag", await add_media(connection, library, title), await add_name(connection, "tag", title)
        )

    data = await api.run(DELETE, media=["media_1", "media_3", "media_9", "tag_1", "media_1"])

    assert (data["edit"]["deletedIds"], data["edit"]["succeeded"]) == (["media_1", "media_3"], 2)
    assert codes(data) == [("NOT_FOUND", 2, "media_9"), ("BAD_ID", 3, "tag_1")]
    assert api.statements == ["transaction", *["delete_media"] * 4, "transaction"]
    data = await api.run(
        "{ changes { nodes { type mediaId } } history { nodes { type mediaId media { id } detail } } }"
    )
    assert {(node["type"], node["mediaId"]) for node in data["changes"]["nodes"]} >= {
        ("DELETED", "media_1"),
        ("DELETED", "media_3"),
    }
    assert data["history"]["nodes"] == [
        {"type": "DELETED", "mediaId": "media_3", "media": None, "detail": {"title": "C"}},
        {"type": "DELETED", "mediaId": "media_1", "media": None, "detail": {"title": "A"}},
    ]
    await assert_no_drift(connection)


async def test_what_others_hang_on_is_deleted_only_with_them(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    await add_media(connection, library, "Series", kind="SERIES")
    await add_media(connection, library, "Season", kind="SEASON", parent_id=1)
    await add_media(connection, library, "Episode", kind="EPISODE", parent_id=2)

    data = await api.run(DELETE, media=["media_1"])
    assert (data["edit"]["deletedIds"], codes(data)) == ([], [("HAS_CHILDREN", 0, "media_1")])
    data = await api.run(DELETE.replace("$with: Boolean = false", "$with: Boolean = true"), media=["media_1"])
    assert (data["edit"]["deletedIds"], data["edit"]["succeeded"]) == (["media_1", "media_2", "media_3"], 1)
    assert await connection.fetchval("SELECT count(*) FROM media") == 0


async def test_an_error_tells_where_its_media_stood_whatever_stands_before_it(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection), "A")

    data = await api.run(DELETE, media=["tag_1", "media_1", "media_1", "media_9"])

    assert codes(data) == [("BAD_ID", 0, "tag_1"), ("NOT_FOUND", 3, "media_9")]


async def test_a_season_that_is_moved_away_meanwhile_is_not_deleted_with_its_old_series(
    api: Api, connection: Any
) -> None:
    library = await add_library(connection)
    for title in "AB":
        await add_media(connection, library, title, kind="SERIES")
    await add_media(connection, library, "Season", kind="SEASON", parent_id=1)
    await add_media(connection, library, "Episode", kind="EPISODE", parent_id=3)
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"

    async with connection.transaction():
        await connection.execute("UPDATE media SET parent_id = 2 WHERE id = 3")
        deleting = asyncio.ensure_future(
            api.run(DELETE.replace("$with: Boolean = false", "$with: Boolean = true"), media=["media_1"])
        )
        while not await connection.fetchval(waits):
            await asyncio.sleep(0.01)
            assert not deleting.done()
    data = await deleting

    assert (data["edit"]["deletedIds"], codes(data)) == (["media_1"], [])
    assert [row[0] for row in await connection.fetch("SELECT id FROM media ORDER BY id")] == [2, 3, 4]


async def test_metadata_may_have_a_backslash_before_u0000_but_not_the_letter_itself(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection), "A")
    metadata = {"a": "\\u0000", "b": "\\\\u0000"}

    data = await api.run(UPDATE, items={"id": "media_1", "metadata": metadata})
    assert data["edit"]["media"][0]["metadata"] == metadata
    for text in ("\0", "\\\0"):
        data = await api.run(UPDATE, items={"id": "media_1", "metadata": {"a": [{text: 1}]}})
        assert codes(data) == [("BAD_ARGUMENT", 0, "media_1")]


async def test_what_a_viewer_may_not_see_cannot_be_changed_or_filled(api: Api, connection: Any) -> None:
    hidden = await add_library(connection, "hidden")
    await add_library(connection, "seen")
    await add_media(connection, hidden, "A")
    viewer = Viewer(libraries=(2,))

    for text, variables in (
        (UPDATE, {"items": {"id": "media_1", "year": 1}}),
        (DELETE, {"media": ["media_1"]}),
        (CREATE, {"items": {"library": "library_1", "title": "B"}}),
    ):
        data = await api.run(text, viewer, **variables)
        assert [error["code"] for error in data["edit"]["errors"]] == ["NOT_FOUND"]
    assert await connection.fetchval("SELECT year IS NULL FROM media") is True


@pytest.mark.parametrize("number", [1, 10, 500])
async def test_edits_cost_the_same_statements_for_any_number_of_media(api: Api, connection: Any, number: int) -> None:
    await add_library(connection)
    new = [{"library": "library_1", "title": f"M{place}"} for place in range(number)]
    ids = [f"media_{place + 1}" for place in range(number)]

    for text, name, statements, variables in (
        (
            "mutation ($items: [NewMedia!]!) { createMedia(items: $items) { succeeded } }",
            "create_media",
            5,
            {"items": new},
        ),
        (
            "mutation ($items: [MediaChanges!]!) { updateMedia(items: $items) { succeeded } }",
            "update_media",
            4,
            {"items": [{"id": one, "year": 1 + place} for place, one in enumerate(ids)]},
        ),
        ("mutation ($media: [ID!]!) { deleteMedia(media: $media) { succeeded } }", "delete_media", 4, {"media": ids}),
    ):
        [payload] = (await api.run(text, **variables)).values()
        assert payload["succeeded"] == number
        assert api.statements == ["transaction", *[name] * statements, "transaction"]
