"""A run that tags media goes on where it was stopped or killed: what was stored is not asked for again; nor is what
another run asks for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from jobs.core.queue import cancel, pause, resume
from jobs.kinds import KINDS
from jobs.tag_media import TAG_MEDIA, TagParameters
from providers.provider import RateLimit
from tests.support import jobs
from tests.support.factories import add_library
from tests.support.jobs import control, queue, until_status, working
from tests.support.tagger_server import TaggerServer, add_untagged, tagger_server, tagger_services, until_so

# How many media have been stored, as tagged or as failed.
SAVED = """
SELECT coalesce((state -> 'counts' ->> 0)::integer + (state -> 'counts' ->> 1)::integer, 0) FROM job_run
"""
EVENTS = "SELECT count(*) FROM history_event WHERE type = 'PROCESSED'"
SETTINGS = {
    "MARQUEE_TAGGER_ALLOW_PRIVATE": "true",
    "MARQUEE_TAGGER_CALLS": "1000",
    "MARQUEE_TAGGER_SECONDS": "10",
    "MARQUEE_TAGGER_PARALLEL": "4",
    "MARQUEE_TAGGER_BATCH": "5",
}


@pytest.fixture
async def tagger() -> AsyncIterator[TaggerServer]:
    async with tagger_server() as server:
        yield server


async def open_gates(tagger: TaggerServer, connection: Any, number: int, media: int) -> None:
    """So many calls are answered, all but the first that came, and stored."""
    gates = tagger.gates
    assert gates is not None
    for place in range(1, number + 1):
        await until_so(lambda place=place: len(gates) > place)  # type: ignore[misc]
        gates[place].set()

    async def is_stored() -> bool:
        return bool(await connection.fetchval(SAVED) >= media)

    await until_so(is_stored)


async def test_a_run_that_is_killed_goes_on_and_what_was_stored_is_not_sent_again(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    """The first answer never comes, those behind it do: the worker's process is killed with four calls under way."""
    ids = await add_untagged(connection, 150, await add_library(connection))
    run = await queue(writer, TAG_MEDIA, TagParameters())
    tagger.gates = []
    process = jobs.worker_process(writer, settings={"MARQUEE_TAGGER_URL": tagger.server.url, **SETTINGS})
    try:
        await open_gates(tagger, connection, 10, 50)
        await until_so(lambda: len(tagger.sent) == 14)
    finally:
        process.kill()
        process.wait()
    assert await connection.fetchval(SAVED) == 50
    first, tagger.gates = tagger.sent[:], None
    await connection.execute(jobs.WORKERS_GONE)

    async with (
        tagger_services(tagger, writer, batch=5, limits=RateLimit(1_000, 1, 4)) as services,
        working(writer, kinds=KINDS, services=services),
    ):
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")

    assert (row["status"], row["succeeded"], row["failed"], row["attempts"]) == ("SUCCEEDED", 150, 0, 2), row["error"]
    stored = {id for batch in first[1:11] for id in batch}
    again = Counter(id for batch in tagger.sent[14:] for id in batch)
    assert again == Counter(set(ids) - stored)
    assert await connection.fetchval(EVENTS) == 150


async def test_a_run_that_is_paused_goes_on_and_failures_are_told_once(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    """Also of media that are named, which are tagged whether or not they were before."""
    ids = await add_untagged(connection, 40, await add_library(connection))
    for id in ids[5:]:
        tagger.says[id] = {"id": id, "error": "No."} if int(id[6:]) % 2 else {"id": id, "tags": ["even"]}
    tagger.gates = []
    run = await queue(writer, TAG_MEDIA, TagParameters(media=[int(id[6:]) for id in ids]))
    async with (
        tagger_services(tagger, writer, batch=5, limits=RateLimit(1_000, 1, 2)) as services,
        working(writer, kinds=KINDS, services=services),
    ):
        await until_so(lambda: len(tagger.sent) > 0)
        held = tagger.sent[0]
        await open_gates(tagger, connection, 7, 35)
        await control(writer, lambda writer: pause(writer, run))
        await until_status(connection, run, "PAUSED")
        tagger.gates = None
        await control(writer, lambda writer: resume(writer, run))
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")
    assert (row["status"], row["succeeded"] + row["failed"]) == ("SUCCEEDED", 40)
    assert sum(json.loads(row["failures"]).values()) == row["failed"]
    assert Counter(id for batch in tagger.sent for id in batch) == Counter(ids) + Counter(held)


@pytest.mark.parametrize("first_is_of_all", [True, False])
async def test_runs_that_overlap_ask_for_no_media_twice(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any, first_is_of_all: bool
) -> None:
    """Of a library, of all, and of media that are named; the first one has calls under way when the others begin."""
    ids = await add_untagged(connection, 60, await add_library(connection))
    wanted = [TagParameters(), TagParameters(library_id=1)][:: 1 if first_is_of_all else -1]
    wanted.append(TagParameters(media=[1, 2, 60]))
    gates = tagger.gates = []
    async with (
        tagger_services(tagger, writer, batch=5, limits=RateLimit(1_000, 1, 2)) as services,
        working(writer, kinds=KINDS, services=services),
    ):
        runs = [await queue(writer, TAG_MEDIA, wanted[0])]
        await until_so(lambda: len(gates) == 2)
        runs += [await queue(writer, TAG_MEDIA, one) for one in wanted[1:]]
        rows = [await until_status(connection, run, "SUCCEEDED", "FAILED") for run in runs[1:]]
        tagger.gates = None
        for gate in gates:
            gate.set()
        rows.insert(0, await until_status(connection, runs[0], "SUCCEEDED", "FAILED"))
    assert [row["succeeded"] for row in rows] == [60, 0, 0]
    assert Counter(id for batch in tagger.sent for id in batch) == Counter(ids)

    async def is_told() -> bool:
        """A heartbeat may write lines after the end of their run."""
        return bool(
            await connection.fetchval("SELECT count(*) FROM job_log WHERE line LIKE '% left to another run%'") == 2
        )

    await until_so(is_told)


async def test_what_a_run_had_that_has_ended_is_free(
    tagger: TaggerServer, writer: ConnectArgs, connection: Any
) -> None:
    """It was cancelled with its media claimed; its claims go, too."""
    ids = await add_untagged(connection, 20, await add_library(connection))
    gates = tagger.gates = []
    async with (
        tagger_services(tagger, writer, batch=5, limits=RateLimit(1_000, 1, 2)) as services,
        working(writer, kinds=KINDS, services=services),
    ):
        first = await queue(writer, TAG_MEDIA, TagParameters())
        await until_so(lambda: len(gates) == 2)
        await control(writer, lambda edit: cancel(edit, first))
        await until_status(connection, first, "CANCELLED")
        tagger.gates = None
        second = await queue(writer, TAG_MEDIA, TagParameters())
        row = await until_status(connection, second, "SUCCEEDED", "FAILED")
    assert (row["succeeded"], row["failed"]) == (20, 0)
    assert Counter(id for batch in tagger.sent[2:] for id in batch) == Counter(ids)
    claims = await connection.fetch("SELECT job_run_id, count(*) FROM process_claim GROUP BY 1")
    assert [tuple(one) for one in claims] == [(second, 20)]
