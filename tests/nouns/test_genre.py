"""Genres: look-ups, names and aliases, counts, the bound of a media's genres."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.support.api import Api
from tests.support.factories import add_library, add_media, add_name, mark


async def test_a_genre_is_found_by_its_id_its_name_and_its_aliases(api: Api, connection: Any) -> None:
    await add_name(connection, "genre", "Film Noir", "Noir")

    data = await api.run(
        '{ a: genre(id: "genre_1") { name slug } b: genre(name: "FILM  noir") { id } c: genre(name: "nöir") { id } }'
    )

    assert data == {"a": {"name": "Film Noir", "slug": "film-noir"}, "b": {"id": "genre_1"}, "c": {"id": "genre_1"}}
    assert api.statements == ["genre_by_id", "genre_by_name"]


async def test_a_genre_is_asked_for_by_exactly_one_of_id_and_name(api: Api) -> None:
    assert await api.codes("{ genre { id } }") == ["BAD_ARGUMENT"]
    assert await api.codes('{ genre(id: "genre_1", name: "a") { id } }') == ["BAD_ARGUMENT"]
    assert await api.codes('{ genre(id: "tag_1") { id } }') == ["BAD_ID"]
    assert await api.run('{ genre(name: "") { id } }') == {"genre": None}


async def test_a_media_has_its_genres_by_name(api: Api, connection: Any) -> None:
    library = await add_library(connection)
    genres = [await add_name(connection, "genre", name) for name in ("b", "Á", "c")]
    await mark(connection, "genre", await add_media(connection, library, "One"), *genres)
    await mark(connection, "genre", await add_media(connection, library, "Two"), genres[2])

    data = await api.run("{ media { nodes { genres { name mediaCount } } } }")

    one = [{"name": "Á", "mediaCount": 1}, {"name": "b", "mediaCount": 1}, {"name": "c", "mediaCount": 2}]
    assert data == {"media": {"nodes": [{"genres": one}, {"genres": one[2:]}]}}


async def test_a_name_belongs_to_one_genre_whether_as_name_or_alias(connection: Any) -> None:
    await add_name(connection, "genre", "Film Noir", "Noir")

    with pytest.raises(asyncpg.UniqueViolationError):
        await add_name(connection, "genre", "Noir")


async def test_two_writers_together_cannot_give_a_media_too_many_genres(api: Api, connection: Any) -> None:
    media = await add_media(connection, await add_library(connection))
    genres = [await add_name(connection, "genre", f"g{number}") for number in range(65)]
    await mark(connection, "genre", media, *genres[:63])

    add = """mutation ($genre: ID!) { addGenres(items: [{ media: ["media_1"], genres: [{ id: $genre }] }]) {
        succeeded errors { code } } }"""
    done = await asyncio.gather(*(api.run(add, genre=f"genre_{genre}") for genre in genres[63:]))

    assert sorted((one["addGenres"]["succeeded"], str(one["addGenres"]["errors"])) for one in done) == [
        (0, "[{'code': 'TOO_MANY'}]"),
        (1, "[]"),
    ]
    assert await connection.fetchval("SELECT count(*) FROM media_genre") == 64
