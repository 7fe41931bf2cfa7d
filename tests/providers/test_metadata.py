"""The metadata service: candidates and their scores, answers that are no answers, what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from domain.enums import ArtworkType, CreditRole, MediaKind
from domain.errors import Code
from providers.errors import ProviderError
from providers.metadata.answers import CreditAnswer, FoundTitle, Picture
from providers.metadata.lookup import Wanted, find_candidates, score, similarity
from providers.metadata.service import MetadataService
from tests.support.faulty_server import Asked, FaultyServer, answer, redirect, status
from tests.support.metadata_server import (
    IMAGES,
    metadata_server,
    metadata_services,
    movie,
    season,
    series,
    serve_json,
    serve_movies,
)


@pytest.fixture
async def films() -> AsyncIterator[FaultyServer]:
    async with metadata_server() as server:
        yield server


@pytest.fixture
async def service(films: FaultyServer, writer: ConnectArgs) -> AsyncIterator[MetadataService]:
    async with metadata_services(films, writer) as services:
        assert services.metadata is not None
        yield services.metadata


def found(title: str, year: int | None = None, original: str | None = None) -> FoundTitle:
    return FoundTitle(MediaKind.MOVIE, 1, title, original, year, None, 0.0, None)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Heat", "HEAT", 1.0),
        ("Amélie", "Amelie", 1.0),
        ("night", "nacht", 0.25),  # "ht" of 4 and 4 pairs: 2 * 1 / 8
        ("Alien", "Aliens", 0.888_888),  # al li ie en of 4 and 5 pairs: 2 * 4 / 9
        ("Heat", "Up", 0.0),
        ("M", "Z", 0.0),  # no pairs at all
        ("M", "m", 1.0),
        ("aaaa", "aa", 0.5),  # "aa" three times and once: 2 * 1 / 4
    ],
)
def test_how_alike_titles_are(one: str, other: str, alike: float) -> None:
    assert similarity(one, other) == pytest.approx(alike, abs=1e-6)
    assert similarity(other, one) == similarity(one, other)


@pytest.mark.parametrize(
    ("wanted", "candidate", "points"),
    [
        (Wanted("Heat"), found("Heat", 1995), 1.0),
        (Wanted("Heat", 1995), found("Heat", 1995), 1.0),
        (Wanted("Heat", 1995), found("Heat", 1996), 0.9),
        (Wanted("Heat", 1995), found("Heat", 1986), 0.5),
        (Wanted("Heat", 1995), found("Heat", 1900), 0.5),
        (Wanted("Heat", 1995), found("Heat"), 0.8),
        (Wanted("Alien", 1979), found("Aliens", 1986), 0.444),  # 8 / 9 * 0.5
        (Wanted("Le Clan"), found("The Clan", original="Le clan"), 1.0),
        (Wanted(external_id=("imdb", "tt1")), found("Whatever", 1900), 1.0),
    ],
)
def test_scores(wanted: Wanted, candidate: FoundTitle, points: float) -> None:
    assert score(wanted, candidate) == pytest.approx(points)


async def test_candidates_come_by_score_then_popularity(films: FaultyServer, service: MetadataService) -> None:
    movies = [movie(1, "Heat", popularity=1), movie(2, "Heat", popularity=9, poster_path=None), movie(3, "Heated")]
    serve_json(films, "/search/movie", {"results": movies})
    serve_json(films, "/search/tv", {"results": [series(4, "Heat", first_air_date="1999-01-01", popularity=5)]})

    candidates = await find_candidates(service, Wanted("heat", 1999), 3, None)

    assert [(one.found.id, one.score) for one in candidates] == [(2, 1.0), (4, 1.0), (1, 1.0)]
    assert [one.poster for one in candidates] == [None, None, f"{IMAGES}original/p1.jpg"]
    assert [one.external_ids for one in candidates] == [[("tmdb", "2")], [("tmdb_series", "4")], [("tmdb", "1")]]
    only = await find_candidates(service, Wanted("heat", kind=MediaKind.SERIES), 3, None)
    assert [one.found.id for one in only] == [4]
    assert films.times("/search/tv") == 1  # kept


async def test_what_another_service_calls_so(films: FaultyServer, service: MetadataService) -> None:
    serve_json(films, "/find/tt0133093", {"movie_results": [movie(603)], "tv_results": []})
    [one] = await find_candidates(service, Wanted(external_id=("imdb", "tt0133093")), 5, None)
    assert (one.score, one.external_ids) == (1.0, [("tmdb", "603"), ("imdb", "tt0133093")])
    assert "external_source=imdb_id" in films.asked[-1].target + films.asked[-2].target

    serve_movies(films, 603)
    [own] = await find_candidates(service, Wanted(external_id=("tmdb", "603")), 5, None)
    assert own.external_ids == [("tmdb", "603")]
    assert await find_candidates(service, Wanted(external_id=("tmdb", "7")), 5, None) == []


@pytest.mark.parametrize(
    "pair", [("tmdb", "x"), ("tmdb", "-1"), ("imdb", "tt1/../movie"), ("imdb", ""), ("lastfm", "1")]
)
async def test_ids_that_can_be_none_are_not_asked_for(
    films: FaultyServer, service: MetadataService, pair: tuple[str, str]
) -> None:
    with pytest.raises(ProviderError) as error:
        await service.find(*pair)
    assert error.value.code is Code.BAD_ARGUMENT
    assert films.asked == []


async def test_a_title_with_all_that_belongs_to_it(films: FaultyServer, service: MetadataService) -> None:
    serve_movies(films, 603)
    details = await service.title(MediaKind.MOVIE, 603)
    assert details is not None
    assert (details.title, details.original_title, details.year) == ("Film 603", "Titre 603", 1999)
    assert (details.rating_tenths, details.runtime_minutes, details.tagline) == (82, 136, "Free your mind.")
    assert details.credits == [
        CreditAnswer("Ann Actor", CreditRole.ACTOR, "Neo", None),
        CreditAnswer("Lana Dir", CreditRole.DIRECTOR, None, "Director"),
    ]
    assert details.pictures == [Picture(ArtworkType.POSTER, "/p603.jpg", 2000, 3000)]
    assert details.external_ids == [("tmdb", "603"), ("imdb", "tt0000603")]
    assert "append_to_response=credits%2Cimages%2Cexternal_ids" in films.asked[-1].target.replace(",", "%2C")


async def test_a_season_brings_its_episodes(films: FaultyServer, service: MetadataService) -> None:
    serve_json(films, "/tv/1396/season/2", season(5, 2, 3))
    details = await service.season(1396, 2)
    assert details is not None
    assert [(one.number, one.title, one.id) for one in details.episodes] == [
        (1, "Part 1", 501), (2, "Part 2", 502), (3, "Part 3", 503)
    ]  # fmt: skip
    assert await service.season(1396, 3) is None


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"title": 5}, "title is no text"),
    ({"title": None}, "title is missing"),
    ({"title": "  "}, "title is missing"),
    ({"title": "a\0b"}, "title has characters that cannot be stored"),
    ({"id": True}, "id is no whole number"),
    ({"id": 2**60}, "id is no whole number"),
    ({"vote_average": 11}, "vote_average is no number"),
    ({"runtime": -5}, "runtime is no whole number"),
    ({"genres": {}}, "genres is no list"),
    ({"genres": ["x"]}, "genres.0 is no object"),
    ({"credits": []}, "credits is no object"),
    ({"images": {"posters": [{"file_path": "//evil.example.com/x.jpg"}]}}, "file_path is no path of a picture"),
    ({"poster_path": "/../x"}, "poster_path is no path of a picture"),
    ({"external_ids": {"imdb_id": 5}}, "imdb_id is no text"),
]


@pytest.mark.parametrize(("fault", "reason"), BROKEN)
async def test_answers_of_another_shape_are_refused_with_a_reason(
    films: FaultyServer, service: MetadataService, fault: dict[str, Any], reason: str
) -> None:
    serve_json(films, "/movie/1", {**movie(1), **fault})
    for times in (1, 2):  # what cannot be read is not kept
        with pytest.raises(ProviderError, match=reason) as error:
            await service.title(MediaKind.MOVIE, 1)
        assert error.value.code is Code.PROVIDER_BAD_ANSWER
        assert films.times("/movie/1") == times


async def test_long_texts_and_lists_are_cut(films: FaultyServer, service: MetadataService) -> None:
    cast = [{"name": f"Person {one}", "character": "x" * 600} for one in range(3_000)]
    serve_json(films, "/movie/1", movie(1, "T" * 900, overview="o" * 30_000, credits={"cast": cast, "crew": []}))
    details = await service.title(MediaKind.MOVIE, 1)
    assert details is not None
    assert (len(details.title), len(details.overview or ""), len(details.credits)) == (500, 20_000, 100)
    assert len(details.credits[0].character or "") == 500


@pytest.mark.parametrize("base", ["ftp://x/", "https://u:p@x/", "https://x/t", "https://x/?a=/", "nowhere", 5])
async def test_addresses_of_images_are_checked(films: FaultyServer, service: MetadataService, base: Any) -> None:
    serve_json(films, "/configuration", {"images": {"secure_base_url": base}})
    with pytest.raises(ProviderError) as error:
        await service.images()
    assert error.value.code is Code.PROVIDER_BAD_ANSWER


@pytest.mark.parametrize(
    ("behaviour", "code", "calls"),
    [
        (status(500), Code.PROVIDER_UNAVAILABLE, 4),
        (status(503), Code.PROVIDER_UNAVAILABLE, 4),
        (status(429), Code.PROVIDER_LIMITED, 4),
        (status(429, Retry_After="600"), Code.PROVIDER_LIMITED, 1),
        (status(401), Code.PROVIDER_REFUSED, 1),
        (answer(b"<html>", Content_Type="text/html"), Code.PROVIDER_BAD_ANSWER, 1),
        (answer(b"{"), Code.PROVIDER_BAD_ANSWER, 1),
        (answer(b"[1]"), Code.PROVIDER_BAD_ANSWER, 1),
        (answer(b" " * 5_000_000), Code.ANSWER_TOO_LARGE, 1),
        (redirect("http://169.254.169.254/"), Code.ADDRESS_NOT_ALLOWED, 1),
    ],
)
async def test_faults_have_codes_and_only_passing_ones_are_tried_again(
    films: FaultyServer, service: MetadataService, behaviour: Any, code: Code, calls: int
) -> None:
    films.behaviours["/movie/1"] = [behaviour]
    with pytest.raises(ProviderError) as error:
        await service.title(MediaKind.MOVIE, 1)
    assert (error.value.code, films.times("/movie/1")) == (code, calls)


async def test_many_who_ask_for_one_title_make_one_call(films: FaultyServer, service: MetadataService) -> None:
    serve_movies(films, 1)
    answers = await asyncio.gather(*(service.title(MediaKind.MOVIE, 1) for _ in range(20)))
    assert [one.title for one in answers if one is not None] == ["Film 1"] * 20
    assert films.times("/movie/1") == 1


async def test_a_title_that_is_not_there_is_asked_for_once(films: FaultyServer, service: MetadataService) -> None:
    assert await service.title(MediaKind.MOVIE, 9) is None
    assert await service.title(MediaKind.MOVIE, 9) is None
    assert films.times("/movie/9") == 1


async def test_who_waits_for_a_load_of_another_is_bound_by_its_own_deadline_alone(
    films: FaultyServer, service: MetadataService
) -> None:
    """The one that began it gives up; the answer comes afterwards."""
    serve_movies(films, 1)
    [answers] = films.behaviours["/movie/1"]
    gate = asyncio.Event()

    async def late(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await answers(asked, writer)

    films.behaviours["/movie/1"] = [late]
    soon = asyncio.get_running_loop().time() + 0.5
    hasty = asyncio.create_task(service.title(MediaKind.MOVIE, 1, deadline=soon))
    while not films.asked and not hasty.done():
        await asyncio.sleep(0.005)
    patient = asyncio.create_task(service.title(MediaKind.MOVIE, 1))
    with pytest.raises(ProviderError) as error:
        await hasty
    gate.set()
    found = await patient
    assert (error.value.code, found is not None) == (Code.PROVIDER_TIMEOUT, True)
