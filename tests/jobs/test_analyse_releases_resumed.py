"""A run that analyses releases is stopped, killed, tried again or begun anew."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from database.connect_args import ConnectArgs
from jobs.analyse_releases import ANALYSE_RELEASES, AnalyseReleases
from jobs.core.queue import pause, retry
from jobs.kinds import KINDS
from tests.support import jobs
from tests.support.api import Api
from tests.support.faulty_server import never
from tests.support.jobs import control, queue, run_to_end, until_status, working
from tests.support.release_index import (
    IndexServer,
    add_releases,
    index_services,
    names_of,
    report_of,
)

# Of a worker in a process of its own.
SETTINGS = {
    "MARQUEE_RELEASES_ALLOW_PRIVATE": "true",
    "MARQUEE_RELEASES_PAUSE": "0.5",
    "MARQUEE_RELEASES_BATCH": "10",
    "MARQUEE_RELEASES_PARALLEL": "2",
}


async def test_a_run_stops_while_the_index_is_waited_for(
    index: IndexServer, writer: ConnectArgs, connection: Any
) -> None:
    await add_releases(connection, "movies", "a-G")
    index.faults["a-G"] = [never]
    run = await queue(writer, ANALYSE_RELEASES, AnalyseReleases())
    async with index_services(index, writer) as services, working(writer, kinds=KINDS, services=services):
        while not index.server.asked:
            await asyncio.sleep(0.005)
        await control(writer, lambda writer: pause(writer, run))
        row = await until_status(connection, run, "PAUSED", "SUCCEEDED", "FAILED")
    assert (row["status"], row["succeeded"], json.loads(row["report"])["releases"]) == ("PAUSED", 0, 0)


async def test_a_run_that_begins_anew_has_another_report(
    index: IndexServer, api: Api, writer: ConnectArgs, connection: Any
) -> None:
    run = await queue(writer, ANALYSE_RELEASES, AnalyseReleases())
    report = "UPDATE job_run SET report = '{\"releases\": 5}', status = 'CANCELLED', ended_at = now()"
    await connection.execute(report)
    await control(writer, lambda writer: retry(writer, run, KINDS))
    assert await api.run('{ jobRun(id: "job_run_1") { report } }') == {"jobRun": {"report": {"releases": 5}}}
    await connection.execute("UPDATE job_run SET status = 'CANCELLED', ended_at = now()")
    await control(writer, lambda writer: retry(writer, run, KINDS, from_start=True))
    assert await api.run('{ jobRun(id: "job_run_1") { report } }') == {"jobRun": {"report": None}}


async def test_a_run_that_is_killed_goes_on_and_asks_for_nothing_that_was_answered(
    index: IndexServer, writer: ConnectArgs, connection: Any
) -> None:
    """The worker's process is killed in the middle of a chunk of two batches: one is kept, the other under way."""
    names = names_of("movie", 40)
    index.know(*names)
    await add_releases(connection, "movies", *names)
    answered: list[str] = []

    async def once(asked: Any, writer: asyncio.StreamWriter) -> None:
        """The first batch is answered, the second is not."""
        if answered:
            await never(asked, writer)
        answered.extend(json.loads(asked.body)["names"])
        await index.serve(asked, writer)

    index.server.otherwise = once
    run = await queue(writer, ANALYSE_RELEASES, AnalyseReleases())
    process = jobs.worker_process(writer, settings={"MARQUEE_RELEASES_URL": index.server.url, **SETTINGS})
    try:
        while len(index.server.asked) < 2 or await connection.fetchval("SELECT count(*) FROM provider_cache") < 10:
            assert process.poll() is None
            await asyncio.sleep(0.005)
    finally:
        process.kill()
        process.wait()
    index.server.otherwise = index.serve
    await connection.execute(jobs.WORKERS_GONE)
    async with (
        index_services(index, writer, base_url=index.server.url) as services,
        working(writer, kinds=KINDS, services=services),
    ):
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")

    assert (row["status"], row["succeeded"], row["failed"], row["attempts"]) == ("SUCCEEDED", 40, 0, 2), row["error"]
    assert {index.times_asked[name] for name in answered} == {1}
    assert sorted(index.times_asked.values()) == [1] * 30 + [2] * 10
    told = report_of(row)
    assert (told["releases"], told["cacheHits"], told["calls"], told["groups"]) == (40, 10, 3, 1)


async def test_a_run_that_is_tried_again_after_all_releases_scores_their_groups(
    index: IndexServer, writer: ConnectArgs, connection: Any
) -> None:
    """It ended between the last chunk and the scores."""
    await add_releases(connection, "movies", "a-G")
    index.know("a-G")
    async with index_services(index, writer) as services:
        await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())
        await connection.execute("UPDATE release_group SET score_thousandths = NULL, analysed_at = NULL")
        await connection.execute(
            "UPDATE job_run SET status = 'QUEUED', worker_id = NULL, ended_at = NULL,"
            " state = jsonb_set(state, '{state,scored}', 'null')"
        )
        async with working(writer, kinds=KINDS, services=services):
            await until_status(connection, 1, "SUCCEEDED", "FAILED")
    assert await connection.fetchval("SELECT score_thousandths FROM release_group") == 545
    assert index.times_asked == {"a-G": 1}
