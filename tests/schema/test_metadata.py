"""lookup, refreshMetadata and locked fields by GraphQL."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app.process.metadata_commands import MetadataCommandError, look_up, wanted_of
from app.settings import Settings
from database.connect_args import ConnectArgs
from tests.support.api import Api, open_api
from tests.support.factories import add_library, add_media
from tests.support.faulty_server import FaultyServer, answer, status
from tests.support.metadata_server import (
    IMAGES,
    metadata_server,
    metadata_services,
    movie,
    season,
    series,
    serve_json,
    serve_movies,
    without_pauses,
)
from tests.support.metadata_shapes import METADATA_STATEMENTS

LOOKUP = """query ($title: String, $id: ExternalIdInput, $first: Int! = 5) {
    lookup(title: $title, externalId: $id, first: $first) {
        score kind title originalTitle year overview poster externalIds { source value media { id } } } }"""
REFRESH = """mutation ($media: [ID!]!, $fields: [MetadataField!], $policy: MetadataPolicy! = FILL) {
    refreshMetadata(media: $media, fields: $fields, policy: $policy) {
        succeeded failed errors { code item id } media { title year version } } }"""
READ = """{ mediaItem(id: "media_1") { title originalTitle year overview rating runtimeMinutes version lockedFields
    taglines { text } genres { name } artwork { type url state } externalIds { source value } collections { name }
    credits(first: 9) { nodes { role character job person { name } } } history(first: 9) { nodes { type } } } }"""


@pytest.fixture
async def films() -> AsyncIterator[FaultyServer]:
    async with metadata_server() as server:
        with without_pauses():
            yield server


@pytest.fixture
async def served(films: FaultyServer, writer: ConnectArgs) -> AsyncIterator[Api]:
    """An API whose metadata service is the server of `films`."""
    async with metadata_services(films, writer) as services, open_api(writer) as api:
        api.service.outside = services
        yield api


async def add_film(connection: Any, title: str = "Mine", tmdb: int = 603, **columns: Any) -> int:
    if await connection.fetchval("SELECT count(*) FROM library") == 0:
        await add_library(connection)
    media = await add_media(connection, 1, title, **columns)
    await connection.execute("INSERT INTO external_id VALUES ('tmdb', $1, $2)", str(tmdb), media)
    return media


async def test_candidates_with_the_media_that_the_catalogue_has(
    films: FaultyServer, served: Api, connection: Any
) -> None:
    await add_film(connection)
    serve_json(films, "/search/movie", {"results": [movie(603, "The Film"), movie(604, "The Films")]})

    found = (await served.run(LOOKUP, title="the film"))["lookup"]

    assert found[0] == {
        "score": 1.0, "kind": "MOVIE", "title": "The Film", "originalTitle": "Titre 603", "year": 1999,
        "overview": "About film 603.", "poster": f"{IMAGES}original/p603.jpg",
        "externalIds": [{"source": "tmdb", "value": "603", "media": {"id": "media_1"}}],
    }  # fmt: skip
    assert found[1]["externalIds"] == [{"source": "tmdb", "value": "604", "media": None}]
    assert served.statements == ["media_by_external_id"]


async def test_no_connection_is_held_while_the_service_is_waited_for(
    films: FaultyServer, served: Api, connection: Any
) -> None:
    await add_film(connection)
    pool, seen = served.pool, list[int]()

    def looking(behaviour: Any) -> Any:
        async def look(asked: Any, writer: Any) -> None:
            for _ in range(1_000):  # a statement beside it may be under way
                if not pool.statistics.active:
                    break
                await asyncio.sleep(0.01)
            seen.append(pool.statistics.active)
            await behaviour(asked, writer)

        return look

    films.behaviours["/search/movie"] = [looking(answer(b'{"results": []}'))]
    films.behaviours["/movie/603"] = [looking(status(404))]
    await served.run('{ mediaItem(id: "media_1") { title } lookup(title: "x", kind: MOVIE) { title } }')
    await served.run(REFRESH, media=["media_1"])
    assert seen == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("", "BAD_ARGUMENT"),
        ('title: "x", externalId: { source: "imdb", value: "tt1" }', "BAD_ARGUMENT"),
        ('title: "  "', "BAD_ARGUMENT"),
        ('title: "a\\nb"', "BAD_ARGUMENT"),
        ('title: "x", year: -1', "BAD_ARGUMENT"),
        ('title: "x", kind: TRACK', "BAD_ARGUMENT"),
        ('title: "x", first: 0', "BAD_PAGE_SIZE"),
        ('title: "x", first: 21', "BAD_PAGE_SIZE"),
        ('externalId: { source: "lastfm", value: "1" }', "BAD_ARGUMENT"),
        ('externalId: { source: "tmdb", value: "603x" }', "BAD_ARGUMENT"),
    ],
)
async def test_what_cannot_be_looked_up(films: FaultyServer, served: Api, arguments: str, code: str) -> None:
    text = f"{{ lookup({arguments}) {{ title }} }}" if arguments else "{ lookup { title } }"
    assert await served.codes(text) == [code]
    assert [one.path for one in films.asked if one.path != "/configuration"] == []


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (status(500), "PROVIDER_UNAVAILABLE"),
        (status(429, Retry_After="600"), "PROVIDER_LIMITED"),
        (status(401), "PROVIDER_REFUSED"),
        (answer(b"<html>"), "PROVIDER_BAD_ANSWER"),
    ],
)
async def test_faults_of_the_service_are_errors_of_the_field(
    films: FaultyServer, served: Api, behaviour: Any, code: str
) -> None:
    films.behaviours["/search/movie"] = [behaviour]
    body = (await served.answer('{ lookup(title: "x") { title } libraries { totalCount } }')).body
    assert [error["extensions"]["code"] for error in body["errors"]] == [code]
    assert body["data"]["lookup"] is None
    assert body["data"]["libraries"]["totalCount"] == 0


async def test_without_a_service_there_is_an_error_that_says_what_to_set(writer: ConnectArgs) -> None:
    async with open_api(writer) as api:
        assert await api.codes('{ lookup(title: "x") { title } }') == ["PROVIDER_NOT_CONFIGURED"]
        assert await api.codes(REFRESH, media=["media_1"]) == ["PROVIDER_NOT_CONFIGURED"]


async def test_what_is_missing_is_filled_and_a_second_refresh_changes_nothing(
    films: FaultyServer, served: Api, connection: Any
) -> None:
    await add_film(connection, year=1990)
    serve_movies(films, 603)

    assert await served.run(REFRESH, media=["media_1"]) == {
        "refreshMetadata": {
            "succeeded": 1, "failed": 0, "errors": [], "media": [{"title": "Mine", "year": 1990, "version": 2}]
        }
    }  # fmt: skip
    found = (await served.run(READ))["mediaItem"]
    assert (found["originalTitle"], found["overview"], found["rating"]) == ("Titre 603", "About film 603.", 8.2)
    assert found["artwork"] == [{"type": "POSTER", "url": f"{IMAGES}original/p603.jpg", "state": None}]
    assert found["credits"]["nodes"] == [
        {"role": "ACTOR", "character": "Neo", "job": None, "person": {"name": "Ann Actor"}},
        {"role": "DIRECTOR", "character": None, "job": "Director", "person": {"name": "Lana Dir"}},
    ]
    assert found["externalIds"] == [{"source": "imdb", "value": "tt0000603"}, {"source": "tmdb", "value": "603"}]
    assert (found["genres"], found["collections"]) == ([{"name": "Action"}], [{"name": "The Films"}])

    feed = await connection.fetch("SELECT * FROM media_change")
    await served.run(REFRESH, media=["media_1"])
    again = (await served.run(READ))["mediaItem"]
    assert again.pop("history")["nodes"] == [{"type": "PROCESSED"}, *found.pop("history")["nodes"]]
    assert again == found
    assert await connection.fetch("SELECT * FROM media_change") == feed
    assert films.times("/movie/603") == 1


async def test_replacing_leaves_what_is_locked_and_what_is_not_asked_for(
    films: FaultyServer, served: Api, connection: Any
) -> None:
    await add_film(connection, year=1990, overview="Mine.")
    serve_movies(films, 603)
    lock = 'mutation { updateMedia(items: [{ id: "media_1", lockedFields: [TITLE, GENRES] }]) { succeeded } }'
    assert await served.run(lock) == {"updateMedia": {"succeeded": 1}}

    await served.run(REFRESH, media=["media_1"], policy="REPLACE", fields=["TITLE", "YEAR", "GENRES"])
    found = (await served.run(READ))["mediaItem"]
    assert (found["title"], found["year"], found["overview"], found["genres"]) == ("Mine", 1999, "Mine.", [])
    assert found["lockedFields"] == ["GENRES", "TITLE"]

    await served.run(lock.replace("[TITLE, GENRES]", "[]"))
    await served.run(REFRESH, media=["media_1"], policy="REPLACE")
    found = (await served.run(READ))["mediaItem"]
    assert (found["title"], found["overview"], found["genres"]) == ("Film 603", "About film 603.", [{"name": "Action"}])


async def test_ids_of_other_media_are_left_to_them(films: FaultyServer, served: Api, connection: Any) -> None:
    await add_film(connection)
    other = await add_media(connection, 1, "Other")
    await connection.execute("INSERT INTO external_id VALUES ('imdb', 'tt0000603', $1)", other)
    serve_movies(films, 603)
    found = await served.run(REFRESH, media=["media_1"], policy="REPLACE")
    assert found["refreshMetadata"]["errors"] == []
    assert await connection.fetchval("SELECT media_id FROM external_id WHERE source = 'imdb'") == other


async def test_a_downloaded_picture_keeps_its_file(films: FaultyServer, served: Api, connection: Any) -> None:
    await add_film(connection)
    await connection.execute(
        "INSERT INTO artwork (media_id, type, url, state, path) VALUES (1, 'POSTER', $1, 'DOWNLOADED', '/p.jpg')",
        f"{IMAGES}original/p603.jpg",
    )
    serve_movies(films, 603)
    await served.run(REFRESH, media=["media_1"], policy="REPLACE")
    rows = await connection.fetch("SELECT state, path, width FROM artwork")
    assert [tuple(row) for row in rows] == [("DOWNLOADED", "/p.jpg", 2000)]


async def test_episodes_of_a_season_share_its_call(films: FaultyServer, served: Api, connection: Any) -> None:
    await add_library(connection, kind="SERIES")
    show = await add_media(connection, 1, "Show", kind="SERIES")
    await connection.execute("INSERT INTO external_id VALUES ('tvdb_series', '81189', $1)", show)
    one = await add_media(connection, 1, "S1", kind="SEASON", parent_id=show, season_number=1)
    for number in (1, 2, 9):
        await add_media(connection, 1, f"E{number}", kind="EPISODE", parent_id=one, episode_number=number)
    direct = {"kind": "EPISODE", "parent_id": show, "season_number": 1, "episode_number": 3}
    await add_media(connection, 1, "E3", **direct)
    serve_json(films, "/find/81189", {"tv_results": [series(1396, "Show")]})
    serve_json(films, "/tv/1396", series(1396, "Show"))
    serve_json(films, "/tv/1396/season/1", season(5, 1, 3))

    found = await served.run(REFRESH, media=[f"media_{id}" for id in range(1, 7)], policy="REPLACE")

    titles = [row["title"] for row in found["refreshMetadata"]["media"]]
    assert titles == ["Show", "Season 1", "Part 1", "Part 2", "Part 3"]
    assert found["refreshMetadata"]["errors"] == [{"code": "NOT_FOUND", "item": 4, "id": "media_5"}]
    assert {path: films.times(path) for path in ("/find/81189", "/tv/1396", "/tv/1396/season/1")} == {
        "/find/81189": 1, "/tv/1396": 1, "/tv/1396/season/1": 1
    }  # fmt: skip


async def test_each_media_fails_alone(films: FaultyServer, served: Api, connection: Any) -> None:
    await add_film(connection)
    await add_film(connection, tmdb=7)
    await add_media(connection, 1, "No id")
    await add_film(connection, tmdb=8)
    serve_movies(films, 603)
    films.behaviours["/movie/8"] = [answer(b"[]")]
    found = await served.run(REFRESH, media=["media_1", "media_2", "media_3", "media_4", "media_99", "x"])
    payload = found["refreshMetadata"]
    assert (payload["succeeded"], payload["failed"]) == (1, 5)
    assert [(one["code"], one["item"]) for one in payload["errors"]] == [
        ("NOT_FOUND", 1), ("NOT_FOUND", 2), ("PROVIDER_BAD_ANSWER", 3), ("NOT_FOUND", 4), ("BAD_ID", 5)
    ]  # fmt: skip


async def test_at_most_twenty_at_once(served: Api) -> None:
    assert await served.codes(REFRESH, media=[f"media_{one}" for one in range(1, 22)]) == ["BAD_ARGUMENT"]


async def test_fields_that_are_locked_are_checked_and_kept_by_upserts(served: Api, connection: Any) -> None:
    await add_library(connection)
    make = """mutation { upsertMedia(items: [{ library: "library_1", title: "A", lockedFields: [YEAR, TITLE, YEAR] }]) {
        results { status media { lockedFields } } } }"""
    made = (await served.run(make))["upsertMedia"]["results"]
    assert made == [{"status": "CREATED", "media": {"lockedFields": ["TITLE", "YEAR"]}}]
    assert (await served.run(make))["upsertMedia"]["results"][0]["status"] == "UNCHANGED"
    null = 'mutation { updateMedia(items: [{ id: "media_1", lockedFields: null }]) { errors { code } } }'
    assert await served.run(null) == {"updateMedia": {"errors": [{"code": "BAD_ARGUMENT"}]}}


def statements_of(api: Api) -> int:
    """Between BEGIN and COMMIT, and what the answer reads."""
    return len([name for name in api.statements if name != "transaction"])


async def test_what_it_costs_in_statements(films: FaultyServer, served: Api, connection: Any) -> None:
    for number in range(1, 21):
        await add_film(connection, tmdb=number)
        serve_movies(films, number)
    serve_json(films, "/search/movie", {"results": [movie(one) for one in range(1, 21)]})
    costs = []
    bare = "query ($title: String) { lookup(title: $title, first: 20) { title externalIds { value } } }"
    for text in (LOOKUP, bare):
        await served.run(text, title="film")
        costs.append(statements_of(served))
    media = [f"media_{number}" for number in range(1, 21)]
    await served.run(REFRESH, media=media)
    for given in (media, media[:1]):
        await served.run(REFRESH, media=given)
        costs.append(statements_of(served))
    assert costs == [*METADATA_STATEMENTS.values(), costs[2]], served.statements


async def test_the_examples_of_the_document_run(films: FaultyServer, served: Api, connection: Any) -> None:
    await add_film(connection)
    serve_movies(films, 603)
    serve_json(films, "/search/movie", {"results": [movie(603, "The Matrix")]})
    text = (Path(__file__).resolve().parents[2] / "docs" / "metadata.md").read_text()
    found = [await served.run(one) for one in re.findall(r"^```graphql\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]
    assert found[0]["lookup"][0]["score"] == 1.0
    assert found[1]["refreshMetadata"]["media"][0]["genres"] == [{"name": "Action"}]


async def test_the_command_shows_candidates(films: FaultyServer, writer: ConnectArgs) -> None:
    serve_json(films, "/search/movie", {"results": [movie(603, "The [b]Film")]})
    settings = Settings(DATABASE_URL=writer.dsn, metadata_url=films.url, metadata_allow_private=True)
    console = Console(record=True, width=120)
    await look_up(writer, settings, console, wanted_of("the [b]film", 2000, "movie"), 5)
    shown = console.export_text()
    assert "0.900" in shown
    assert "The [b]Film" in shown
    assert "tmdb:603" in shown
    bare = Settings(DATABASE_URL=writer.dsn)
    with pytest.raises(MetadataCommandError, match=r"PROVIDER_NOT_CONFIGURED: .*MARQUEE_METADATA_URL"):
        await look_up(writer, bare, console, wanted_of("x", None, None), 5)
    for title, kind in ((" ", None), ("x", "track")):
        with pytest.raises(MetadataCommandError):
            wanted_of(title, None, kind)
