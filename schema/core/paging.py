"""Connections: cursor pages in the Relay form, plus the shortcut `nodes` and a total on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import repeat
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from domain.errors import CatalogError, Code
from domain.text import storable
from engine.relation import Declaration, Load, Named, Site, declared
from loaders.sql.attribute import Exact, Id, Word
from loaders.sql.condition import All, Condition, one_of
from loaders.sql.page import Page, Pages
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import AllOf, Filter, OrderBy
from loaders.sql.unknown_name import filter_names
from schema.core.node import decode_id

T = TypeVar("T")


@strawberry.enum(description="Sort direction. NULLs come last in both.")
class SortDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="From low to high, from A to Z.")
    DESC = strawberry.enum_value("DESC", description="From high to low, from Z to A.")


@strawberry.federation.type(shareable=True, description="Position of a page in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more items follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether items precede this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item, null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item: pass it as `after`.")


def argument(type_: Any, description: str) -> Any:
    """An annotated argument."""
    return Annotated[type_, strawberry.argument(description=description)]


MAX_LIST_LENGTH = 100
MAX_TEXT_LENGTH = 4_096  # letters; the limit of a path of a file system


def storable_text(text: str) -> str:
    """The text; BAD_ARGUMENT for characters that the database cannot store, or if it is longer than any stored text."""
    if len(text) > MAX_TEXT_LENGTH:
        raise CatalogError(Code.BAD_ARGUMENT, f"A text has at most {MAX_TEXT_LENGTH} letters, not {len(text)}.")
    if not storable(text):
        raise CatalogError(Code.BAD_ARGUMENT, "Text cannot contain U+0000 or half of a surrogate pair.")
    return text


def read_list(given: list[Any]) -> list[Any]:
    """The values of a filter's list; BAD_ARGUMENT if it is too long, or holds text that cannot be stored."""
    if len(given) > MAX_LIST_LENGTH:
        raise CatalogError(
            Code.BAD_ARGUMENT, f"A list in a filter has at most {MAX_LIST_LENGTH} items, not {len(given)}."
        )
    for one in given:
        if isinstance(one, str):
            storable_text(one)
    return given


PAGE_PARAMETERS: Mapping[str, Any] = {
    "first": argument(
        int | None,
        "Number of items from the start; 20 if neither first nor last is given. 0 reads none, for totalCount alone.",
    ),
    "after": argument(str | None, "Only items that follow the one with this cursor."),
    "last": argument(int | None, "Number of items from the end; not together with first."),
    "before": argument(str | None, "Only items that precede the one with this cursor."),
}


@dataclass(frozen=True, slots=True)
class Selectors:
    """Further arguments of a connection, and how the loader's filter and order are read from them."""

    parameters: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], tuple[Filter | None, tuple[OrderBy, ...]]]


@dataclass(frozen=True, slots=True)
class Choice:
    """An argument that takes a list of ids, of an enum's members or of texts; the attribute has to be one of them."""

    by: Id | Word[Any] | Exact
    description: str

    @property
    def type(self) -> Any:
        if isinstance(self.by, Id):
            return strawberry.ID
        return self.by.type if isinstance(self.by, Word) else str

    def condition(self, column: str, given: list[Any]) -> Condition:
        """What is asked of the attribute's column; BAD_ID for an id of another noun."""
        if isinstance(self.by, Id):
            return one_of(column, {decode_id(one, self.by.noun) for one in given}, "bigint")
        return one_of(column, {getattr(one, "value", one) for one in given})


def choices(pages: Pages[Any], **offered: Choice) -> Selectors:
    """Arguments that filter the rows of a list, by name; all given ones must hold."""
    columns = {name: choice.by.under(pages.source.alias) for name, choice in offered.items()}

    def read(arguments: Mapping[str, Any]) -> tuple[Filter | None, tuple[OrderBy, ...]]:
        wanted = [
            choice.condition(columns[name], read_list(given))
            for name, choice in offered.items()
            if (given := arguments[name]) is not None
        ]
        return All(tuple(wanted)) if wanted else None, ()

    return Selectors(
        {name: argument(list[choice.type] | None, choice.description) for name, choice in offered.items()},  # type: ignore[name-defined]
        read,
    )


def combine(*offered: Selectors) -> Selectors:
    """The arguments of several groups: their conditions are combined by AND, the order is the first one given."""

    def read(arguments: Mapping[str, Any]) -> tuple[Filter | None, tuple[OrderBy, ...]]:
        found = [one.read(arguments) for one in offered]
        filters = tuple(filter for filter, _ in found if filter is not None)
        order = next((order for _, order in found if order), ())
        return (AllOf(filters) if len(filters) > 1 else next(iter(filters), None)), order

    return Selectors({name: type_ for one in offered for name, type_ in one.parameters.items()}, read)


def connection(
    ref: Pages[Any], selectors: Selectors, *, key: Named | None = None, usual: int | None = None, description: str
) -> Any:
    """A paged list: of the root, or of a parent by its column `key`.

    `usual`: how many rows such a list usually has, for its price, if most lists are of similar length; without it, as
    for the media of tags, a page is priced by its size."""

    def bind(context: Any, arguments: Mapping[str, Any], site: Site) -> PageArguments:
        filter, order = selectors.read(arguments)
        if filter is not None and (called := filter_names(filter)):
            context.filter_names += zip(repeat(site()), called, strict=False)
        return ref.page_arguments(
            context.loaders.reader.budget,
            first=arguments["first"],
            after=arguments["after"],
            last=arguments["last"],
            before=arguments["before"],
            filter=filter,
            order=order,
        )

    column = key.name if key is not None else None
    parameters = {**PAGE_PARAMETERS, **selectors.parameters}
    return declared(
        Declaration("page", ref, column, loader_arguments=bind, unread=ref.unread, usual=usual), parameters, description
    )


def total_count() -> Any:
    """The field totalCount of a connection type."""

    def target(page: Page[Any], context: Any, arguments: Mapping[str, Any]) -> Load:
        return Load(page.ref.count, page.key, page.arguments.filter)

    return declared(
        Declaration("total", target=target),
        {},
        "Number of items in the whole list; null if counting took too long. Costs a statement only if selected.",
    )


@strawberry.type(description="An item and its cursor.")
class Edge(Generic[T]):
    """TagEdge is Edge[Tag]."""

    cursor: str = strawberry.field(description="Its cursor: pass it as `after` or `before`.")
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """TagConnection is Connection[Tag]."""

    edges: list[Edge[T]] = strawberry.field(description="The items, each with its cursor.")
    nodes: list[T] = strawberry.field(description="The items.")
    page_info: PageInfo = strawberry.field(description="Position of this page in the list.")
    total_count: int | None = total_count()
