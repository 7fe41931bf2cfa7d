"""Tunarr: programmes once each, with their channels, places in line-ups, shows and seasons."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from catalog.upsert.item import Status
from sources import tunarr
from sources.tunarr import TunarrSource
from tests.support.api import Api
from tests.support.factories import add_library
from tests.support.library_server import LibraryServer, serving
from tests.support.reading import check_resuming, failures_of, import_all, items_of, read_all

CHANNELS = [{"id": "c1", "name": "Noir", "number": 1}, {"id": "c2", "name": "", "number": 2}, {"name": "Without an id"}]
SHOW = {"uuid": "fargo", "type": "show", "title": "Fargo", "year": 2014, "genres": [{"name": "Crime"}]}
PROGRAMMES: dict[str, Any] = {
    "p1": {
        **{"type": "movie", "uuid": "p1", "title": "Heat", "year": 1995, "plot": "A thief.", "duration": 10_205_000},
        **{"tagline": "A saga.", "rating": "R", "genres": [{"name": "Crime"}], "tags": ["noir"], "artwork": []},
        "identifiers": [{"id": "tt0113277", "type": "imdb"}, {"id": "55", "type": "plex", "sourceId": "s"}],
        "actors": [{"name": "Al Pacino", "role": "Vincent"}, {"name": "Al Pacino"}],
        "directors": [{"name": "Michael Mann"}],
    },
    "p2": {
        **{"type": "episode", "uuid": "p2", "title": "The Dilemma", "episodeNumber": 1, "summary": "A drifter."},
        "season": {"uuid": "f1", "title": "Season 1", "index": 1, "show": SHOW},
    },
    "p3": {"type": "episode", "title": "Lost"},
    "p4": {"type": "music_video", "title": "Clip"},
    "p5": {"type": "hologram", "title": "Odd"},
}
# As servers of earlier versions tell it.
FLAT: dict[str, Any] = {
    **{"type": "content", "subtype": "episode", "title": "Columbo", "episodeTitle": "Ransom", "seasonNumber": 1},
    **{"episodeNumber": 2, "duration": 5_640_000, "id": "p6"},
}
LINE_UPS: dict[str, list[dict[str, Any]]] = {
    "c1": [
        {"type": "content", "id": "p1", "duration": 10_205_000},
        {"type": "flex", "duration": 60_000},
        {"type": "content", "id": "p2", "duration": 3_000_000},
        {"type": "content", "id": "p1", "duration": 10_205_000},
        FLAT,
    ],
    "c2": [
        {"type": "redirect", "channel": "c1", "duration": 5},
        {"type": "custom", "id": "p1", "customShowId": "x", "index": 0, "duration": 5},
        *({"type": "content", "id": f"p{n}", "duration": 5} for n in (3, 4, 5, 99)),
    ],
}


def programming(name: str) -> Any:
    def answer(request: web.Request) -> dict[str, Any]:
        start, limit = int(request.query["offset"]), int(request.query["limit"])
        page = LINE_UPS[name][start : start + limit]
        named = {one["id"]: PROGRAMMES[one["id"]] for one in page if one.get("id") in PROGRAMMES}
        programs = {key: {"type": "content", "id": key, "duration": 5, "program": one} for key, one in named.items()}
        return {"name": name, "totalPrograms": len(LINE_UPS[name]), "lineup": page, "programs": programs}

    return answer


def server_of_tunarr() -> LibraryServer:
    paths = {f"/api/channels/{one}/programming": programming(one) for one in LINE_UPS}
    return LibraryServer({"/api/channels": CHANNELS, **paths})


@pytest.mark.parametrize("page", [100, 2])
async def test_programmes_come_once_behind_their_shows(page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunarr, "PAGE_OF_A_LINE_UP", page)
    async with serving(server_of_tunarr()) as server:
        source = TunarrSource(server.address)
        found = await read_all(source)
        await check_resuming(source)
    assert source.total == 10
    assert [(one.key, one.parent) for one in items_of(found)] == [
        *[("show:Columbo", None), ("show:fargo", None), ("show:Columbo:season:1", "show:Columbo")],
        *[("show:fargo:season:1", "show:fargo"), ("p1", None), ("p2", "show:fargo:season:1"), ("p4", None)],
        ("p6", "show:Columbo:season:1"),
    ]
    assert failures_of(found) == [
        ("programme 3", "An episode says of which show it is: this one does not."),
        ("programme 5", "There is no kind of media for a programme of type hologram."),
    ]
    movie, episode, _, flat = items_of(found)[4:]
    assert movie.item.values == {
        **{"kind": "MOVIE", "title": "Heat", "year": 1995, "overview": "A thief.", "runtime_minutes": 170},
        "metadata": {"certification": "R"},
    }
    assert movie.item.lists == {
        **{"genres": ["Crime"], "tags": ["noir"], "taglines": ["A saga."], "channels": ["Channel 2", "Noir"]},
        "external_ids": [{"source": "imdb", "value": "tt0113277"}],
        "credits": [
            {"person_id": "Al Pacino", "role": "ACTOR", "character": "Vincent"},
            {"person_id": "Michael Mann", "role": "DIRECTOR"},
        ],
        "collections": [
            {"collection_id": "Channel 2: line-up", "position": 1},
            {"collection_id": "Noir: line-up", "position": 0},
        ],
    }
    assert episode.item.values["episode_number"] == 1
    assert flat.item.values == {
        **{"kind": "EPISODE", "title": "Ransom", "season_number": 1, "episode_number": 2, "runtime_minutes": 94},
    }


async def test_line_ups_become_media(api: Api, connection: Any) -> None:
    await add_library(connection, kind=None)
    async with serving(server_of_tunarr()) as server:
        found = await read_all(TunarrSource(server.address))
    for status in (Status.CREATED, Status.UNCHANGED):
        results = await import_all(api, found)
        assert Counter((one.status, one.message) for one in results) == {(status, None): 8}
    data = await api.run('{ collections(filter: {startsWith: "Noir"}) { nodes { name media { nodes { title } } } } }')
    [line_up] = data["collections"]["nodes"]
    assert line_up["name"] == "Noir: line-up"
    assert [one["title"] for one in line_up["media"]["nodes"]] == ["Heat", "The Dilemma", "Ransom"]


async def test_a_server_without_channels_has_nothing() -> None:
    async with serving(LibraryServer({"/api/channels": []})) as server:
        assert await read_all(TunarrSource(server.address)) == []
