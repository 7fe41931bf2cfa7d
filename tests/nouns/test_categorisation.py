"""Categorisations: pairs of a category and a value, each once a media, at most 256."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.support.api import Api
from tests.support.derived import delete_rows, insert_row
from tests.support.factories import add_library, add_media
from tests.support.plans import explain_batch, explain_text, indexes, read_from_index_alone, scans

ADD = "INSERT INTO categorisation (media_id, category, value) VALUES ($1, $2, $3)"


async def test_categories_come_by_category_and_value(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    media = await add_media(connection, library)
    await add_media(connection, library)
    for pair in (("mood", "dark"), ("audience", "family"), ("mood", "Dark"), ("mood", "calm")):
        await connection.execute(ADD, media, *pair)

    data = await api.run("{ media { nodes { categories { category value } } } }")

    found = [(one["category"], one["value"]) for one in data["media"]["nodes"][0]["categories"]]
    assert found == [("audience", "family"), ("mood", "Dark"), ("mood", "calm"), ("mood", "dark")]
    assert data["media"]["nodes"][1] == {"categories": []}
    assert api.statements == ["media_pages", "categories_by_media_id"]


async def test_a_pair_stands_once(connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    await connection.execute(ADD, media, "shelf", "1")

    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(ADD, media, "shelf", "1")


async def test_a_change_of_categories_is_a_change_of_their_media(connection: Any) -> None:
    await connection.execute(ADD, await add_media(connection, await add_library(connection)), "mood", "dark")
    before = await connection.fetchval("SELECT transaction_id FROM media_change")
    for change in (
        insert_row(connection, "categorisation", {"media_id": 1, "category": "mood", "value": "calm"}),
        delete_rows(connection, "categorisation"),
    ):
        await change
        row = await connection.fetchrow("SELECT type, transaction_id > $1 AS is_later FROM media_change", before)
        assert tuple(row) == ("UPDATED", True)
        before += 1


async def test_categories_are_found_by_their_media(large_reader: Any) -> None:
    for keys in ([500], list(range(500, 600))):
        steps = await explain_batch(large_reader, "categories_by_media_id", keys)
        assert "categorisation_pkey" in indexes(steps)
        assert sum(scan.read for scan in scans(steps)) <= 256 * len(keys)


async def test_the_media_of_a_category_are_read_from_its_index_alone(large_reader: Any) -> None:
    text = "SELECT media_id FROM categorisation WHERE category = 'shelf' AND value = 'shelf 7' ORDER BY media_id"
    steps = await explain_text(large_reader, text)

    assert read_from_index_alone(steps, "categorisation_category_value_media_id")
    assert scans(steps)[0].read == 100
