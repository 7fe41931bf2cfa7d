"""Who waits for an operation on names is told what for; operations have a time limit of their own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from tests.support.api import open_api
from tests.support.factories import add_library, add_media, add_name, mark

MERGE = 'mutation { mergeTags(into: "tag_1", from: ["tag_2"]) { counts { moved } } }'
TAG = 'mutation { addTags(items: { media: "media_1", tags: { name: "b" } }) { succeeded } }'


@pytest.fixture
async def tagged(connection: Any) -> None:
    """Two tags, the second of a media."""
    media = await add_media(connection, await add_library(connection))
    for name in "ab":
        await add_name(connection, "tag", name)
    await mark(connection, "tag", media, 2)


@pytest.mark.usefixtures("tagged")
async def test_who_waits_for_an_operation_is_told_which_one(writer: ConnectArgs, connection: Any) -> None:
    async with open_api(writer, lock_timeout=0.2) as api, connection.transaction():
        await connection.execute("UPDATE /* merge_tags */ tag SET folded_name = 'c' WHERE id = 2")
        [error] = (await api.answer(TAG)).body["errors"]

    assert error["extensions"]["code"] == "LOCK_TIMEOUT"
    assert " mergeTags has been running for " in error["message"]
    assert "Try again." in error["message"]


@pytest.mark.usefixtures("tagged")
async def test_an_operation_that_waits_for_its_turn_is_told_so(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long its own statements may take: the limit of a request's statements is not its own."""
    monkeypatch.setattr("catalog.taxonomy.turn.WAIT_SECONDS", 0.5)
    async with open_api(writer, statement_timeout=0.25) as api, connection.transaction():
        await connection.execute("UPDATE tag SET folded_name = 'c' WHERE id = 1")
        await connection.execute("SELECT /* normalise_tags */ pg_advisory_xact_lock(hashtext('taxonomy'))")
        [error] = (await api.answer(MERGE)).body["errors"]

    assert error["extensions"]["code"] == "LOCK_TIMEOUT"
    assert " normaliseTags has been running for " in error["message"]


@pytest.mark.usefixtures("tagged")
@pytest.mark.parametrize("engine", ["compiled", "reference"])
async def test_an_operation_may_take_longer_than_its_request(engine: str, writer: ConnectArgs, connection: Any) -> None:
    text = f"mutation {{ {MERGE[11:-1]} {TAG[11:-1]} }}"
    async with open_api(writer, request_timeout=0.5, engine=engine) as api:
        async with connection.transaction():
            await connection.execute("SELECT FROM media FOR UPDATE")
            asked = asyncio.create_task(api.run(text))
            await asyncio.sleep(1)
        assert await asked == {"mergeTags": {"counts": {"moved": 1}}, "addTags": {"succeeded": 1}}


@pytest.mark.usefixtures("tagged")
async def test_an_operation_is_cut_off_at_its_own_limit(writer: ConnectArgs, connection: Any) -> None:
    async with open_api(writer, request_timeout=0.1, operation_timeout=0.5) as api, connection.transaction():
        await connection.execute("SELECT FROM media FOR UPDATE")
        [error] = (await api.answer(MERGE)).body["errors"]

    assert error["extensions"]["code"] in ("REQUEST_TIMEOUT", "LOCK_TIMEOUT", "STATEMENT_TIMEOUT")
    assert await connection.fetchval("SELECT count(*) FROM tag") == 2


@pytest.mark.usefixtures("tagged")
async def test_what_follows_an_operation_has_the_time_that_its_request_had_left(
    writer: ConnectArgs, connection: Any
) -> None:
    text = f'mutation {{ renameTag(id: "tag_1", name: "c") {{ token }} {TAG[11:-1]} }}'
    async with open_api(writer, request_timeout=0.5, operation_timeout=60) as api, connection.transaction():
        await connection.execute("SELECT FROM media FOR UPDATE")
        body = (await api.answer(text)).body

    assert [error["extensions"]["code"] for error in body["errors"]] == ["REQUEST_TIMEOUT"]
    assert "longer than 0.5 s" in body["errors"][0]["message"]
