"""How long lists are on average: read in one statement, kept by a worker, and what operations are then priced by."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from app.process.list_lengths import refresh_list_lengths
from database.connect_args import ConnectArgs
from database.connection import OpenedConnection
from database.pool import Pool, PoolLimits
from database.session import Session
from loaders.core.list_lengths import LIST_LOADERS, read_average_lengths
from tests.loaders.test_contract import DECLARED
from tests.schema.test_declarations import declarations
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_name, add_person, mark
from tests.support.pools import until

TAGS = '{ mediaItem(id: "media_1") { tags { id } } }'


@pytest.fixture
async def tagged(connection: Any) -> None:
    """Two media with thirty tags between them, and none that anything else hangs on; a person."""
    await add_person(connection, "Ann")
    library = await add_library(connection)
    media = [await add_media(connection, library, title) for title in ("First", "Second")]
    tags = [await add_name(connection, "tag", f"tag {n}") for n in range(20)]
    await mark(connection, "tag", media[0], *tags)
    await mark(connection, "tag", media[1], *tags[:10])


async def averages(api: Api) -> dict[str, float]:
    api.statements.clear()
    database = Session(api.pool)
    try:
        return await read_average_lengths(database)
    finally:
        await database.close()


async def test_averages_are_those_of_the_planner_read_by_one_statement(api: Api, tagged: None, connection: Any) -> None:
    assert await averages(api) == {}
    await connection.execute("ANALYZE")
    found = await averages(api)

    assert api.statements == ["rows_of_tables"]
    assert (found["tags_by_media_id"], found["genres_by_media_id"], found["parents_by_tag_id"]) == (15.0, 0.0, 0.0)
    assert set(found) == {name for name, _, _ in LIST_LOADERS}


def test_every_list_of_a_parent_has_its_average() -> None:
    declared = [one for *_, one in declarations() if one.kind == "many" or one.usual is not None]
    # Of trees few have children, and these have many; lines of runs are read of one: what is declared is taken.
    trees = {"child_pages_by_tag_id", "media_pages_by_parent_id", "job_log_pages_by_job_run_id"}
    lists = {one.ref.name for one in declared if one.ref is not None}

    assert trees < lists
    assert lists - trees == {name for name, _, _ in LIST_LOADERS} <= set(DECLARED)
    assert ("tags_by_media_id", "media_tag", "media") in LIST_LOADERS
    assert ("artwork_by_media_id", "artwork", "media") in LIST_LOADERS
    assert ("parents_by_tag_id", "tag_parent", "tag") in LIST_LOADERS
    assert ("credit_pages_by_media_id", "credit", "media") in LIST_LOADERS


async def test_a_worker_keeps_them_and_prices_by_them(api: Api, tagged: None, connection: Any) -> None:
    def price() -> int:
        document = api.service.documents.get(TAGS)
        return document.operations[None].price.quarters({}, api.service.limits)

    assert price() == 1 + 4 + 1 + 2 * 16
    await connection.execute("ANALYZE")
    task = asyncio.create_task(refresh_list_lengths(api.pool, api.service, every=0.01))
    try:
        await until(lambda: bool(api.service.limits.averages))
        assert price() == 1 + 4 + 1 + 2 * 23
        first = api.service.limits
        reads = len(api.statements)
        await until(lambda: len(api.statements) > reads + 1)
        assert api.service.limits is first  # what is the same stays, and what was priced by it
        await connection.execute("DELETE FROM media_tag")
        await connection.execute("ANALYZE")
        await until(lambda: api.service.limits is not first)
        assert price() == 1 + 4 + 1 + 2 * 16
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_database_that_is_away_leaves_what_is_known(
    api: Api, writer: ConnectArgs, caplog: pytest.LogCaptureFixture
) -> None:
    away = True

    async def connect() -> OpenedConnection:
        if away:
            raise ConnectionRefusedError("away")
        return OpenedConnection(await asyncpg.connect(**writer.kwargs(), statement_cache_size=0))

    pool = Pool(connect, PoolLimits(min=0, acquire_timeout=0.05))
    api.service.set_list_lengths({"tags_by_media_id": 3.0})
    task = asyncio.create_task(refresh_list_lengths(pool, api.service, every=300, again=0.01))
    try:
        await until(lambda: "could not be read" in caplog.text)
        assert api.service.limits.averages == {"tags_by_media_id": 3.0}
        away = False
        await until(lambda: api.service.limits.averages == {})
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await pool.close()
