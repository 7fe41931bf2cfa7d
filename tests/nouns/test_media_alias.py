"""Aliases: other titles of a media, by title, at most 64 a media."""

from __future__ import annotations

from typing import Any

from domain.text import fold
from tests.support.api import Api
from tests.support.derived import delete_rows, insert_row
from tests.support.factories import add_library, add_media
from tests.support.plans import explain_batch, explain_text, indexes, scans

ADD = "INSERT INTO media_alias (media_id, title, folded_title, language) VALUES ($1, $2, $3, $4)"


async def add_alias(connection: Any, media: int, title: str, language: str | None = None) -> None:
    await connection.execute(ADD, media, title, fold(title), language)


async def test_aliases_come_by_title_without_regard_to_case_and_accents(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media, other = await add_media(connection, library), await add_media(connection, library)
    for title, language in (("Zwei", "de"), ("Été", "fr"), ("eta", None)):
        await add_alias(connection, media, title, language)
    await add_alias(connection, other, "Other")

    data = await api.run("{ media { nodes { aliases { title language } } } }")

    first = [
        {"title": "eta", "language": None},
        {"title": "Été", "language": "fr"},
        {"title": "Zwei", "language": "de"},
    ]
    assert data["media"]["nodes"] == [{"aliases": first}, {"aliases": [{"title": "Other", "language": None}]}]
    assert api.statements == ["media_pages", "aliases_by_media_id"]


async def test_a_change_of_aliases_is_a_change_of_their_media(connection: Any) -> None:
    await add_alias(connection, await add_media(connection, await add_library(connection)), "A")
    before = await connection.fetchval("SELECT transaction_id FROM media_change")
    for change in (
        insert_row(connection, "media_alias", {"media_id": 1, "title": "B", "folded_title": "b"}),
        delete_rows(connection, "media_alias"),
    ):
        await change
        row = await connection.fetchrow("SELECT type, transaction_id > $1 AS is_later FROM media_change", before)
        assert tuple(row) == ("UPDATED", True)
        before += 1


async def test_aliases_are_found_by_their_media(large_reader: Any) -> None:
    for keys in ([500], list(range(500, 600))):
        steps = await explain_batch(large_reader, "aliases_by_media_id", keys)
        assert "media_alias_media_id_folded_title_id" in indexes(steps)
        assert sum(scan.read for scan in scans(steps)) <= 64 * len(keys)


async def test_aliases_are_searched_by_trigrams_and_by_words(large_reader: Any) -> None:
    for condition, index in (
        ("folded_title LIKE '%airplane!%'", "media_alias_folded_title_trigrams"),
        ("to_tsvector('simple', folded_title) @@ to_tsquery('simple', 'airplane')", "media_alias_folded_title_words"),
    ):
        text = f"SELECT media_id FROM media_alias WHERE {condition}"
        assert index in indexes(await explain_text(large_reader, text))
