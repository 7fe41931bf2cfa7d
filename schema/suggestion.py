"""Suggestions: what somebody who is typing may look for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import strawberry

from domain.enums import SearchType
from domain.search_query import MAX_QUERY_LETTERS
from engine.documents.priced_arguments import number
from engine.relation import Load, lookup
from loaders.registry import Loaders
from loaders.suggestion import SuggestionArguments, typed
from schema.core.paging import argument
from schema.search_result import TYPES_ARGUMENT, SearchResult, checked_size, chosen_types, result_field

USUAL = 10  # suggestions


@strawberry.type(description="A title or a name that fits what was typed.")
class Suggestion:
    text: str = strawberry.field(description="The title or the name as it is written.")
    type: SearchType = strawberry.field(description="What it is of.")
    node: SearchResult = result_field()


def load_suggestions(context: Any, prefix: str, types: list[SearchType] | None, first: int | None) -> Load:
    """BAD_ARGUMENT for what cannot be typed, BAD_PAGE_SIZE."""
    size = checked_size(first, USUAL, context.loaders.reader.budget)
    return Load(Loaders.suggestions, 0, SuggestionArguments(typed(prefix), chosen_types(types), size))


def price(given: Sequence[Any], most: int) -> int:
    """How many suggestions count in the price of an operation."""
    [first] = given or [None]
    asked = number(first)
    return USUAL if asked is None else int(max(0, min(most, asked)))


@strawberry.type
class SuggestionQuery:
    """The root field of suggestions."""

    suggest: list[Suggestion] | None = lookup(
        load_suggestions,
        parameters={
            "prefix": argument(
                str,
                "What was typed so far: words, of which the last one may be half typed unless a blank follows; "
                f"at most {MAX_QUERY_LETTERS} letters.",
            ),
            "types": TYPES_ARGUMENT,
            "first": argument(int | None, f"How many; {USUAL} if not given."),
        },
        sized_by="first",
        weigh=price,
        refs=(Loaders.suggestions,),
        description="Titles and names that begin with what was typed, or have words that do; the best first, types "
        "taking turns. Nothing for a text without words.",
    )
