"""Lists along, beside what fails and what is bounded: rows that came within another one are rows everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from database.connect_args import ConnectArgs
from database.session import Session
from domain.errors import CatalogError, Code
from tests.support.api import open_api
from tests.support.factories import add_artwork, add_external_id, add_library, add_media, add_name, mark

ENGINES = pytest.mark.parametrize("engine", ["compiled", "reference"])


@pytest.fixture
async def filled(connection: Any) -> None:
    """Media 1 with two tags, an external id and a picture; media 2 with a tag."""
    library = await add_library(connection)
    for title in ("First", "Second"):
        await add_media(connection, library, title)
    for name in ("noir", "war"):
        await add_name(connection, "tag", name)
    await mark(connection, "tag", 1, 1, 2)
    await mark(connection, "tag", 2, 1)
    await add_external_id(connection, 1, "imdb", "tt1")
    await add_artwork(connection, 1)


async def test_rows_that_came_along_are_good_rows_beside_a_batch_that_fails(
    writer: ConnectArgs, filled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = Session.fetch

    async def failing(self: Session, statement: Any, values: Any, **given: Any) -> Any:
        if statement.name == "tags_by_media_id":
            raise CatalogError(Code.STATEMENT_TIMEOUT, "too slow")
        return await fetch(self, statement, values, **given)

    monkeypatch.setattr(Session, "fetch", failing)
    async with open_api(writer, engine="compiled") as api:
        answer = await api.answer(
            """{ mediaByExternalId(source: "imdb", value: "tt1") { tags { name } }
            nodes(ids: ["media_1", "media_2"]) { ... on Media { id tags { name } } } }"""
        )

    tags = [{"name": "noir"}, {"name": "war"}]
    assert answer.body["data"] == {
        "mediaByExternalId": {"tags": tags},
        "nodes": [{"id": "media_1", "tags": tags}, None],
    }
    assert [(error["extensions"]["code"], error["path"]) for error in answer.body["errors"]] == [
        ("STATEMENT_TIMEOUT", ["nodes", 1, "tags"])
    ]


@ENGINES
@pytest.mark.parametrize(("rows", "codes"), [(5, []), (4, ["TOO_MANY_ROWS"])])
async def test_rows_that_come_along_count_against_the_budget(
    writer: ConnectArgs, filled: None, engine: str, rows: int, codes: list[str]
) -> None:
    query = '{ mediaItem(id: "media_1") { tags { name } externalIds { value } artwork { url } } }'
    async with open_api(writer, engine=engine, max_rows=rows) as api:
        assert (await api.codes(query))[:1] == codes
