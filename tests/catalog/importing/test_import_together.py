"""Imports at once, and beside other writers: one at a time per library, no deadlock, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.service.graphql_service import Request
from catalog.importing import checkpoint
from catalog.importing.progress import ImportCounts
from database.connect_args import ConnectArgs
from database.session import Session
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED
from sources.source import Known, Reading, nothing_known
from tests.support.api import Api, open_api
from tests.support.derived import assert_no_drift
from tests.support.factories import add_library
from tests.support.importing import ListSource, Told, movie, movies, numbers, run

SHARED: dict[str, Any] = {"tags": ["a", "b"], "credits": [{"person_id": "Ann", "role": "ACTOR"}]}


@pytest.fixture(autouse=True)
async def libraries(connection: Any) -> None:
    for name in ("One", "Two", "Three"):
        await add_library(connection, name, kind=None)


async def code(running: Any) -> str:
    with pytest.raises(CatalogError) as raised:
        await running
    return str(raised.value.extensions["code"])


async def test_of_two_imports_of_a_library_the_second_is_told(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "RUNNING_SECONDS", 0.0)
    second: list[str] = []

    class First(ListSource):
        async def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
            async for one in super().read(position):
                if one.position == "25":
                    second.append(await code(run(writer, movies(3))))
                    second.append(await code(run(writer, movies(3), location="other")))
                yield one

    assert numbers(await run(writer, First(movies(40)), chunk=5)) == (40, 0, 0, 0)
    assert second == ["IMPORT_RUNNING"] * 2
    assert numbers(await run(writer, movies(3), location="other")) == (0, 0, 3, 0)  # found by their titles


async def test_a_run_whose_place_was_taken_stops_before_it_stores_anything(
    writer: ConnectArgs, connection: Any
) -> None:
    class Taken(Told):
        def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
            super().told(counts, total, item)
            taking.append(asyncio.ensure_future(take()))

    async def take() -> None:
        await lock.acquire()
        await connection.execute("UPDATE import_source SET run = run + 1")
        lock.release()

    lock = asyncio.Lock()
    taking: list[asyncio.Future[None]] = []
    source = ListSource(movies(500))
    assert await code(run(writer, source, Taken(), chunk=5)) == "IMPORT_RUNNING"
    await asyncio.gather(*taking)
    stored = await connection.fetchval("SELECT count(*) FROM media")
    assert stored < 500
    assert stored == await connection.fetchval("SELECT (checkpoint -> 'counts' ->> 'created')::int FROM import_source")


EDIT = """mutation ($items: [TagEdit!]!) { addTags(items: $items, createMissing: true) { errors { code } } }"""
DELETE = """mutation ($media: [ID!]!) { deleteMedia(media: $media) { errors { code } } }"""


async def edits(api: Api, connection: Any, until: asyncio.Event) -> int:
    """Retags and deletes what the imports are making; how often."""
    done = 0
    while not until.is_set():
        done += 1
        ids = [f"media_{number}" for number in range(done % 50 + 1, done % 50 + 20)]
        items = [{"media": ids, "tags": [{"name": f"tag {done % 7}"}, {"name": "a"}]}]
        session = Session(api.pool)
        try:
            for request in (Request(EDIT, {"items": items}), Request(DELETE, {"media": ids[:2]})):
                body = (await api.service.run(request, session, UNRESTRICTED)).body
                assert "errors" not in body, body
        finally:
            await session.close()
    return done


async def test_imports_of_several_libraries_and_edits_go_on_at_once(writer: ConnectArgs, connection: Any) -> None:
    ended = asyncio.Event()
    items = [movie(f"k{number}", f"M {number}", **SHARED) for number in range(120)]
    async with open_api(writer, pool_max=4) as api:
        api.pool.on_statement = None
        editing = asyncio.create_task(edits(api, connection, ended))
        counts = await asyncio.gather(*(run(writer, items, library=one, chunk=15) for one in (1, 2, 3)))
        ended.set()
        assert await editing > 3
    assert [numbers(one) for one in counts] == [(120, 0, 0, 0)] * 3
    assert await connection.fetchval("SELECT count(*) FROM person") == 1
    await assert_no_drift(connection)
