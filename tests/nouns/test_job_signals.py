"""Who watches a run is told of its changes by the triggers of the database, and of those of no other run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from database.connect_args import ConnectArgs
from database.notifications import CHANNEL, Notifications, Topic
from database.row_signals import RowSignals
from loaders.job_run import JobRunRow
from tests.support.api import open_api
from tests.support.factories import add_row
from tests.support.pools import until
from tests.support.watching import WATCHERS, Watched

# Of another run, and such of run 1 as nobody can read.
CHANGES_OF_OTHERS = [
    "UPDATE job_run SET succeeded = succeeded + 1, progressed_at = now() WHERE id = 2",
    "INSERT INTO job_log (job_run_id, level, line) VALUES (2, 'INFO', 'x')",
    "INSERT INTO job_run (type) VALUES ('scan')",
    "UPDATE job_run SET state = '{\"x\": 1}', faults = 1, viewer_libraries = '{1}' WHERE id = 1",
    "UPDATE job_run SET succeeded = succeeded, failed = failed WHERE id = 1",
    "DELETE FROM job_run WHERE id = 3",
]


class Heard(RowSignals):
    """Notes which runs were changed."""

    def __init__(self) -> None:
        super().__init__(interval=0.0)
        self.numbers: list[int] = []

    def rows_changed(self, numbers: set[int]) -> None:
        self.numbers += sorted(numbers)
        super().rows_changed(numbers)


@asynccontextmanager
async def hearing(writer: ConnectArgs) -> AsyncIterator[Watched]:
    """An API that is told by the triggers of the database."""
    jobs = Heard()
    notifications = Notifications(lambda: asyncpg.connect(**writer.kwargs(), statement_cache_size=0))
    notifications.subscribe_rows(Topic.JOB, jobs)
    notifications.start()
    async with open_api(writer) as api:
        await until(lambda: jobs.is_notified)
        yield Watched(api, jobs)
        await notifications.close()


async def test_a_thousand_watchers_of_a_run_cost_nothing_when_others_move(writer: ConnectArgs, connection: Any) -> None:
    for _ in range(2):
        await add_row(connection, "job_run", type="scan", status="RUNNING")
    async with hearing(writer) as watched:
        watchers = [watched.watch() for _ in range(WATCHERS)]
        await asyncio.gather(*(watcher.event() for watcher in watchers))
        assert watched.api.statements == ["job_run_by_id"]
        for text in CHANGES_OF_OTHERS:
            await connection.execute(text)
        for text in ("INSERT INTO job_run (type) VALUES ('scan')", "DELETE FROM job_run WHERE id = 4"):
            await connection.execute(text)
        heard = watched.jobs
        assert isinstance(heard, Heard)
        await until(lambda: 4 in heard.numbers)  # by then all earlier changes were told
        assert {*heard.numbers} == {2, 3, 4}
        await connection.execute("UPDATE job_run SET status = 'FAILED', worker_id = NULL")
        assert {(await watcher.event())["status"] for watcher in watchers} == {"FAILED"}
        assert watched.api.statements == ["job_run_by_id"] * 2


async def test_each_change_that_a_client_can_read_is_told_once_for_a_run_and_a_transaction(
    writer: ConnectArgs, connection: Any
) -> None:
    readable = {*JobRunRow.columns} - {"id", "percent", "actions"}  # these follow from the others
    when = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'job_run_changed'"
    for version in ("old", "new"):
        assert {*re.findall(rf"{version}\.(\w+)", await connection.fetchval(when))} == readable
    heard: list[str] = []
    listener = await asyncpg.connect(**writer.kwargs())
    await listener.add_listener(CHANNEL, lambda *message: heard.append(message[-1]))
    await add_row(connection, "job_run", type="scan")
    await connection.execute(
        """UPDATE job_run SET succeeded = 1;
        UPDATE job_run SET succeeded = 2;
        INSERT INTO job_log (job_run_id, level, line) VALUES (1, 'INFO', 'a'), (1, 'INFO', 'b')"""
    )
    await connection.execute("INSERT INTO job_log (job_run_id, level, line) VALUES (1, 'INFO', 'c')")
    await connection.execute("UPDATE job_run SET status = 'FAILED', worker_id = NULL")
    await connection.execute("DELETE FROM job_run")
    await add_row(connection, "job_run", type="scan")
    await connection.execute("DELETE FROM job_run")
    await until(lambda: "job 2" in heard)
    await listener.close()
    assert [message for message in heard if message != "job_queued"] == ["job 1", "job 1", "job 1", "job 2"]
