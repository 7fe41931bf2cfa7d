"""Radarr over its HTTP API: the movies that it keeps, with their files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sources.format import Format
from sources.http_client import HttpClient
from sources.http_source import guess_port, known, time_if_known, words
from sources.provider_ids import provider_ids
from sources.servarr import (
    ServarrSource,
    alternate_titles,
    ask_servarr,
    file_of,
    labels_of,
    numbered,
    pictures,
    rating_value,
    release_of,
    servarr_kind,
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
    media = known(
        key=f"movie:{movie['id']}",
        kind="MOVIE",
        title=movie.get("title"),
        originalTitle=movie.get("originalTitle"),
        year=movie.get("year") or None,
        overview=movie.get("overview"),
        rating=rating_value(movie.get("ratings")),
        runtimeMinutes=movie.get("runtime") or None,
        addedAt=time_if_known(movie.get("added")),
    )
    media |= {
        "genres": words(movie.get("genres")),
        "tags": list(dict.fromkeys(labels_of(movie.get("tags"), labels) + words(movie.get("keywords")))),
        "aliases": alternate_titles(movie.get("alternateTitles"), movie.get("title")),
        "externalIds": provider_ids("MOVIE", {"imdb": movie.get("imdbId"), "tmdb": movie.get("tmdbId")}),
        "artwork": pictures(movie.get("images")),
        "files": [file] if file else [],
        "collections": [{"collection": name}] if name else [],
        "releases": release_of(movie.get("movieFile")),
    }
    facts = known(
        certification=movie.get("certification"),
        studio=movie.get("studio"),
        status=movie.get("status"),
        website=movie.get("website"),
        folder=movie.get("path"),
    )
    return {**media, "metadata": facts} if facts else media


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
