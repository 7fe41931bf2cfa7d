"""Answers of outside services that are asked for before somebody needs them, chunk by chunk.

What is kept already is not asked for again, so that a run that is begun anew goes over its chunk at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.metadata.targets import REFRESHED_KINDS, RefreshScope, count_due
from catalog.transaction import Writer, transact
from domain.enums import JobLogLevel
from domain.errors import CatalogError, Code
from domain.ids import format_id
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.metadata_facts import SharedCalls
from jobs.parameters import parameter
from jobs.refresh_metadata import CHUNK_OF_TARGETS, fetch_chunk, next_targets
from jobs.waits import Waits, all_done, patiently
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


@dataclass(frozen=True, slots=True)
class Warmed:
    """What became of a call or media: its name, and an outcome or an error."""

    name: str
    outcome: str = "warmed"
    error: CatalogError | None = None


async def warm_cache(context: JobContext, parameters: WarmParameters) -> str:
    """First the calls, then the media."""
    provider = WARMED[parameters.provider]
    service = configured(provider.find(context.services), provider.setting)
    if not context.services.cache.is_enabled:
        raise CatalogError(Code.BAD_ARGUMENT, "The cache is off, so that nothing is kept: set MARQUEE_CACHE_ENABLED.")
    calls, scope = parameters.calls, warmed_scope(parameters)
    total = len(calls) + await count_media(context, scope)
    run = WarmRun(context, total)
    while run.calls < len(calls):
        chunk = calls[run.calls : run.calls + CHUNK_OF_TARGETS]
        await run.save(await warm_calls(context, service, provider, chunk), run.calls + len(chunk), run.after)
    while scope is not None:
        due, targets = await next_targets(context, scope, run.after)
        if not due:
            break
        fetched = await fetch_chunk(context, service, list(targets.values()))
        warmed = [Warmed(format_id("media", one.media), error=one.error) for one in fetched]
        await run.save(warmed, run.calls, max(due))
    counts = run.counts
    return f"{counts.succeeded} warmed, {counts.failed} that could not be."


class WarmRun:
    """How far a run has come: calls, then the last media."""

    def __init__(self, context: JobContext, total: int) -> None:
        self._context = context
        # What an earlier attempt has done counts too.
        self._total = max(total, context.counts.succeeded + context.counts.failed)
        self.calls = context.state.get("calls", 0)
        self.after = context.state.get("after", 0)
        self.counts = context.counts

    async def save(self, warmed: Sequence[Warmed], calls: int, after: int) -> None:
        counts = with_warmed(self.counts, warmed)

        async def work(writer: Writer) -> None:
            await self._context.save(writer, {"calls": calls, "after": after}, counts)

        await transact(self._context.session, self._context.viewer, WARM_CACHE_NAME, work)
        self.calls, self.after, self.counts = calls, after, counts
        for one in warmed:
            if one.error is not None:
                line = f"{one.name}: {one.error.extensions['code']}: {one.error}"
                self._context.log(line, JobLogLevel.WARNING)
        self._context.progress(counts, self._total, warmed[-1].name if warmed else "")


async def warm_calls(
    context: JobContext, service: MetadataService, provider: WarmedProvider, calls: Sequence[str]
) -> list[Warmed]:
    """In their order."""
    shared, waits = SharedCalls(service), Waits(context)

    async def warm(call: str) -> Warmed:
        try:
            is_there = await patiently(waits, lambda: shared.once(call, lambda: provider.warm(service, call)))
        except ProviderError as error:
            if waits.is_over:
                raise
            return Warmed(call, error=error)
        return Warmed(call, "warmed" if is_there else "nothing")

    try:
        return await all_done(context, [warm(call) for call in calls])
    finally:
        await shared.close()


async def count_media(context: JobContext, scope: RefreshScope | None) -> int:
    if scope is None:
        return 0
    return await transact(context.session, context.viewer, WARM_CACHE_NAME, lambda writer: count_due(writer, scope))


def warmed_scope(parameters: WarmParameters) -> RefreshScope | None:
    """Of the media; a library is given without items."""
    if not parameters.media and parameters.library_id is None:
        return None
    return RefreshScope(parameters.library_id, parameters.media or None, REFRESHED_KINDS)


def with_warmed(before: JobCounts, warmed: Sequence[Warmed]) -> JobCounts:
    outcomes = Counter(before.by_outcome) + Counter(one.outcome for one in warmed if one.error is None)
    codes = Counter(before.by_code) + Counter(
        str(one.error.extensions["code"]) for one in warmed if one.error is not None
    )
    return JobCounts(outcomes.total(), codes.total(), dict(outcomes), dict(codes))


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
