"""A run that refreshes metadata is killed, or meets faults of the database and media that go meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from catalog.metadata import targets
from catalog.transaction import Writer
from database.connect_args import ConnectArgs
from domain.enums import MediaKind
from domain.errors import CatalogError, Code
from jobs import metadata_walk
from jobs.kinds import KINDS
from jobs.refresh_metadata import REFRESH_METADATA, RefreshParameters
from providers.metadata.service import MetadataService
from tests.support import jobs
from tests.support.faulty_server import (
    FaultyServer,
)
from tests.support.jobs import queue, run_to_end, until_status, working
from tests.support.metadata_server import add_films, calls_of_films, metadata_services, serve_movies


async def test_media_that_are_deleted_in_between_do_not_end_the_run(
    films: FaultyServer, writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole chunk goes between its ids and its media."""
    serve_movies(films, *await add_films(connection, 6))
    monkeypatch.setattr(metadata_walk, "CHUNK_OF_TARGETS", 2)
    read = targets.read_targets

    async def read_late(transaction: Writer, media: Iterable[int]) -> Any:
        if 1 in media:
            await transaction.fetch("DELETE FROM media WHERE id <= 2")
        return await read(transaction, media)

    monkeypatch.setattr(metadata_walk, "read_targets", read_late)
    async with metadata_services(films, writer) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 4, 0), row["error"]


async def test_a_run_that_is_killed_goes_on_and_asks_for_nothing_twice(
    films: FaultyServer, writer: ConnectArgs, connection: Any
) -> None:
    """The worker's process is killed while the service answers; another one goes on."""
    serve_movies(films, *await add_films(connection, 150))
    run = await queue(writer, REFRESH_METADATA, RefreshParameters())
    settings = {"MARQUEE_METADATA_URL": films.url, "MARQUEE_METADATA_ALLOW_PRIVATE": "true"}
    process = jobs.worker_process(
        writer, settings={**settings, "MARQUEE_METADATA_CALLS": "1000", "MARQUEE_METADATA_SECONDS": "1"}
    )
    try:
        while len(films.asked) < 70:
            await asyncio.sleep(0.005)
    finally:
        process.kill()
        process.wait()
    before = await connection.fetchval("SELECT (state -> 'state' ->> 'after')::int FROM job_run")
    await connection.execute(jobs.WORKERS_GONE)
    await connection.execute("DELETE FROM provider_cache_lease")  # as if they had expired

    async with metadata_services(films, writer) as services, working(writer, kinds=KINDS, services=services):
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")

    assert (before or 150) < 150
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 150, 0), row["error"]
    assert row["attempts"] == 2
    # What was under way when it was killed was not kept yet.
    assert sum(count - 1 for count in calls_of_films(films).values()) <= metadata_walk.CHUNK_OF_TARGETS
    assert await connection.fetchval("SELECT count(*) FROM history_event WHERE type = 'UPDATED'") == 150


async def test_a_fault_of_the_database_is_no_fault_of_a_media(
    films: FaultyServer, writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_movies(films, *await add_films(connection, 5))
    faults, title = [Code.DATABASE_UNAVAILABLE, Code.DATABASE_BUSY], MetadataService.title

    async def title_or_fail(self: MetadataService, kind: MediaKind, id: int, **rest: Any) -> Any:
        if id == 3 and faults:
            raise CatalogError(faults.pop(), "The database does not answer: try again.")
        return await title(self, kind, id, **rest)

    monkeypatch.setattr(MetadataService, "title", title_or_fail)
    async with metadata_services(films, writer) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 5, 0), row["failures"]
    assert faults == []
