"""Answers of outside services that are asked for before somebody needs them, chunk by chunk.

What is kept already is not asked for again, so that a run that is begun anew goes over its chunk at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.metadata.targets import REFRESHED_KINDS, RefreshScope
from catalog.transaction import Writer
from domain.errors import CatalogError, Code
from domain.ids import format_id
from jobs.job_position import JobPosition
from jobs.kind import ItemResult, JobContext, JobKind
from jobs.metadata_facts import SharedCalls
from jobs.metadata_walk import CHUNK_OF_TARGETS, DueMedia, Fetched, MetadataWalk
from jobs.parameters import parameter
from jobs.waits import Waits, patiently
from jobs.walk import Walk
from providers.errors import ProviderError
from providers.metadata.service import MetadataService
from providers.metadata.warm import check_call, warm_call
from providers.services import OutsideServices, configured

WARM_CACHE_NAME = "warm_cache"
MEDIA = re.compile(r"media_([1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class WarmedProvider:
    """A service whose answers can be asked for ahead. find: it, or None where no setting names it."""

    find: Callable[[OutsideServices], MetadataService | None]
    setting: str
    check: Callable[[str], None]
    warm: Callable[[MetadataService, str], Coroutine[Any, Any, bool]]


WARMED: Mapping[str, WarmedProvider] = {
    "tmdb": WarmedProvider(lambda services: services.metadata, "MARQUEE_METADATA_URL", check_call, warm_call)
}


@dataclass(frozen=True, slots=True)
class WarmParameters:
    """Items, or a library."""

    provider: str = parameter("The name of the service: tmdb.")
    items: list[str] | None = parameter(
        "Calls, such as movie/603 or tv/1396/season/2, and ids of media, such as media_1: what is asked for to refresh"
        " these.",
        default=None,
    )
    library_id: int | None = parameter(
        "What is asked for to refresh all media of this library.", default=None, id_of="library"
    )

    @property
    def calls(self) -> list[str]:
        return [one for one in self.items or [] if MEDIA.fullmatch(one) is None]

    @property
    def media(self) -> list[int]:
        return [int(found[1]) for one in self.items or [] if (found := MEDIA.fullmatch(one)) is not None]


async def warm_cache(context: JobContext, parameters: WarmParameters) -> str:
    """First the calls, then the media."""
    provider = WARMED[parameters.provider]
    service = configured(provider.find(context.services), provider.setting)
    if not context.services.cache.is_enabled:
        raise CatalogError(Code.BAD_ARGUMENT, "The cache is off, so that nothing is kept: set MARQUEE_CACHE_ENABLED.")
    at = WarmPosition(context.state)
    calls, scope = WarmCalls(context, service, provider, parameters.calls, at), warmed_scope(parameters)
    media = None if scope is None else WarmMedia(context, service, scope, at)
    # What an earlier attempt has done counts too.
    total = len(parameters.calls) + (await media.count() or 0 if media is not None else 0)
    calls.total = max(total, context.counts.succeeded + context.counts.failed)
    counts = await calls.to_end()
    if media is not None:
        media.counts, media.total = counts, calls.total
        counts = await media.to_end()
    return f"{counts.succeeded} warmed, {counts.failed} that could not be."


class WarmPosition:
    """How far a run has come: with the calls, then with the media."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.calls = JobPosition({"after": state.get("calls", 0), "ranges": state.get("callRanges", ())})
        self.media = JobPosition(state)

    def as_state(self) -> Mapping[str, Any]:
        calls = self.calls.as_state()
        return {"calls": calls["after"], "callRanges": calls["ranges"], **self.media.as_state()}


class WarmCalls(Walk[tuple[int, str], ItemResult]):
    """Calls with their places, from 1 on."""

    name = WARM_CACHE_NAME

    def __init__(
        self,
        context: JobContext,
        service: MetadataService,
        provider: WarmedProvider,
        calls: Sequence[str],
        at: WarmPosition,
    ) -> None:
        super().__init__(context, at.calls)
        self._service, self._provider, self._at = service, provider, at
        self._all = list(enumerate(calls, 1))
        self._shared, self._waits = SharedCalls(service), Waits(context)

    async def due(self) -> Sequence[Sequence[tuple[int, str]]]:
        left = [one for one in self._all if not self.position.is_done(one[0])]
        return [[one] for one in left[:CHUNK_OF_TARGETS]]

    def id_of(self, item: tuple[int, str]) -> int:
        return item[0]

    async def ask(self, items: Sequence[tuple[int, str]]) -> ItemResult:
        call = items[0][1]
        warm = self._provider.warm
        try:
            is_there = await patiently(self._waits, lambda: self._shared.once(call, lambda: warm(self._service, call)))
        except ProviderError as error:
            if self._waits.is_over:
                raise
            return ItemResult.of_error(call, error)
        return ItemResult(call, "warmed" if is_there else "nothing")

    async def store(
        self, writer: Writer, answers: Sequence[ItemResult], undone: Sequence[tuple[int, str]]
    ) -> Sequence[ItemResult]:
        return answers

    def state(self) -> Mapping[str, Any]:
        return self._at.as_state()

    def item(self) -> str:
        return self._all[self.position.after - 1][1] if self.position.after else ""

    async def end_calls(self) -> None:
        await self._shared.close()


class WarmMedia(MetadataWalk):
    name = WARM_CACHE_NAME

    def __init__(self, context: JobContext, service: MetadataService, scope: RefreshScope, at: WarmPosition) -> None:
        super().__init__(context, service, scope, at.media)
        self._at = at

    async def store(
        self, writer: Writer, answers: Sequence[Fetched | None], undone: Sequence[DueMedia]
    ) -> Sequence[ItemResult]:
        return [warmed_media(one) for one in answers if one is not None]

    def state(self) -> Mapping[str, Any]:
        return self._at.as_state()


def warmed_media(fetched: Fetched) -> ItemResult:
    name = format_id("media", fetched.media)
    return ItemResult(name, "warmed") if fetched.error is None else ItemResult.of_error(name, fetched.error)


def warmed_scope(parameters: WarmParameters) -> RefreshScope | None:
    """Of the media; a library is given without items."""
    if not parameters.media and parameters.library_id is None:
        return None
    return RefreshScope(parameters.library_id, parameters.media or None, REFRESHED_KINDS)


def check_warming(parameters: WarmParameters) -> None:
    """BAD_ARGUMENT."""
    if parameters.provider not in WARMED:
        raise CatalogError(Code.BAD_ARGUMENT, f"Answers of {', '.join(WARMED)} can be asked for ahead.")
    if (parameters.items is None) == (parameters.library_id is None):
        raise CatalogError(Code.BAD_ARGUMENT, "Give items or a library, not both.")
    for call in parameters.calls:
        WARMED[parameters.provider].check(call)


WARM_CACHE = JobKind(
    name=WARM_CACHE_NAME,
    description="Asks an outside service for what is not kept yet, so that it is there when somebody needs it.",
    parameters=WarmParameters,
    run=warm_cache,
    check=check_warming,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: f"{WARM_CACHE_NAME} {parameters.provider}",
)
