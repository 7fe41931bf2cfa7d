"""The job that refreshes metadata: what it writes and says, and how it waits."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from catalog.metadata import targets
from catalog.process import MAX_PROCESSES
from database.connect_args import ConnectArgs
from domain.enums import MediaKind, MetadataPolicy
from domain.errors import CatalogError, Code
from jobs import waits
from jobs.parameters import from_values
from jobs.refresh_metadata import REFRESH_METADATA, RefreshParameters
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.provider import Provider, RateLimit
from providers.rate_limit import SharedLimiter
from tests.support.api import Api
from tests.support.faulty_server import (
    Behaviour,
    FaultyServer,
    answer,
    not_http,
    redirect,
    reset,
    status,
    truncate,
)
from tests.support.jobs import run_to_end
from tests.support.metadata_server import add_films, calls_of_films, metadata_services, serve_movies

LINES = "SELECT line FROM job_log ORDER BY id"


async def lines_with(connection: Any, words: str) -> list[str]:
    """The lines of logs with some words: a heartbeat may write them after the end of their run."""
    for _ in range(1_000):
        if found := [one["line"] for one in await connection.fetch(LINES) if words in one["line"]]:
            return found
        await asyncio.sleep(0.01)
    return []


async def test_all_are_refreshed_and_a_second_run_finds_all_unchanged(
    films: FaultyServer, writer: ConnectArgs, connection: Any
) -> None:
    serve_movies(films, *await add_films(connection, 120))
    async with metadata_services(films, writer) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
        assert (row["status"], row["succeeded"], row["failed"], row["total"]) == ("SUCCEEDED", 120, 0, 120), row[
            "error"
        ]
        assert json.loads(row["counts"]) == {"updated": 120}
        again = await run_to_end(
            writer, connection, services, REFRESH_METADATA, RefreshParameters(policy=MetadataPolicy.REPLACE)
        )
    assert json.loads(again["counts"]) == {"updated": 120}  # titles now
    async with metadata_services(films, writer) as services:
        third = await run_to_end(
            writer, connection, services, REFRESH_METADATA, RefreshParameters(policy=MetadataPolicy.REPLACE)
        )
    assert json.loads(third["counts"]) == {"unchanged": 120}
    assert set(calls_of_films(films).values()) == {1}
    assert await connection.fetchval("SELECT count(*) FROM media WHERE title <> 'Film ' || id") == 0


async def test_only_what_is_due_is_refreshed(films: FaultyServer, writer: ConnectArgs, connection: Any) -> None:
    serve_movies(films, *await add_films(connection, 4))
    old = "INSERT INTO process_timestamp VALUES ($1, 'refresh_metadata', now() - make_interval(days => $2))"
    await connection.execute(old, 1, 5)
    await connection.execute(old, 2, 50)
    async with metadata_services(films, writer) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters(older_than_days=30))
    assert row["succeeded"] == 3
    assert sorted(calls_of_films(films)) == ["/movie/2", "/movie/3", "/movie/4"]


FAULTS: list[tuple[Behaviour, str, int]] = [
    (status(500), "PROVIDER_UNAVAILABLE", 12),  # 4 times by the client, 3 times by the job
    (reset, "PROVIDER_UNAVAILABLE", 12),
    (truncate, "PROVIDER_UNAVAILABLE", 12),
    (status(401), "PROVIDER_REFUSED", 1),
    (status(404), "NOT_FOUND", 1),
    (answer(b"<html>", Content_Type="text/html"), "PROVIDER_BAD_ANSWER", 1),
    (answer(b'{"id": 1}'), "PROVIDER_BAD_ANSWER", 1),
    (not_http, "PROVIDER_BAD_ANSWER", 1),
    (answer(b" " * 5_000_000), "ANSWER_TOO_LARGE", 1),
    (redirect("http://169.254.169.254/"), "ADDRESS_NOT_ALLOWED", 1),
]


@pytest.mark.parametrize(("behaviour", "code", "calls"), FAULTS)
async def test_a_fault_fails_its_media_alone_with_a_reason(
    films: FaultyServer, writer: ConnectArgs, connection: Any, behaviour: Behaviour, code: str, calls: int
) -> None:
    serve_movies(films, *await add_films(connection, 3))
    films.behaviours["/movie/2"] = [behaviour]
    patient = CircuitBreaker(BreakerOptions(failures=1_000))
    async with metadata_services(films, writer, breaker=patient) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 2, 1)
    assert json.loads(row["failures"]) == {code: 1}
    assert len(await lines_with(connection, f"media_2: {code}: ")) == 1
    assert calls_of_films(films)["/movie/2"] == calls


async def test_while_the_service_is_left_alone_the_run_waits_and_no_media_fails(
    films: FaultyServer, writer: ConnectArgs, connection: Any
) -> None:
    """The circuit opens after two failures, and again after each try that fails: then the service is well again."""
    ids = await add_films(connection, 60)
    serve_movies(films, *ids)
    films.behaviours["/configuration"] = [status(503)] * 2 + films.behaviours["/configuration"]
    for id in ids[58:]:
        films.behaviours[f"/movie/{id}"] = [status(503), *films.behaviours[f"/movie/{id}"]]
    breaker = CircuitBreaker(BreakerOptions(failures=2, pause=0.01, longest_pause=0.02))
    async with metadata_services(films, writer, breaker=breaker, attempts=1) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 60, 0), json.loads(row["failures"])


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "LONGEST_WAIT", 0.01)


# As by itself, but for its pauses.
QUICK_BREAKER = BreakerOptions(pause=0.01, longest_pause=0.01)


@pytest.mark.parametrize("behaviour", [reset, status(500), status(503)])
async def test_a_run_against_a_dead_service_ends(
    films: FaultyServer, writer: ConnectArgs, connection: Any, behaviour: Behaviour, short_waits: None
) -> None:
    """Though each try that the circuit breaker lets through opens it again."""
    for id in await add_films(connection, 4):
        films.behaviours[f"/movie/{id}"] = [behaviour]
    async with metadata_services(films, writer, breaker=CircuitBreaker(QUICK_BREAKER)) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
    assert (row["status"], json.loads(row["failures"])) == ("SUCCEEDED", {"PROVIDER_UNAVAILABLE": 4})
    assert not await connection.fetch("SELECT FROM job_log WHERE line LIKE '%media_%not called%'")


@pytest.mark.parametrize("path", ["/configuration", "/movie/1"])
async def test_a_service_that_does_not_answer_for_too_long_ends_the_run_and_no_media_fails(
    films: FaultyServer,
    writer: ConnectArgs,
    connection: Any,
    path: str,
    short_waits: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waits, "LONGEST_PATIENCE", 0.1)
    serve_movies(films, *await add_films(connection, 3))
    films.behaviours[path] = [status(500) if path == "/configuration" else status(429, Retry_After="3000")]
    async with metadata_services(films, writer, breaker=CircuitBreaker(QUICK_BREAKER)) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
    code = "PROVIDER_UNAVAILABLE" if path == "/configuration" else "PROVIDER_LIMITED"
    assert (row["status"], row["error_code"], row["failed"]) == ("FAILED", code, 0)


async def test_a_long_limit_is_waited_for(films: FaultyServer, writer: ConnectArgs, connection: Any) -> None:
    serve_movies(films, *await add_films(connection, 3))
    films.behaviours["/movie/2"] = [status(429, Retry_After="1"), *films.behaviours["/movie/2"]]
    async with metadata_services(films, writer, attempts=1) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
    assert (row["succeeded"], row["failed"]) == (3, 0)
    assert await lines_with(connection, "Waiting: tmdb says that it was called too often: try again later.")


class CountingLimiter(SharedLimiter):
    """turns: that it has given."""

    turns = 0

    async def turn(self, provider: Provider, deadline: float | None) -> float:
        self.turns += 1
        return await super().turn(provider, deadline)


async def test_a_thousand_media_with_random_faults_end_in_success_or_a_reason(
    films: FaultyServer, api: Api, writer: ConnectArgs, connection: Any
) -> None:
    """A fifth of the calls fail; each takes its turn at the limit, and what was kept is not asked for again."""
    ids = await add_films(connection, 1_000)
    serve_movies(films, *ids)
    draw = random.Random(7)
    lasting = [answer(b"<html>"), status(403), answer(b"[]"), status(404)]
    passing = [status(500), status(503), reset, truncate]
    bad = draw.sample(ids, 200)
    for id in bad[:100]:
        films.behaviours[f"/movie/{id}"] = [draw.choice(lasting)]
    for id in bad[100:]:
        films.behaviours[f"/movie/{id}"] = [draw.choice(passing), *films.behaviours[f"/movie/{id}"]]
    # A margin so that calls under way for long come into no other window.
    limit, limiter = RateLimit(400, 1.0, 16, margin=1.0), CountingLimiter(api.pool)
    breaker = CircuitBreaker(BreakerOptions(failures=1_000))
    async with metadata_services(films, writer, limiter, breaker=breaker, limits=limit) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 900, 100)
    assert sum(json.loads(row["failures"]).values()) == 100
    calls = calls_of_films(films)
    assert {calls[f"/movie/{id}"] for id in ids if id not in bad} == {1}
    assert {calls[f"/movie/{id}"] for id in bad[100:]} == {2}
    assert films.most_running <= 16
    assert limiter.turns == len(films.asked)
    async with metadata_services(films, writer, limiter, limits=limit) as services:
        again = await run_to_end(
            writer,
            connection,
            services,
            REFRESH_METADATA,
            RefreshParameters(media=[one for one in ids if one not in bad]),
        )
    assert (json.loads(again["counts"]), limiter.turns) == ({"unchanged": 800}, len(films.asked))


@pytest.mark.parametrize("values", [{"olderThanDays": -1}, {"kind": "TRACK"}, {"fields": []}])
def test_parameters_that_make_no_sense(values: dict[str, Any]) -> None:
    with pytest.raises(CatalogError) as error:
        REFRESH_METADATA.check(from_values(RefreshParameters, values))
    assert error.value.extensions["code"] == Code.BAD_ARGUMENT


def test_parameters_that_do() -> None:
    given = from_values(RefreshParameters, {"library": "library_2", "kind": "MOVIE", "fields": ["TITLE"]})
    REFRESH_METADATA.check(given)
    assert (given.kind, REFRESH_METADATA.library(given)) == (MediaKind.MOVIE, 2)


async def test_without_a_service_the_run_says_what_to_set(
    films: FaultyServer, writer: ConnectArgs, connection: Any
) -> None:
    async with metadata_services(films, writer) as services:
        bare = type(services)(services.client, services.cache)
        row = await run_to_end(writer, connection, bare, REFRESH_METADATA, RefreshParameters())
    assert (row["status"], row["error_code"]) == ("FAILED", "PROVIDER_NOT_CONFIGURED")
    assert "MARQUEE_METADATA_URL" in row["error"]


async def test_a_media_that_cannot_be_marked_has_failed(
    films: FaultyServer, writer: ConnectArgs, connection: Any
) -> None:
    """It would be refreshed again and again unseen."""
    serve_movies(films, *await add_films(connection, 2))
    fill = "INSERT INTO process_timestamp SELECT 1, 'process' || n, now() FROM generate_series(1, $1::integer) AS n"
    await connection.execute(fill, MAX_PROCESSES)
    async with metadata_services(films, writer) as services:
        row = await run_to_end(writer, connection, services, REFRESH_METADATA, RefreshParameters())
    assert (row["succeeded"], row["failed"]) == (1, 1)
    assert await lines_with(connection, "media_1: ") != []


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_what_is_due_is_asked_of_one_media_after_the_other(connection: Any, mode: str) -> None:
    """A join would read all that were ever refreshed for the next few."""
    await connection.execute(f"SET plan_cache_mode = {mode}")
    await connection.execute(f"PREPARE due AS {targets.NEXT_DUE}")
    rows = await connection.fetch("EXPLAIN EXECUTE due (NULL, NULL, '{MOVIE}', now(), NULL, 5, '{7}', '{9}', 50)")
    plan = "\n".join(row[0] for row in rows)
    before, _, below = plan.partition("SubPlan")
    assert "process_timestamp" not in before
    assert "process_timestamp" in below
