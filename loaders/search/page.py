"""Pages of what a search finds: hits with scores and cursors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from database.row import Column, Row
from domain.enums import SearchCorrect, SearchType
from domain.errors import CatalogError, Code
from domain.search_marks import Wanted
from domain.search_query import SearchQuery
from loaders.core.read_session import Budget
from loaders.search.position import PLACES, HitPosition
from loaders.search.words import KnownWords
from loaders.sql.cursor import SortType, decode_cursor, encode_cursor, mark_of
from loaders.sql.source import Filter, NoFilter

LISTED = "Search"
INTEGER_TYPE: tuple[SortType, bool] = ("integer", False)
# Of a position in a cursor: numbers of 32 bits, and an id.
POSITION_TYPES = [*[INTEGER_TYPE] * (len(HitPosition._fields) - 1), ("bigint", False)]


class HitRow(Row):
    """A hit: its position (position.py). `id`: of the media or what else it is."""

    tier = Column[int]()
    place = Column[int]()
    extra = Column[int]()
    low = Column[int]()
    minus_id = Column[int]()


class SearchArguments(NamedTuple):
    """What a search is asked by. `size`: of the page; `after`: the position that its first hit follows."""

    query: SearchQuery
    types: tuple[SearchType, ...]
    filter: Filter
    correct: SearchCorrect
    size: int
    after: HitPosition | None

    @property
    def counted(self) -> SearchArguments:
        """The same for all pages of the search."""
        return self._replace(size=0, after=None)

    @property
    def mark(self) -> bytes:
        """What binds a cursor: a search in one order, of the same words, types and filter."""
        return mark_of(LISTED, (self.query, self.types, self.correct), self.filter)


def search_arguments(
    budget: Budget,
    *,
    query: SearchQuery,
    types: Sequence[SearchType] | None = None,
    filter: Filter | None = None,
    correct: SearchCorrect = SearchCorrect.AUTO,
    first: int | None,
    after: str | None,
) -> SearchArguments:
    """What the arguments of a search say; BAD_PAGE_SIZE or BAD_CURSOR. `types`: all where they are None."""
    size = min(budget.page_default, budget.page_max) if first is None else first
    if not 0 <= size <= budget.page_max:
        raise CatalogError(Code.BAD_PAGE_SIZE, f"A page has 0 to {budget.page_max} items: this one asks for {size}.")
    # In one order, each once: the same search however it was written.
    chosen = tuple(one for one in SearchType if types is None or one in types)
    arguments = SearchArguments(query, chosen, NoFilter() if filter is None else filter, correct, size, None)
    if after is None:
        return arguments
    found: Any = decode_cursor(after, arguments.mark, POSITION_TYPES)
    return arguments._replace(after=HitPosition(*found))


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that was written, and one that was read in its place."""

    word: str
    read: str


class SearchHit:
    """A hit and its place. `score`: from 1 for what has the title that was asked for down to 0, never rising."""

    __slots__ = ("_mark", "position", "wanted")

    def __init__(self, position: HitPosition, mark: bytes, wanted: Wanted) -> None:
        """`wanted`: what is to be marked in it."""
        self.position = position
        self.wanted = wanted
        self._mark = mark

    @property
    def type(self) -> SearchType:
        return SearchType(PLACES[self.position.place])

    @property
    def id(self) -> int:
        return -self.position.minus_id

    @property
    def score(self) -> float:
        at = self.position
        return round(1 / (1 + at.tier + at.place / 10 + min(at.extra, 90) / 1_000), 6)

    @property
    def cursor(self) -> str:
        return encode_cursor(self._mark, self.position)


class SearchPage:
    """Some hits, the best first. `query`: as it was read; `corrections`: where that is not as it was written; `known`:
    what was known of its words, None where nothing was searched."""

    __slots__ = ("arguments", "corrections", "edges", "has_next_page", "has_previous_page", "known", "query")

    def __init__(
        self,
        arguments: SearchArguments,
        hits: Sequence[HitPosition],
        corrections: Sequence[Correction] = (),
        known: KnownWords | None = None,
    ) -> None:
        """`hits`: one more than the page where there are more."""
        self.arguments = arguments
        self.query = arguments.query
        self.corrections = corrections
        self.known = known
        mark = arguments.mark
        wanted = (self.query, tuple(one.read for one in corrections))
        self.edges = [SearchHit(one, mark, wanted) for one in hits[: arguments.size]]
        self.has_next_page = len(hits) > arguments.size
        self.has_previous_page = arguments.after is not None

    @property
    def page_info(self) -> SearchPage:
        return self

    @property
    def start_cursor(self) -> str | None:
        return self.edges[0].cursor if self.edges else None

    @property
    def end_cursor(self) -> str | None:
        return self.edges[-1].cursor if self.edges else None
