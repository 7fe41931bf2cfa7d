"""The job that asks a metadata service for many media, chunk by chunk, and writes what it says.

Nothing waits for the service within a transaction. A chunk that was not stored is asked for anew, from the cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog.metadata.refresh import MetadataFacts, refresh_media
from catalog.metadata.targets import (
    REFRESH_PROCESS,
    REFRESHED_KINDS,
    RefreshScope,
    RefreshTarget,
    count_due,
    next_due,
    read_targets,
)
from catalog.process import mark_results
from catalog.transaction import Writer, transact
from catalog.upsert.item import Result, Status
from domain.enums import JobLogLevel, MediaKind, MetadataField, MetadataPolicy
from domain.errors import CatalogError, Code
from domain.ids import format_id
from jobs.kind import JobContext, JobCounts, JobKind
from jobs.metadata_facts import SharedCalls, facts_of
from jobs.parameters import parameter
from jobs.waits import Waits, all_done, patiently
from providers.errors import ProviderError
from providers.metadata.service import MetadataService
from providers.services import configured

CHUNK_OF_TARGETS = 50


@dataclass(frozen=True, slots=True)
class RefreshParameters:
    """What is to be refreshed; all that the service knows, if nothing is given."""

    library_id: int | None = parameter("Only media of this library.", default=None, id_of="library")
    media: list[int] | None = parameter("Only these media.", default=None, id_of="media")
    kind: MediaKind | None = parameter("Only media of this kind.", default=None)
    older_than_days: int | None = parameter(
        "Only media that were not refreshed for so many days, or never.", default=None
    )
    fields: list[MetadataField] | None = parameter("What is refreshed; all, if not given.", default=None)
    policy: MetadataPolicy = parameter("What becomes of what is there.", default=MetadataPolicy.FILL)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the service says of a media, or why it says nothing."""

    media: int
    facts: MetadataFacts | None = None
    error: CatalogError | None = None


async def refresh_all(context: JobContext, parameters: RefreshParameters) -> str:
    service = configured(context.services.metadata, "MARQUEE_METADATA_URL")
    started = context.state.get("startedAt", datetime.now(UTC).isoformat())
    scope, counts = scope_of(parameters, datetime.fromisoformat(started)), context.counts
    after = context.state.get("after", 0)
    rest = await transact(context.session, context.viewer, REFRESH_PROCESS, lambda writer: count_due(writer, scope))
    total = rest if not after else None
    while True:
        due, targets = await next_targets(context, scope, after)
        if not due:
            return f"{counts.succeeded} refreshed, {counts.failed} that could not be."
        fetched = await fetch_chunk(context, service, list(targets.values()))
        after = due[-1]
        state = {"startedAt": started, "after": after}
        counts = await store_chunk(context, parameters, fetched, state, counts)
        context.progress(counts, total, format_id("media", after))


def scope_of(parameters: RefreshParameters, started: datetime) -> RefreshScope:
    days = parameters.older_than_days
    return RefreshScope(
        parameters.library_id,
        parameters.media,
        REFRESHED_KINDS if parameters.kind is None else [parameters.kind.value],
        None if days is None else started - timedelta(days=days),
    )


async def next_targets(
    context: JobContext, scope: RefreshScope, after: int
) -> tuple[Sequence[int], dict[int, RefreshTarget]]:
    """The media that are due next, and those of them that have not been deleted in this moment."""

    async def work(writer: Writer) -> tuple[Sequence[int], dict[int, RefreshTarget]]:
        due = await next_due(writer, scope, after, CHUNK_OF_TARGETS)
        return due, await read_targets(writer, due)

    return await transact(context.session, context.viewer, REFRESH_PROCESS, work)


async def fetch_chunk(context: JobContext, service: MetadataService, targets: Sequence[RefreshTarget]) -> list[Fetched]:
    """What the service says of media, in their order. JobStopped as soon as the run is to stop, ProviderError where the
    service does not answer for too long.

    First what all media need, since its failure is no fault of theirs."""
    calls, waits = SharedCalls(service), Waits(context)
    try:
        await all_done(context, [fetch_images(calls, waits)])
        return await all_done(context, [fetch_patiently(calls, waits, one) for one in targets])
    finally:
        await calls.close()


