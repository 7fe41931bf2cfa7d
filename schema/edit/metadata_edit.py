"""refreshMetadata: a few media at once; `startRefreshMetadata` is for many."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import strawberry

from catalog.edit import EditOutcome, check_batch_size
from catalog.metadata.refresh import MetadataFacts
from catalog.metadata.targets import RefreshTarget, read_targets
from catalog.transaction import transact
from catalog.upsert.item import Result, Status
from domain.enums import MetadataField, MetadataPolicy
from domain.errors import CatalogError, Code
from jobs.metadata_facts import SharedCalls, facts_of
from jobs.refresh_metadata import fields_of, refresh_and_mark
from providers.metadata.service import MetadataService
from schema.edit.outcome import EACH_MEDIA, EditError, MediaPayload, media_payload, read_ids, run_edit
from schema.metadata import deadline_of_service, metadata_of, waiting_outside

MOST_REFRESHED = 20


async def ask_for(
    service: MetadataService, targets: dict[int, RefreshTarget], places: dict[int, int], outcome: EditOutcome
) -> list[MetadataFacts]:
    """What the service says of media; what it says of none goes into the outcome. Calls are shared."""
    calls = SharedCalls(service, deadline_of_service())
    try:
        found = await asyncio.gather(*(facts_of(calls, one) for one in targets.values()), return_exceptions=True)
    finally:
        await calls.close()
    facts = []
    for media, one in zip(targets, found, strict=True):
        if isinstance(one, CatalogError):
            outcome.fail(one, places[media], media)
        elif isinstance(one, BaseException):
            raise one
        else:
            facts.append(one)
    return facts


async def refresh_metadata(
    self: Any,
    info: strawberry.Info[Any, Any],
    media: Annotated[
        list[strawberry.ID], strawberry.argument(description=f"Global ids of media, at most {MOST_REFRESHED}.")
    ],
    fields: Annotated[
        list[MetadataField] | None, strawberry.argument(description="What is refreshed; all, if not given.")
    ] = None,
    policy: Annotated[
        MetadataPolicy, strawberry.argument(description="What becomes of what is there.")
    ] = MetadataPolicy.FILL,
) -> MediaPayload | None:
    check_batch_size(media, "media", MOST_REFRESHED)
    service, context = metadata_of(info), info.context
    errors, outcome = list[EditError](), EditOutcome()
    places = read_ids(media, None, errors)
    viewer = context.loaders.reader.viewer
    targets = await transact(context.session, viewer, "refresh_metadata", lambda writer: read_targets(writer, places))
    for one, place in places.items():
        if one not in targets:
            outcome.fail(CatalogError(Code.NOT_FOUND, "There is no such media."), place, one)
    with waiting_outside(info):
        facts = await ask_for(service, targets, places, outcome)
    chosen = fields_of(fields)
    results = await run_edit(
        info, "refresh_metadata", facts, lambda writer: refresh_and_mark(writer, facts, chosen, policy)
    )
    note_results(results, facts, places, outcome)
    return media_payload(outcome, errors)


def note_results(
    results: list[Result], facts: list[MetadataFacts], places: dict[int, int], outcome: EditOutcome
) -> None:
    """Media that went well, changed or not, and those that did not."""
    for result in results:
        number = facts[result.place].media
        if result.status is Status.FAILED:
            code = Code(result.code) if result.code else Code.BAD_ARGUMENT
            outcome.fail(CatalogError(code, result.message or ""), places[number], number)
        else:
            outcome.media.append(number)


@strawberry.type
class MetadataMutation:
    """Edits of media by what a metadata service says."""

    refresh_metadata: MediaPayload | None = strawberry.mutation(
        resolver=refresh_metadata,
        description="Asks the metadata service for media, and fills or replaces what they have; locked fields stay."
        " `startRefreshMetadata` does so with any number.",
        metadata=EACH_MEDIA,
    )
