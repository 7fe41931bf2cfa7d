"""What search and suggestions find: one of several types, each looked up by its own loader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

import strawberry

from domain.enums import SearchType
from domain.errors import CatalogError, Code
from engine.relation import Declaration, Load, Reference, declared
from loaders.core.read_session import Budget
from loaders.registry import Loaders
from schema.channel import Channel
from schema.collection import Collection
from schema.core.paging import argument, read_list
from schema.genre import Genre
from schema.media import Media
from schema.person import Person
from schema.tag import Tag

SearchResult = Annotated[
    Media | Person | Tag | Genre | Channel | Collection,
    strawberry.union("SearchResult", description="What a search can find."),
]

BY_ID: Mapping[SearchType, Reference] = {
    SearchType.MEDIA: Loaders.media_by_id,
    SearchType.PERSON: Loaders.person_by_id,
    SearchType.TAG: Loaders.tag_by_id,
    SearchType.GENRE: Loaders.genre_by_id,
    SearchType.CHANNEL: Loaders.channel_by_id,
    SearchType.COLLECTION: Loaders.collection_by_id,
}
REFS = tuple(BY_ID.values())

TYPES_ARGUMENT = argument(list[SearchType] | None, "Only these types; all if not given.")


class Found(Protocol):
    """Where a result is found."""

    @property
    def type(self) -> SearchType: ...

    @property
    def id(self) -> int: ...


def load_result(found: Found, context: Any, arguments: Mapping[str, Any]) -> Load:
    """Of what was found, the object."""
    return Load(BY_ID[found.type], found.id)


def result_field() -> Any:
    """The field with the object of what was found."""
    declaration = Declaration("lookup", target=load_result, refs=REFS, required=True)
    return declared(declaration, {}, "What was found. Costs a statement for each type of what was found.")


def chosen_types(given: list[SearchType] | None) -> tuple[SearchType, ...]:
    """The types that are searched, in order; all where none are given."""
    return tuple(one for one in SearchType if given is None or one in read_list(given))


def checked_size(given: int | None, usual: int, budget: Budget) -> int:
    """How many are asked for; BAD_PAGE_SIZE."""
    size = min(usual, budget.page_max) if given is None else given
    if not 0 <= size <= budget.page_max:
        raise CatalogError(Code.BAD_PAGE_SIZE, f"A list has 0 to {budget.page_max} items: this one asks for {size}.")
    return size
