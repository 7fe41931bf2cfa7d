"""Jellyfin over its HTTP API: movies, series, seasons, episodes, music videos, asked for page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sources.file_source import numbers_in
from sources.format import Format, Option
from sources.http_client import HttpClient
from sources.http_source import HttpKind, HttpSource, ask_for, guess_port, known, objects, time_if_known, words
from sources.provider_ids import person_with_ids, provider_ids
from sources.source import Reading, Source, SourceError

TICKS_OF_A_MILLISECOND = 10_000
PAGE = 200
# What is asked for, one after the other, so that what hangs on others comes after them.
KINDS = {"Movie": "MOVIE", "MusicVideo": "CLIP", "Series": "SERIES", "Season": "SEASON", "Episode": "EPISODE"}
STAGES = tuple(KINDS)
FIELDS = (
    "Genres,Tags,Taglines,Overview,OriginalTitle,ProviderIds,People,Studios,Path,MediaSources,DateCreated,"
    "ProductionLocations,SortName"
)
SUBTITLE_KEY = ("language", "isForced", "isForHearingImpaired")
ROLES = {
    **{"Actor": "ACTOR", "GuestStar": "ACTOR", "Director": "DIRECTOR", "Writer": "WRITER", "Producer": "PRODUCER"},
    "Composer": "COMPOSER",
}
JELLYFIN_KIND = HttpKind("Jellyfin", "JELLYFIN_API_KEY", "Authorization", 8096, 'MediaBrowser Token="{}"')


class JellyfinSource(HttpSource):
    """Positions: the stage, and how many of its items come before."""

    kind = JELLYFIN_KIND

    def __init__(self, location: str, page: int = PAGE) -> None:
        super().__init__(location)
        self._page = page

    async def readings(self, client: HttpClient, position: str) -> AsyncIterator[Reading]:
        first, start = numbers_in(position, 2)
        self.total = await self._count(client)
        for stage, type_ in list(enumerate(STAGES))[first:]:
            while True:
                place = start
                async for record in client.records("/Items", ["Items"], **self._query(type_, start)):
                    place += 1
                    where = f"{type_} {place}"
                    yield self.reading(record, where, f"{stage}:{place}", lambda item: media_of_item(item, self.base))
                if place == start:
                    break
                start = place
            start = 0

    async def _count(self, client: HttpClient) -> int | None:
        types = ",".join(STAGES)
        found = await client.value("/Items", Recursive="true", IncludeItemTypes=types, Limit=0)
        count = found.get("TotalRecordCount") if isinstance(found, dict) else None
        return count if isinstance(count, int) else None

    def _query(self, type_: str, start: int) -> dict[str, Any]:
        """By the time at which they came, so that new ones come last."""
        return {
            "Recursive": "true",
            "IncludeItemTypes": type_,
            "Fields": FIELDS,
            "EnableUserData": "false",
            "SortBy": "DateCreated,SortName",
            "SortOrder": "Ascending",
            "StartIndex": start,
            "Limit": self._page,
        }


def media_of_item(item: Mapping[str, Any], base: str) -> dict[str, Any]:
    """JSON of a media (sources/media_json.py) of an item."""
    kind = KINDS[str(item.get("Type"))]
    media = known(
        key=item["Id"],
        kind=kind,
        title=item.get("Name"),
        originalTitle=item.get("OriginalTitle"),
        year=item.get("ProductionYear"),
        overview=item.get("Overview"),
        rating=item.get("CommunityRating"),
        addedAt=time_if_known(item.get("DateCreated")),
        runtimeMinutes=minutes_of_ticks(item.get("RunTimeTicks")),
    )
    media |= {
        "genres": words(item.get("Genres")),
        "tags": words(item.get("Tags")),
        "taglines": words(item.get("Taglines")),
        "externalIds": provider_ids(kind, {**(item.get("ProviderIds") or {}), "jellyfin": item["Id"]}),
        "credits": credits_of(item),
        "artwork": artwork_of(item, base),
        **files_of(item),
        **place_of_item(item, kind),
    }
    facts = known(
        certification=item.get("OfficialRating"),
        studios=[one["Name"] for one in objects(item.get("Studios")) if one.get("Name")] or None,
        premiereDate=item.get("PremiereDate"),
    )
    return {**media, "metadata": facts} if facts else media


def minutes_of_ticks(ticks: Any) -> int | None:
    return round(ticks / TICKS_OF_A_MILLISECOND / 60_000) if isinstance(ticks, int | float) else None


def place_of_item(item: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """What a season or an episode hangs on, and its numbers."""
    number = item.get("IndexNumber")
    if kind == "SEASON":
        return known(parent=item.get("SeriesId"), seasonNumber=number)
    if kind == "EPISODE":
        above = item.get("SeasonId") or item.get("SeriesId")
        return known(parent=above, seasonNumber=item.get("ParentIndexNumber"), episodeNumber=number)
    return {}


def credits_of(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in objects(item.get("People")):
        type_, name = one.get("Type"), one.get("Name")
        if not isinstance(name, str) or not name.strip():
            continue
        role = ROLES.get(str(type_), "OTHER")
        detail = {"character": one.get("Role")} if role == "ACTOR" else {"job": one.get("Role") or type_}
        credit = {"person": person_with_ids(name, one.get("ProviderIds")), "role": role, **known(**detail)}
        found.setdefault(str(credit), credit)
    return list(found.values())


def artwork_of(item: Mapping[str, Any], base: str) -> list[dict[str, Any]]:
    """Addresses of its pictures, which need no key; their tags change with them."""
    address, tags = f"{base}/Items/{item['Id']}/Images", item.get("ImageTags") or {}
    found = [
        {"type": type_, "url": f"{address}/{name}?tag={tags[name]}"}
        for name, type_ in (("Primary", "POSTER"), ("Logo", "LOGO"), ("Thumb", "THUMBNAIL"))
        if tags.get(name)
    ]
    backdrops = words(item.get("BackdropImageTags"))
    return found + [
        {"type": "BACKDROP", "url": f"{address}/Backdrop/{place}?tag={tag}"} for place, tag in enumerate(backdrops)
    ]


def files_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Files and subtitles; a file without path, size or time is none."""
    files: dict[str, Any] = {}
    subtitles: dict[tuple[Any, ...], Any] = {}
    for source in objects(item.get("MediaSources")):
        path, size, time = source.get("Path"), source.get("Size"), time_if_known(item.get("DateCreated"))
        streams = objects(source.get("MediaStreams"))
        video = next((one for one in streams if one.get("Type") == "Video"), {})
        if not path or size is None or not time:
            continue
        ticks = source.get("RunTimeTicks")
        files[path] = known(
            path=path,
            size=size,
            modifiedAt=time,
            container=source.get("Container"),
            codecs=[one["Codec"] for one in streams if one.get("Type") in ("Video", "Audio") and one.get("Codec")],
            width=video.get("Width") or None,
            height=video.get("Height") or None,
            durationMs=ticks // TICKS_OF_A_MILLISECOND if isinstance(ticks, int) else None,
        )
        for one in streams:
            if one.get("Type") == "Subtitle" and one.get("Language") not in (None, "", "und"):
                subtitle = subtitle_of(one, path)
                subtitles.setdefault(tuple(map(subtitle.get, SUBTITLE_KEY)), subtitle)
    return {"files": list(files.values()), "subtitles": list(subtitles.values())}


