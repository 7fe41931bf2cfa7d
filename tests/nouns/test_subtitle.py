"""Subtitles: on their media by language, by id, in pages by language and state, their bound."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from domain.viewer import Viewer
from loaders.registry import Loaders
from loaders.sql.condition import All, OneOf
from loaders.sql.page_sql import PageArguments
from tests.loaders.test_contract import silent_reader
from tests.support.api import Api
from tests.support.factories import add_library, add_media
from tests.support.plans import MODES, explain, indexes, scans, sorted_rows


async def add_subtitle(connection: Any, media: int, language: str = "en", state: str = "WANTED") -> int:
    return int(
        await connection.fetchval(
            "INSERT INTO subtitle (media_id, language, state, path) VALUES ($1, $2, $3, $4) RETURNING id",
            media,
            language,
            state,
            "a.srt" if state == "DOWNLOADED" else None,
        )
    )


async def test_a_media_has_its_subtitles_by_language(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection), "A")
    for language, state in (("pt-BR", "DOWNLOADED"), ("en", "WANTED"), ("de", "FAILED"), ("en", "DOWNLOADING")):
        await add_subtitle(connection, media, language, state)
    await connection.execute(
        """UPDATE subtitle SET format = 'srt', url = 'https://e.org/1', is_forced = true,
        is_for_hearing_impaired = true, updated_at = '2024-01-02T03:04:05Z' WHERE language = 'pt-BR'"""
    )

    data = await api.run(
        """{ mediaItem(id: "media_1") { subtitles { id language state } last: subtitles { format path url isForced
        isForHearingImpaired updatedAt media { title } } } }"""
    )

    assert data["mediaItem"]["subtitles"] == [
        {"id": "subtitle_3", "language": "de", "state": "FAILED"},
        {"id": "subtitle_2", "language": "en", "state": "WANTED"},
        {"id": "subtitle_4", "language": "en", "state": "DOWNLOADING"},
        {"id": "subtitle_1", "language": "pt-BR", "state": "DOWNLOADED"},
    ]
    assert data["mediaItem"]["last"][-1] == {
        "format": "srt",
        "path": "a.srt",
        "url": "https://e.org/1",
        "isForced": True,
        "isForHearingImpaired": True,
        "updatedAt": "2024-01-02T03:04:05+00:00",
        "media": {"title": "A"},
    }
    # graphql-core's executor brings nothing along.
    assert api.statements == ["media_by_id", *(() if api.service.engine.compiled else ("subtitles_by_media_id",))]


async def test_subtitles_are_listed_by_language_and_state(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for language in ("en", "de", "fr"):
        for state in ("WANTED", "FAILED"):
            await add_subtitle(connection, media, language, state)

    data = await api.run(
        """{ all: subtitles { totalCount } english: subtitles(language: ["en"]) { nodes { id } }
        failed: subtitles(state: [FAILED], first: 1) { totalCount nodes { id } }
        both: subtitles(language: ["de", "en"], state: [WANTED]) { nodes { id } }
        none: subtitles(language: ["EN", "'"]) { nodes { id } } empty: subtitles(state: []) { totalCount } }"""
    )

    assert data == {
        "all": {"totalCount": 6},
        "english": {"nodes": [{"id": "subtitle_1"}, {"id": "subtitle_2"}]},
        "failed": {"totalCount": 3, "nodes": [{"id": "subtitle_2"}]},
        "both": {"nodes": [{"id": "subtitle_1"}, {"id": "subtitle_3"}]},
        "none": {"nodes": []},
        "empty": {"totalCount": 0},
    }


async def test_a_list_of_languages_that_is_too_long_or_cannot_be_stored_is_refused(api: Api) -> None:
    query = "query ($languages: [String!]) { subtitles(language: $languages) { nodes { id } } }"

    assert await api.codes(query, languages=["en"] * 101) == ["BAD_ARGUMENT"]
    assert await api.codes(query, languages=["en", "\0"]) == ["BAD_ARGUMENT"]
    assert api.statements == []


async def test_subtitles_are_found_by_their_id_and_are_an_entity(api: Api, connection: Any) -> None:
    await add_subtitle(connection, await add_media(connection, await add_library(connection)))
    query = """{ subtitle(id: "subtitle_1") { language } none: subtitle(id: "subtitle_2") { id }
        node(id: "subtitle_1") { __typename }
        _entities(representations: [{ __typename: "Subtitle", id: "subtitle_1" }]) { __typename } }"""

    found = {"subtitle": {"language": "en"}, "none": None, "node": {"__typename": "Subtitle"}}
    assert await api.run(query) == {**found, "_entities": [{"__typename": "Subtitle"}]}
    assert api.statements == ["subtitle_by_id"]
    hidden = {"subtitle": None, "none": None, "node": None, "_entities": [None]}
    assert await api.run(query, Viewer(())) == hidden
    assert await api.codes('{ subtitle(id: "media_1") { id } }') == ["BAD_ID"]


@pytest.mark.parametrize("language", ["", "EN", "e", "english", "en_US", "en-", "en-a b", "en\n"])
async def test_a_language_is_a_tag(connection: Any, language: str) -> None:
    media = await add_media(connection, await add_library(connection))

    with pytest.raises(asyncpg.CheckViolationError):
        await add_subtitle(connection, media, language)


async def test_downloaded_subtitles_have_a_file(connection: Any) -> None:
    await add_subtitle(connection, await add_media(connection, await add_library(connection)))

    with pytest.raises(asyncpg.CheckViolationError, match="subtitle_downloaded_path"):
        await connection.execute("UPDATE subtitle SET state = 'DOWNLOADED'")


async def test_subtitles_in_one_state_and_language_are_walked_along_their_index(large_reader: Any) -> None:
    wanted = All((OneOf("s.language", ("de",)), OneOf("s.state", ("WANTED",))))
    middle = await large_reader.fetchval(
        """SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM subtitle
        WHERE state = 'WANTED' AND language = 'de'"""
    )
    for mode in MODES:
        for ends in ((None, None), ((middle,), None), (None, (middle,))):
            asked = PageArguments(20, ends[1] is not None, wanted, (), *ends)
            composed = Loaders.subtitle_pages.compose(silent_reader(), asked, [0])
            steps = await explain(large_reader, *composed, mode)
            assert indexes(steps) == {"subtitle_state_language_id", "media_pkey"}, (mode, asked)
            assert sorted_rows(steps) == 0
            assert {one.read for one in scans(steps)} == {21}, (mode, asked)


async def test_the_subtitles_of_media_are_found_by_their_index(large_reader: Any) -> None:
    for keys in ([500], list(range(500, 600))):
        statement = Loaders.subtitles_by_media_id.statement
        composed = statement.compose("subtitles_by_media_id", silent_reader(), keys)
        steps = await explain(large_reader, *composed, "force_generic_plan")
        assert indexes(steps) == {"subtitle_media_id_language_id"}
        assert sum(one.read for one in scans(steps)) <= 3 * len(keys)
