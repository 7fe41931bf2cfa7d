"""External ids: in order, one media each, at most 64 a media."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.support.api import Api
from tests.support.factories import add_external_id, add_library, add_media


async def test_external_ids_come_by_source_and_value(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    for source, value in [("wikipedia", "b"), ("imdb", "z"), ("wikipedia", "B")]:
        await add_external_id(connection, media, source, value)

    data = await api.run('{ mediaItem(id: "media_1") { externalIds { source value } } }')

    found = [(one["source"], one["value"]) for one in data["mediaItem"]["externalIds"]]
    assert found == [("imdb", "z"), ("wikipedia", "B"), ("wikipedia", "b")]


async def test_an_external_id_names_one_media(connection: Any) -> None:
    library = await add_library(connection)
    await add_external_id(connection, await add_media(connection, library), "imdb", "a")

    with pytest.raises(asyncpg.UniqueViolationError):
        await add_external_id(connection, await add_media(connection, library), "imdb", "a")
    with pytest.raises(asyncpg.CheckViolationError):
        await add_external_id(connection, await add_media(connection, library), "im:db", "a")
