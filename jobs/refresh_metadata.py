"""The job that asks a metadata service for many media, chunk by chunk, and writes what it says.

Nothing waits for the service within a transaction. A chunk that was not stored is asked for anew, from the cache."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.metadata.refresh import MetadataFacts, refresh_media
from catalog.metadata.targets import REFRESH_PROCESS, REFRESHED_KINDS, RefreshScope
from catalog.process import mark_results
from catalog.transaction import Writer
from catalog.upsert.item import Result
from domain.enums import MediaKind, MetadataField, MetadataPolicy
from domain.errors import CatalogError, Code
from domain.ids import format_id
from jobs.kind import ItemResult, JobContext, JobKind
from jobs.metadata_walk import DueMedia, Fetched, MetadataWalk
from jobs.parameters import parameter
from jobs.walk import result_of_item
from providers.metadata.service import MetadataService
from providers.services import configured


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


async def refresh_all(context: JobContext, parameters: RefreshParameters) -> str:
    service = configured(context.services.metadata, "MARQUEE_METADATA_URL")
    counts = await RefreshWalk(context, service, parameters).to_end()
    return f"{counts.succeeded} refreshed, {counts.failed} that could not be."


class RefreshWalk(MetadataWalk):
    name = REFRESH_PROCESS

    def __init__(self, context: JobContext, service: MetadataService, parameters: RefreshParameters) -> None:
        self._parameters = parameters
        self._started = context.state.get("startedAt", datetime.now(UTC).isoformat())
        super().__init__(context, service, scope_of(parameters, datetime.fromisoformat(self._started)))

    async def store(
        self, writer: Writer, answers: Sequence[Fetched | None], undone: Sequence[DueMedia]
    ) -> Sequence[ItemResult]:
        facts = [one.facts for one in answers if one is not None and one.facts is not None]
        given = self._parameters
        results = await refresh_and_mark(writer, facts, fields_of(given.fields), given.policy) if facts else []
        return [
            *(ItemResult.of_error(format_id("media", one.media), one.error) for one in answers if one and one.error),
            *(result_of_item(one, one.media or 0) for one in results),
        ]

    def state(self) -> Mapping[str, Any]:
        return {"startedAt": self._started, **super().state()}


def scope_of(parameters: RefreshParameters, started: datetime) -> RefreshScope:
    days = parameters.older_than_days
    return RefreshScope(
        parameters.library_id,
        parameters.media,
        REFRESHED_KINDS if parameters.kind is None else [parameters.kind.value],
        None if days is None else started - timedelta(days=days),
    )


def fields_of(given: Sequence[MetadataField] | None) -> Sequence[MetadataField]:
    return list(MetadataField) if given is None else given


async def refresh_and_mark(
    writer: Writer, facts: Sequence[MetadataFacts], fields: Collection[MetadataField], policy: MetadataPolicy
) -> list[Result]:
    """What became of media; those that went well are marked as processed."""
    results = await refresh_media(writer, facts, fields, policy)
    return await mark_results(writer, results, REFRESH_PROCESS, datetime.now(UTC))


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
