"""The job that asks outside services for what is not kept yet."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from domain.enums import MediaKind
from domain.errors import CatalogError, Code
from jobs.kinds import KINDS
from jobs.parameters import from_values
from jobs.warm_cache import WARM_CACHE, WarmParameters
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.metadata.service import MetadataService
from tests.support import jobs
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.faulty_server import FaultyServer, answer, reset, status
from tests.support.jobs import queue, run_to_end, until_status, working
from tests.support.metadata_server import (
    add_films,
    metadata_services,
    season,
    series,
    serve_json,
    serve_movies,
)


def parameters(**values: Any) -> WarmParameters:
    return from_values(WarmParameters, {"provider": "tmdb", **values})


async def test_calls_are_kept_and_asked_for_once(films: FaultyServer, writer: ConnectArgs, connection: Any) -> None:
    serve_movies(films, *range(1, 71))
    serve_json(films, "/tv/7", series(7, "Show"))
    serve_json(films, "/tv/7/season/1", season(8, 1, 2))
    given = parameters(
        items=["configuration", "tv/7", "tv/7/season/1", "movie/99"] + [f"movie/{id}" for id in range(1, 71)]
    )
    async with metadata_services(films, writer) as services:
        first = await run_to_end(writer, connection, services, WARM_CACHE, given)
        calls = len(films.asked)
        second = await run_to_end(writer, connection, services, WARM_CACHE, given)
        assert await services.metadata.season(7, 1) is not None  # type: ignore[union-attr]
    assert [(row["status"], row["succeeded"], row["total"]) for row in (first, second)] == [("SUCCEEDED", 74, 74)] * 2
    assert json.loads(first["counts"]) == {"warmed": 73, "nothing": 1}
    assert (calls, len(films.asked)) == (74, 74)


async def test_what_media_need_is_kept(films: FaultyServer, writer: ConnectArgs, connection: Any) -> None:
    await add_films(connection, 3)
    serve_movies(films, 1, 2, 3)
    async with metadata_services(films, writer) as services:
        some = await run_to_end(writer, connection, services, WARM_CACHE, parameters(items=["media_1", "media_2"]))
        asked = {one.path for one in films.asked}
        all_of_it = await run_to_end(writer, connection, services, WARM_CACHE, parameters(library="library_1"))
    assert (some["succeeded"], asked) == (2, {"/configuration", "/movie/1", "/movie/2"})
    assert (all_of_it["succeeded"], len(films.asked)) == (3, 4)
    assert await connection.fetchval("SELECT count(*) FROM media WHERE title <> 'Film'") == 0


async def test_faults_have_a_reason_and_hold_nothing_else_up(
    films: FaultyServer, writer: ConnectArgs, connection: Any
) -> None:
    serve_movies(films, 1, 2)
    films.behaviours |= {"/movie/3": [status(500)], "/movie/4": [answer(b"<html>")], "/movie/5": [reset]}
    films.behaviours["/movie/2"] = [status(503), *films.behaviours["/movie/2"]]
    patient = CircuitBreaker(BreakerOptions(failures=1_000))
    given = parameters(items=[f"movie/{id}" for id in range(1, 6)])
    async with metadata_services(films, writer, breaker=patient) as services:
        row = await run_to_end(writer, connection, services, WARM_CACHE, given)
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 2, 3)
    assert json.loads(row["failures"]) == {"PROVIDER_BAD_ANSWER": 1, "PROVIDER_UNAVAILABLE": 2}


async def test_a_run_that_is_killed_goes_on(films: FaultyServer, writer: ConnectArgs, connection: Any) -> None:
    serve_movies(films, *range(1, 151))
    run = await queue(writer, WARM_CACHE, parameters(items=[f"movie/{id}" for id in range(1, 151)]))
    settings = {"MARQUEE_METADATA_URL": films.url, "MARQUEE_METADATA_ALLOW_PRIVATE": "true"}
    settings |= {"MARQUEE_METADATA_CALLS": "1000", "MARQUEE_METADATA_SECONDS": "1"}
    process = jobs.worker_process(writer, settings=settings)
    try:
        while len(films.asked) < 70:
            await asyncio.sleep(0.005)
    finally:
        process.kill()
        process.wait()
    is_done = await connection.fetchval("SELECT status = 'SUCCEEDED' FROM job_run")
    await connection.execute(jobs.WORKERS_GONE)
    await connection.execute("DELETE FROM provider_cache_lease")  # as if they had expired
    async with metadata_services(films, writer) as services, working(writer, kinds=KINDS, services=services):
        row = await until_status(connection, run, "SUCCEEDED", "FAILED")
    assert (row["succeeded"], row["failed"], row["attempts"]) == (150, 0, 1 if is_done else 2)
    # What was under way when it was killed was not kept yet.
    assert 150 <= len(films.asked) <= 200


@pytest.mark.parametrize(
    "values",
    [
        {"provider": "imdb", "items": ["movie/1"]},
        {"items": None},
        {"items": ["movie/1"], "library": "library_1"},
        {"items": ["media_0"]},
        {"items": ["movie"]},
        {"items": ["movie/1", "movie/x"]},
        {"items": ["movie/../1"]},
        {"items": ["movie/1?a=b"]},
        {"items": ["movie/٣"]},
        {"items": [f"movie/{10**15}"]},
        {"items": ["search/movie"]},
        {"items": ["collection/9"]},
    ],
)
def test_parameters_that_make_no_sense(values: dict[str, Any]) -> None:
    with pytest.raises(CatalogError) as error:
        WARM_CACHE.check(parameters(**values))
    assert error.value.extensions["code"] == Code.BAD_ARGUMENT


async def test_it_is_started_by_a_mutation(api: Api, films: FaultyServer, connection: Any) -> None:
    await add_library(connection)
    text = 'mutation { startWarmCache(provider: "tmdb", library: "library_1") { jobRun { type } } }'
    assert await api.run(text) == {"startWarmCache": {"jobRun": {"type": "warm_cache"}}}


async def test_without_a_service_or_a_cache_the_run_says_what_to_set(
    films: FaultyServer, writer: ConnectArgs, connection: Any
) -> None:
    async with metadata_services(films, writer, keeps=False) as services:
        bare = type(services)(services.client, services.cache)
        rows = [
            await run_to_end(writer, connection, one, WARM_CACHE, parameters(items=["configuration"]))
            for one in (bare, services)
        ]
    assert [(row["status"], row["error_code"]) for row in rows] == [
        ("FAILED", "PROVIDER_NOT_CONFIGURED"),
        ("FAILED", "BAD_ARGUMENT"),
    ]
    assert "MARQUEE_CACHE_ENABLED" in rows[1]["error"]
    assert films.asked == []


async def test_a_fault_of_the_database_is_no_fault_of_a_call(
    films: FaultyServer, writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_movies(films, 1, 2)
    faults, title = [Code.DATABASE_UNAVAILABLE], MetadataService.title

    async def title_or_fail(self: MetadataService, kind: MediaKind, id: int, **rest: Any) -> Any:
        if id == 2 and faults:
            raise CatalogError(faults.pop(), "The database does not answer: try again.")
        return await title(self, kind, id, **rest)

    monkeypatch.setattr(MetadataService, "title", title_or_fail)
    async with metadata_services(films, writer) as services:
        row = await run_to_end(writer, connection, services, WARM_CACHE, parameters(items=["movie/1", "movie/2"]))
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 2, 0), row["failures"]
    assert faults == []
