"""The operations of docs/cookbook.md about imports cost what they say."""

from __future__ import annotations

from typing import Any

import pytest

from database.connect_args import ConnectArgs
from database.row_signals import RowSignals
from jobs import import_places
from tests.support.api import Api, open_api
from tests.support.cookbook import read_cookbook
from tests.support.factories import add_library
from tests.support.watching import Watched

COOK = read_cookbook()
START, WATCH = COOK["ImportFolder"], COOK["WatchImport"]


async def start(api: Api, connection: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(import_places.FOLDERS, "/media")
    await add_library(connection)
    return (await api.run(START.text, **START.variables))["startImport"]["jobRun"]


async def test_an_import_is_queued_by_as_many_statements_as_it_says(
    api: Api, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await start(api, connection, monkeypatch)

    assert len(api.statements) - api.statements.count("transaction") == START.statements, api.statements
    assert (run["id"], run["status"]) == (WATCH.variables["id"], "QUEUED")
    assert run["parameters"]["options"] == ["extras=clips"]
    assert run["parameters"]["location"] == "/media/films"


async def test_an_import_is_watched_by_as_many_statements_as_it_says(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_api(writer) as api:
        run = await start(api, connection, monkeypatch)
        watched = Watched(api, RowSignals(interval=0.0))
        await watched.jobs.set_notified(True)
        watched.connection = connection
        api.statements.clear()
        watcher = watched.watch(WATCH.text, run["id"])
        assert (await watcher.event())["status"] == "QUEUED"
        assert len(api.statements) == WATCH.statements, api.statements
        await watched.change("UPDATE job_run SET succeeded = 3")
        assert (await watcher.event())["succeeded"] == 3
        assert len(api.statements) == 2 * WATCH.statements, api.statements
        await watcher.leave()
