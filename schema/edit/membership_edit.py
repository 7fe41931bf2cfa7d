"""Mutations of what media carry: of each noun of domain/memberships.py, and of their categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import strawberry

from catalog import membership
from catalog.categories import CATEGORIES, change_categories, check_pair
from catalog.membership import NamedTarget
from catalog.membership_changes import Bound, ChangeMode, MembershipItem
from domain.bounds import NAME_LETTERS
from domain.errors import CatalogError, Code
from domain.memberships import BY_NOUN, Membership
from schema.core.membership_fields import MadeField, either, membership_fields
from schema.core.node import decode_id
from schema.edit.outcome import ITEMS, EditError, MediaPayload, media_of_items, media_payload, read_ids, run_edit
from schema.filter.name_filter import check_text

MEDIA_IDS = "Global ids of the media."


@strawberry.input(one_of=True, description=f"A {either([*BY_NOUN])}, by its id or by its name.")
class IdOrName:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Its global id.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"Its name, 1 to {NAME_LETTERS} letters, or an alias; case and accents do not matter.",
    )


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
) -> tuple[list[MembershipItem[Any]], list[EditError], list[int]]:
    """The items of an edit, the errors of those that cannot be read, and the media of all."""
    items, errors = [], list[EditError]()
    for place, one in enumerate(given):
        media = tuple(read_ids(one.media, place, errors))
        try:
            named = getattr(one, bound.plural)
            if len(named) > bound.most:
                raise CatalogError(Code.BAD_ARGUMENT, f"An item names at most {bound.most} {bound.plural}.")
            things = tuple(read(thing, noun) for thing in named)
            items.append(MembershipItem(place, media, things))
        except CatalogError as error:
            items.append(MembershipItem(place, media, (), error))
    return items, errors, [media for item in items for media in item.media]


def membership_mutation(
    kind: Membership, item: Any, change: ChangeMode, description: str, *, creates: bool = False
) -> Any:
    """The mutation field that changes the memberships of media in a noun.

    `creates`: unknown names are created by default."""
    plural = kind.plural

    async def run(info: strawberry.Info[Any, Any], given: list[Any], create: bool) -> MediaPayload:
        items, errors, media = read_items(given, Bound(kind.bound, plural), read_target, kind.noun)
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


def edit_input(kind: Membership) -> type:
    """TagEdit and the like."""
    fields = {
        "media": strawberry.field(description=MEDIA_IDS),
        kind.plural: strawberry.field(description=f"The {kind.plural}."),
    }
    annotations = {"media": list[strawberry.ID], kind.plural: list[IdOrName]}
    made = type(f"{kind.type_name}Edit", (), {"__annotations__": annotations, "__module__": __name__, **fields})
    return strawberry.input(made, description=f"Media, and the {kind.plural} to set, add or remove.")


def mutations(kind: Membership, words: str) -> Iterator[MadeField]:
    """setTags, addTags and removeTags, and the like."""
    item, plural, creates = edit_input(kind), kind.plural, kind.creates
    for mode, description, creating in (
        (ChangeMode.SET, f"Replaces the {plural} of media by these.", creates),
        (ChangeMode.ADD, f"Adds these {plural} to media.", creates),
        (ChangeMode.REMOVE, f"Removes these {plural} from media.", False),
    ):
        field = membership_mutation(kind, item, mode, description, creates=creating)
        yield MadeField(f"{mode.value}_{plural}", MediaPayload | None, field)


@strawberry.type
@membership_fields(mutations)
class MembershipMutation:
    """Setting, adding and removing what media carry."""


@strawberry.type
class CategoryMutation:
    """Setting, adding and removing categories."""

    set_categories: MediaPayload | None = category_mutation(
        ChangeMode.SET, "Replaces the categories of media by these."
    )
    add_categories: MediaPayload | None = category_mutation(ChangeMode.ADD, "Adds these categories to media.")
    remove_categories: MediaPayload | None = category_mutation(
        ChangeMode.REMOVE, "Removes these categories from media."
    )
