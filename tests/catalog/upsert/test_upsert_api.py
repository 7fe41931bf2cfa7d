"""upsertMedia as clients send it and what it answers."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import UNRESTRICTED
from tests.support.api import Api
from tests.support.factories import add_library, add_media

UPSERT = """mutation ($items: [MediaUpsert!]!, $mode: OnConflict! = REPLACE, $by: [MatchBy!]) {
    upsertMedia(items: $items, onConflict: $mode, matchBy: $by) {
        counts { created updated unchanged failed }
        results { index status fields code message path media { id title tags { name } } }
    } }"""
FULL: dict[str, Any] = {
    "library": "library_1",
    "title": "A",
    "year": 1999,
    "rating": 7.5,
    "tags": [{"name": "x"}, {"name": "y"}],
    "genres": [{"name": "g"}],
    "channels": [{"name": "c"}],
    "collections": [{"collection": {"name": "Box"}, "position": 3}],
    "externalIds": [{"source": "imdb", "value": "tt1"}],
    "aliases": [{"title": "B", "language": "de"}],
    "taglines": ["One.", "Two."],
    "categories": [{"category": "mood", "value": "dark"}],
    "credits": [{"person": {"name": "Ann"}, "role": "ACTOR", "character": "Bea"}],
    "artwork": [{"type": "POSTER", "url": "https://example.org/a.jpg"}],
    "files": [{"path": "/a/b.mkv", "size": 5, "modifiedAt": "2024-01-01T00:00:00Z", "durationMs": 5}],
    "subtitles": [{"language": "en", "isForced": True}],
    "music": {"tempo": 120.5, "durationSeconds": 1.5},
    "clip": {"channel": {"name": "c"}, "durationSeconds": 2.5},
    "thumbnails": [{"offsetSeconds": 1.5}],
    "releases": [{"name": "A.1", "category": "hd", "group": {"name": "GRP"}}],
}
COUNTS = {"created": 0, "updated": 0, "unchanged": 0, "failed": 0}


async def send(api: Api, *items: dict[str, Any], **variables: Any) -> Any:
    return (await api.run(UPSERT, items=list(items), **variables))["upsertMedia"]


async def failure(api: Api, **fields: Any) -> tuple[str, str | None]:
    """Code and path of an item that fails."""
    [result] = (await send(api, {"library": "library_1", "title": "A", **fields}))["results"]
    assert (result["status"], result["fields"], result["media"]) == ("FAILED", [], None)
    assert result["message"]
    return result["code"], result["path"]


async def test_results_stand_in_the_order_given_with_counts_and_the_media(api: Api, connection: Any) -> None:
    await add_library(connection)
    await send(api, FULL, {"library": "library_1", "title": "Old"})

    found = await send(
        api,
        {"library": "library_1", "title": "New"},
        {**FULL, "rating": 8, "tags": [{"name": "Z"}]},
        {"id": "tag_1"},
        {"library": "library_1", "title": "OLD", "year": None, "tags": []},
        {"library": "library_1", "title": "Old"},
    )
    assert found["counts"] == {"created": 1, "updated": 2, "unchanged": 0, "failed": 2}
    assert [(one["index"], one["status"], one["fields"], one["code"], one["path"]) for one in found["results"]] == [
        (0, "CREATED", [], None, None),
        (1, "UPDATED", ["rating", "tags"], None, None),
        (2, "FAILED", [], "BAD_ID", "id"),
        (3, "UPDATED", ["title"], None, None),
        (4, "FAILED", [], "DUPLICATE", None),
    ]
    assert found["results"][1]["media"] == {"id": "media_1", "title": "A", "tags": [{"name": "Z"}]}
    assert (await send(api, {**FULL, "rating": 8, "tags": [{"name": "z"}]}))["counts"] == {**COUNTS, "unchanged": 1}


async def test_modes_and_keys_are_arguments(api: Api, connection: Any) -> None:
    await add_library(connection)
    assert (await send(api, FULL))["counts"] == {**COUNTS, "created": 1}
    more = {"library": "library_1", "title": "A", "year": 1999, "tags": [{"name": "z"}]}

    assert (await send(api, more, mode="SKIP"))["counts"] == {**COUNTS, "unchanged": 1}
    assert (await send(api, more, mode="MERGE"))["results"][0]["media"]["tags"] == [
        {"name": "x"},
        {"name": "y"},
        {"name": "z"},
    ]
    assert (await send(api, more, by=["EXTERNAL_ID"]))["counts"] == {**COUNTS, "created": 1}
    parent = {"parent": {"item": 0}}
    tree: list[dict[str, Any]] = [
        {"library": "library_2", "kind": "SERIES", "title": "S"},
        {"library": "library_2", "kind": "SEASON", "title": "1", "seasonNumber": 1, **parent},
        {
            "library": "library_2",
            "kind": "EPISODE",
            "title": "E",
            "episodeNumber": 1,
            "parent": {
                "season": {
                    "series": {"title": {"library": "library_2", "kind": "SERIES", "title": "s"}},
                    "number": 1,
                }
            },
        },
    ]
    await add_library(connection, "Series", "SERIES")
    assert (await send(api, *tree))["counts"] == {**COUNTS, "created": 3}
    assert (await send(api, *tree))["counts"] == {**COUNTS, "unchanged": 3}


async def test_each_fault_says_where_in_the_item_it_is(api: Api, connection: Any) -> None:
    await add_library(connection)
    ann, release = {"person": {"name": "Ann"}, "role": "ACTOR"}, {"name": "A", "category": "hd"}
    file = {"path": "/a", "size": 1, "modifiedAt": "2024-01-01T00:00:00Z"}
    frame = {"offsetSeconds": 1}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"library": "media_1"}, "BAD_ID", "library"),
        ({"library": "library_9"}, "NOT_FOUND", "library"),
        ({"library": None}, "BAD_ARGUMENT", "library"),
        ({"title": " "}, "BAD_ARGUMENT", "title"),
        ({"title": "\ud800"}, "BAD_ARGUMENT", "title"),
        ({"rating": 7.55}, "BAD_ARGUMENT", "rating"),
        ({"year": -1}, "BAD_ARGUMENT", "year"),
        ({"kind": "SERIES"}, "BAD_ARGUMENT", "library"),
        ({"metadata": [1]}, "BAD_ARGUMENT", "metadata"),
        ({"addedAt": None}, "BAD_ARGUMENT", "addedAt"),
        ({"id": "media_9"}, "NOT_FOUND", "id"),
        ({"version": 3}, "NOT_FOUND", "version"),
        ({"parent": {"id": "tag_1"}}, "BAD_ID", "parent"),
        ({"parent": {"path": "/none"}}, "NOT_FOUND", "parent"),
        ({"tags": [{"name": "x"}, {"id": "genre_1"}]}, "BAD_ID", "tags.1"),
        ({"tags": [{"id": "tag_9"}]}, "NOT_FOUND", "tags.0"),
        ({"genres": [{"name": ""}]}, "BAD_ARGUMENT", "genres.0"),
        ({"collections": [{"collection": {"id": "media_1"}}]}, "BAD_ID", "collections.0.collection"),
        ({"collections": [{"collection": {"name": "x"}, "position": -1}]}, "BAD_ARGUMENT", "collections.0.position"),
        ({"externalIds": [{"source": "a:b", "value": "1"}]}, "BAD_ARGUMENT", "externalIds.0.source"),
        ({"externalIds": [{"source": "imdb", "value": ""}]}, "BAD_ARGUMENT", "externalIds.0.value"),
        ({"aliases": [{"title": "a"}, {"title": "b", "language": "x"}]}, "BAD_ARGUMENT", "aliases.1.language"),
        ({"taglines": ["a", "\u200b"]}, "BAD_ARGUMENT", "taglines.1"),
        ({"categories": [{"category": "", "value": "x"}]}, "BAD_ARGUMENT", "categories.0.category"),
        ({"credits": [ann, ann, {**ann, "person": {"id": "person_9"}}]}, "NOT_FOUND", "credits.2.person"),
        ({"credits": [ann, {**ann, "job": ""}]}, "BAD_ARGUMENT", "credits.1.job"),
        ({"artwork": [{"type": "LOGO", "url": "u", "width": 0}]}, "BAD_ARGUMENT", "artwork.0.width"),
        ({"files": [{**file, "size": -1}]}, "BAD_ARGUMENT", "files.0.size"),
        ({"files": [file, {**file, "path": "/b", "codecs": ["a", ""]}]}, "BAD_ARGUMENT", "files.1.codecs"),
        ({"files": [{**file, "durationMs": -1}]}, "BAD_ARGUMENT", "files.0.durationMs"),
        ({"subtitles": [{"language": "English"}]}, "BAD_ARGUMENT", "subtitles.0.language"),
        ({"subtitles": [{"language": "en", "state": "DOWNLOADED"}]}, "BAD_ARGUMENT", "subtitles.0"),
        ({"music": {"tempo": 1.234}}, "BAD_ARGUMENT", "music.tempo"),
        ({"music": {"durationSeconds": -1}}, "BAD_ARGUMENT", "music.durationSeconds"),
        ({"music": {"timeSignature": "4"}}, "BAD_ARGUMENT", "music.timeSignature"),
        ({"clip": {"channel": {"id": "channel_9"}}}, "NOT_FOUND", "clip.channel"),
        ({"clip": {"durationSeconds": 1e12}}, "BAD_ARGUMENT", "clip.durationSeconds"),
        ({"thumbnails": [frame, {"offsetSeconds": 0.0001}]}, "BAD_ARGUMENT", "thumbnails.1.offsetSeconds"),
        ({"thumbnails": [frame, {**frame, "width": 5}]}, "BAD_ARGUMENT", "thumbnails.1"),
        ({"releases": [{**release, "group": {"id": "release_group_9"}}]}, "NOT_FOUND", "releases.0.group"),
        ({"releases": [{**release, "publishedAt": "0001-01-01T00:00:00Z"}]}, "BAD_ARGUMENT", "releases.0.publishedAt"),
        ({"tags": [{"name": f"t{number}"} for number in range(300)]}, "TOO_MANY", "tags"),
    ]
    for fields, code, path in cases:
        assert (fields, *await failure(api, **fields)) == (fields, code, path)
    for table in ("media", "tag", "person", "collection", "channel", "history_event", "media_change"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_what_cannot_be_read_as_items_fails_whole(api: Api, connection: Any) -> None:
    await add_library(connection)
    one = {"library": "library_1", "title": "A"}
    many = [{**one, "title": f"{number}"} for number in range(501)]

    assert await api.codes(UPSERT, items=many) == ["BAD_ARGUMENT"]
    for bad in (
        {**one, "unknown": 1},
        {**one, "kind": "BOOK"},
        {**one, "credits": [{"role": "ACTOR"}]},
        {**one, "tags": [{"name": "x", "id": "tag_1"}]},
        {**one, "addedAt": "yesterday"},
        {**one, "year": 2**31},
        {**one, "parent": {}},
        {**one, "onConflict": "SKIP"},
    ):
        [code] = await api.codes(UPSERT, items=[bad])
        assert code == "BAD_ARGUMENT", bad
    assert await connection.fetchval("SELECT count(*) FROM media") == 0
    assert (await send(api))["counts"] == COUNTS


@pytest.mark.parametrize("value", ["\0", "\ud800", "x" * 10_000, "\ufdfa" * 400])
async def test_texts_that_cannot_be_stored_fail_the_item_alone_wherever_they_stand(
    api: Api, connection: Any, value: str
) -> None:
    await add_library(connection)
    good = {"library": "library_1", "title": "Good"}
    for text in texts_of(FULL, value):
        found = await send(api, good, {**text, "title": text["title"] if text["title"] != "A" else "B"})
        assert found["results"][0]["status"] in ("CREATED", "UNCHANGED"), text
        assert found["results"][1]["status"] in ("FAILED", "CREATED", "UPDATED"), text


def texts_of(given: Any, value: str) -> list[Any]:
    """What is given with each of its texts replaced in turn, but not those that are ids or words of enums."""
    found: list[Any] = []
    if isinstance(given, dict):
        for name, inner in given.items():
            if name not in ("library", "role", "type", "modifiedAt"):
                found += [{**given, name: one} for one in texts_of(inner, value)]
    elif isinstance(given, list):
        for place, inner in enumerate(given):
            found += [[*given[:place], one, *given[place + 1 :]] for one in texts_of(inner, value)]
    elif isinstance(given, str):
        found.append(value)
    return found


async def test_times_without_an_offset_are_utc(api: Api, connection: Any) -> None:
    await add_library(connection)
    file = {"path": "/a", "size": 1, "modifiedAt": "2024-01-01T00:00:00"}
    one = {"library": "library_1", "title": "A", "addedAt": "2024-01-01T00:00:00", "files": [file]}
    assert (await send(api, one))["counts"]["created"] == 1
    same = {**one, "addedAt": "2024-01-01T01:00:00+01:00", "files": [{**file, "modifiedAt": "2024-01-01T00:00:00Z"}]}
    assert (await send(api, same))["counts"] == {**COUNTS, "unchanged": 1}


async def test_deep_json_is_refused(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    await add_media(connection, library, "A")
    deep: Any = 1
    for _ in range(200):
        deep = {"a": deep}
    answer = await api.answer(
        UPSERT, UNRESTRICTED, items=[{"library": "library_1", "title": "A", "metadata": deep}], mode="MERGE"
    )
    [result] = answer.body["data"]["upsertMedia"]["results"]
    assert (result["code"], result["path"]) == ("BAD_ARGUMENT", "metadata")
