"""The job that analyses releases: what it asks, writes, counts and reports."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from domain.errors import CatalogError, Code
from domain.viewer import Viewer
from jobs import waits
from jobs.analyse_releases import ANALYSE_RELEASES, AnalyseReleases
from jobs.parameters import from_values
from providers.circuit_breaker import BreakerOptions, CircuitBreaker
from providers.provider import Provider, RateLimit
from providers.rate_limit import SharedLimiter
from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_row
from tests.support.faulty_server import Behaviour, answer, not_http, redirect, reset, status, truncate
from tests.support.jobs import run_to_end
from tests.support.release_index import (
    IndexServer,
    add_releases,
    index_services,
    names_of,
    report_of,
    states_of,
)

PATIENT = BreakerOptions(failures=1_000)


async def test_releases_are_asked_in_batches_of_one_category_and_all_is_reported(
    index: IndexServer, api: Api, writer: ConnectArgs, connection: Any
) -> None:
    movies, music = names_of("movie", 25, "ONE"), names_of("music", 12, "TWO")
    index.know(*movies, *music)
    await add_releases(connection, "movies", *movies)
    await add_releases(connection, "music", *music)
    async with index_services(index, writer) as services:
        row = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())

    assert (row["status"], row["succeeded"], row["failed"], row["total"]) == ("SUCCEEDED", 37, 0, 37), row["error"]
    assert sorted((category, len(names)) for category, names in index.batches) == [
        *[("movies", size) for size in (5, 10, 10)],
        *[("music", size) for size in (2, 10)],
    ]
    assert sorted(index.times_asked) == sorted([*movies, *music])
    assert report_of(row) == {
        **{"releases": 37, "succeeded": 37, "failed": 0, "successRate": 1.0, "groups": 2},
        **{"cacheHits": 0, "cacheHitRate": 0.0, "calls": 5, "failures": []},
        "categories": [
            {"category": "movies", "releases": 25, "succeeded": 25, "failed": 0},
            {"category": "music", "releases": 12, "succeeded": 12, "failed": 0},
        ],
    }
    told = await api.run('{ jobRun(id: "job_run_1") { report } }')
    assert told == {"jobRun": {"report": json.loads(row["report"])}}
    groups = await connection.fetch("SELECT name, score_thousandths FROM release_group ORDER BY name")
    # 25 good ones and the assumed ten: (5000 + 25 * 1000) / 35; of 12: (5000 + 12 * 1000) / 22.
    assert [tuple(one) for one in groups] == [("ONE", 857), ("TWO", 773)]


async def test_what_the_cache_knows_fills_no_batch_and_counts_as_a_hit(
    index: IndexServer, writer: ConnectArgs, connection: Any
) -> None:
    """40 of 100 are known: the other 60 are asked in six full batches."""
    names = names_of("movie", 100)
    index.know(*names)
    await add_releases(connection, "movies", *names[::5], *names[1::5])
    async with index_services(index, writer) as services:
        first = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())
        await connection.execute("DELETE FROM release")
        await add_releases(connection, "movies", *names)
        second = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())
    assert (report_of(first)["calls"], report_of(first)["cacheHits"]) == (4, 0)
    told = report_of(second)
    assert (told["releases"], told["calls"], told["cacheHits"], told["cacheHitRate"]) == (100, 6, 40, 0.4)
    assert set(index.times_asked.values()) == {1}


async def test_only_what_is_due_is_analysed(index: IndexServer, writer: ConnectArgs, connection: Any) -> None:
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    media = await add_media(connection, here), await add_media(connection, there)
    rows: dict[str, dict[str, Any]] = {
        "new-G": {"media_id": media[0]},
        "failed-G": {"state": "FAILED", "media_id": media[0]},
        "elsewhere-G": {"media_id": media[1]},
        "music-G": {"category": "music", "media_id": media[0]},
        "alone-G": {},
    }
    for name, columns in rows.items():
        index.know(name)
        await add_row(connection, "release", **{"name": name, "category": "movies", **columns})
    for name, days in [("old-G", 40), ("young-G", 4)]:
        index.know(name)
        columns = {"state": "ANALYSED", "analysed_at": datetime.now(UTC) - timedelta(days=days)}
        await add_row(connection, "release", name=name, category="movies", **columns)

    async with index_services(index, writer) as services:
        await run_to_end(
            writer, connection, services, ANALYSE_RELEASES, AnalyseReleases(library_id=here, category="movies")
        )
        assert sorted(index.times_asked) == ["failed-G", "new-G"]
        index.server.asked.clear()
        await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases(older_than_days=30))
        assert sorted(index.times_asked) == ["alone-G", "elsewhere-G", "music-G", "old-G"]
        index.server.asked.clear()
        row = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases(releases=[7]))
    assert list(index.times_asked) == ["young-G"]
    assert (row["succeeded"], await states_of(connection)) == (1, {"ANALYSED": 7})


FAULTS: list[tuple[Behaviour, str, int]] = [
    (status(500), "PROVIDER_UNAVAILABLE", 4),
    (reset, "PROVIDER_UNAVAILABLE", 4),
    (truncate, "PROVIDER_UNAVAILABLE", 4),
    (status(401), "PROVIDER_REFUSED", 1),
    (status(404), "PROVIDER_REFUSED", 1),
    (answer(b"<html>", Content_Type="text/html"), "PROVIDER_BAD_ANSWER", 1),
    (answer(b"[]"), "PROVIDER_BAD_ANSWER", 1),
    (answer(b"{}"), "PROVIDER_BAD_ANSWER", 1),
    (answer(b'{"releases": [{"size": 1}]}'), "PROVIDER_BAD_ANSWER", 1),
    (not_http, "PROVIDER_BAD_ANSWER", 1),
    (answer(b" " * 5_000_000), "ANSWER_TOO_LARGE", 1),
    (redirect("http://169.254.169.254/"), "PROVIDER_BAD_ANSWER", 1),
]


@pytest.mark.parametrize(("behaviour", "code", "calls"), FAULTS)
async def test_a_fault_fails_its_batch_alone_with_a_reason(
    index: IndexServer, writer: ConnectArgs, connection: Any, behaviour: Behaviour, code: str, calls: int
) -> None:
    names = names_of("movie", 30)
    index.know(*names)
    index.faults[names[10]], index.lasting = [behaviour], {names[10]}
    await add_releases(connection, "movies", *names)
    async with index_services(index, writer, breaker=CircuitBreaker(PATIENT)) as services:
        row = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())
    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 20, 10), row["error"]
    assert json.loads(row["failures"]) == {code: 10}
    assert report_of(row)["failures"] == [{"code": code, "releases": 10}]
    assert index.times_asked == {**dict.fromkeys(names, 1), **dict.fromkeys(names[10:20], calls)}
    rows = await connection.fetch("SELECT name, failure FROM release WHERE state = 'FAILED' ORDER BY name")
    assert [one["name"] for one in rows] == names[10:20]
    assert all(one["failure"].startswith(f"{code}: ") for one in rows)


async def test_one_that_is_not_known_or_cannot_be_read_fails_alone(
    index: IndexServer, writer: ConnectArgs, connection: Any
) -> None:
    names = names_of("movie", 5)
    index.know(*names)
    del index.known[names[1]]
    index.known[names[3]]["size"] = "large"
    await add_releases(connection, "movies", *names)
    async with index_services(index, writer) as services:
        row = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())
        index.known[names[3]]["size"] = 5
        again = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())
    assert json.loads(row["failures"]) == {"NOT_FOUND": 1, "PROVIDER_BAD_ANSWER": 1}
    # That it is not known is kept for a day; what could not be read is asked for anew.
    assert (again["succeeded"], again["failed"], report_of(again)["cacheHits"]) == (1, 1, 1)
    assert index.times_asked == {**dict.fromkeys(names, 1), names[3]: 2}


async def test_a_thousand_releases_with_random_faults_end_in_success_or_a_reason(
    index: IndexServer, api: Api, writer: ConnectArgs, connection: Any
) -> None:
    """A fifth of the batches meet a fault; every call has its turn, and no more run at once than may."""
    names = names_of("movie", 1_000)
    index.know(*names)
    draw = random.Random(7)
    lasting = [answer(b"<html>"), status(403), answer(b"[]"), status(404)]
    passing = [status(500), status(503), reset, truncate]
    bad = draw.sample(names[::10], 20)
    for name in bad:
        index.faults[name] = [draw.choice(lasting if name in bad[:10] else passing)]
    index.lasting = set(bad[:10])
    await add_releases(connection, "movies", *names)
    limiter = CountedTurns(api.pool)
    limits = RateLimit(1_000, 1, 3)
    async with index_services(index, writer, limiter, breaker=CircuitBreaker(PATIENT), limits=limits) as services:
        row = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())

    assert (row["status"], row["succeeded"], row["failed"]) == ("SUCCEEDED", 900, 100), row["error"]
    assert await states_of(connection) == {"ANALYSED": 900, "FAILED": 100}
    told = report_of(row)
    assert (told["successRate"], told["calls"], sum(one["releases"] for one in told["failures"])) == (0.9, 100, 100)
    assert await connection.fetchval("SELECT count(*) FROM release WHERE failure IS NULL AND state = 'FAILED'") == 0
    assert len(index.server.asked) == limiter.turns == 110
    assert index.server.most_running <= 3


class CountedTurns(SharedLimiter):
    """Limits that count the turns that they give."""

    turns = 0

    async def turn(self, provider: Provider, deadline: float | None) -> float:
        waited = await super().turn(provider, deadline)
        self.turns += 1
        return waited


async def test_an_index_that_asks_to_be_left_alone_is_waited_for(
    index: IndexServer, writer: ConnectArgs, connection: Any
) -> None:
    names = names_of("movie", 5)
    index.know(*names)
    index.faults[names[0]] = [status(429, Retry_After="1")]
    await add_releases(connection, "movies", *names)
    async with index_services(index, writer, attempts=1) as services:
        row = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())
    assert (row["succeeded"], row["failed"], len(index.server.asked)) == (5, 0, 2)


@pytest.mark.parametrize(("answered", "code"), [(429, "PROVIDER_LIMITED"), (503, "PROVIDER_UNAVAILABLE")])
async def test_an_index_that_is_to_be_left_alone_for_too_long_ends_the_run_and_no_release_fails(
    index: IndexServer,
    writer: ConnectArgs,
    connection: Any,
    monkeypatch: pytest.MonkeyPatch,
    answered: int,
    code: str,
) -> None:
    monkeypatch.setattr(waits, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(waits, "LONGEST_PATIENCE", 0.0)
    names = names_of("movie", 5)
    index.faults[names[0]], index.lasting = [status(answered, Retry_After="3000")], {names[0]}
    await add_releases(connection, "movies", *names)
    async with index_services(index, writer) as services:
        row = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases())
    assert (row["status"], row["error_code"], row["failed"]) == ("FAILED", code, 0)
    assert await connection.fetchval("SELECT count(*) FROM release WHERE state = 'FAILED'") == 0


async def test_who_sees_one_library_analyses_its_releases_alone_and_scores_no_group_of_others(
    index: IndexServer, writer: ConnectArgs, connection: Any
) -> None:
    here, there = [await add_library(connection, name) for name in ("here", "there")]
    for library, group in [(here, "OWN"), (here, "BOTH"), (there, "BOTH")]:
        name = f"a-{group}"
        index.know(name)
        group_id = await connection.fetchval(
            "INSERT INTO release_group (name, folded_name) VALUES ($1, lower($1))"
            " ON CONFLICT (folded_name) DO UPDATE SET name = excluded.name RETURNING id",
            group,
        )
        columns = {"media_id": await add_media(connection, library), "release_group_id": group_id}
        await add_row(connection, "release", name=name, category="movies", **columns)
    viewer = Viewer((here,))
    async with index_services(index, writer) as services:
        with pytest.raises(CatalogError) as refused:
            await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases(), viewer)
        row = await run_to_end(writer, connection, services, ANALYSE_RELEASES, AnalyseReleases(library_id=here), viewer)
    assert refused.value.extensions["code"] == Code.FORBIDDEN
    assert (row["succeeded"], report_of(row)["groups"]) == (2, 1)
    scores = await connection.fetch("SELECT name, score_thousandths FROM release_group ORDER BY name")
    assert [tuple(one) for one in scores] == [("BOTH", None), ("OWN", 545)]


async def test_without_an_index_the_run_says_what_to_set(
    index: IndexServer, writer: ConnectArgs, connection: Any
) -> None:
    async with index_services(index, writer) as services:
        bare = type(services)(services.client, services.cache)
        row = await run_to_end(writer, connection, bare, ANALYSE_RELEASES, AnalyseReleases())
    assert (row["status"], row["error_code"]) == ("FAILED", "PROVIDER_NOT_CONFIGURED")
    assert "MARQUEE_RELEASES_URL" in row["error"]


@pytest.mark.parametrize("values", [{"olderThanDays": -1}, {"olderThanDays": 40_000}])
def test_parameters_of_an_analysis_that_make_no_sense(values: dict[str, Any]) -> None:
    with pytest.raises(CatalogError) as error:
        ANALYSE_RELEASES.check(from_values(AnalyseReleases, values))
    assert error.value.extensions["code"] == Code.BAD_ARGUMENT
