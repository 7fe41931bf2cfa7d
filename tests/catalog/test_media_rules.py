"""Where media may be: which parents and libraries fit which kinds; and that nothing is made twice unawares."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.catalog.test_media_edit import CREATE, UPDATE, codes
from tests.support.api import Api
from tests.support.factories import add_library, add_media

KINDS = ("MOVIE", "SERIES", "SEASON", "EPISODE", "CLIP", "TRACK")
FITTING = {(None, kind) for kind in ("MOVIE", "SERIES", "CLIP", "TRACK")} | {
    ("SERIES", "SEASON"),
    ("SERIES", "EPISODE"),
    ("SEASON", "EPISODE"),
}
AT_HOME = (
    {(None, kind) for kind in KINDS}
    | {(kind, kind) for kind in KINDS}
    | {
        ("SERIES", "SEASON"),
        ("SERIES", "EPISODE"),
        ("SEASON", "EPISODE"),
    }
)
PARENTS = {kind: place for place, kind in enumerate(KINDS, 1)}


async def add_each_kind(connection: Any) -> None:
    """media_1 to media_6 of every kind, in a library of no kind."""
    library = await add_library(connection, "Mixed", None)
    for kind in KINDS:
        await add_media(connection, library, kind, kind=kind, parent_id={"SEASON": 2, "EPISODE": 3}.get(kind))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_media_is_made_and_hung_only_below_what_fits(api: Api, connection: Any, kind: str) -> None:
    await add_each_kind(connection)
    parentless = await add_media(connection, 1, "Old", kind=kind)  # as one could be made before

    for above in (None, *KINDS):
        parent = None if above is None else f"media_{PARENTS[above]}"
        new = {"library": "library_1", "title": f"below {above}", "kind": kind, "parent": parent}
        data = await api.run(CREATE, items=new)
        assert [code for code, *_ in codes(data)] == ([] if (above, kind) in FITTING else ["BAD_ARGUMENT"]), above
        if above is not None:
            data = await api.run(UPDATE, items={"id": f"media_{parentless}", "parent": parent})
            assert [code for code, *_ in codes(data)] == ([] if (above, kind) in FITTING else ["BAD_ARGUMENT"]), above


async def test_a_change_of_kind_takes_the_parent_into_account(api: Api, connection: Any) -> None:
    await add_each_kind(connection)

    data = await api.run(UPDATE, items={"id": "media_4", "kind": "MOVIE"})
    assert data["edit"]["errors"][0]["message"] == "A media of kind MOVIE has no parent: give parent: null."
    assert codes(await api.run(UPDATE, items={"id": "media_4", "kind": "MOVIE", "parent": None})) == []
    data = await api.run(UPDATE, items={"id": "media_1", "kind": "EPISODE"})
    assert data["edit"]["errors"][0]["message"] == (
        "A media of kind EPISODE needs a parent of kind SEASON or SERIES: none is given."
    )
    assert codes(await api.run(UPDATE, items={"id": "media_1", "kind": "EPISODE", "parent": "media_2"})) == []
    data = await api.run(UPDATE, items=[{"id": "media_5", "kind": "SERIES"}, {"id": "media_1", "parent": "media_5"}])
    assert codes(data) == [("BAD_ARGUMENT", 1, "media_1")]
    assert codes(await api.run(UPDATE, items={"id": "media_1", "parent": "media_5"})) == []
    data = await api.run(UPDATE, items=[{"id": "media_6", "parent": "media_5"}, {"id": "media_5", "kind": "CLIP"}])
    assert codes(data) == [("BAD_ARGUMENT", 0, "media_6"), ("BAD_ARGUMENT", 1, "media_5")]


async def test_a_library_of_a_kind_takes_it_and_what_hangs_on_it(api: Api, connection: Any) -> None:
    await add_each_kind(connection)
    libraries: dict[str | None, str] = {None: "library_1"}
    for kind in KINDS:
        libraries[kind] = f"library_{await add_library(connection, kind, kind)}"

    for place, (of_library, kind) in enumerate(product(libraries, KINDS)):
        parent = {"SEASON": "media_2", "EPISODE": "media_3"}.get(kind)
        new = {"title": f"new {place}", "kind": kind, "parent": parent}
        expected = [] if (of_library, kind) in AT_HOME else ["BAD_ARGUMENT"]
        data = await api.run(CREATE, items={"library": libraries[of_library], **new})
        assert [code for code, *_ in codes(data)] == expected, (of_library, kind)
        [made] = (await api.run(CREATE, items={"library": "library_1", **new, "year": 2000}))["edit"]["media"]
        data = await api.run(UPDATE, items={"id": made["id"], "library": libraries[of_library]})
        assert [code for code, *_ in codes(data)] == expected, (of_library, kind)


async def test_a_kind_that_the_library_does_not_take_is_refused(api: Api, connection: Any) -> None:
    await add_library(connection, "Films", "MOVIE")
    await add_library(connection, "Tunes", "TRACK")
    await add_media(connection, 1, "A")

    data = await api.run(UPDATE, items={"id": "media_1", "kind": "TRACK"})
    assert codes(data) == [("BAD_ARGUMENT", 0, "media_1")]
    assert codes(await api.run(UPDATE, items={"id": "media_1", "kind": "TRACK", "library": "library_2"})) == []


async def test_the_same_media_is_not_made_twice_unless_that_is_meant(api: Api, connection: Any) -> None:
    await add_each_kind(connection)
    film = {"library": "library_1", "title": "Solaris", "year": 1972}
    await api.run(CREATE, items=film)

    data = await api.run(CREATE, items=[{**film, "title": " SOLARIS "}, {**film, "year": 2002}, film])
    assert codes(data) == [("DUPLICATE", 0, "media_7"), ("DUPLICATE", 2, "media_7")]
    assert "media_7" in data["edit"]["errors"][0]["message"]
    again = CREATE.replace("items: $items", "items: $items, allowDuplicates: true")
    assert [media["id"] for media in (await api.run(again, items=[film, film]))["edit"]["media"]] == [
        "media_9",
        "media_10",
    ]
    assert codes(await api.run(CREATE, items=film)) == [("DUPLICATE", 0, "media_7")]


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Solaris II"},
        {"year": 1972},
        {"kind": "CLIP"},
        {"library": "library_2"},
        {"kind": "EPISODE", "parent": "media_3", "seasonNumber": 1, "episodeNumber": 1},
    ],
)
async def test_media_that_differ_in_anything_that_names_them_are_no_duplicates(
    api: Api, connection: Any, other: dict[str, Any]
) -> None:
    await add_each_kind(connection)
    await add_library(connection, "Other", None)
    one = {"library": "library_1", "title": "Solaris", "overview": "Some."}

    data = await api.run(CREATE, items=[one, {**one, **other}, {**one, **other, "overview": "Others."}])

    assert [code for code, *_ in codes(data)] == ["DUPLICATE"]
    assert "Item 1 of this edit" in data["edit"]["errors"][0]["message"]


async def test_episodes_are_told_apart_by_parent_and_number(api: Api, connection: Any) -> None:
    await add_each_kind(connection)
    await add_media(connection, 1, "Second", kind="SEASON", parent_id=2)
    pilot = {"library": "library_1", "kind": "EPISODE", "title": "Pilot", "parent": "media_3", "episodeNumber": 1}

    data = await api.run(CREATE, items=[pilot, {**pilot, "episodeNumber": 2}, {**pilot, "parent": "media_7"}, pilot])

    assert [(error["code"], error["item"], error["id"]) for error in data["edit"]["errors"]] == [("DUPLICATE", 3, None)]


async def test_duplicates_are_found_by_an_index(api: Api, connection: Any) -> None:
    await connection.execute(
        """INSERT INTO library (name, folded_name) VALUES ('L', 'l');
        INSERT INTO media (library_id, kind, title, folded_title, sort_title)
        SELECT 1, 'MOVIE', 'M' || n, 'm' || n, 'm' || n FROM generate_series(1, 5000) n; ANALYZE media"""
    )
    await api.run(CREATE, items={"library": "library_1", "title": "x"})
    [text] = [text for text in api.texts if "min(m.id)" in text]

    async with connection.transaction():
        await connection.execute(f"PREPARE looked (integer[], jsonb[]) AS {text}")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        steps = [row[0] for row in await connection.fetch("EXPLAIN EXECUTE looked(NULL, NULL)")]
    assert not any("Seq Scan on media" in step for step in steps), steps
    assert any("sort_title" in step and "Index Scan" in step for step in steps), steps


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [  # the cases of RFC 7396, as far as metadata are an object
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": "foo"}, {"a": {"b": [None, {"c": None}]}}, {"a": {"b": [None, {"c": None}]}}),
        ({"n": 1}, {"n": True}, {"n": True}),
        ({"a": 1}, {}, {"a": 1}),
    ],
)
async def test_metadata_are_patched(api: Api, connection: Any, before: Any, patch: Any, after: Any) -> None:
    await add_media(connection, await add_library(connection), metadata=before)

    data = await api.run(UPDATE, items={"id": "media_1", "metadataPatch": patch})

    [media] = data["edit"]["media"]
    assert (media["metadata"], media["version"]) == (after, 1 if repr(before) == repr(after) else 2)
    details = [row[0] for row in await connection.fetch("SELECT detail FROM history_event")]
    assert len(details) == media["version"] - 1


async def test_the_patch_of_an_item_that_fails_is_not_applied_by_another_of_the_same_media(
    api: Api, connection: Any
) -> None:
    await add_media(connection, await add_library(connection), "Old", metadata={"a": 1})
    patch, title = {"id": "media_1", "metadataPatch": {"a": 2}}, {"id": "media_1", "title": "New"}

    data = await api.run(UPDATE, items=[title, patch])
    assert codes(data) == [("BAD_ARGUMENT", 1, "media_1")]
    assert [(media["title"], media["metadata"]) for media in data["edit"]["media"]] == [("New", {"a": 1})]

    data = await api.run(UPDATE, items=[{**patch, "version": 99}, {**title, "title": "Newer"}, patch])
    assert [error[:2] for error in codes(data)] == [("VERSION_CONFLICT", 0), ("BAD_ARGUMENT", 2)]
    assert [(media["title"], media["metadata"]) for media in data["edit"]["media"]] == [("Newer", {"a": 1})]


async def test_a_patch_is_bounded_like_metadata_and_stands_alone(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection), metadata={"a": "x" * 40_000})
    deep: Any = {}
    for _ in range(60):
        deep = {"a": deep}

    data = await api.run(UPDATE, items={"id": "media_1", "metadataPatch": {"b": "x" * 40_000}})
    assert codes(data) == [("BAD_ARGUMENT", 0, "media_1")]
    data = await api.run(UPDATE, items={"id": "media_1", "metadataPatch": {}, "metadata": {}})
    assert codes(data) == [("BAD_ARGUMENT", 0, "media_1")]
    data = await api.run(UPDATE, items={"id": "media_1", "metadataPatch": deep})
    assert (codes(data), data["edit"]["media"][0]["metadata"]) == ([], deep)


async def test_what_is_wrong_is_told_in_the_words_of_the_api(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    told: dict[str, tuple[Any, str]] = {
        "rating": (11, "rating is a number from 0 to 10 with at most one decimal."),
        "year": (99_999, "year is a number from 0 to 9999."),
        "runtimeMinutes": (-1, "runtimeMinutes is a number from 0 to 2147483647."),
        "library": (None, "library cannot be null."),
        "addedAt": (None, "addedAt cannot be null."),
        "metadataPatch": ([], "metadataPatch is a JSON object."),
    }

    for field, (value, message) in told.items():
        data = await api.run(UPDATE, items={"id": "media_1", field: value})
        assert [error["message"] for error in data["edit"]["errors"]] == [message]


async def test_history_tells_moves_by_ids_as_clients_know_them(api: Api, connection: Any) -> None:
    await add_each_kind(connection)
    await add_library(connection, "Other", None)

    await api.run(UPDATE, items={"id": "media_4", "library": "library_2", "parent": "media_2", "rating": 7.5})

    data = await api.run('{ mediaItem(id: "media_4") { history { nodes { detail } } } }')
    assert data["mediaItem"]["history"]["nodes"] == [
        {
            "detail": {
                "library": {"old": "library_1", "new": "library_2"},
                "parent": {"old": "media_3", "new": "media_2"},
                "rating": {"old": None, "new": 7.5},
            }
        }
    ]
