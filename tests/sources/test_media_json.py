"""JSON of media: what GraphQL takes a file can hold, and is read as the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from catalog.media_values import client_name
from catalog.upsert.item import Key, PersonKey, Season, Status
from schema.core.node import decode_id
from schema.edit.media_upsert import LISTS, OWN
from schema.edit.upsert_input import INPUTS, called
from sources.media_fields import LIST_FIELDS, OWN_FIELDS
from sources.media_json import ABOUT_THE_ITEM, UnfitItem, item_of_json
from sources.warnings import Warnings
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.reading import import_all, read_location

FULL: dict[str, Any] = {
    "kind": "MOVIE",
    "title": "Heat",
    "originalTitle": "Heat!",
    "year": 1995,
    "overview": "A thief.",
    "rating": 8.3,
    "runtimeMinutes": 170,
    "addedAt": "2024-05-06T07:08:09.123456Z",
    "metadata": {"a": [1, {"b": None}], "c": 0.1},
    "aliases": [{"title": "Hitze", "language": "de"}],
    "taglines": ["First.", "Second."],
    "externalIds": [{"source": "imdb", "value": "tt0113277"}],
    "tags": [{"name": "Noir"}, {"name": "rain"}],
    "genres": [{"name": "Crime"}],
    "channels": [{"name": "One"}],
    "collections": [{"collection": {"name": "Box"}, "position": 3}],
    "categories": [{"category": "mood", "value": "dark"}],
    "credits": [
        {"person": {"name": "Ann"}, "role": "ACTOR", "character": "Bea", "position": 4},
        {"person": {"name": "Bob"}, "role": "DIRECTOR", "job": "Regie"},
        {"person": {"name": "Cid", "externalIds": [{"source": "imdb", "value": "nm3"}]}, "role": "WRITER"},
    ],
    "artwork": [
        {"type": "POSTER", "url": "https://example.org/a.jpg", "width": 10, "height": 20}
        | {"state": "DOWNLOADED", "path": "/a.jpg"}
    ],
    "files": [
        {"path": "/a/b.mkv", "name": "b", "size": 2**40, "modifiedAt": "2024-01-01T00:00:00Z", "hash": "h"}
        | {"container": "mkv", "codecs": ["h264", "aac"], "width": 4, "height": 3, "durationMs": 5}
        | {"manufacturer": "M", "collection": "C"}
    ],
    "subtitles": [
        {"language": "en", "format": "srt", "path": "/a.srt", "url": "https://example.org/a.srt"}
        | {"isForced": True, "isForHearingImpaired": False, "state": "DOWNLOADED"}
    ],
    "music": {"tempo": 120.25, "keySignature": "C major", "timeSignature": "4/4", "trackCount": 1}
    | {"noteCount": 5, "durationSeconds": 61.125},
    "clip": {"channel": {"name": "One"}, "durationSeconds": 1.5, "size": 7, "sourceUrl": "https://example.org/c"},
    "lockedFields": ["TITLE", "YEAR"],
    "thumbnails": [
        {"offsetSeconds": 0.5, "state": "READY", "path": "/t.jpg", "width": 1, "height": 2, "error": "none"}
    ],
    "releases": [
        {"name": "A.1999", "category": "hd", "group": {"name": "GRP"}, "size": 9, "state": "FAILED", "failure": "x"}
        | {"publishedAt": "2024-01-01T00:00:00Z", "analysedAt": "2024-01-02T00:00:00+02:00"}
    ],
}

NO_NAME = "credits.0.person: A name is needed here: an id says nothing to another catalogue."
NO_LIST = "credits.0.person: A list of externalIds is needed here."
NO_OBJECT = "credits.0.person: A JSON object is needed here."


def test_files_have_the_fields_of_the_graphql_input() -> None:
    own = {client_name(name) for name in OWN}
    assert {*OWN_FIELDS, *ABOUT_THE_ITEM, *LIST_FIELDS} == own | {
        *map(client_name, LISTS),
        "key",
        "id",
        "parent",
        "version",
    }
    for name, cls in INPUTS.items():
        of = LIST_FIELDS[client_name(name)]
        assert {column: field for field, (column, _) in of.fields.items()} == called(cls), name


async def test_what_graphql_has_stored_is_unchanged_by_the_same_from_a_file(
    api: Api, connection: Any, tmp_path: Path
) -> None:
    await add_library(connection)
    query = "mutation ($items: [MediaUpsert!]!) { upsertMedia(items: $items) { results { status message } } }"
    assert FULL.keys() == {*OWN_FIELDS, *LIST_FIELDS} - {"seasonNumber", "episodeNumber"}
    stored = await api.run(query, items=[{"library": "library_1", **FULL}])
    assert stored["upsertMedia"]["results"] == [{"status": "CREATED", "message": None}]
    (tmp_path / "a.json").write_bytes(orjson.dumps([FULL]))

    [result] = await import_all(api, await read_location(tmp_path / "a.json"))

    assert (result.status, result.fields, result.message) == (Status.UNCHANGED, [], None)
    assert result.media == decode_id("media_1", "media")


def read(value: Any) -> Any:
    return item_of_json(value, Warnings())


def test_a_person_is_a_name_or_has_external_ids() -> None:
    ids = [{"source": "imdb", "value": "nm1"}, {"source": "tmdb", "value": 5}]
    empty = {"name": "D", "externalIds": []}
    people = ["A", {"name": "B"}, {"name": "C", "externalIds": ids}, {"externalIds": ids}, empty]
    item = read({"title": "A", "credits": [{"person": one, "role": "ACTOR"} for one in people]}).item

    pairs = ("imdb", "nm1"), ("tmdb", "5")
    found = [one["person_id"] for one in item.lists["credits"]]
    assert found == ["A", "B", PersonKey("C", pairs), PersonKey(None, pairs), "D"]


def test_what_is_left_out_stays_and_null_takes_away() -> None:
    item = read({"title": "A", "year": None, "tags": None, "music": None, "genres": []}).item
    assert item.values == {"title": "A", "year": None}
    assert item.lists == {"tags": [], "music": None, "genres": []}


def test_numbers_may_be_texts_and_names_may_stand_for_themselves() -> None:
    item = read({"title": 2012, "year": "2009", "rating": "5.84", "tags": ["x"], "files": [{"size": "12"}]}).item
    assert item.values == {"title": "2012", "year": 2009, "rating_tenths": 58}
    assert item.lists == {"tags": ["x"], "files": [{"size": 12}]}


@pytest.mark.parametrize(
    ("given", "key", "parent"),
    [
        ({"title": "A", "key": "k", "id": "media_3"}, "k", None),
        ({"title": "A", "id": "media_3", "parent": {"id": "media_2"}}, "media_3", "media_2"),
        ({"title": "A", "externalIds": [{"source": "imdb", "value": "tt1"}], "parent": "p"}, "imdb:tt1", "p"),
        ({"title": "A", "files": [{"path": "/a"}], "parent": {"key": "p"}}, "/a", "p"),
        ({"title": " Ä ", "year": 1999}, "|MOVIE|a|1999||", None),
        ({"kind": "episode", "parent": "s", "seasonNumber": 1, "episodeNumber": 2}, None, None),
        ({"title": "A", "key": "x" * 1_200}, "x" * 967 + "#e2ba34dcc1f2e5e7b1dc7d1b1e7d1f6d", None),
    ],
)
def test_an_item_has_a_key_within_its_file(given: dict[str, Any], key: str | None, parent: str | None) -> None:
    if key is None:
        with pytest.raises(UnfitItem, match="A media has a title"):
            read(given)
        return
    found = read(given)
    assert (found.key[:967], len(found.key), found.parent) == (key[:967], len(key), parent)


def test_a_parent_may_be_any_media_by_one_of_its_keys() -> None:
    series = {"externalId": {"source": "tvdb", "value": 5}}
    assert read({"title": "A", "parent": series}).item.parent == Key(external_id=("tvdb", "5"))
    found = read({"title": "A", "parent": {"season": {"series": {"path": "/a"}, "number": 2}}})
    assert (found.item.parent, found.item.has_parent, found.parent) == (
        Key(season=Season(Key(path="/a"), 2)),
        True,
        None,
    )
    found = read({"title": "A", "parent": None})
    assert (found.item.parent, found.item.has_parent) == (None, True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "An object is needed here."),
        ({}, "A media has a title."),
        ({"title": ["A"]}, "title: A text is needed here."),
        ({"title": True}, "title: A text is needed here."),
        ({"title": "A", "year": "next year"}, "year: A year is needed here."),
        ({"title": "A", "rating": 11}, "rating: A rating from 0 to 10 is needed here."),
        ({"title": "A", "rating": "1e999"}, "rating: A number is needed here."),
        ({"title": "A", "runtimeMinutes": 1.5}, "runtimeMinutes: A whole number is needed here."),
        ({"title": "A", "kind": "FILM"}, "kind: One of MOVIE, SERIES, SEASON, EPISODE, CLIP, TRACK is needed here."),
        ({"title": "A", "addedAt": "yesterday"}, "addedAt: A time as in 2024-05-06T07:08:09Z is needed here."),
        ({"title": "A", "metadata": []}, "metadata: A JSON object is needed here."),
        ({"title": "A", "tags": "x"}, "tags: A list is needed here."),
        ({"title": "A", "tags": ["x", None]}, "tags.1: A text is needed here."),
        (
            {"title": "A", "tags": [{"id": "tag_1"}]},
            "tags.0: A name is needed here: an id says nothing to another catalogue.",
        ),
        ({"title": "A", "credits": [{"person": {"name": " "}}]}, "credits.0.person: A name is needed here."),
        ({"title": "A", "credits": [{"person": {"externalIds": []}}]}, NO_NAME),
        ({"title": "A", "credits": [{"person": {"id": "person_1"}}]}, NO_NAME),
        ({"title": "A", "credits": [{"person": {"externalIds": 1}}]}, NO_LIST),
        ({"title": "A", "credits": [{"person": {"externalIds": [1]}}]}, NO_OBJECT),
        ({"title": "A", "credits": [{"person": {"externalIds": [{}]}}]}, "credits.0.person: A text is needed here."),
        ({"title": "A", "files": [{"codecs": "h264"}]}, "files.0.codecs: A list of texts is needed here."),
        ({"title": "A", "music": {"tempo": "fast"}}, "music.tempo: A number is needed here."),
        ({"title": "A", "key": "a\0"}, "key: A key is a text without U+0000."),
        (
            {"title": "A", "parent": {"item": 0}},
            "parent: The key of a media of this file is needed here, or an externalId, path or season.",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(given: Any, message: str) -> None:
    with pytest.raises(UnfitItem) as error:
        read(given)
    assert str(error.value) == message


def test_metadata_that_is_nested_without_end_is_refused() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(UnfitItem, match="metadata: JSON is at most 100 levels deep"):
        read({"title": "A", "metadata": {"a": deep}})


def test_unknown_fields_are_told_once_and_keep_nothing_out() -> None:
    warnings = Warnings()
    for _ in range(3):
        item_of_json({"title": "A", "colour": 1, "credits": [{"person": "B", "role": "ACTOR", "age": 3}]}, warnings)
    assert list(warnings.found) == [
        "The field credits.age is not known, and not read.",
        "The field colour is not known, and not read.",
    ]
    for number in range(200):
        item_of_json({"title": "A", f"field{number}": 1}, warnings)
    assert len(warnings.found) == 100
