"""Radarr and Sonarr: what they keep, with the files that they have."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from catalog.upsert.item import Status
from sources.radarr import RadarrSource
from sources.sonarr import SonarrSource
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.library_server import LibraryServer, serving
from tests.support.reading import check_resuming, failures_of, import_all, items_of, read_all

ADDED = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
IMAGES = [
    {"coverType": "poster", "url": "/MediaCover/1/poster.jpg", "remoteUrl": "https://image.example.org/p.jpg"},
    {"coverType": "fanart", "url": "/MediaCover/1/fanart.jpg", "remoteUrl": "https://image.example.org/f.jpg"},
    {"coverType": "banner", "remoteUrl": "https://image.example.org/b.jpg"},
    {"coverType": "poster", "url": "/MediaCover/1/poster.jpg"},
]
PICTURES = [
    {"type": "POSTER", "url": "https://image.example.org/p.jpg"},
    {"type": "BACKDROP", "url": "https://image.example.org/f.jpg"},
]
FILE: dict[str, Any] = {
    **{"id": 5, "path": "/movies/Heat (1995)/Heat.mkv", "size": 9, "dateAdded": "2024-01-02T03:04:05Z"},
    **{"sceneName": "Heat.1995.1080p-GRP", "releaseGroup": "GRP", "quality": {"quality": {"name": "Bluray-1080p"}}},
    "mediaInfo": {"videoCodec": "x264", "audioCodec": "DTS", "resolution": "1920x800", "runTime": "2:50:10"},
}
READ_FILE = {
    **{"path": "/movies/Heat (1995)/Heat.mkv", "size": 9, "modified_at": ADDED, "container": "mkv"},
    **{"codecs": ["x264", "DTS"], "width": 1920, "height": 800, "duration_ms": 10_210_000},
}
RELEASE = {"name": "Heat.1995.1080p-GRP", "category": "Bluray-1080p", "release_group_id": "GRP", "size": 9}
MOVIES: list[dict[str, Any]] = [
    {
        **{"id": 1, "title": "Heat", "originalTitle": "Heat", "year": 1995, "overview": "A thief.", "runtime": 170},
        **{"imdbId": "tt0113277", "tmdbId": 949, "genres": ["Crime"], "tags": [1, 7], "keywords": ["heist"]},
        **{"alternateTitles": [{"title": "Hitze"}, {"title": "Heat"}], "images": IMAGES, "studio": "Warner"},
        **{"ratings": {"imdb": {"value": 8.3, "votes": 9}, "tmdb": {"value": 7.9}}, "certification": "R"},
        **{"collection": {"title": "Mann", "tmdbId": 3}, "added": "2024-01-02T03:04:05Z", "movieFile": FILE},
    },
    {"id": 2, "title": "Wanted", "year": 0, "runtime": 0, "imdbId": "", "tmdbId": 0, "added": "0001-01-01T00:00:00Z"},
    {"title": "Without an id"},
]
RADARR = {"/api/v3/movie": MOVIES, "/api/v3/tag": [{"id": 1, "label": "4k"}]}

SERIES: list[dict[str, Any]] = [
    {
        **{"id": 1, "title": "Fargo", "year": 2014, "tvdbId": 269613, "imdbId": "tt2802850", "network": "FX"},
        **{"ratings": {"value": 8.9, "votes": 5}, "genres": ["Crime"], "tags": [1], "runtime": 53, "images": IMAGES},
        **{"seasons": [{"seasonNumber": 1}, {"seasonNumber": 0}, {"seasonNumber": 1}], "certification": "TV-MA"},
    },
    {"id": 2, "title": "Empty", "seasons": []},
    {"title": "Without an id"},
]
BOTH = {**FILE, "path": "/tv/Fargo/S01E01-E02.mkv", "sceneName": None}
EPISODES: dict[str, list[Any]] = {
    "1": [
        {"id": 10, "seasonNumber": 1, "episodeNumber": 1, "title": "The Dilemma", "airDate": "2014-04-15"}
        | {"overview": "A drifter.", "tvdbId": 77, "episodeFileId": 5, "episodeFile": BOTH, "absoluteEpisodeNumber": 1},
        {"id": 11, "seasonNumber": 1, "episodeNumber": 2, "title": "", "episodeFileId": 5, "episodeFile": BOTH},
        {"id": 12, "seasonNumber": 0, "episodeNumber": 1, "title": "Extra", "episodeFileId": 0},
        {"id": 13, "seasonNumber": 4, "episodeNumber": 1, "title": "Of no known season"},
        "no object",
    ],
    "2": [],
}


def episodes(request: web.Request) -> Any:
    assert request.query["includeEpisodeFile"] == "true"
    return EPISODES[request.query["seriesId"]]


SONARR = {"/api/v3/series": SERIES, "/api/v3/episode": episodes, "/api/v3/tag": [{"id": 1, "label": "4k"}]}


async def test_a_movie_has_all_that_radarr_knows() -> None:
    async with serving(LibraryServer(RADARR)) as server:
        found = await read_all(RadarrSource(server.address))
        await check_resuming(RadarrSource(server.address))
    heat, wanted = items_of(found)
    assert failures_of(found) == [("movie 3", "It has not the fields that it should.")]
    assert heat.item.values == {
        **{"kind": "MOVIE", "title": "Heat", "original_title": "Heat", "year": 1995, "overview": "A thief."},
        **{"rating_tenths": 83, "runtime_minutes": 170, "added_at": ADDED},
        "metadata": {"certification": "R", "studio": "Warner"},
    }
    assert heat.item.lists == {
        **{"genres": ["Crime"], "tags": ["4k", "heist"], "aliases": [{"title": "Hitze"}], "artwork": PICTURES},
        "external_ids": [{"source": "imdb", "value": "tt0113277"}, {"source": "tmdb", "value": "949"}],
        **{"files": [READ_FILE], "collections": [{"collection_id": "Mann"}], "releases": [RELEASE]},
    }
    assert (wanted.key, wanted.item.values) == ("movie:2", {"kind": "MOVIE", "title": "Wanted"})
    assert [rows for rows in wanted.item.lists.values() if rows] == []


async def test_series_come_with_their_seasons_and_episodes() -> None:
    async with serving(LibraryServer(SONARR)) as server:
        found = await read_all(SonarrSource(server.address))
        await check_resuming(SonarrSource(server.address))
    season = "series:1:season:"
    assert [(one.key, one.parent) for one in items_of(found)] == [
        *[("series:1", None), (f"{season}0", "series:1"), (f"{season}1", "series:1"), ("episode:10", f"{season}1")],
        *[("episode:11", f"{season}1"), ("episode:12", f"{season}0"), ("episode:13", "series:1"), ("series:2", None)],
    ]
    assert failures_of(found) == [
        ("series 1 episode 5", "An object is needed here."),
        ("series 3", "It has not the fields that it should."),
    ]
    series, specials, _, first, second, *_ = items_of(found)
    assert series.item.lists == {
        **{"genres": ["Crime"], "tags": ["4k"], "channels": ["FX"], "aliases": [], "artwork": PICTURES},
        "external_ids": [{"source": "imdb", "value": "tt2802850"}, {"source": "tvdb_series", "value": "269613"}],
    }
    assert specials.item.values == {"kind": "SEASON", "title": "Specials", "season_number": 0}
    assert first.item.values == {
        **{"kind": "EPISODE", "title": "The Dilemma", "season_number": 1, "episode_number": 1, "year": 2014},
        **{"overview": "A drifter.", "metadata": {"airDate": "2014-04-15", "absoluteNumber": 1}},
    }
    assert first.item.lists["external_ids"] == [{"source": "tvdb_episode", "value": "77"}]
    assert first.item.lists["files"] == [{**READ_FILE, "path": "/tv/Fargo/S01E01-E02.mkv"}]
    assert second.item.values["title"] == "Episode 2"
    assert second.item.lists["files"] == []  # a file is of one media


@pytest.mark.parametrize(("source", "answers", "media"), [(RadarrSource, RADARR, 2), (SonarrSource, SONARR, 8)])
async def test_what_they_keep_becomes_media(
    api: Api, connection: Any, source: Any, answers: dict[str, Any], media: int
) -> None:
    await add_library(connection, kind=None)
    async with serving(LibraryServer(answers)) as server:
        found = await read_all(source(server.address))
    for status in (Status.CREATED, Status.UNCHANGED):
        results = await import_all(api, found)
        assert Counter((one.status, one.message) for one in results) == {(status, None): media}
