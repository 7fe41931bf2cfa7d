"""Filter, order and look-up of named things: tags, genres, channels, people, libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import strawberry

from domain.bounds import TITLE_LETTERS
from domain.errors import CatalogError, Code
from domain.text import check_foldable, fold, storable
from domain.text import folded as folded_text
from engine.relation import Load, Reference
from loaders.sql import name_filter
from loaders.sql.named import NameOrderField
from loaders.sql.page import Pages
from loaders.sql.source import Filter, OrderBy
from schema.core.enums import describe
from schema.core.node import decode_id
from schema.core.paging import Selectors, SortDirection, argument, read_list, storable_text


def folded(text: str) -> str:
    """Text as names and titles are kept to be searched; BAD_ARGUMENT for one that no name or title can have.

    Checked before it is folded, which takes time for every letter, and folded once for all places where it stands."""
    check_letters(text, TITLE_LETTERS)
    return known_fold(storable_text(text))


known_fold = lru_cache(maxsize=500)(fold)


def check_letters(text: str, most: int) -> None:
    """BAD_ARGUMENT for a text that is too long to be folded."""
    if len(text) > most:
        raise CatalogError(Code.BAD_ARGUMENT, f"A name or a part of one has at most {most} letters, not {len(text)}.")
    check_foldable(text)


def check_text(text: str, most: int) -> str:
    """A name that something may be given; BAD_ARGUMENT."""
    check_letters(text, 5 * most)  # blanks at its ends and between words do not count
    shown = folded_text(text) if storable(text) else None
    if shown is None or len(" ".join(text.split())) > most or len(shown.encode()) > 5 * most:
        raise CatalogError(Code.BAD_ARGUMENT, f"A name has 1 to {most} letters.")
    if not shown:
        raise CatalogError(Code.BAD_ARGUMENT, "A name has letters or signs: this one shows nothing.")
    return text


@strawberry.input(description="Conditions on a name; all given ones hold together. Case and accents do not matter.")
class NameFilter:
    contains: str | None = strawberry.field(default=None, description="The name contains this text.")
    starts_with: str | None = strawberry.field(default=None, description="The name starts with this text.")
    eq: str | None = strawberry.field(default=None, description="The name is this one.")
    in_: list[str] | None = strawberry.field(default=None, name="in", description="The name is one of these.")


describe(
    NameOrderField,
    "What named things can be ordered by.",
    NAME="The name, without regard to case and accents.",
    MEDIA_COUNT="The number of media.",
)


@strawberry.input(description="One key of an order; ties are broken by the next key, and finally by id.")
class NameOrder:
    field: NameOrderField = strawberry.field(description="What to order by.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="The direction.")


def name_selectors(pages: Pages[Any], order: Any = NameOrder) -> Selectors:
    """`filter` and `orderBy` of a list of named things; `order`: an order input."""
    column = pages.source.sort[NameOrderField.NAME].sql

    def read(arguments: Mapping[str, Any]) -> tuple[Filter | None, tuple[OrderBy, ...]]:
        given: NameFilter | None = arguments["filter"]
        chosen = None
        if given is not None:
            texts = [folded(text) or None if text else None for text in (given.contains, given.starts_with)]
            lists = [None if given.eq is None else [given.eq], given.in_]
            called = {tuple(sorted(map(folded, read_list(names)))) for names in lists if names is not None}
            if any(texts) or called:
                chosen = name_filter.NameFilter(column, texts[0], texts[1], tuple(sorted(called)))
        return chosen, read_order(arguments["order_by"])

    parameters = {
        "filter": argument(NameFilter | None, "Only items with such names."),
        "order_by": argument(list[order] | None, "The order; by id if not given."),
    }
    return Selectors(parameters, read)


def read_order(given: list[Any] | None) -> tuple[OrderBy, ...]:
    """The loader's order of a list of order inputs."""
    return tuple(OrderBy(by.field.value, by.direction is SortDirection.DESC) for by in given or ())


ID_OR_NAME: Mapping[str, Any] = {
    "id": argument(strawberry.ID | None, "A global id."),
    "name": argument(str | None, "A name, or an alias where it has such; case and accents do not matter."),
}


def load_by_id_or_name(by_id: Reference, by_name: Reference, prefix: str) -> Callable[..., Load]:
    """The target of a root field that takes exactly one of `id` and `name`."""

    def target(context: Any, id: str | None, name: str | None) -> Load:
        if (id is None) == (name is None):
            raise CatalogError(Code.BAD_ARGUMENT, "Give exactly one of id and name.")
        return Load(by_id, decode_id(id, prefix)) if id is not None else Load(by_name, folded(name or ""))

    return target
