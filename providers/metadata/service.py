"""The metadata service: what is asked of it, and for how long its answers are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import orjson

from domain.enums import MediaKind
from domain.errors import Code
from providers.cache.cache import Cache, CacheKey, CachePolicy
from providers.client import OutboundClient, within
from providers.errors import ProviderError
from providers.metadata.answers import (
    FoundTitle,
    ImageAddresses,
    SeasonDetails,
    TitleDetails,
)
from providers.metadata.fields import AnswerFields
from providers.metadata.parse import (
    parse_configuration,
    parse_found,
    parse_season,
    parse_title,
)
from providers.provider import Call, Provider, RateLimit

T = TypeVar("T")

HOUR, DAY = 3_600.0, 86_400.0
# A title that is not there yet may be there tomorrow.
FOUND = CachePolicy(ttl=6 * HOUR, stale=DAY, negative_ttl=HOUR)
DETAILS = CachePolicy(ttl=7 * DAY, stale=7 * DAY, negative_ttl=DAY)
CONFIGURATION = CachePolicy(ttl=7 * DAY, stale=30 * DAY)
PATHS = {MediaKind.MOVIE: "movie", MediaKind.SERIES: "tv"}
OWN_SOURCES = {"tmdb": MediaKind.MOVIE, "tmdb_series": MediaKind.SERIES}
# The catalogue's names of other services, and what the service calls their ids.
FOREIGN_SOURCES = {"imdb": "imdb_id", "tvdb": "tvdb_id", "tvdb_series": "tvdb_id", "wikidata": "wikidata_id"}
QUERY_LETTERS = 500
# In the background a process begins no more calls than have their turn so soon, since who asks for the same waits for
# them; nor more than that.
BACKGROUND_SECONDS, BACKGROUND_CALLS = 2.0, 20


class MetadataService:
    """Asks the service, or the cache. Every call raises ProviderError, and waits no longer than `deadline`, which is by
    the event loop's clock.

    language: of titles and texts, "en-US"; lease: seconds that a call may take, its turn and further attempts included,
    for which others that ask for the same wait for it, whatever the deadline of who asked first. Answers that were
    checked are kept as they came; others are not.

    Calls without a deadline are in the background: those of requests go before them. background: the calls that runs of
    this process may have begun at once."""

    def __init__(
        self, client: OutboundClient, cache: Cache, provider: Provider, language: str = "en-US", lease: float = 30.0
    ) -> None:
        self._lease = lease
        self._client = client
        self._cache = cache
        self._language = language
        self.provider = provider
        self._in_background = replace(provider, is_background=True)
        self.background = asyncio.Semaphore(background_calls(provider.limits))

    async def search(self, kind: MediaKind, title: str, *, deadline: float | None = None) -> list[FoundTitle]:
        """The first page of films or series of a title."""
        params: dict[str, Any] = {"query": title[:QUERY_LETTERS], "language": self._language, "include_adult": "false"}
        path = f"search/{PATHS[kind]}"
        return await self._ask(path, params, lambda one: parse_found(one, kind), FOUND, deadline) or []

    async def find(self, source: str, value: str, *, deadline: float | None = None) -> list[FoundTitle]:
        """The films and series that another service calls so. BAD_ARGUMENT for a service whose ids are not known."""
        if (own := OWN_SOURCES.get(source)) is not None:
            details = await self.title(own, checked_id(value), deadline=deadline)
            return [] if details is None else [as_found(details)]
        if not is_foreign_id(source, value):
            known = ", ".join((*OWN_SOURCES, *FOREIGN_SOURCES))
            raise ProviderError(
                Code.BAD_ARGUMENT, f"The metadata service knows ids of {known}, of letters and digits.", was_sent=False
            )
        params = {"external_source": FOREIGN_SOURCES[source], "language": self._language}
        return await self._ask(f"find/{value}", params, parse_both, FOUND, deadline, "/find/{id}") or []

    async def title(self, kind: MediaKind, id: int, *, deadline: float | None = None) -> TitleDetails | None:
        """A film or series with credits, images and external ids; None where there is none."""
        params = {
            "language": self._language,
            "append_to_response": "credits,images,external_ids",
            "include_image_language": f"{self._language.partition('-')[0]},null",
        }
        template = f"/{PATHS[kind]}/{{id}}"
        path = f"{PATHS[kind]}/{id}"
        return await self._ask(path, params, lambda one: parse_title(one, kind), DETAILS, deadline, template)

    async def season(self, series: int, number: int, *, deadline: float | None = None) -> SeasonDetails | None:
        """A season with all its episodes, in one call; None where there is none."""
        params = {
            "language": self._language,
            "append_to_response": "images",
            "include_image_language": f"{self._language.partition('-')[0]},null",
        }
        template = "/tv/{id}/season/{number}"
        return await self._ask(f"tv/{series}/season/{number}", params, parse_season, DETAILS, deadline, template)

    async def images(self, *, deadline: float | None = None) -> ImageAddresses:
        """Where its pictures are."""
        found = await self._ask("configuration", {}, parse_configuration, CONFIGURATION, deadline)
        if found is None:
            raise ProviderError(
                Code.PROVIDER_BAD_ANSWER, f"{self.provider.name} has no /configuration: is its address right?"
            )
        return found

    async def _ask(
        self,
        path: str,
        params: dict[str, Any],
        parse: Callable[[AnswerFields], T],
        policy: CachePolicy,
        deadline: float | None,
        template: str | None = None,
    ) -> T | None:
        """What is kept, or the service says; None for a 404."""
        name = self.provider.name
        # Whoever looks something up needs the configuration too.
        asked = self._in_background if deadline is None and policy is not CONFIGURATION else self.provider

        async def load() -> bytes | None:
            # Its own, since others may wait for it too: who asks is bounded below.
            within_lease = asyncio.get_running_loop().time() + self._lease
            call = Call(path=f"/{path}", params=params, accepts=frozenset({404}), template=template or f"/{path}")
            answer = await self._client.call(asked, call, deadline=within_lease)
            if answer.status == 404:
                return None
            parse(AnswerFields(answer.json(), path, name))  # what cannot be read is not kept
            return answer.body

        key = CacheKey("default", name, path, {**params, "at": self.provider.base_url})
        async with within(self.provider, deadline):
            cached = await self._cache.get_or_load(key, load, replace(policy, lease=self._lease))
        return None if cached.value is None else parse(AnswerFields(orjson.loads(cached.value), path, name))


def background_calls(limits: RateLimit | None) -> int:
    if limits is None:
        return BACKGROUND_CALLS
    soon = int(BACKGROUND_SECONDS / limits.spacing(is_background=True))
    return max(1, min(BACKGROUND_CALLS, soon, limits.places(is_background=True) or BACKGROUND_CALLS))


def is_foreign_id(source: str, value: str) -> bool:
    """Whether the service can be asked for what another one calls so."""
    return source in FOREIGN_SOURCES and value.isascii() and value.isalnum() and len(value) <= 50


def parse_both(answer: AnswerFields) -> list[FoundTitle]:
    """What /find has of films and of series."""
    return [
        *parse_found(answer, MediaKind.MOVIE, "movie_results"),
        *parse_found(answer, MediaKind.SERIES, "tv_results"),
    ]


def checked_id(value: str) -> int:
    """An id of the service itself. BAD_ARGUMENT."""
    if not value.isascii() or not value.isdigit() or not 0 < len(value) <= 15:
        raise ProviderError(Code.BAD_ARGUMENT, "Ids of TMDB are whole numbers.", was_sent=False)
    return int(value)


def as_found(details: TitleDetails) -> FoundTitle:
    return FoundTitle(
        details.kind,
        details.id,
        details.title,
        details.original_title,
        details.year,
        details.overview,
        details.popularity,
        details.poster_path,
    )
