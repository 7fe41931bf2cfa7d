"""What Radarr and Sonarr have in common: how they are asked, and the parts of their answers that are alike."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

from sources.file_source import numbers_in
from sources.http_client import ApiRecord, HttpClient
from sources.http_source import HttpKind, HttpSource, ask_for, known, objects, time_if_known, words
from sources.provider_ids import provider_ids

API = "/api/v3"
PICTURES = {"poster": "POSTER", "fanart": "BACKDROP", "clearlogo": "LOGO", "screenshot": "THUMBNAIL"}
RESOLUTION = re.compile(r"(\d{1,5})x(\d{1,5})")
CLOCK_TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:\.\d+)?")


def servarr_kind(name: str, port: int) -> HttpKind:
    return HttpKind(name, f"{name.upper()}_API_KEY", "X-Api-Key", port)


def ask_servarr(kind: HttpKind) -> Any:
    """Its status tells which one it is."""
    return ask_for(
        kind,
        f"{API}/system/status",
        lambda found: isinstance(found, dict) and str(found.get("appName", found.get("instanceName"))) == kind.name,
    )


async def tag_labels(client: HttpClient) -> dict[int, str]:
    """The names of the tags that answers have by number."""
    labels: dict[int, str] = {}
    async for record in client.records(f"{API}/tag"):
        if isinstance(record.value, dict) and isinstance(record.value.get("label"), str):
            labels[record.value.get("id", 0)] = record.value["label"]
    return labels


async def numbered(
    client: HttpClient, path: str, after: int = 0, **parameters: Any
) -> AsyncIterator[tuple[int, ApiRecord]]:
    """The elements of an array with their places from 1, behind so many."""
    place = 0
    async for record in client.records(f"{API}{path}", **parameters):
        place += 1
        if place > after:
            yield place, record


def pictures(value: Any) -> list[dict[str, Any]]:
    """Pictures with an address that anybody can read."""
    found: dict[tuple[str, str], None] = {}
    for one in objects(value):
        type_, address = PICTURES.get(str(one.get("coverType")).lower()), one.get("remoteUrl")
        if type_ and isinstance(address, str) and address.startswith("http"):
            found[type_, address] = None
    return [{"type": type_, "url": url} for type_, url in found]


def alternate_titles(value: Any, title: Any) -> list[dict[str, str]]:
    """Other titles, each once."""
    found = dict.fromkeys(one["title"].strip() for one in objects(value) if isinstance(one.get("title"), str))
    return [{"title": one} for one in found if one and one != title]


def file_of(value: Any) -> dict[str, Any] | None:
    """The file of a movie or an episode; None where it is none."""
    if not isinstance(value, dict) or not value.get("path") or value.get("size") is None:
        return None
    time = time_if_known(value.get("dateAdded"))
    if not time:
        return None
    info = value.get("mediaInfo") or {}
    size = RESOLUTION.fullmatch(str(info.get("resolution")))
    path = str(value["path"])
    return known(
        path=path,
        size=value["size"],
        modifiedAt=time,
        container=path.rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else None,
        codecs=[one for one in (info.get("videoCodec"), info.get("audioCodec")) if one],
        width=int(size[1]) or None if size else None,
        height=int(size[2]) or None if size else None,
        durationMs=milliseconds(info.get("runTime")),
    )


def milliseconds(value: Any) -> int | None:
    """Of a time such as 1:52:03."""
    found = CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    return (int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])) * 1000 if found else None


def release_of(value: Any) -> list[dict[str, Any]]:
    """The release that a file was taken from."""
    if not isinstance(value, dict) or not value.get("sceneName"):
        return []
    quality = ((value.get("quality") or {}).get("quality") or {}).get("name")
    group = value.get("releaseGroup")
    return [
        known(
            name=value["sceneName"],
            category=quality or "unknown",
            group={"name": group} if group else None,
            size=value.get("size"),
        )
    ]


def rating_value(value: Any) -> Any:
    """The rating of those that are given that most people know."""
    if not isinstance(value, dict):
        return None
    for one in (value.get("imdb"), value.get("tmdb"), value):
        if isinstance(one, dict) and one.get("value"):
            return one["value"]
    return None


def media_of_title(
    kind: str, key: str, told: Mapping[str, Any], ids: Mapping[str, str], labels: Mapping[int, str], **own: Any
) -> dict[str, Any]:
    """JSON of a media (sources/media_json.py): what is told alike of a movie and of a series. ids: the fields with its
    external ids by their sources; own: what only one of the two has."""
    media = known(
        key=key,
        kind=kind,
        title=told.get("title"),
        year=told.get("year") or None,
        overview=told.get("overview"),
        rating=rating_value(told.get("ratings")),
        runtimeMinutes=told.get("runtime") or None,
        addedAt=time_if_known(told.get("added")),
    )
    return {
        **media,
        "genres": words(told.get("genres")),
        "tags": labels_of(told.get("tags"), labels),
        "aliases": alternate_titles(told.get("alternateTitles"), told.get("title")),
        "externalIds": provider_ids(kind, {source: told.get(field) for source, field in ids.items()}),
        "artwork": pictures(told.get("images")),
        **own,
    }


def with_facts(media: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A media with those of some facts that are known as its metadata."""
    told = known(**facts)
    return {**media, "metadata": told} if told else media


def labels_of(value: Any, labels: Mapping[int, str]) -> list[str]:
    return [labels[one] for one in value if one in labels] if isinstance(value, list) else []


class ServarrSource(HttpSource):
    """Positions: how many of the whole list come before, and how many of what belongs to the next one."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.labels: dict[int, str] = {}

    async def start(self, client: HttpClient, position: str) -> tuple[int, int]:
        """Reads the tags; where to go on."""
        self.labels = await tag_labels(client)
        first, within = numbers_in(position, 2)
        return first, within
