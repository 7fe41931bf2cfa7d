"""Jellyfin: items page by page, with what they hang on before them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from catalog.upsert.item import PersonKey, Status
from sources.formats import open_source
from sources.jellyfin import JellyfinSource
from sources.source import SourceError
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.library_server import LibraryServer, serving
from tests.support.reading import check_resuming, failures_of, import_all, items_of, read_all

STREAMS = [
    {"Type": "Video", "Codec": "hevc", "Width": 1920, "Height": 800},
    {"Type": "Audio", "Codec": "aac", "Language": "eng"},
    {"Type": "Subtitle", "Codec": "subrip", "Language": "eng", "IsExternal": True, "Path": "/m/heat.en.srt"},
    {"Type": "Subtitle", "Codec": "pgssub", "Language": "ger", "IsForced": True},
    {"Type": "Subtitle", "Codec": "ass", "Language": "ger", "IsForced": True},
    {"Type": "Subtitle", "Codec": "ass", "Language": "und"},
]
HEAT: dict[str, Any] = {
    **{"Id": "m0", "Type": "Movie", "Name": "Heat", "OriginalTitle": "Heat!", "ProductionYear": 1995},
    **{"Overview": "A thief.", "CommunityRating": 8.25, "OfficialRating": "R", "RunTimeTicks": 102_050_000_000},
    **{"DateCreated": "2024-01-02T03:04:05.1234567Z", "PremiereDate": "1995-12-15T00:00:00.0000000Z"},
    **{"Genres": ["Crime", "Drama"], "Tags": ["heist"], "Taglines": ["A Los Angeles crime saga."]},
    "ProviderIds": {"Imdb": "tt0113277", "Tmdb": "949", "TmdbCollection": "5", "Tvdb": ""},
    "People": [
        {"Name": "Al Pacino", "Id": "p1", "Role": "Vincent", "Type": "Actor"},
        {"Name": "Michael Mann", "Id": "p2", "Type": "Director"},
        {"Name": "Michael Mann", "Id": "p2", "Type": "Writer", "Role": "Screenplay"},
        {"Name": "Al Pacino", "Id": "p1", "Role": "Vincent", "Type": "GuestStar"},
        {"Name": "Dov Hoenig", "Type": "Editor", "ProviderIds": {"Imdb": "nm0387841", "Tvdb": "", "a:b": "1"}},
        {"Name": "Dov Hoenig", "Type": "Editor", "ProviderIds": {"Imdb": "nm1", "Tmdb": 5}},
        {"Name": " ", "Type": "Actor"},
    ],
    "Studios": [{"Name": "Warner", "Id": "s"}],
    "ImageTags": {"Primary": "abc", "Logo": "def"},
    "BackdropImageTags": ["b0", "b1"],
    "MediaSources": [
        {"Path": "/m/heat.mkv", "Size": 5_000_000_000, "Container": "mkv", "RunTimeTicks": 102_050_000_000}
        | {"MediaStreams": STREAMS},
        {"Path": "/m/none.mkv", "Size": None},
    ],
}
ITEMS: list[dict[str, Any]] = [
    HEAT,
    *(
        {"Id": f"m{n}", "Type": "Movie", "Name": f"Movie {n}", "DateCreated": "0001-01-01T00:00:00Z"}
        for n in range(1, 5)
    ),
    {
        "Id": "s1",
        "Type": "Series",
        "Name": "Fargo",
        "ProviderIds": {"Tmdb": "949", "Imdb": "tt1"},
    },
    {"Id": "s1s0", "Type": "Season", "Name": "Specials", "SeriesId": "s1", "IndexNumber": 0},
    {"Id": "s1s1", "Type": "Season", "Name": "Season 1", "SeriesId": "s1", "IndexNumber": 1},
    {"Id": "e1", "Type": "Episode", "Name": "The Dilemma", "SeriesId": "s1", "SeasonId": "s1s1"}
    | {"ParentIndexNumber": 1, "IndexNumber": 1, "ProviderIds": {"Tvdb": "77"}, "DateCreated": "2024-01-01T00:00:00Z"}
    | {"MediaSources": [{"Path": "/t/e1.mkv", "Size": 7}]},
    {"Id": "e2", "Type": "Episode", "Name": "Extra", "SeriesId": "s1", "IndexNumber": 9},
    {"Type": "Episode", "Name": "Without an id"},
]


def page_of_items(request: web.Request) -> dict[str, Any]:
    query = request.query
    found = [one for one in ITEMS if one["Type"] in query["IncludeItemTypes"].split(",")]
    start, limit = int(query.get("StartIndex", 0)), int(query["Limit"])
    items = found[start : start + limit]
    return {"Items": items, "TotalRecordCount": len(found), "StartIndex": start}


def jellyfin() -> LibraryServer:
    return LibraryServer({"/Items": page_of_items}, key=("Authorization", 'MediaBrowser Token="k"'))


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JELLYFIN_API_KEY", "k")


async def test_a_movie_has_all_that_jellyfin_knows() -> None:
    async with serving(jellyfin()) as server:
        source = JellyfinSource(server.address)
        [movie, *_] = items_of(await read_all(source))
    images = f"{server.address}/Items/m0/Images"
    assert (source.total, movie.key) == (len(ITEMS), "m0")
    assert movie.item.values == {
        **{"kind": "MOVIE", "title": "Heat", "original_title": "Heat!", "year": 1995, "overview": "A thief."},
        **{"rating_tenths": 82, "runtime_minutes": 170, "added_at": datetime(2024, 1, 2, 3, 4, 5, 123456, UTC)},
        "metadata": {
            **{"certification": "R", "studios": ["Warner"], "premiereDate": "1995-12-15T00:00:00.0000000Z"},
        },
    }
    assert movie.item.lists == {
        **{"genres": ["Crime", "Drama"], "tags": ["heist"], "taglines": ["A Los Angeles crime saga."]},
        "external_ids": [
            {"source": "imdb", "value": "tt0113277"},
            {"source": "tmdb", "value": "949"},
            {"source": "jellyfin", "value": "m0"},
        ],
        "credits": [
            {"person_id": "Al Pacino", "role": "ACTOR", "character": "Vincent"},
            {"person_id": "Michael Mann", "role": "DIRECTOR", "job": "Director"},
            {"person_id": "Michael Mann", "role": "WRITER", "job": "Screenplay"},
            {"person_id": PersonKey("Dov Hoenig", (("imdb", "nm0387841"),)), "role": "OTHER", "job": "Editor"},
            {"person_id": PersonKey("Dov Hoenig", (("imdb", "nm1"), ("tmdb", "5"))), "role": "OTHER", "job": "Editor"},
        ],
        "artwork": [
            {"type": "POSTER", "url": f"{images}/Primary?tag=abc"},
            {"type": "LOGO", "url": f"{images}/Logo?tag=def"},
            {"type": "BACKDROP", "url": f"{images}/Backdrop/0?tag=b0"},
            {"type": "BACKDROP", "url": f"{images}/Backdrop/1?tag=b1"},
        ],
        "files": [
            {
                **{"path": "/m/heat.mkv", "size": 5_000_000_000, "container": "mkv", "codecs": ["hevc", "aac"]},
                **{"modified_at": movie.item.values["added_at"], "width": 1920, "height": 800},
                "duration_ms": 10_205_000,
            }
        ],
        "subtitles": [
            {"language": "eng", "format": "subrip", "path": "/m/heat.en.srt", "state": "DOWNLOADED"}
            | {"is_forced": False, "is_for_hearing_impaired": False},
            {"language": "ger", "format": "pgssub", "path": "/m/heat.mkv", "state": "DOWNLOADED"}
            | {"is_forced": True, "is_for_hearing_impaired": False},
        ],
    }


async def test_items_come_page_by_page_and_reading_goes_on_after_any() -> None:
    async with serving(jellyfin()) as server:
        found = await read_all(JellyfinSource(server.address, 2))
        asked = [one for one in server.asked if "IncludeItemTypes=Movie&" in one]
        await check_resuming(JellyfinSource(server.address, 2))
    assert [one.key for one in items_of(found)] == [*[f"m{n}" for n in range(5)], "s1", "s1s0", "s1s1", "e1", "e2"]
    assert [one.parent for one in items_of(found)[5:]] == [None, "s1", "s1", "s1s1", "s1"]
    assert failures_of(found) == [("Episode 3", "It has not the fields that it should.")]
    assert [one.partition("StartIndex=")[2].partition("&")[0] for one in asked] == ["0", "2", "4", "5"]
    rows = {one.key: one.item.lists["external_ids"] for one in items_of(found)}
    ids = {key: [f"{row['source']}:{row['value']}" for row in of] for key, of in rows.items()}
    assert ids["s1"] == ["tmdb_series:949", "imdb:tt1", "jellyfin:s1"]  # another work than the movie of this number
    assert ids["e1"] == ["tvdb_episode:77", "jellyfin:e1"]


async def test_jellyfin_becomes_a_tree_of_media(api: Api, connection: Any) -> None:
    await add_library(connection, kind=None)
    async with serving(jellyfin()) as server:
        found = await read_all((await open_source(server.address, "jellyfin")).source)
    for status in (Status.CREATED, Status.UNCHANGED):
        results = await import_all(api, found)
        assert Counter((one.status, one.message) for one in results) == {(status, None): 10}
    data = await api.run(
        "{ media(filter: {kind: [EPISODE]}) { nodes"
        " { title seasonNumber episodeNumber parent { title parent { title } } } } }"
    )
    assert data["media"]["nodes"] == [
        {"title": "The Dilemma", "seasonNumber": 1, "episodeNumber": 1}
        | {"parent": {"title": "Season 1", "parent": {"title": "Fargo"}}},
        {"title": "Extra", "seasonNumber": None, "episodeNumber": 9} | {"parent": {"title": "Fargo", "parent": None}},
    ]


@pytest.mark.parametrize("page", ["0", "x", "1001"])
async def test_a_page_of_no_size_is_refused(page: str) -> None:
    with pytest.raises(SourceError, match="page is a number of items from 1 to 1000"):
        await open_source("http://localhost:8096", "jellyfin", {"page": page})
