"""Counts of lists that say what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from engine.relation import Declaration, Defaulted, Load, Target, declared
from loaders.sql.count_mode import CountMode, CountPrecision
from loaders.sql.measured_count import MAX_LIMIT, USUAL_LIMIT
from loaders.sql.page import Page
from schema.core.context import Context
from schema.core.enums import describe
from schema.core.paging import argument

describe(
    CountMode,
    "How exact a count has to be.",
    EXACT="All are counted.",
    ESTIMATED="What a sample says, with its error; exact where that is as cheap.",
    AT_MOST="Counting stops at `limit`.",
)

describe(
    CountPrecision,
    "What a count is worth.",
    EXACT="There are so many.",
    ESTIMATED="There are about so many: `error` says how far off that may be.",
    AT_LEAST="There are so many, or more.",
)


@strawberry.type(description="How many items a list has, and what that number is worth.")
class Count:
    value: int = strawberry.field(description="The number.")
    precision: CountPrecision = strawberry.field(description="What it is worth.")
    error: float | None = strawberry.field(
        description="Of an estimate: the true number lies within this part of it (0.05: 5 percent), in 95 of 100 cases."
    )


def media_count() -> Any:
    """The field count of a connection of media."""

    def target(page: Page[Any], context: Context, arguments: Mapping[str, Any]) -> Load:
        counts = page.ref.measured_count
        assert counts is not None
        asked = counts.count_arguments(page.arguments.filter, arguments["mode"], arguments["limit"])
        return Load(counts, page.key, asked)

    return counted_field(target, "Number of items in the whole list, and what it is worth. Takes one statement.")


def counted_field(target: Target, description: str, *, reads_page: bool = False) -> Any:
    """A field of a count. `reads_page`: whether the target looks at more of the page than its arguments."""
    return declared(
        Declaration("total", target=target, reads_page=reads_page),
        {
            "mode": Defaulted(argument(CountMode, "How exact it has to be."), CountMode.EXACT),
            "limit": argument(
                int | None, f"Where AT_MOST stops counting: 1 to {MAX_LIMIT}, {USUAL_LIMIT} if not given."
            ),
        },
        f"{description} An error with the code COUNT_TIMEOUT where counting takes longer than it may.",
    )
