"""Tunarr over its HTTP API: the programmes of its channels, with the shows and seasons that they are of.

A programme may be in the line-ups of several channels. All line-ups are read first, into a temporary file, so that each
programme comes once, with all its channels and its first place in the line-up of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any

import orjson

from domain.bounds import ROWS_OF_A_MEDIA
from sources.file_source import numbers_in
from sources.format import Format
from sources.http_client import ApiRecord, HttpClient
from sources.http_source import HttpKind, HttpSource, ask_for, guess_port, known, objects, words
from sources.in_thread import read_in_thread
from sources.provider_ids import provider_ids
from sources.source import Reading, Source
from sources.tunarr_store import STAGES_OF_TUNARR, LineUp, TunarrStore

PAGE_OF_A_LINE_UP = 100
KINDS_OF_PROGRAMMES = {
    **{"movie": "MOVIE", "episode": "EPISODE", "track": "TRACK", "music_video": "CLIP", "other_video": "CLIP"},
}
SERVICES = frozenset({"imdb", "tmdb", "tvdb", "jellyfin"})
MAX_CHANNELS = min(ROWS_OF_A_MEDIA["media_channel"], ROWS_OF_A_MEDIA["media_collection"])
TUNARR_KIND = HttpKind("Tunarr", "TUNARR_API_KEY", "X-Api-Key", 8000)


class TunarrSource(HttpSource):
    """Positions: shows, seasons or programmes, and how many of them come before."""

    kind = TUNARR_KIND

    async def readings(self, client: HttpClient, position: str) -> AsyncIterator[Reading]:
        first, after = numbers_in(position, 2)
        with closing(TunarrStore()) as store:
            async for record in client.records("/api/channels"):
                if isinstance(record.value, dict) and record.value.get("id"):
                    await self._gather(client, store, record.value)
            self.total = store.count()
            found: AsyncIterator[Reading] = read_in_thread(partial(self._stored, store, first, after))
            async for one in found:
                yield one

    async def _gather(self, client: HttpClient, store: TunarrStore, channel: Mapping[str, Any]) -> None:
        """The line-up of a channel, page by page."""
        name = str(channel.get("name") or f"Channel {channel.get('number')}")
        offset = 0
        while True:
            page = await client.value(
                f"/api/channels/{channel['id']}/programming", offset=offset, limit=PAGE_OF_A_LINE_UP
            )
            entries = objects(page.get("lineup")) if isinstance(page, dict) else []
            if not entries:
                return
            programmes = page.get("programs")
            await asyncio.to_thread(store.add, LineUp(name, offset, entries, programmes))
            offset += len(entries)
            total = page.get("totalPrograms")
            if len(entries) < PAGE_OF_A_LINE_UP or (isinstance(total, int) and offset >= total):
                return

    def _stored(self, store: TunarrStore, first: int, after: int) -> Iterator[Reading | None]:
        for stage, name in list(enumerate(STAGES_OF_TUNARR))[first:]:
            make = (media_of_show, media_of_show_season, media_of_programme)[stage]
            for number, (text, airings) in enumerate(store.stored(name), 1):
                if number <= after:
                    yield None
                    continue
                record = ApiRecord({**orjson.loads(text), "airings": airings})
                yield self.reading(record, f"{name} {number}", f"{stage}:{number}", make)
            after = 0


def media_of_show(show: Mapping[str, Any]) -> dict[str, Any]:
    """JSON of a media (sources/media_json.py) of a show."""
    return {**common_fields(show, "SERIES"), "key": show["key"]}


def media_of_show_season(season: Mapping[str, Any]) -> dict[str, Any]:
    number = season.get("index")
    title = season.get("title") or (f"Season {number}" if number else "Specials")
    return {
        **common_fields(season, "SEASON"),
        **known(key=season["key"], parent=season["show"], title=title, seasonNumber=number),
    }


def media_of_programme(programme: Mapping[str, Any]) -> dict[str, Any]:
    kind = KINDS_OF_PROGRAMMES.get(str(programme.get("type")))
    if kind is None:
        raise ValueError(f"There is no kind of media for a programme of type {programme.get('type')}.")
    media = {**common_fields(programme, kind), "key": programme["key"]}
    airings = programme["airings"][:MAX_CHANNELS]
    media["channels"] = [name for name, _ in airings]
    media["collections"] = [{"collection": f"{name}: line-up", "position": place} for name, place in airings]
    if kind == "EPISODE":
        if not programme.get("above"):
            raise ValueError("An episode says of which show it is: this one does not.")
        media |= known(
            parent=programme["above"],
            title=programme.get("episodeTitle") or programme.get("title"),
            seasonNumber=programme.get("season_index"),
            episodeNumber=programme.get("episodeNumber"),
        )
    return media


def common_fields(given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What shows, seasons and programmes say alike."""
    duration = given.get("duration")
    media = known(
        kind=kind,
        title=given.get("title"),
        year=given.get("year") or None,
        overview=given.get("plot") or given.get("summary"),
        runtimeMinutes=round(duration / 60_000) if isinstance(duration, int | float) else None,
    )
    media |= {
        "genres": words([one.get("name") for one in objects(given.get("genres"))] or given.get("genres")),
        "tags": words(given.get("tags")),
        "taglines": words([given.get("tagline")]),
        "externalIds": provider_ids(kind, dict(service_ids(given))),
        "credits": list(credits_in(given)),
    }
    return {**media, "metadata": {"certification": given["rating"]}} if isinstance(given.get("rating"), str) else media


def service_ids(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Ids of services that everybody knows; those of a server's own say nothing to others."""
    for one in objects(given.get("identifiers")) + objects(given.get("externalIds")):
        name = one.get("source") or one.get("type")
        if name in SERVICES:
            yield str(name), one.get("id")


def credits_in(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for field, role in (("actors", "ACTOR"), ("directors", "DIRECTOR"), ("writers", "WRITER")):
        names: set[Any] = set()
        for one in objects(given.get(field)):
            if isinstance(one.get("name"), str) and one["name"].strip() and one["name"] not in names:
                names.add(one["name"])
                character = one.get("role") if role == "ACTOR" else None
                yield known(person=one["name"], role=role, character=character)


def open_tunarr(location: str, options: Mapping[str, str]) -> Source:
    return TunarrSource(location)


TUNARR = Format(
    name="tunarr",
    description="A Tunarr server, by its HTTP API.",
    told_by="a Tunarr server answers there",
    guess=guess_port(TUNARR_KIND),
    open=open_tunarr,
    ask=ask_for(TUNARR_KIND, "/api/version", lambda found: isinstance(found, dict) and "tunarr" in found),
    reads=(
        ("programmes of all line-ups", "media of kind MOVIE, EPISODE, TRACK, CLIP"),
        ("shows, seasons", "media of kind SERIES, SEASON"),
        ("channels", "channels of the programmes that are in their line-ups"),
        ("line-ups", "collections, in which programmes have their first places"),
        ("identifiers", "externalIds of imdb, tmdb, tvdb and jellyfin"),
        ("actors, directors, writers", "credits"),
        ("TUNARR_API_KEY", "the key, where something before the server asks for one"),
    ),
)
