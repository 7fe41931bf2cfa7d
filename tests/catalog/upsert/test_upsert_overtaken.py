"""Media that are deleted between being found and being locked."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.transaction import Writer, transact
from catalog.upsert.item import Item, Key, Result, Status, Title
from catalog.upsert.upsert import upsert_media
from database.row import Row
from database.session import Session
from domain.viewer import UNRESTRICTED
from tests.support.api import Api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library
from tests.support.upserting import file, imdb, item, upserted

DELETE = "mutation ($media: [ID!]!) { deleteMedia(media: $media) { succeeded } }"


class Overtaken(Writer):
    """Before it locks media others delete some. `left`: how often that happens."""

    def __init__(self, writer: Writer, api: Api, media: list[int], left: list[int]) -> None:
        super().__init__(writer.name, writer.viewer, writer.transaction)
        self._api, self._media, self._left = api, media, left

    async def fetch(self, text: str, *values: Any) -> list[Row]:
        if "AS has_children" in text and self._left[0]:
            self._left[0] -= 1
            await self._api.run(DELETE, media=[f"media_{one}" for one in self._media])
            if self._left[0]:  # another of the same keys, for the next try
                self._media[:] = await upserted(self._api, item(external_ids=imdb("tt1")))
        return await super().fetch(text, *values)


async def overtaken(api: Api, media: list[int], items: list[Item], times: int = 1) -> list[Result]:
    session, left = Session(api.pool), [times]
    try:
        return await transact(
            session, UNRESTRICTED, "upsert", lambda writer: upsert_media(Overtaken(writer, api, media, left), items)
        )
    finally:
        await session.close()


@pytest.mark.parametrize("keys", [{"title": "A"}, {"title": "B", "external_ids": imdb("tt1")}])
async def test_what_is_deleted_meanwhile_is_made_anew(api: Api, connection: Any, keys: dict[str, Any]) -> None:
    await add_library(connection)
    media = await upserted(api, item(external_ids=imdb("tt1"), files=file("/a")))

    [one, other] = await overtaken(api, [*media], [item(0, **keys), item(1, "Other")])

    assert (one.status, other.status) == (Status.CREATED, Status.CREATED)
    assert await connection.fetchval("SELECT count(*) FROM media") == 2
    await assert_no_drift(connection)


async def test_what_is_named_by_its_id_and_deleted_meanwhile_is_not_found(api: Api, connection: Any) -> None:
    await add_library(connection)
    media = await upserted(api, item())

    [one, other] = await overtaken(api, [*media], [item(0, None, None, id=media[0], year=1999), item(1, "B")])

    assert (one.code, list(one.path), other.status) == ("NOT_FOUND", ["id"], Status.CREATED)


async def test_a_parent_that_is_deleted_meanwhile_is_matched_anew(api: Api, connection: Any) -> None:
    await add_library(connection, "Series", "SERIES")
    media = await upserted(api, item(kind="SERIES"))
    key = Key(title=Title(1, "SERIES", "A"))

    [one] = await overtaken(api, [*media], [item(0, "S", kind="SEASON", season_number=1, parent=key)])

    assert (one.code, list(one.path)) == ("NOT_FOUND", ["parent"])


async def test_one_that_is_deleted_again_and_again_fails_alone(api: Api, connection: Any) -> None:
    await add_library(connection)
    media, _ = await upserted(api, item(0, external_ids=imdb("tt1")), item(1, "B", external_ids=imdb("tt2")))
    items = [item(0, external_ids=imdb("tt1")), item(1, "B", year=1999, external_ids=imdb("tt2"))]

    results = await overtaken(api, [media], items, times=5)

    assert [(one.code, one.status) for one in results] == [("CONFLICT", Status.FAILED), (None, Status.UPDATED)]
    await assert_no_drift(connection)
