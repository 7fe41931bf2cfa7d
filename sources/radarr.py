"""Radarr over its HTTP API: the movies that it keeps, with their files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sources.format import Format
from sources.http_client import HttpClient
from sources.http_source import guess_port, known, words
from sources.servarr import (
    ServarrSource,
    ask_servarr,
    file_of,
    media_of_title,
    numbered,
    release_of,
    servarr_kind,
    with_facts,
)
from sources.source import Reading, Source

RADARR_KIND = servarr_kind("Radarr", 7878)


class RadarrSource(ServarrSource):
    kind = RADARR_KIND

    async def readings(self, client: HttpClient, position: str) -> AsyncIterator[Reading]:
        first, _ = await self.start(client, position)
        async for place, record in numbered(client, "/movie", first):
            yield self.reading(record, f"movie {place}", f"{place}:0", lambda movie: media_of_movie(movie, self.labels))


def media_of_movie(movie: Mapping[str, Any], labels: Mapping[int, str]) -> dict[str, Any]:
    """JSON of a media (sources/media_json.py) of a movie."""
    file, collection = file_of(movie.get("movieFile")), movie.get("collection") or {}
    name = collection.get("title") or collection.get("name")
    media = media_of_title("MOVIE", f"movie:{movie['id']}", movie, {"imdb": "imdbId", "tmdb": "tmdbId"}, labels)
    media |= {
        **known(originalTitle=movie.get("originalTitle")),
        "tags": list(dict.fromkeys(media["tags"] + words(movie.get("keywords")))),
        "files": [file] if file else [],
        "collections": [{"collection": name}] if name else [],
        "releases": release_of(movie.get("movieFile")),
    }
    return with_facts(
        media,
        certification=movie.get("certification"),
        studio=movie.get("studio"),
        status=movie.get("status"),
        website=movie.get("website"),
        folder=movie.get("path"),
    )


def open_radarr(location: str, options: Mapping[str, str]) -> Source:
    return RadarrSource(location)


RADARR = Format(
    name="radarr",
    description="A Radarr server, by its HTTP API.",
    told_by="a Radarr server answers there",
    guess=guess_port(RADARR_KIND),
    open=open_radarr,
    ask=ask_servarr(RADARR_KIND),
    reads=(
        ("movies", "media of kind MOVIE"),
        ("imdbId, tmdbId", "externalIds"),
        ("tags, keywords", "tags"),
        ("alternateTitles, collection, genres", "aliases, collections, genres"),
        ("movieFile", "files; releases where it says the release that it was taken from"),
        ("images", "artwork, by their public addresses"),
        ("certification, studio, status, website, path", "metadata"),
        ("RADARR_API_KEY", "the key"),
    ),
)