def is_of_media(error: CatalogError) -> bool:
    """Whether the service has failed for a media, or knows nothing of it. A fault of the database is no media's."""
    return isinstance(error, ProviderError) or error.extensions["code"] == Code.NOT_FOUND


async def fetch_images(calls: SharedCalls, waits: Waits) -> None:
    """Whatever passes is waited for, as long as a run may wait."""
    while True:
        try:
            await calls.images()
            return waits.answered()
        except ProviderError as error:
            if not error.is_transient:
                raise
            await waits.pause(error)


async def fetch_patiently(calls: SharedCalls, waits: Waits, target: RefreshTarget) -> Fetched:
    try:
        return Fetched(target.media, await patiently(waits, lambda: facts_of(calls, target)))
    except CatalogError as error:
        if waits.is_over or not is_of_media(error):
            raise
        return Fetched(target.media, error=error)


async def store_chunk(
    context: JobContext,
    parameters: RefreshParameters,
    fetched: Sequence[Fetched],
    state: dict[str, object],
    before: JobCounts,
) -> JobCounts:
    """Writes what was fetched, with where to go on; the counts after it."""
    facts = [one.facts for one in fetched if one.facts is not None]
    fields = fields_of(parameters.fields)

    async def work(writer: Writer) -> tuple[list[Result], JobCounts]:
        results = await refresh_and_mark(writer, facts, fields, parameters.policy)
        counts = counts_after(before, fetched, results)
        await context.save(writer, state, counts)
        return results, counts

    results, counts = await transact(context.session, context.viewer, REFRESH_PROCESS, work)
    for one in fetched:
        if one.error is not None:
            context.log(f"{format_id('media', one.media)}: {reason_of(one.error)}", JobLogLevel.WARNING)
    for result in results:
        if result.status is Status.FAILED:
            message = f"{format_id('media', result.media or 0)}: {result.code}: {result.message}"
            context.log(message, JobLogLevel.WARNING)
    return counts


def fields_of(given: Sequence[MetadataField] | None) -> Sequence[MetadataField]:
    return list(MetadataField) if given is None else given


async def refresh_and_mark(
    writer: Writer, facts: Sequence[MetadataFacts], fields: Collection[MetadataField], policy: MetadataPolicy
) -> list[Result]:
    """What became of media; those that went well are marked as processed."""
    results = await refresh_media(writer, facts, fields, policy)
    return await mark_results(writer, results, REFRESH_PROCESS, datetime.now(UTC))


def reason_of(error: CatalogError) -> str:
    return f"{error.extensions['code']}: {error}"


def counts_after(before: JobCounts, fetched: Sequence[Fetched], results: Sequence[Result]) -> JobCounts:
    outcomes = Counter(before.by_outcome) + Counter(
        result.status.value.lower() for result in results if result.status is not Status.FAILED
    )
    codes = Counter(before.by_code) + Counter(
        [str(one.error.extensions["code"]) for one in fetched if one.error is not None]
        + [str(result.code) for result in results if result.status is Status.FAILED]
    )
    return JobCounts(outcomes.total(), codes.total(), dict(outcomes), dict(codes))


def check_refresh(parameters: RefreshParameters) -> None:
    """BAD_ARGUMENT."""
    if parameters.older_than_days is not None and not 0 <= parameters.older_than_days <= 36_500:
        raise CatalogError(Code.BAD_ARGUMENT, "olderThanDays is a number from 0 to 36500.")
    if parameters.kind is not None and parameters.kind not in REFRESHED_KINDS:
        raise CatalogError(Code.BAD_ARGUMENT, f"Metadata are known of {', '.join(REFRESHED_KINDS)}.")
    if parameters.fields is not None and not parameters.fields:
        raise CatalogError(Code.BAD_ARGUMENT, "fields names at least one field, or is not given.")


REFRESH_METADATA = JobKind(
    name=REFRESH_PROCESS,
    description="Asks the metadata service for media, and fills or replaces what they have.",
    parameters=RefreshParameters,
    run=refresh_all,
    check=check_refresh,
    library=lambda parameters: parameters.library_id,
    exclusive_key=lambda parameters: None if parameters.media is not None else REFRESH_PROCESS,
)
