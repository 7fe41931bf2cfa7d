"""What a metadata service says of media of the catalogue: which calls tell it, shared by those that need the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Sequence
from typing import Any, TypeVar

from catalog.metadata.refresh import MetadataFacts
from catalog.metadata.targets import RefreshTarget
from domain.enums import MediaKind, MetadataField
from domain.errors import CatalogError, Code
from providers.metadata.answers import (
    CreditAnswer,
    EpisodeDetails,
    ImageAddresses,
    Picture,
    SeasonDetails,
    TitleDetails,
)
from providers.metadata.service import MetadataService, is_foreign_id

T = TypeVar("T")

CALLS_AT_ONCE = 20
ROOT_SOURCES = {MediaKind.MOVIE: "tmdb", MediaKind.SERIES: "tmdb_series"}


class SharedCalls:
    """The calls for some media: equal ones are made once, whether or not the cache keeps their answers, and not too
    many at once, since who waits for a turn holds the lease of what it asks for. A call that failed is made anew.

    deadline: of a request that waits for them; None for a run, which shares the places of all runs."""

    def __init__(self, service: MetadataService, deadline: float | None = None) -> None:
        self.service = service
        self.deadline = deadline
        self._places = service.background if deadline is None else asyncio.Semaphore(CALLS_AT_ONCE)
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def once(self, key: Hashable, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        task = self._tasks.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._tasks[key] = asyncio.get_running_loop().create_task(self._in_place(call))
        return await asyncio.shield(task)

    async def _in_place(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with self._places:
            return await call()

    async def images(self) -> ImageAddresses:
        return await self.once("images", lambda: self.service.images(deadline=self.deadline))

    async def title(self, kind: MediaKind, id: int) -> TitleDetails | None:
        return await self.once((kind, id), lambda: self.service.title(kind, id, deadline=self.deadline))

    async def season(self, series: int, number: int) -> SeasonDetails | None:
        return await self.once((series, number), lambda: self.service.season(series, number, deadline=self.deadline))

    async def id_of(self, kind: MediaKind, ids: Sequence[tuple[str, str]]) -> int:
        """The service's id of a film or series, by the one that the catalogue has or those of other services.
        NOT_FOUND."""
        for source, value in ids:
            if source == ROOT_SOURCES[kind] and value.isascii() and value.isdigit() and len(value) <= 15:
                return int(value)
        for source, value in ids:
            if is_foreign_id(source, value):
                found = await self.once(
                    ("find", source, value),
                    lambda s=source, v=value: self.service.find(s, v, deadline=self.deadline),  # type: ignore[misc]
                )
                if fitting := [one.id for one in found if one.kind is kind]:
                    return fitting[0]
        raise not_known("It has no external id that the metadata service knows: `lookup` finds one.")

    async def close(self) -> None:
        """Ends the calls that nobody waits for any longer."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def facts_of(calls: SharedCalls, target: RefreshTarget) -> MetadataFacts:
    """ProviderError; NOT_FOUND where the service has nothing of the media."""
    kind = MediaKind(target.kind)
    if kind in ROOT_SOURCES:
        details = await calls.title(kind, await calls.id_of(kind, target.ids))
        if details is None:
            raise not_known("The metadata service has no such title any longer.")
        return MetadataFacts(target.media, known(title_values(details, await calls.images())))
    if kind not in (MediaKind.SEASON, MediaKind.EPISODE) or target.season_number is None:
        raise not_known("The metadata service knows movies, series, and seasons and episodes that have numbers.")
    series = await calls.id_of(MediaKind.SERIES, target.series_ids)
    season = await calls.season(series, target.season_number)
    if season is None:
        raise not_known("The metadata service has no such season.")
    if kind is MediaKind.SEASON:
        return MetadataFacts(target.media, known(season_values(season, await calls.images())))
    for episode in season.episodes:
        if episode.number == target.episode_number:
            return MetadataFacts(target.media, known(episode_values(episode, await calls.images())))
    raise not_known("The metadata service has no such episode in its season.")


def not_known(message: str) -> CatalogError:
    return CatalogError(Code.NOT_FOUND, message)


def known(values: dict[MetadataField, Any]) -> dict[MetadataField, Any]:
    """Without what the service does not know."""
    return {field: value for field, value in values.items() if value not in (None, [])}


def title_values(details: TitleDetails, images: ImageAddresses) -> dict[MetadataField, Any]:
    return {
        MetadataField.TITLE: details.title,
        MetadataField.ORIGINAL_TITLE: details.original_title,
        MetadataField.YEAR: details.year,
        MetadataField.OVERVIEW: details.overview,
        MetadataField.RATING: details.rating_tenths,
        MetadataField.RUNTIME: details.runtime_minutes,
        MetadataField.TAGLINES: [] if details.tagline is None else [details.tagline],
        MetadataField.GENRES: list(details.genres),
        MetadataField.CREDITS: credit_rows(details.credits),
        MetadataField.ARTWORK: artwork_rows(details.pictures, images),
        MetadataField.EXTERNAL_IDS: [{"source": source, "value": value} for source, value in details.external_ids],
        MetadataField.COLLECTIONS: [] if details.collection is None else [{"collection_id": details.collection}],
    }


def season_values(season: SeasonDetails, images: ImageAddresses) -> dict[MetadataField, Any]:
    return {
        MetadataField.TITLE: season.title,
        MetadataField.YEAR: season.year,
        MetadataField.OVERVIEW: season.overview,
        MetadataField.ARTWORK: artwork_rows(season.pictures, images),
        MetadataField.EXTERNAL_IDS: [{"source": "tmdb_season", "value": str(season.id)}],
    }


def episode_values(episode: EpisodeDetails, images: ImageAddresses) -> dict[MetadataField, Any]:
    return {
        MetadataField.TITLE: episode.title,
        MetadataField.YEAR: episode.year,
        MetadataField.OVERVIEW: episode.overview,
        MetadataField.RATING: episode.rating_tenths,
        MetadataField.RUNTIME: episode.runtime_minutes,
        MetadataField.CREDITS: credit_rows(episode.credits),
        MetadataField.ARTWORK: artwork_rows(episode.pictures, images),
        MetadataField.EXTERNAL_IDS: [{"source": "tmdb_episode", "value": str(episode.id)}],
    }


def credit_rows(credits: Sequence[CreditAnswer]) -> list[dict[str, Any]]:
    return [
        {"person_id": one.person, "role": one.role.value, "character": one.character, "job": one.job} for one in credits
    ]


def artwork_rows(pictures: Sequence[Picture], images: ImageAddresses) -> list[dict[str, Any]]:
    return [
        {"type": one.type.value, "url": images.of(one.path), "width": one.width, "height": one.height}
        for one in pictures
    ]
