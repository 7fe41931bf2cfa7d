"""Mutations of the tags, genres, channels and categories of media."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from catalog import membership
from catalog.categories import CATEGORIES, change_categories, check_pair
from catalog.membership import CHANNELS, GENRES, TAGS, Membership, NamedTarget
from catalog.membership_changes import Bound, ChangeMode, Item
from domain.bounds import NAME_LETTERS
from domain.errors import CatalogError, Code
from schema.core.node import decode_id
from schema.edit.outcome import ITEMS, EditError, MediaPayload, media_of_items, media_payload, read_ids, run_edit
from schema.filter.name_filter import check_text

MEDIA_IDS = "Global ids of the media."


@strawberry.input(one_of=True, description="A tag, genre or channel, by its id or by its name.")
class IdOrName:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Its name, 1 to {NAME_LETTERS} letters, or an alias; case and accents do not matter.",
    )


@strawberry.input(description="Media, and the tags to set, add or remove.")
class TagEdit:
    media: list[strawberry.ID] = strawberry.field(description=MEDIA_IDS)
    tags: list[IdOrName] = strawberry.field(description="The tags.")


@strawberry.input(description="Media, and the genres to set, add or remove.")
class GenreEdit:
    media: list[strawberry.ID] = strawberry.field(description=MEDIA_IDS)
    genres: list[IdOrName] = strawberry.field(description="The genres.")


@strawberry.input(description="Media, and the channels to set, add or remove.")
class ChannelEdit:
    media: list[strawberry.ID] = strawberry.field(description=MEDIA_IDS)
    channels: list[IdOrName] = strawberry.field(description="The channels.")


@strawberry.input(description="A category and a value in it.")
class CategoryInput:
    category: str = strawberry.field(description="The category, for example mood.")
    value: str = strawberry.field(description="The value, for example calm.")


@strawberry.input(description="Media, and the categories to set, add or remove.")
class CategoryEdit:
    media: list[strawberry.ID] = strawberry.field(description=MEDIA_IDS)
    categories: list[CategoryInput] = strawberry.field(description="Pairs of category and value.")


def read_target(one: IdOrName, noun: str) -> NamedTarget:
    """BAD_ID, BAD_ARGUMENT."""
    if isinstance(one.name, str):
        return NamedTarget(name=check_text(one.name, NAME_LETTERS))
    return NamedTarget(id=decode_id(one.id or "", noun))


def read_pair(one: CategoryInput, noun: str) -> tuple[str, str]:
    return check_pair(one.category, one.value)


def read_items(
    given: Sequence[Any], bound: Bound, read: Any, noun: str
) -> tuple[list[Item[Any]], list[EditError], list[int]]:
    """The items of an edit, the errors of those that cannot be read, and the media of all."""
    items, errors = [], list[EditError]()
    for place, one in enumerate(given):
        media = tuple(read_ids(one.media, place, errors))
        try:
            named = getattr(one, bound.plural)
            if len(named) > bound.most:
                raise CatalogError(Code.BAD_ARGUMENT, f"An item names at most {bound.most} {bound.plural}.")
            things = tuple(read(thing, noun) for thing in named)
            items.append(Item(place, media, things))
        except CatalogError as error:
            items.append(Item(place, media, (), error))
    return items, errors, [media for item in items for media in item.media]


def membership_mutation(
    kind: Membership, item: Any, change: ChangeMode, description: str, *, creates: bool = False
) -> Any:
    """The mutation field that changes the memberships of media in a noun.

    `creates`: unknown names are created by default."""
    plural = kind.bound.plural

    async def run(info: strawberry.Info[Any, Any], given: list[Any], create: bool) -> MediaPayload:
        items, errors, media = read_items(given, kind.bound, read_target, kind.noun)
        outcome = await run_edit(
            info,
            f"{change.value}_{plural}",
            media,
            lambda writer: membership.change_memberships(writer, kind, change, items, create=create),
        )
        return media_payload(outcome, errors)

    if change is ChangeMode.REMOVE:

        async def resolve(self: Any, info: strawberry.Info[Any, Any], items: Any) -> Any:
            return await run(info, items, False)

    else:

        async def resolve(  # type: ignore[misc]
            self: Any, info: strawberry.Info[Any, Any], items: Any, create_missing: Any = creates
        ) -> Any:
            return await run(info, items, create_missing)

    made = f"Whether unknown names are created as new {plural}; otherwise they fail with NOT_FOUND."
    resolve.__annotations__ = {
        "info": strawberry.Info,
        "items": Annotated[list[item], strawberry.argument(description=ITEMS)],
        **(
            {}
            if change is ChangeMode.REMOVE
            else {"create_missing": Annotated[bool, strawberry.argument(description=made)]}
        ),
        "return": MediaPayload | None,
    }
    return strawberry.mutation(resolver=resolve, description=description, metadata=media_of_items(plural))


def category_mutation(change: ChangeMode, description: str) -> Any:
    """The mutation field that changes which categories media have."""

    async def resolve(
        self: Any,
        info: strawberry.Info[Any, Any],
        items: Annotated[list[CategoryEdit], strawberry.argument(description=ITEMS)],
    ) -> MediaPayload | None:
        read, errors, media = read_items(items, CATEGORIES, read_pair, "category")
        outcome = await run_edit(
            info, f"{change.value}_categories", media, lambda writer: change_categories(writer, change, read)
        )
        return media_payload(outcome, errors)

    return strawberry.mutation(resolver=resolve, description=description, metadata=media_of_items("categories"))


@strawberry.type
class MembershipMutation:
    """Setting, adding and removing tags, genres, channels and categories."""

    set_tags: MediaPayload | None = membership_mutation(
        TAGS, TagEdit, ChangeMode.SET, "Replaces the tags of media by these.", creates=True
    )
    add_tags: MediaPayload | None = membership_mutation(
        TAGS, TagEdit, ChangeMode.ADD, "Adds these tags to media.", creates=True
    )
    remove_tags: MediaPayload | None = membership_mutation(
        TAGS, TagEdit, ChangeMode.REMOVE, "Removes these tags from media."
    )
    set_genres: MediaPayload | None = membership_mutation(
        GENRES, GenreEdit, ChangeMode.SET, "Replaces the genres of media by these."
    )
    add_genres: MediaPayload | None = membership_mutation(
        GENRES, GenreEdit, ChangeMode.ADD, "Adds these genres to media."
    )
    remove_genres: MediaPayload | None = membership_mutation(
        GENRES, GenreEdit, ChangeMode.REMOVE, "Removes these genres from media."
    )
    set_channels: MediaPayload | None = membership_mutation(
        CHANNELS, ChannelEdit, ChangeMode.SET, "Replaces the channels of media by these."
    )
    add_channels: MediaPayload | None = membership_mutation(
        CHANNELS, ChannelEdit, ChangeMode.ADD, "Adds these channels to media."
    )
    remove_channels: MediaPayload | None = membership_mutation(
        CHANNELS, ChannelEdit, ChangeMode.REMOVE, "Removes these channels from media."
    )
    set_categories: MediaPayload | None = category_mutation(
        ChangeMode.SET, "Replaces the categories of media by these."
    )
    add_categories: MediaPayload | None = category_mutation(ChangeMode.ADD, "Adds these categories to media.")
    remove_categories: MediaPayload | None = category_mutation(
        ChangeMode.REMOVE, "Removes these categories from media."
    )
