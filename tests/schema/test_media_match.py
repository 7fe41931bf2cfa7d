"""Filters over all that hangs on media, one relation after the other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.refold import fold_pending
from domain.media_lists import MEDIA_LISTS, MediaList
from domain.text import fold
from loaders.registry import ATTRIBUTES
from schema.filter.media_match import made_match, match_of
from tests.support.api import Api
from tests.support.factories import add_collection, add_library, add_media, add_media_file, add_name, add_row, mark
from tests.support.sessions import session_over

TIME = datetime(2024, 5, 6, tzinfo=UTC)
FOUND = "query ($filter: MediaFilter) { media(filter: $filter) { nodes { id } totalCount } }"


async def add_everything(connection: Any) -> None:
    """Media 1 has one of everything, media 2 one of other values, media 3 nothing."""
    library = await add_library(connection)
    for title in "ABC":
        await add_media(connection, library, title)
    for name in ("One", "Two"):
        await add_name(connection, "channel", name, f"{name} TV")
        await add_row(connection, "release_group", name=name, folded_name=fold(name))
    for media, one in ((1, True), (2, False)):
        await mark(connection, "channel", media, media)
        await add_collection(connection, "Best" if one else "Rest", media)
        await connection.execute(f"INSERT INTO clip VALUES ({media}, {media}, {media * 1500}, {media * 2_500_000})")
        await connection.execute(
            f"INSERT INTO music VALUES ({media}, {media * 6050}, 'C major', '{3 + media}/4', {media}, NULL, NULL,"
            f" ARRAY[{media}, 40])"
        )
        await connection.execute("INSERT INTO categorisation VALUES ($1, 'mood', $2)", media, "calm" if one else "odd")
        at = TIME if one else datetime(2020, 1, 1, tzinfo=UTC)
        await connection.execute("INSERT INTO process_timestamp VALUES ($1, 'tagger', $2)", media, at)
        columns = {"size": media * 10**9, "container": "mkv" if one else "mp4", "duration_ms": media * 60_000}
        await add_media_file(connection, media, f"/films/{media}.mkv", manufacturer="Korg" if one else None, **columns)
        await add_row(connection, "tagline", media_id=media, text=f"In space {media}", position=0)
        title = "Änder" if one else "Other"
        await add_row(connection, "media_alias", media_id=media, title=title, folded_title=fold(title), language="de")
        await add_row(
            connection, "subtitle", media_id=media, language="de" if one else "en", state="WANTED", is_forced=one
        )
        await add_row(connection, "thumbnail", media_id=media, state="PENDING" if one else "FAILED", offset_ms=0)
        await add_row(
            connection,
            "release",
            media_id=media,
            release_group_id=media,
            name=f"A.B-{media}",
            category="movies",
            state="NEW" if one else "ANALYSED",
        )
        await add_row(
            connection, "artwork", media_id=media, type="POSTER", url="u", state="WANTED" if one else "FAILED"
        )
    await fold_pending(session_over(connection))


# Filters that media 1 alone passes.
ONLY_THE_FIRST: dict[str, list[Any]] = {
    "channels": [
        {"any": [{"name": "one tv"}]},
        {"all": [{"id": "channel_1"}]},
        {"any": [{"matching": {"contains": "ONE"}}]},
    ],
    "collections": [{"any": [{"name": "BEST"}]}, {"any": [{"matching": {"startsWith": "be"}}]}],
    "aliases": [
        {"any": [{"title": {"contains": "AND"}}]},
        {"any": [{"title": {"eq": "ander"}, "language": {"eq": "de"}}]},
    ],
    "taglines": [{"any": [{"text": {"contains": "SPACE 1"}}]}],
    "categories": [{"any": [{"category": {"eq": "mood"}, "value": {"in": ["calm", "x"]}}]}],
    "processes": [{"any": [{"process": {"eq": "tagger"}, "processedAt": {"min": "2024-01-01T00:00:00Z"}}]}],
    "files": [
        {"any": [{"container": {"eq": "mkv"}}]},
        {"any": [{"manufacturer": {"isNull": False}}]},
        {"any": [{"megabytes": {"min": 999.5, "max": 1000}}]},
        {"any": [{"durationSeconds": {"max": 60}, "path": {"startsWith": "/films/"}}]},
    ],
    "subtitles": [{"any": [{"languages": ["de"]}]}, {"any": [{"isForced": True, "states": ["WANTED"]}]}],
    "thumbnails": [{"any": [{"states": ["PENDING"]}]}],
    "releases": [{"any": [{"states": ["NEW"], "group": {"name": "ONE"}}]}, {"any": [{"name": {"contains": "b-1"}}]}],
    "artwork": [{"any": [{"states": ["WANTED"]}]}],
    "music": [
        {"tempo": {"min": 60.5, "max": 60.5}},
        {"timeSignatures": ["4/4"]},
        {"programs": [1, 3]},
        {"tracks": {"eq": 1}},
    ],
    "clip": [{"channel": {"name": "One"}}, {"durationSeconds": {"eq": 1.5}}, {"megabytes": {"in": [2.5, 7]}}],
}
FACTS = {"music", "clip"}


async def found(api: Api, filter: Any) -> list[str]:
    data = (await api.run(FOUND, filter=filter))["media"]
    assert data["totalCount"] == len(data["nodes"])
    assert api.statements == ["media_pages", "media_count"]
    return [node["id"] for node in data["nodes"]]


async def test_each_relation_finds_what_is_asked_for(api: Api, connection: Any) -> None:
    await add_everything(connection)

    for relation, filters in ONLY_THE_FIRST.items():
        for filter in filters:
            assert await found(api, {relation: filter}) == ["media_1"], (relation, filter)
            assert await found(api, {"not": {relation: filter}}) == ["media_2", "media_3"], (relation, filter)
        if relation not in FACTS:
            [wanted, *_] = filters[0].values()
            assert await found(api, {relation: {"none": wanted}}) == ["media_2", "media_3"]
            assert await found(api, {relation: {"missing": True}}) == ["media_3"], relation
            assert await found(api, {relation: {"count": {"min": 1}}}) == ["media_1", "media_2"], relation


async def test_relations_are_combined_in_one_statement(api: Api, connection: Any) -> None:
    await add_everything(connection)
    first = {relation: filters[0] for relation, filters in ONLY_THE_FIRST.items()}

    assert await found(api, first) == ["media_1"]
    assert await found(
        api, {"or": [{"subtitles": {"missing": True}}, {"files": {"any": [{"container": {"eq": "mp4"}}]}}]}
    ) == [
        "media_2",
        "media_3",
    ]


@pytest.mark.parametrize("one", MEDIA_LISTS, ids=lambda one: one.noun)
def test_what_is_made_of_the_attributes_of_a_list_is_what_is_written_out_for_some(one: MediaList) -> None:
    def fields(type_: Any) -> dict[str, Any]:
        return {field.python_name: field.type for field in type_.__strawberry_definition__.fields}

    made = made_match(one, ATTRIBUTES[one.table])

    assert fields(made) == fields(match_of(one)) != {}


@pytest.mark.parametrize("value", [1e300, -1e300, 2.0**53, 1e-300])
async def test_numbers_of_any_size_are_bounds(api: Api, connection: Any, value: float) -> None:
    await add_everything(connection)

    for relation, field in (("music", "tempo"), ("clip", "megabytes"), ("clip", "durationSeconds")):
        low = await found(api, {relation: {field: {"min": value}}})
        high = await found(api, {relation: {field: {"max": value}}})
        assert sorted([*low, *high]) == ["media_1", "media_2"]
        assert await found(api, {relation: {field: {"eq": value}}}) == []


async def test_music_is_asked_for_together_with_anything_else(api: Api, connection: Any) -> None:
    await add_everything(connection)
    await connection.execute("INSERT INTO music (media_id, tempo_hundredths) VALUES (3, 6050)")
    music: dict[str, Any] = {"tempo": {"max": 70}}
    files: dict[str, Any] = {"any": [{"container": {"in": ["mkv", "mp4"]}}]}
    wanted: dict[tuple[str, ...], dict[str, Any]] = {
        ("media_1",): {"music": music, "files": files},
        ("media_3",): {"music": music, "files": {"none": files["any"]}},
        ("media_2",): {"not": {"music": music}, "files": files},
        ("media_1", "media_3"): {"or": [{"music": music, "files": files}, {"music": music}]},
        (): {"music": {"tempo": {"max": 50}}, "files": files},
    }
    for expected, filter in wanted.items():
        for more in (None, {"any": [{"name": "One"}, {"name": "Two"}]}):
            page = (await api.run(FOUND, filter={**filter, "channels": more}))["media"]
            found = [node["id"] for node in page["nodes"]]
            assert found == [one for one in expected if one != "media_3" or not more], filter
