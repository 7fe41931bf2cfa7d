"""MediaOrder: what media are ordered by."""

from __future__ import annotations

import strawberry

from domain.errors import CatalogError, Code
from loaders.media import MediaOrderField
from loaders.sql.source import OrderBy
from schema.core.enums import describe
from schema.core.paging import SortDirection

describe(
    MediaOrderField,
    "What media can be ordered by. docs/orders.md says which orders use an index.",
    TITLE="The title without a leading article.",
    YEAR="The year; media without one come last.",
    RATING="The rating; media without one come last.",
    ADDED_AT="When it was added to the catalogue.",
    ID="The number in its id: the order in which media were made.",
    SEASON="The number of the season; media without one come last.",
    EPISODE="The number of the episode; media without one come last.",
    KIND="What it is, by name.",
    RUNTIME="The running time; media without one come last.",
    UPDATED_AT="When its own fields were last changed.",
    ORIGINAL_TITLE="The title in its own language, folded; media without one come last.",
    RANDOM="Shuffled by `seed`: the same seed gives the same order, page after page.",
    RELEVANCE="How well the title fits `filter.search`: DESC for the best first.",
)


@strawberry.input(description="One key of an order; ties are broken by the next key, and finally by id.")
class MediaOrder:
    field: MediaOrderField = strawberry.field(description="What to order by.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="The direction.")
    seed: int | None = strawberry.field(
        default=None, description="Any number: required for RANDOM, and not allowed for other fields."
    )


def read_media_key(by: MediaOrder, words: str) -> OrderBy:
    """One key of the loader's order; `words`: what the filter searches for. BAD_ARGUMENT where these are missing."""
    value: int | str | None = None
    if (by.seed is None) == (by.field is MediaOrderField.RANDOM):
        raise CatalogError(Code.BAD_ARGUMENT, "RANDOM needs a seed, and no other order takes one.")
    if by.field is MediaOrderField.RANDOM:
        value = by.seed
    elif by.field is MediaOrderField.RELEVANCE:
        if not words:
            raise CatalogError(Code.BAD_ARGUMENT, "RELEVANCE needs words to search for: give filter.search.")
        value = words
    return OrderBy(str(by.field.value), by.direction is SortDirection.DESC, value)
