"""No call of more than 50 ms on the event loop while an import runs beside queries.

In asyncio's debug mode, which would warn of these; but a call's own CPU time is what counts here, since on a machine
with other work calls take longer than they are."""

from __future__ import annotations

import asyncio
import gc
import json
from pathlib import Path
from time import thread_time
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


def slow_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls of the loop that take longer than SLOW, as they come."""
    found: list[str] = []
    run = asyncio.Handle._run

    def timed(self: asyncio.Handle) -> None:
        started = thread_time()
        run(self)
        if (took := thread_time() - started) > SLOW:
            found.append(f"{took:.3f} s: {self!r}")

    monkeypatch.setattr(asyncio.Handle, "_run", timed)
    return found


async def test_nothing_holds_the_loop_while_an_import_runs_beside_queries(
    writer: ConnectArgs, connection: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_library(connection)
    path = tmp_path / "items.jsonl"
    full_items(path)
    slow = slow_calls(monkeypatch)
    loop = asyncio.get_running_loop()
    async with open_api(writer, pool_max=4) as api, open_session(writer) as session:
        api.pool.on_statement = None
        ended = asyncio.Event()
        asking = asyncio.create_task(ask(api, ended))
        await asyncio.sleep(0.5)  # plans and connections are made
        gc.collect()
        gc.freeze()  # as the server does: the modules of the tests are not what is measured
        loop.set_debug(True)
        await asyncio.sleep(0)  # the call that has collected is told when it ends
        slow.clear()
        plan = ImportPlan(1, "jsonl", str(path))
        counts = await run_import(session, UNRESTRICTED, open_json_lines(str(path), {}), plan, Told())
        found = list(slow)
        loop.set_debug(False)
        gc.unfreeze()
        ended.set()
        assert await asking > 20
    assert (counts.created, counts.failed) == (ITEMS, 0)
    assert found == []
