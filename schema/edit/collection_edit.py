"""Mutations of the media in a collection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry

from catalog.collection_items import COLLECTIONS_OF_A_MEDIA, add_items, move_items, remove_items
from catalog.edit import EditOutcome
from catalog.transaction import Writer
from domain.bounds import NOT_NEGATIVE
from domain.errors import CatalogError, Code
from engine.relation import declared
from loaders.registry import Loaders
from schema.collection import Collection
from schema.core.node import decode_id
from schema.edit.outcome import CHANGED, EACH_MEDIA, EditError, MediaIds, all_errors_of, read_after, read_ids, run_edit
from schema.media import Media

CollectionId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the collection.")]
Position = Annotated[
    int | None,
    strawberry.argument(
        description="Where they are put, in the order given: before the one that is at this place, from 0, of the other"
        " media in the collection that you can see. At the end if it is left out, or if there are fewer."
    ),
]


@strawberry.type(description="The result of an edit of the media in a collection.")
class CollectionItemsPayload:
    number: strawberry.Private[int]
    numbers: strawberry.Private[list[int]]
    collection: Collection | None = read_after(Loaders.collection_by_id, "The collection, read after the change.")
    media: list[Media | None] = declared(
        CHANGED, {}, "The media for which the edit succeeded, read after the change; null for one deleted since."
    )
    succeeded: int = strawberry.field(description="Number of media for which the edit succeeded.")
    failed: int = strawberry.field(description="Number of errors.")
    errors: list[EditError] = strawberry.field(description="One for each media for which it failed.")


async def edit_items(
    info: strawberry.Info[Any, Any],
    name: str,
    collection: str,
    media: list[strawberry.ID],
    work: Callable[[Writer, int, dict[int, int]], Awaitable[EditOutcome]],
) -> CollectionItemsPayload:
    number = decode_id(collection, "collection")
    errors: list[EditError] = []
    places = read_ids(media, None, errors)
    outcome = await run_edit(info, name, media, lambda writer: work(writer, number, places))
    all_errors = all_errors_of(outcome, errors)
    return CollectionItemsPayload(
        number=number,
        numbers=outcome.media,
        succeeded=len(outcome.media),
        failed=len(all_errors),
        errors=all_errors,
    )


def check_position(position: int | None) -> int | None:
    """BAD_ARGUMENT."""
    if position is not None and not NOT_NEGATIVE.holds(position):
        raise CatalogError(Code.BAD_ARGUMENT, f"position is a number {NOT_NEGATIVE.description}.")
    return position


def placing(name: str, place_items: Any) -> Any:
    """The resolver that puts media at a position of a collection."""

    async def resolve(
        self: Any,
        info: strawberry.Info[Any, Any],
        collection: CollectionId,
        media: MediaIds,
        position: Position = None,
    ) -> CollectionItemsPayload | None:
        at = check_position(position)
        return await edit_items(
            info, name, collection, media, lambda writer, number, places: place_items(writer, number, places, at)
        )

    return resolve


async def remove_from_collection(
    self: Any, info: strawberry.Info[Any, Any], collection: CollectionId, media: MediaIds
) -> CollectionItemsPayload | None:
    return await edit_items(info, "remove_from_collection", collection, media, remove_items)


@strawberry.type
class CollectionMutation:
    """Edits of the media in collections."""

    add_to_collection: CollectionItemsPayload | None = strawberry.mutation(
        resolver=placing("add_to_collection", add_items),
        description="Adds media to a collection; those that are in it stay where they are. A media is in at most"
        f" {COLLECTIONS_OF_A_MEDIA} collections.",
        metadata=EACH_MEDIA,
    )
    move_in_collection: CollectionItemsPayload | None = strawberry.mutation(
        resolver=placing("move_in_collection", move_items),
        description="Moves media within a collection.",
        metadata=EACH_MEDIA,
    )
    remove_from_collection: CollectionItemsPayload | None = strawberry.mutation(
        resolver=remove_from_collection, description="Removes media from a collection.", metadata=EACH_MEDIA
    )
