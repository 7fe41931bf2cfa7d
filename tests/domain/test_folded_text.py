"""Every text of the API is compared by one rule, whatever wrote it and whoever asks; what shows nothing is no name."""

from __future__ import annotations

import unicodedata
from typing import Any

import asyncpg
import pytest

from catalog.refold import FOLDED_TABLES, fold_pending
from database.connect_args import ConnectArgs
from tests.support.api import Api
from tests.support.factories import add_credit, add_external_id, add_library, add_media, add_person, add_row
from tests.support.sessions import session_over

CREATE = """mutation ($title: String!, $original: String, $overview: String) {
    createMedia(items: [{ library: "library_1", title: $title, originalTitle: $original, overview: $overview }]) {
        errors { code message } media { id sortTitle } } }"""
TAG = """mutation ($name: String!) { addTags(items: [{ media: ["media_1"], tags: [{ name: $name }] }]) {
    errors { code } media { tags { name slug } } } }"""
FOUND = "query ($filter: MediaFilter) { media(filter: $filter, first: 10) { nodes { id } } }"


async def found(api: Api, filter: dict[str, Any]) -> list[str]:
    return [node["id"] for node in (await api.run(FOUND, filter=filter))["media"]["nodes"]]


async def test_texts_of_media_are_found_however_they_are_written(api: Api, connection: Any) -> None:
    await add_library(connection)
    original = unicodedata.normalize("NFD", "Élève")
    assert (await api.run(CREATE, title="Episode I – The Menace", original=original, overview="“ΣΊΣΥΦΟΣ”"))[
        "createMedia"
    ]["errors"] == []
    person = await add_person(connection, "パパ")
    await add_credit(connection, 1, person, character="Ἀθῆναι")
    await add_row(connection, "tagline", media_id=1, text="Nous N’irons", position=0)
    await add_row(connection, "release", media_id=1, name="Ｗｉｄｅ\u00adＲｅｌ", category="movies")
    await fold_pending(session_over(connection))

    filters: list[dict[str, Any]] = [
        {"title": "episode i - the"},
        {"titleText": {"eq": "EPISODE I — THE MENACE"}},
        {"originalTitle": {"eq": "élève"}},
        {"originalTitle": {"in": ["x", "ELEVE"]}},
        {"originalTitle": {"startsWith": "É"}},
        {"overview": {"contains": '"σίσυφος"'}},
        {"credits": {"any": [{"character": {"eq": "αθηναι"}}]}},
        {"taglines": {"any": [{"text": {"contains": "n'ir"}}]}},
        {"releases": {"any": [{"name": {"eq": "wide\u200brel"}}]}},
        {"people": {"any": [{"name": "ﾊﾟﾊﾟ"}]}},
    ]
    for filter in filters:
        assert await found(api, filter) == ["media_1"], filter
    for other in ({"people": {"any": [{"name": "ババ"}]}}, {"originalTitle": {"isNull": True}}):
        assert await found(api, other) == [], other


async def test_texts_of_the_samples_are_folded_by_the_rule(demo: ConnectArgs) -> None:
    connection = await asyncpg.connect(**demo.kwargs())
    for texts in FOLDED_TABLES:
        for one in texts.columns:
            pairs = await connection.fetch(f"SELECT DISTINCT {one.source}, {one.column} FROM {texts.table}")
            assert [tuple(pair) for pair in pairs if pair[1] != one.value_of(pair[0])] == [], texts.table
    await connection.close()


async def test_an_edit_keeps_what_is_compared_beside_what_was_written(api: Api, connection: Any) -> None:
    await add_library(connection)
    await api.run(CREATE, title="A", original="Élève", overview="Words")
    change = 'mutation { updateMedia(items: [{ id: "media_1", originalTitle: null, overview: "Ｗide" }]) { failed } }'
    assert (await api.run(change))["updateMedia"]["failed"] == 0

    assert await found(api, {"originalTitle": {"isNull": True}}) == ["media_1"]
    assert await found(api, {"originalTitle": {"contains": "e"}}) == []
    assert await found(api, {"overview": {"eq": "WIDE"}}) == ["media_1"]
    events = await connection.fetch("SELECT detail FROM history_event WHERE type = 'UPDATED'")
    assert "folded" not in events[0]["detail"]


async def test_original_titles_are_ordered_as_they_are_compared(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    for original in ("Zebra", "élan", None, "ELAN VITAL", "Ａ"):
        await add_media(connection, library, "M", original_title=original)
    data = await api.run("{ media(orderBy: { field: ORIGINAL_TITLE }) { nodes { id } } }")
    assert [node["id"][-1] for node in data["media"]["nodes"]] == list("52413")


@pytest.mark.parametrize("nothing", ["\u200b", "\ufeff \u2800", "\u3164", "\u00ad\ufe0f", "\u202e"])
async def test_names_and_titles_that_show_nothing_are_refused(api: Api, connection: Any, nothing: str) -> None:
    await add_media(connection, await add_library(connection), "First")
    [error] = (await api.run(CREATE, title=nothing))["createMedia"]["errors"]
    assert error == {"code": "BAD_ARGUMENT", "message": "title has letters or signs: this one shows nothing."}
    [error] = (await api.run(CREATE, title="A", original=nothing))["createMedia"]["errors"]
    assert error["code"] == "BAD_ARGUMENT"
    assert [one["code"] for one in (await api.run(TAG, name=nothing))["addTags"]["errors"]] == ["BAD_ARGUMENT"]
    for mutation in (
        "createLibrary(name: $n) { library { id } }",
        'renameLibrary(id: "library_1", name: $n) { library { id } }',
        'markProcessed(media: ["media_1"], process: $n) { failed }',
    ):
        assert await api.codes(f"mutation ($n: String!) {{ {mutation} }}", n=nothing) == ["BAD_ARGUMENT"]
    categories = """mutation ($n: String!) { setCategories(items: [
        { media: ["media_1"], categories: [{ category: "mood", value: $n }] }]) { errors { code } } }"""
    assert (await api.run(categories, n=nothing))["setCategories"]["errors"] == [{"code": "BAD_ARGUMENT"}]
    counts = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in ("media", "tag", "library")]
    assert counts == [1, 0, 1]


async def test_names_of_any_script_are_one_or_not_as_people_read_them(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    for name in ("パパ", "ババ", "noir", "no\u200dir", "❤\ufe0f", "❤", "हिन्दी", "👍🏻", "👍🏿"):
        data = await api.run(TAG, name=name)
    tags = {tag["name"]: tag["slug"] for tag in data["addTags"]["media"][0]["tags"]}
    assert list(tags) == sorted(["パパ", "ババ", "noir", "❤\ufe0f", "हिन्दी", "👍🏻", "👍🏿"])
    assert len(set(tags.values())) == len(tags)
    assert tags["हिन्दी"] == "हिन्दी"
    for name in ("パス", "バス"):
        assert await api.codes("mutation ($n: String!) { createLibrary(name: $n) { library { id } } }", n=name) == []
    assert await api.codes("mutation ($n: String!) { createLibrary(name: $n) { library { id } } }", n="ﾊﾟｽ") == [
        "NAME_TAKEN"
    ]


async def test_what_is_no_text_to_people_is_compared_letter_by_letter(api: Api, connection: Any) -> None:
    await add_media(connection, await add_library(connection))
    await add_external_id(connection, 1, "imdb", "tt–1")
    for value, hits in (("tt–1", ["media_1"]), ("tt-1", []), ("TT–1", [])):
        assert await found(api, {"externalIds": {"any": [{"value": {"eq": value}}]}}) == hits
