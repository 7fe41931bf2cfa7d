"""Mutations of media themselves: create, update, delete, mark as processed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from catalog import media_deletion, media_edit
from catalog import process as processes
from catalog.edit import EditOutcome
from catalog.media_edit import MediaInput
from domain.bounds import METADATA_BYTES, RATING_TENTHS, TITLE_LETTERS, YEAR
from domain.errors import CatalogError, Code
from domain.ids import format_id
from schema.core.enums import MediaKind, MetadataField
from schema.core.node import decode_id
from schema.core.scalars import JSON
from schema.core.times import time_to_store
from schema.edit.outcome import (
    EACH_ITEM,
    EACH_MEDIA,
    ITEMS,
    EditError,
    MediaIds,
    MediaPayload,
    all_errors_of,
    bad_id,
    media_payload,
    read_ids,
    run_edit,
)

DESCRIPTIONS = {
    "kind": "What it is.",
    "title": f"Its title, 1 to {TITLE_LETTERS} letters.",
    "original_title": "Its title in its own language; null for none.",
    "year": f"Year of its first release, {YEAR.description}.",
    "overview": "What it is about.",
    "rating": f"A number {RATING_TENTHS.description}, at most one decimal.",
    "runtime_minutes": "Running time in minutes, not negative.",
    "added_at": "When it was added to the catalogue; UTC without an offset.",
    "library": "Global id of its library.",
    "parent": "Global id of the series of a season, or of the season or series of an episode. These require a parent;"
    " other kinds have none.",
    "season_number": "Number of a season, or of an episode's season; not negative.",
    "episode_number": "Number of an episode within its season; not negative.",
    "locked_fields": "What of it `refreshMetadata` is to leave as it is.",
    "metadata_patch": "Changes of its metadata as a JSON merge patch (RFC 7396): keys are set to the given values, or"
    " removed if null; nested objects are merged likewise.",
    "metadata": f"Further metadata: a JSON object of at most {METADATA_BYTES // 1024} kB, which replaces the previous"
    " one.",
}


def optional_input(name: str) -> Any:
    """An optional field of an input: null is a value, omitting it leaves the column unchanged."""
    return strawberry.field(default=UNSET, description=DESCRIPTIONS[name])


@strawberry.input(description="New values of a media's own fields: what is left out stays as it is.")
class MediaChanges:
    id: strawberry.ID = strawberry.field(description="Global id of the media.")
    version: int | None = strawberry.field(
        default=None,
        description="The version that the client has read: if it differs, nothing is changed (VERSION_CONFLICT).",
    )
    kind: MediaKind | None = optional_input("kind")
    title: str | None = optional_input("title")
    original_title: str | None = optional_input("original_title")
    year: int | None = optional_input("year")
    overview: str | None = optional_input("overview")
    rating: float | None = optional_input("rating")
    runtime_minutes: int | None = optional_input("runtime_minutes")
    added_at: datetime | None = optional_input("added_at")
    library: strawberry.ID | None = optional_input("library")
    parent: strawberry.ID | None = optional_input("parent")
    season_number: int | None = optional_input("season_number")
    episode_number: int | None = optional_input("episode_number")
    metadata: JSON | None = optional_input("metadata")
    locked_fields: list[MetadataField] | None = optional_input("locked_fields")
    metadata_patch: JSON | None = optional_input("metadata_patch")


@strawberry.input(description="A new media.")
class NewMedia:
    library: strawberry.ID = strawberry.field(description=DESCRIPTIONS["library"])
    title: str = strawberry.field(description=DESCRIPTIONS["title"])
    kind: MediaKind = strawberry.field(default=MediaKind.MOVIE, description=DESCRIPTIONS["kind"])
    original_title: str | None = optional_input("original_title")
    year: int | None = optional_input("year")
    overview: str | None = optional_input("overview")
    rating: float | None = optional_input("rating")
    runtime_minutes: int | None = optional_input("runtime_minutes")
    added_at: datetime | None = optional_input("added_at")
    parent: strawberry.ID | None = optional_input("parent")
    season_number: int | None = optional_input("season_number")
    episode_number: int | None = optional_input("episode_number")
    metadata: JSON | None = optional_input("metadata")
    locked_fields: list[MetadataField] | None = optional_input("locked_fields")


def values_of(item: Any, names: Iterable[str] = tuple(DESCRIPTIONS)) -> Iterator[tuple[str, Any]]:
    """The columns that an item gives in some of these fields, with their values; BAD_ID, BAD_ARGUMENT."""
    for name in names:
        value = getattr(item, name, UNSET)
        if value is UNSET:
            continue
        if name in ("library", "parent"):
            prefix = "library" if name == "library" else "media"
            yield f"{name}_id", None if value is None else decode_id(value, prefix)
        elif name == "rating":
            yield "rating_tenths", None if value is None else tenths(value)
        elif name == "added_at":
            yield name, None if value is None else time_to_store(value)
        elif name == "kind":
            yield name, None if value is None else value.value
        else:
            yield name, value


def tenths(rating: float) -> int:
    """A rating in tenths; BAD_ARGUMENT where it has more than one decimal, or lies outside its bounds."""
    found = round(max(-1e6, min(1e6, rating)) * RATING_TENTHS.parts)
    if not RATING_TENTHS.holds(found) or abs(rating * RATING_TENTHS.parts - found) > 1e-6:
        message = f"rating is a number {RATING_TENTHS.description} with at most one decimal."
        raise CatalogError(Code.BAD_ARGUMENT, message)
    return found


def read_changes(items: list[Any], outcome: EditOutcome, errors: list[EditError]) -> list[MediaInput]:
    """The changes of the items; those that cannot be read are added to `errors`."""
    changes = []
    for place, item in enumerate(items):
        number = None
        try:
            if isinstance(item, MediaChanges):
                number = decode_id(item.id, "media")
        except CatalogError as error:
            errors.append(bad_id(error, place, item.id))
            continue
        try:
            changes.append(MediaInput(place, number, dict(values_of(item)), getattr(item, "version", None)))
        except CatalogError as error:
            outcome.fail(error, place, number)
    return changes


@strawberry.type(description="The result of deleting media.")
class DeletePayload:
    deleted_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of all media that were deleted, including deleted seasons and episodes."
    )
    succeeded: int = strawberry.field(description="Number of the given media that were deleted.")
    failed: int = strawberry.field(description="Number of errors.")
    errors: list[EditError] = strawberry.field(description="One for each media that was not deleted.")


async def change_media(info: strawberry.Info[Any, Any], name: str, items: list[Any], work: Any) -> MediaPayload:
    """createMedia or updateMedia."""
    early, errors = EditOutcome(), list[EditError]()
    changes = read_changes(items, early, errors)
    outcome = await run_edit(info, name, items, lambda writer: work(writer, changes))
    outcome.failures = [*early.failures, *outcome.failures]
    return media_payload(outcome, errors)


async def create_media(
    self: Any,
    info: strawberry.Info[Any, Any],
    items: Annotated[list[NewMedia], strawberry.argument(description=ITEMS)],
    allow_duplicates: Annotated[
        bool,
        strawberry.argument(
            description="Whether to create a media although one with the same library, kind, title, year, parent and"
            " numbers exists; otherwise its item fails with DUPLICATE and the id of the existing one."
        ),
    ] = False,
) -> MediaPayload | None:
    create = partial(media_edit.create_media, allow_duplicates=allow_duplicates)
    return await change_media(info, "create_media", items, create)


async def update_media(
    self: Any,
    info: strawberry.Info[Any, Any],
    items: Annotated[list[MediaChanges], strawberry.argument(description=ITEMS)],
) -> MediaPayload | None:
    return await change_media(info, "update_media", items, media_edit.update_media)


async def delete_media(
    self: Any,
    info: strawberry.Info[Any, Any],
    media: MediaIds,
    with_children: Annotated[
        bool, strawberry.argument(description="Whether the seasons and episodes of a media are deleted with it.")
    ] = False,
) -> DeletePayload | None:
    errors: list[EditError] = []
    numbers = read_ids(media, None, errors)
    outcome, gone = await run_edit(
        info,
        "delete_media",
        list(numbers),
        lambda writer: media_deletion.delete_media(writer, numbers, with_children=with_children),
    )
    all_errors = all_errors_of(outcome, errors)
    return DeletePayload(
        deleted_ids=[strawberry.ID(format_id("media", number)) for number in gone],
        succeeded=len(outcome.media),
        failed=len(all_errors),
        errors=all_errors,
    )


async def mark_processed(
    self: Any,
    info: strawberry.Info[Any, Any],
    media: MediaIds,
    process: Annotated[str, strawberry.argument(description="Name of the process, for example tagger.")],
    at: Annotated[
        datetime | None,
        strawberry.argument(description="When they were processed, UTC if it has no offset; now if not given."),
    ] = None,
) -> MediaPayload | None:
    errors: list[EditError] = []
    numbers = read_ids(media, None, errors)
    time = datetime.now(UTC) if at is None else time_to_store(at)
    outcome = await run_edit(
        info, "mark_processed", list(numbers), lambda writer: processes.mark_processed(writer, numbers, process, time)
    )
    return media_payload(outcome, errors)


@strawberry.type
class MediaMutation:
    """Edits of media."""

    create_media: MediaPayload | None = strawberry.mutation(
        resolver=create_media, description="Creates media, each with version 1.", metadata=EACH_ITEM
    )
    update_media: MediaPayload | None = strawberry.mutation(
        resolver=update_media, description="Changes the own fields of media.", metadata=EACH_ITEM
    )
    delete_media: DeletePayload | None = strawberry.mutation(
        resolver=delete_media,
        description="Deletes media with all their data; `changes` reports them as deleted.",
        metadata=EACH_MEDIA,
    )
    mark_processed: MediaPayload | None = strawberry.mutation(
        resolver=mark_processed,
        description="Records that media were processed, which removes them from `mediaNeedingProcess`.",
        metadata=EACH_MEDIA,
    )
