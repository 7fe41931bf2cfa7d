"""Sonarr over its HTTP API: each series with its seasons, episodes and their files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from sources.format import Format
from sources.http_client import ApiRecord, HttpClient
from sources.http_source import guess_port, known, objects, words
from sources.provider_ids import provider_ids
from sources.servarr import (
    ServarrSource,
    ask_servarr,
    file_of,
    media_of_title,
    numbered,
    pictures,
    release_of,
    servarr_kind,
    with_facts,
)
from sources.source import Reading, Source

SONARR_KIND = servarr_kind("Sonarr", 8989)
SERIES_IDS = {"imdb": "imdbId", "tvdb": "tvdbId", "tmdb": "tmdbId", "tvmaze": "tvMazeId", "tvrage": "tvRageId"}


class SonarrSource(ServarrSource):
    kind = SONARR_KIND

    async def readings(self, client: HttpClient, position: str) -> AsyncIterator[Reading]:
        first, within = await self.start(client, position)
        async for place, record in numbered(client, "/series", first):
            done = 0
            async for where, one, make in self._of_series(client, place, record):
                done += 1
                if done > within:
                    yield self.reading(one, where, f"{place - 1}:{done}", make)
            within = 0

    async def _of_series(
        self, client: HttpClient, place: int, record: ApiRecord
    ) -> AsyncIterator[tuple[str, ApiRecord, Any]]:
        """A series, its seasons and its episodes: where, the record, and what makes a media of it."""
        series = record.value
        yield f"series {place}", record, lambda value: media_of_series(value, self.labels)
        if not isinstance(series, dict) or "id" not in series:
            return
        numbers: set[Any] = set()
        for season in seasons_of(series):
            numbers.add(season["seasonNumber"])
            where = f"series {place} season {season['seasonNumber']}"
            yield where, ApiRecord(season), lambda value: media_of_season(value, series)
        files: set[Any] = set()
        parameters = {"seriesId": series["id"], "includeEpisodeFile": "true"}
        async for number, episode in numbered(client, "/episode", 0, **parameters):
            is_first = True
            if isinstance(episode.value, dict) and (file := episode.value.get("episodeFileId")):
                is_first = file not in files
                files.add(file)
            where = f"series {place} episode {number}"
            yield where, episode, lambda value, own=is_first: media_of_episode(value, series, numbers, own)


def series_key(series: Mapping[str, Any]) -> str:
    return f"series:{series['id']}"


def seasons_of(series: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The seasons with a number, each once."""
    found = {one["seasonNumber"]: one for one in objects(series.get("seasons")) if type(one.get("seasonNumber")) is int}
    yield from (found[number] for number in sorted(found))


def media_of_series(series: Mapping[str, Any], labels: Mapping[int, str]) -> dict[str, Any]:
    """JSON of a media (sources/media_json.py) of a series."""
    media = media_of_title(
        "SERIES", series_key(series), series, SERIES_IDS, labels, channels=words([series.get("network")])
    )
    return with_facts(
        media,
        certification=series.get("certification"),
        status=series.get("status"),
        firstAired=series.get("firstAired"),
        folder=series.get("path"),
    )


def media_of_season(season: Mapping[str, Any], series: Mapping[str, Any]) -> dict[str, Any]:
    number = season["seasonNumber"]
    return {
        "key": f"{series_key(series)}:season:{number}",
        "kind": "SEASON",
        "parent": series_key(series),
        "title": f"Season {number}" if number else "Specials",
        "seasonNumber": number,
        "artwork": pictures(season.get("images")),
    }


def media_of_episode(
    episode: Mapping[str, Any], series: Mapping[str, Any], seasons: set[Any], owns_file: bool
) -> dict[str, Any]:
    """A file of several episodes is the first one's: a file belongs to one media."""
    number, season = episode.get("episodeNumber"), episode.get("seasonNumber")
    file = file_of(episode.get("episodeFile")) if owns_file else None
    media = known(
        key=f"episode:{episode['id']}",
        kind="EPISODE",
        parent=f"{series_key(series)}:season:{season}" if season in seasons else series_key(series),
        title=episode.get("title") or f"Episode {number}",
        seasonNumber=season,
        episodeNumber=number,
        overview=episode.get("overview"),
        runtimeMinutes=episode.get("runtime") or None,
        year=str(episode["airDate"])[:4] if episode.get("airDate") else None,
    )
    media |= {
        "externalIds": provider_ids("EPISODE", {"tvdb": episode.get("tvdbId")}),
        "artwork": pictures(episode.get("images")),
        "files": [file] if file else [],
        "releases": release_of(episode.get("episodeFile")) if owns_file else [],
    }
    return with_facts(media, airDate=episode.get("airDate"), absoluteNumber=episode.get("absoluteEpisodeNumber"))


def open_sonarr(location: str, options: Mapping[str, str]) -> Source:
    return SonarrSource(location)


SONARR = Format(
    name="sonarr",
    description="A Sonarr server, by its HTTP API.",
    told_by="a Sonarr server answers there",
    guess=guess_port(SONARR_KIND),
    open=open_sonarr,
    ask=ask_servarr(SONARR_KIND),
    reads=(
        ("series, seasons, episodes", "media of kind SERIES, SEASON, EPISODE"),
        ("imdbId, tvdbId, tmdbId, tvMazeId, tvRageId", "externalIds"),
        ("network", "channels"),
        ("tags, alternateTitles, genres", "tags, aliases, genres"),
        ("episodeFile", "files, one of several episodes at the first of them; releases"),
        ("images", "artwork, by their public addresses"),
        ("certification, status, firstAired, path", "metadata"),
        ("SONARR_API_KEY", "the key"),
    ),
)