def subtitle_of(stream: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Subtitles beside a file, or within it."""
    return known(
        language=stream.get("Language"),
        format=stream.get("Codec"),
        path=stream.get("Path") if stream.get("IsExternal") and stream.get("Path") else path,
        isForced=bool(stream.get("IsForced")),
        isForHearingImpaired=bool(stream.get("IsHearingImpaired")),
        state="DOWNLOADED",
    )


def open_jellyfin(location: str, options: Mapping[str, str]) -> Source:
    return JellyfinSource(location, page_of(options.get("page", str(PAGE))))


def page_of(given: str) -> int:
    """SourceError."""
    if not given.isascii() or not given.isdigit() or len(given) > 4 or not 1 <= int(given) <= 1_000:
        raise SourceError("page is a number of items from 1 to 1000.")
    return int(given)


JELLYFIN = Format(
    name="jellyfin",
    description="A Jellyfin server, by its HTTP API.",
    told_by="a Jellyfin server answers there",
    guess=guess_port(JELLYFIN_KIND),
    open=open_jellyfin,
    options=(Option("page", "Items that are asked for at once.", str(PAGE), check=page_of),),
    ask=ask_for(
        JELLYFIN_KIND,
        "/System/Info/Public",
        lambda found: isinstance(found, dict) and "jellyfin" in str(found.get("ProductName")).lower(),
    ),
    reads=(
        ("Movie, MusicVideo, Series, Season, Episode", "media of kind MOVIE, CLIP, SERIES, SEASON, EPISODE"),
        ("ProviderIds, Id", "externalIds"),
        ("People", "credits with characters, jobs, and externalIds of people where their ProviderIds are given"),
        ("Genres, Tags, Taglines", "genres, tags, taglines"),
        ("MediaSources", "files, and subtitles beside and within them"),
        ("ImageTags, BackdropImageTags", "artwork, by addresses of the server"),
        ("OfficialRating, Studios, PremiereDate", "metadata"),
        ("JELLYFIN_API_KEY", "the key"),
    ),
)
