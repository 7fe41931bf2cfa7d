"""jobProgress: the present state first, then each change, the end with the run, and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import asyncpg
import orjson
import pytest

from app.service.graphql_service import Request
from database.connect_args import ConnectArgs
from database.notifications import Notifications, Topic
from database.row_signals import RowSignals
from domain.viewer import Viewer
from tests.support.api import open_api
from tests.support.event_shapes import EVENT_SHAPES, EventShape
from tests.support.factories import add_library, add_row
from tests.support.in_process import serving_in_process
from tests.support.pools import until
from tests.support.watching import LIBRARY, PROGRESS, WATCHERS, Watched, Watcher

LISTENERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'"


@pytest.fixture(params=["compiled", "reference"])
async def watched(request: pytest.FixtureRequest, writer: ConnectArgs, connection: Any) -> AsyncIterator[Watched]:
    await add_library(connection, "a")
    await add_row(connection, "job_run", type="scan", library_id=1, total=4)
    async with open_api(writer, engine=request.param) as api:
        watched = Watched(api, RowSignals(interval=0.0))
        await watched.jobs.set_notified(True)
        watched.connection = connection
        yield watched
        assert (len(watched.jobs), len(watched.operations.broadcasts)) == (0, 0)
        await until(lambda: api.pool.statistics.active == 0)  # what was interrupted is cleared away


async def test_the_present_state_comes_first_then_each_change_and_the_end_with_the_run(watched: Watched) -> None:
    watcher = watched.watch()
    assert await watcher.event() == {"status": "QUEUED", "total": 4, "succeeded": 0, "failed": 0, "percent": 0.0}
    await watched.change(
        "UPDATE job_run SET status = 'RUNNING', worker_id = gen_random_uuid(), succeeded = 2, failed = 1"
    )
    assert await watcher.event() == {"status": "RUNNING", "total": 4, "succeeded": 2, "failed": 1, "percent": 75.0}
    await watched.change("UPDATE job_run SET status = 'SUCCEEDED', worker_id = NULL, succeeded = 3")
    assert (await watcher.event())["status"] == "SUCCEEDED"
    assert await watcher.is_over()
    again = watched.watch()  # whoever comes back later loses nothing
    assert (await again.event())["succeeded"] == 3
    assert await again.is_over()


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "CANCELLED"])
async def test_it_ends_in_every_state_from_which_a_run_does_not_go_on(watched: Watched, status: str) -> None:
    await watched.change("UPDATE job_run SET status = 'PAUSED'")
    watcher = watched.watch("subscription($id: ID!) { jobProgress(id: $id) { jobRun { id } } }")
    assert await watcher.event() == {"jobRun": {"id": "job_run_1"}}
    await watched.change("UPDATE job_run SET status = $1", status)
    assert await watcher.is_over()  # the answer is as before


async def test_each_event_is_read_anew_with_all_that_hangs_on_it(watched: Watched) -> None:
    watcher = watched.watch(LIBRARY)
    assert await watcher.event() == {"succeeded": 0, "jobRun": {"id": "job_run_1", "library": {"name": "a"}}}
    await watched.change("UPDATE library SET name = 'b', folded_name = 'b'")
    assert await watcher.event() == {"succeeded": 0, "jobRun": {"id": "job_run_1", "library": {"name": "b"}}}
    await watcher.leave()


async def test_what_is_not_there_or_is_no_id_is_an_error(watched: Watched) -> None:
    assert await watched.watch(id="job_run_2").codes() == ["NOT_FOUND"]
    assert await watched.watch(id="library_1").codes() == ["BAD_ID"]
    assert await watched.watch(id="nonsense").codes() == ["BAD_ID"]
    refused = Watcher(watched.operations, Request("subscription { jobProgress(id: 1) { nothing } }"))
    assert await refused.codes() == ["GRAPHQL_VALIDATION_FAILED"]
    unset = Watcher(watched.operations, Request(PROGRESS, {}))
    assert await unset.codes() == ["BAD_ARGUMENT"]


async def test_a_run_that_is_deleted_ends_by_an_error(watched: Watched) -> None:
    watcher = watched.watch()
    await watcher.event()
    await watched.change("DELETE FROM library")  # and its runs with it
    assert await watcher.codes() == ["NOT_FOUND"]


async def test_a_hidden_run_is_not_found(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.http.subscription_run.UNRESTRICTED", Viewer((7,)))
    assert await watched.watch().codes() == ["NOT_FOUND"]


async def test_a_slow_watcher_gets_the_newest_state_alone(watched: Watched) -> None:
    fast, slow = watched.watch(), watched.watch()
    await slow.event()
    await fast.event()
    for number in range(1, 4):
        await watched.change("UPDATE job_run SET succeeded = $1", number)
        assert (await fast.event())["succeeded"] == number
    assert (await slow.event())["succeeded"] == 3
    for watcher in (fast, slow):
        await watcher.leave()


async def test_nothing_is_sent_where_nothing_is_new(watched: Watched) -> None:
    watcher = watched.watch()
    await watcher.event()
    await watched.change("UPDATE job_run SET priority = 7")
    await until(lambda: len(watched.api.statements) == 2)
    await watched.change("UPDATE job_run SET succeeded = 1")
    assert (await watcher.event())["succeeded"] == 1
    await watcher.leave()


async def test_a_watcher_who_comes_later_has_the_state_at_once_and_costs_nothing(watched: Watched) -> None:
    first, second = watched.watch(), watched.watch()
    assert await first.event() == await second.event()
    assert watched.api.statements == ["job_run_by_id"]
    await first.leave()
    await watched.change("UPDATE job_run SET succeeded = 1")
    assert (await second.event())["succeeded"] == 1  # whoever began it may go
    await second.leave()


async def test_a_report_comes_with_each_event_and_to_those_alone_who_asked(watched: Watched) -> None:

    plain, asking = watched.watch(LIBRARY), watched.watch(LIBRARY, report=True)
    for number in range(2):
        report = orjson.loads((await asking.result()).content)["extensions"]["marquee"]
        assert (report["statements"], report["verdict"]) == (2, "ok")
        assert "extensions" not in orjson.loads((await plain.result()).content)
        await watched.change("UPDATE job_run SET succeeded = $1", number + 1)
    for watcher in (plain, asking):
        await watcher.leave()


@pytest.mark.parametrize("shape", EVENT_SHAPES, ids=lambda shape: shape.name)
async def test_an_event_costs_its_published_statements_however_many_watch(watched: Watched, shape: EventShape) -> None:
    for number in (1, WATCHERS):
        watched.api.statements.clear()
        watchers = [watched.watch(shape.query) for _ in range(number)]
        for done in range(1, 4):
            await asyncio.gather(*(watcher.event() for watcher in watchers))
            assert len(watched.api.statements) == shape.statements * done, watched.api.statements
            assert (len(watched.jobs), watched.api.pool.statistics.active) == (1, 0)
            await watched.change("UPDATE job_run SET succeeded = succeeded + 1")
        for watcher in watchers:
            await watcher.leave()


async def test_a_thousand_watchers_over_sockets_cost_one_listener(writer: ConnectArgs, connection: Any) -> None:
    await add_row(connection, "job_run", type="scan")
    async with serving_in_process(writer) as served, AsyncExitStack() as stack:
        await until(lambda: served.application.jobs.is_notified)
        clients = [await stack.enter_async_context(served.socket()) for _ in range(10)]
        for client in clients:
            for number in range(WATCHERS // 10):
                await client.subscribe(str(number), PROGRESS, id="job_run_1")
        for client in clients:
            for _ in range(WATCHERS // 10):
                assert (await client.next())["type"] == "next"
        assert (len(served.application.jobs), await connection.fetchval(LISTENERS)) == (1, 1)
        await connection.execute("UPDATE job_run SET status = 'FAILED'")
        for client in clients:
            told = [await client.next() for _ in range(WATCHERS // 5)]
            states = [one["payload"]["data"]["jobProgress"]["status"] for one in told if one["type"] == "next"]
            assert states == ["FAILED"] * (WATCHERS // 10)
            assert sum(one["type"] == "complete" for one in told) == WATCHERS // 10


async def test_who_works_elsewhere_is_heard_and_where_nobody_tells_it_is_asked(
    writer: ConnectArgs, connection: Any
) -> None:
    await add_row(connection, "job_run", type="scan")

    jobs = RowSignals(interval=0.0, unnotified_interval=0.05)
    notifications = Notifications(lambda: asyncpg.connect(**writer.kwargs(), statement_cache_size=0))
    notifications.subscribe_rows(Topic.JOB, jobs)
    async with open_api(writer) as api:
        watched = Watched(api, jobs)
        watcher = watched.watch()
        async with aclosing(watcher.results):
            await watcher.event()
            await connection.execute("UPDATE job_run SET succeeded = 1")
            assert (await watcher.event())["succeeded"] == 1  # nobody has told it
            notifications.start()
            await until(lambda: jobs.is_notified)
            await connection.execute("UPDATE job_run SET succeeded = 2")
            assert (await watcher.event())["succeeded"] == 2
            await notifications.close()
            assert not jobs.is_notified
            await connection.execute("UPDATE job_run SET succeeded = 3")
            assert (await watcher.event())["succeeded"] == 3
