"""How many rows the lists of relations count in a price: by their average, their bound, or the page that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from engine.relation import Declaration

# Pages are not chosen by chance: the lists of what somebody looks for are longer than the average.
ABOVE_AVERAGE = 1.5
# Where no average is known, and where it is lower, a list counts at least this part of its bound.
MIN_SHARE = 16
# Who asks for a large page looks at long lists: it counts at least this part of its size.
MIN_OF_PAGE = 3


def usual_length(declaration: Declaration, averages: Mapping[str, float]) -> int:
    """How many rows a relation's list counts: by the average, at most its bound."""
    bound = declaration.bound or 1
    return min(bound, max(-(-bound // MIN_SHARE), expected(declaration, averages)))


def usual_page(declaration: Declaration, size: int, averages: Mapping[str, float]) -> int:
    """How many rows a page counts: its size, or what its list usually has where that is known."""
    if declaration.usual is None:
        return size
    return min(size, max(declaration.usual, -(-size // MIN_OF_PAGE), expected(declaration, averages)))


def expected(declaration: Declaration, averages: Mapping[str, float]) -> int:
    """The rows of a list by the average of its loader, 0 where that is not known."""
    return ceil(averages.get(declaration.ref.name, 0.0) * ABOVE_AVERAGE) if declaration.ref is not None else 0
