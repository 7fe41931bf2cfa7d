"""A service of the shape of TMDB's API, of titles that a test makes up, over a real socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import orjson
import stamina

from database.connect_args import ConnectArgs
from providers.cache.store import Bounds
from providers.circuit_breaker import CircuitBreaker
from providers.limiter import Limiter
from providers.metadata.service import MetadataService
from providers.services import OutsideServices
from tests.support.cache_stores import Place, patient_cache
from tests.support.factories import add_library
from tests.support.faulty_server import FaultyServer, answer, faulty_server, status
from tests.support.outbound import client_of, provider_of

IMAGES = "https://images.example.com/t/p/"
ADD_FILMS = """
WITH made AS (
    INSERT INTO media (library_id, kind, title, folded_title, sort_title)
    SELECT 1, 'MOVIE', 'Film', 'film', 'film' FROM generate_series(1, $1) RETURNING id
)
INSERT INTO external_id SELECT 'tmdb', id::text, id FROM made
"""
CONFIGURATION = {"images": {"base_url": "http://images.example.com/t/p/", "secure_base_url": IMAGES}}


def movie(id: int, title: str = "", **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": title or f"Film {id}",
        "original_title": f"Titre {id}",
        "release_date": "1999-03-30",
        "overview": f"About film {id}.",
        "vote_average": 8.2,
        "vote_count": 10,
        "runtime": 136,
        "popularity": 1.5,
        "tagline": "Free your mind.",
        "poster_path": f"/p{id}.jpg",
        "genres": [{"id": 28, "name": "Action"}],
        "belongs_to_collection": {"id": 1, "name": "The Films"},
        "credits": {
            "cast": [{"name": "Ann Actor", "character": "Neo"}],
            "crew": [{"name": "Lana Dir", "job": "Director"}, {"name": "Gus Grip", "job": "Grip"}],
        },
        "images": {"posters": [{"file_path": f"/p{id}.jpg", "width": 2000, "height": 3000}], "backdrops": []},
        "external_ids": {"imdb_id": f"tt{id:07}", "wikidata_id": None},
        **more,
    }


def series(id: int, title: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": title, "first_air_date": "2008-01-20", "episode_run_time": [47], **more}


def season(id: int, number: int, episodes: int) -> dict[str, Any]:
    return {
        "id": id,
        "season_number": number,
        "name": f"Season {number}",
        "air_date": "2008-01-20",
        "poster_path": "/s.jpg",
        "episodes": [
            {"id": id * 100 + one, "episode_number": one, "name": f"Part {one}", "still_path": f"/e{one}.jpg",
             "guest_stars": [{"name": "Guest", "character": "Himself"}], "crew": []}
            for one in range(1, episodes + 1)
        ],
    }  # fmt: skip


def serve_json(server: FaultyServer, path: str, value: Any) -> None:
    server.behaviours[path] = [answer(orjson.dumps(value))]


def serve_movies(server: FaultyServer, *ids: int) -> None:
    for id in ids:
        serve_json(server, f"/movie/{id}", movie(id))


@asynccontextmanager
async def metadata_server() -> AsyncIterator[FaultyServer]:
    """Knows its configuration; nothing is found, anything else is a 404."""
    async with faulty_server() as server:
        server.otherwise = status(404)
        serve_json(server, "/configuration", CONFIGURATION)
        for path in ("/search/movie", "/search/tv"):
            serve_json(server, path, {"results": []})
        yield server


@asynccontextmanager
async def metadata_services(
    server: FaultyServer,
    args: ConnectArgs,
    limiter: Limiter | None = None,
    *,
    keeps: bool = True,
    breaker: CircuitBreaker | None = None,
    lease: float = 30.0,
    **given: Any,
) -> AsyncIterator[OutsideServices]:
    """Services that ask it, with a cache in the database. `given`: of its Provider."""
    async with Place("postgres", args=args).opened(Bounds(20_000, 100_000_000)) as store:
        cache = patient_cache(store, is_enabled=keeps)
        client = client_of(limiter, breaker=breaker)
        provider = provider_of(server, **{"name": "tmdb", **given})
        services = OutsideServices(client, cache, MetadataService(client, cache, provider, lease=lease))
        try:
            yield services
        finally:
            await client.close()


async def add_films(connection: Any, number: int) -> list[int]:
    """Movies of a first library, whose ids at TMDB are their own."""
    await add_library(connection)
    await connection.execute(ADD_FILMS, number)
    return list(range(1, number + 1))


@contextmanager
def without_pauses() -> Iterator[None]:
    """Attempts follow each other at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


def calls_of_films(server: FaultyServer) -> Counter[str]:
    return Counter(one.path for one in server.asked if one.path.startswith("/movie/"))
