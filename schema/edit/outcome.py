"""Shared by all edits: how they run, and their payloads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Annotated, Any, TypeVar

import strawberry

from catalog.edit import EditOutcome, check_batch_size
from catalog.transaction import Writer, transact
from database.sent_statement import SentStatement
from database.statement import Statement
from database.transaction import Note
from domain.bounds import ITEMS_OF_AN_EDIT
from domain.errors import CatalogError
from domain.ids import format_id
from engine.documents.priced_arguments import Targets
from engine.relation import TARGETS, Declaration, Load, declared
from loaders.core.load_stats import LoadStats, measured
from loaders.registry import Loaders
from schema.core.context import Context, EditState
from schema.core.node import decode_id
from schema.media import Media

T = TypeVar("T")

MediaIds = Annotated[
    list[strawberry.ID], strawberry.argument(description=f"Global ids of media, at most {ITEMS_OF_AN_EDIT}.")
]


@strawberry.type(description="Why one part of an edit was not done.")
class EditError:
    code: str = strawberry.field(description="One of the codes of docs/errors.md.")
    message: str = strawberry.field(description="What is wrong and how to fix it.")
    item: int | None = strawberry.field(description="Index of the item in the argument, from 0.")
    id: strawberry.ID | None = strawberry.field(description="Global id of the object concerned, if there is one.")


def load_changed(payload: Any, context: Any, arguments: Mapping[str, Any]) -> list[Load | Exception]:
    """The media of a payload, read anew."""
    return [Load(Loaders.media_by_id, number) for number in payload.numbers]


CHANGED = Declaration("lookup", target=load_changed, sized_above=True)


def read_after(loader: Any, description: str) -> Any:
    """The field of a payload with the one object that was edited, read anew: the payload has its `number`."""
    return declared(
        Declaration("lookup", target=lambda payload, context, arguments: Load(loader, payload.number)), {}, description
    )


# The arguments that name the targets of an edit, for its price: items, each one target or several; or ids.
EACH_ITEM = {TARGETS: Targets("items")}
EACH_MEDIA = {TARGETS: Targets("media")}


def media_of_items(things: str) -> dict[str, Targets]:
    """For an edit whose items each name media, and things that are applied to all of these."""
    return {TARGETS: Targets("items", each="media", things=(things,))}


@strawberry.type(description="The result of an edit of media: what failed is unchanged, everything else is stored.")
class MediaPayload:
    numbers: strawberry.Private[list[int]]
    media: list[Media | None] = declared(
        CHANGED, {}, "The media that were changed successfully, read after the change; null for one deleted since."
    )
    succeeded: int = strawberry.field(description="Number of media that were changed successfully.")
    failed: int = strawberry.field(description="Number of errors.")
    errors: list[EditError] = strawberry.field(description="One for each part that was not done.")


def bad_id(error: CatalogError, item: int, given: str) -> EditError:
    """For an id that cannot be decoded."""
    return EditError(code=error.extensions["code"], message=str(error), item=item, id=strawberry.ID(given))


def read_ids(given: Iterable[str], item: int | None, errors: list[EditError], prefix: str = "media") -> dict[int, int]:
    """The numbers of ids, each once, with the index of its first occurrence; invalid ids are added to `errors`.

    `item`: the index of the item that lists all of them, None where each id is an item of its own."""
    found: dict[int, int] = {}
    for place, text in enumerate(given):
        here = place if item is None else item
        try:
            found.setdefault(decode_id(text, prefix), here)
        except CatalogError as error:
            errors.append(bad_id(error, here, text))
    return found


def to_edit_errors(outcome: EditOutcome, prefix: str = "media") -> list[EditError]:
    """The failures of an edit in the form of the API. `prefix`: of the ids."""
    return [
        EditError(
            code=failure.code.value,
            message=failure.message,
            item=failure.item,
            id=None if failure.media is None else strawberry.ID(format_id(prefix, failure.media)),
        )
        for failure in outcome.failures
    ]


def all_errors_of(outcome: EditOutcome, errors: list[EditError], prefix: str = "media") -> list[EditError]:
    """In the order of the items. `errors`: those found before the edit ran."""
    return sorted([*errors, *to_edit_errors(outcome, prefix)], key=lambda error: error.item or 0)


def media_payload(outcome: EditOutcome, errors: list[EditError]) -> MediaPayload:
    all_errors = all_errors_of(outcome, errors)
    return MediaPayload(numbers=outcome.media, succeeded=len(outcome.media), failed=len(all_errors), errors=all_errors)


@contextmanager
def noted(stats: LoadStats | None, name: str, field: str, items: int) -> Iterator[Note]:
    """Says where an edit's statements are noted: in a batch of the operation's load stats, where it has one.

    `field`: who asks; `items`: how many things it changes."""
    if stats is None:
        yield None
        return

    def note(statement: Statement[Any]) -> SentStatement | None:
        return stats.add_statement(name, statement.text, of_loader=False)

    batch = stats.open_batch(name, perf_counter())
    batch.keys, batch.fields = items, {field: items}
    with measured(batch, items):
        yield note


async def run_edit(
    info: strawberry.Info[Any, Any],
    name: str,
    targets: list[Any],
    work: Callable[[Writer], Awaitable[T]],
    things: str = "media",
) -> T:
    """The result of `work`, run in one transaction. New loaders follow, so later reads see the change.

    `things`: what the targets are called."""
    context: Context = info.context
    key = str(info.path.key)
    check_batch_size(targets, things)
    session, reader = context.session, context.loaders.reader
    context.edits[key] = EditState.NOT_STORED
    try:
        with noted(reader.stats, name, f"Mutation.{info.field_name}", len(targets)) as note:
            done = await transact(session, reader.viewer, name, work, note)
    except BaseException:
        if session.is_committing:
            context.edits[key] = EditState.UNKNOWN
        raise
    finally:
        context.loaders = Loaders(reader)
    context.edits[key] = EditState.STORED
    return done


ITEMS = "What to change; a single item may be given without brackets."
