"""What all edits share: how they run, and what they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

import strawberry

from catalog.edit import Outcome, check_number
from catalog.transaction import Writer, is_committing, transact
from domain.errors import CatalogError
from domain.ids import format_id
from engine.documents.priced_arguments import Targets
from engine.relation import TARGETS, Declaration, Load, declared
from loaders.registry import Loaders
from schema.core.context import Context, EditState
from schema.core.node import decode_id
from schema.media import Media

T = TypeVar("T")

MediaIds = Annotated[list[strawberry.ID], strawberry.argument(description="Global ids of media, at most 500.")]


@strawberry.type(description="Why one thing of an edit was left as it is.")
class EditError:
    code: str = strawberry.field(description="One of the codes of docs/errors.md.")
    message: str = strawberry.field(description="What is wrong, and what to do.")
    item: int | None = strawberry.field(description="Place of the item in what was given, from 0.")
    id: strawberry.ID | None = strawberry.field(description="The media that it is about, as far as there is one.")


def load_changed(payload: Any, context: Any, arguments: Mapping[str, Any]) -> list[Load | Exception]:
    """The media of a payload, read anew."""
    return [Load(Loaders.media_by_id, number) for number in payload.numbers]


CHANGED = Declaration("lookup", target=load_changed, sized_above=True)
# What edits are given, for their price: items that are targets each, or name them; or ids.
EACH_ITEM = {TARGETS: Targets("items")}
EACH_MEDIA = {TARGETS: Targets("media")}


def media_of_items(things: str) -> dict[str, Targets]:
    """Of an edit whose items each name media, and things that are done with all of these."""
    return {TARGETS: Targets("items", each="media", things=things)}


@strawberry.type(description="What an edit of media has come to: what failed is as it was, the rest is stored.")
class MediaPayload:
    numbers: strawberry.Private[list[int]]
    media: list[Media | None] = declared(
        CHANGED, {}, "The media that are now as was asked, read after the change; null for one deleted since."
    )
    succeeded: int = strawberry.field(description="Number of media that are now as was asked.")
    failed: int = strawberry.field(description="Number of errors.")
    errors: list[EditError] = strawberry.field(description="One for each thing that was left as it is.")


def bad_id(error: CatalogError, item: int, given: str) -> EditError:
    """For an id that is none of ours."""
    return EditError(code=error.extensions["code"], message=str(error), item=item, id=strawberry.ID(given))


def read_ids(given: Iterable[str], item: int | None, errors: list[EditError]) -> dict[int, int]:
    """The numbers of media ids, each once, and where it first stood; those that are none go to the errors.

    `item`: where all of them stand, None where each is an item."""
    found: dict[int, int] = {}
    for place, text in enumerate(given):
        here = place if item is None else item
        try:
            found.setdefault(decode_id(text, "media"), here)
        except CatalogError as error:
            errors.append(bad_id(error, here, text))
    return found


def told(outcome: Outcome) -> list[EditError]:
    """The failures of an edit as clients see them."""
    return [
        EditError(
            code=failure.code.value,
            message=failure.message,
            item=failure.item,
            id=None if failure.media is None else strawberry.ID(format_id("media", failure.media)),
        )
        for failure in outcome.failures
    ]


def all_errors_of(outcome: Outcome, errors: list[EditError]) -> list[EditError]:
    """In the order of what was given. `errors`: of what did not even reach the edit."""
    return sorted([*errors, *told(outcome)], key=lambda error: error.item or 0)


def media_payload(outcome: Outcome, errors: list[EditError]) -> MediaPayload:
    all_errors = all_errors_of(outcome, errors)
    return MediaPayload(numbers=outcome.media, succeeded=len(outcome.media), failed=len(all_errors), errors=all_errors)


async def run_edit(
    info: strawberry.Info[Any, Any], name: str, things: list[Any], work: Callable[[Writer], Awaitable[T]]
) -> T:
    """What `work` gives, in one transaction; what is read after it in this operation is read anew."""
    context: Context = info.context
    key = str(info.path.key)
    check_number(things, "media")
    context.edits[key] = EditState.NOT_STORED
    try:
        done = await transact(context.loaders.reader, name, f"Mutation.{info.field_name}", len(things), work)
    except BaseException:
        if is_committing(context.loaders.reader):
            context.edits[key] = EditState.UNKNOWN
        raise
    finally:
        context.loaders = Loaders(context.loaders.reader)
    context.edits[key] = EditState.STORED
    return done


ITEMS = "What to change; a single item needs no brackets."
