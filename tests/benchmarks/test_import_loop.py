"""No call of more than 50 ms on the event loop while an import runs beside queries (asyncio's debug mode tells)."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from app.service.graphql_service import Request
from catalog.importing.plan import ImportPlan
from catalog.importing.run import run_import
from database.connect_args import ConnectArgs
from database.open_session import open_session
from database.session import Session
from domain.viewer import UNRESTRICTED
from sources.json_lines import open_json_lines
from tests.support.api import Api, open_api
from tests.support.factories import add_library
from tests.support.importing import Told

pytestmark = pytest.mark.benchmark

ITEMS = 5_000
SLOW = 0.05  # seconds
QUERY = (
    "{ media(first: 50) { totalCount nodes { title tags { name } credits(first: 5) { nodes { person { name } } } } } }"
)


def full_items(path: Path) -> None:
    with path.open("w") as file:
        for number in range(ITEMS):
            item = {
                "title": f"Movie {number}",
                "overview": "An overview of some length, with words to fold. " * 10,
                "tags": [f"tag {number * 7 % 500 + one}" for one in range(4)],
                "credits": [{"person": f"Person {number * 11 % 3_000 + one}", "role": "ACTOR"} for one in range(10)],
                "externalIds": [{"source": "imdb", "value": f"tt{number}"}],
            }
            file.write(json.dumps(item) + "\n")


async def ask(api: Api, ended: asyncio.Event) -> int:
    asked = 0
    while not ended.is_set():
        session = Session(api.pool)
        body = (await api.service.run(Request(QUERY, {}), session, UNRESTRICTED)).body
        assert "errors" not in body
        await session.close()
        asked += 1
        await asyncio.sleep(0.005)
    return asked


async def test_nothing_holds_the_loop_while_an_import_runs_beside_queries(
    writer: ConnectArgs, connection: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await add_library(connection)
    path = tmp_path / "items.jsonl"
    full_items(path)
    loop = asyncio.get_running_loop()
    async with open_api(writer, pool_max=4) as api, open_session(writer) as session:
        api.pool.on_statement = None
        ended = asyncio.Event()
        asking = asyncio.create_task(ask(api, ended))
        await asyncio.sleep(0.5)  # plans and connections are made
        loop.set_debug(True)
        loop.slow_callback_duration = SLOW
        with caplog.at_level(logging.WARNING, "asyncio"):
            counts = await run_import(
                session, UNRESTRICTED, open_json_lines(str(path), {}), ImportPlan(1, "jsonl", str(path)), Told()
            )
        loop.set_debug(False)
        ended.set()
        assert await asking > 20
    assert (counts.created, counts.failed) == (ITEMS, 0)
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
