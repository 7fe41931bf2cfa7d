"""Facets: what media are counted by, and how one value of each is told from another.

A facet is one of a few declared things; loaders/sql/facet_choice.py says which conditions of a filter concern it,
loaders/sql/facet_sql.py composes the statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.memberships import BY_NOUN
from loaders.sql.source import Filter


class FacetField(StrEnum):
    """What media can be counted by."""

    GENRE = "GENRE"
    TAG = "TAG"
    YEAR = "YEAR"
    DECADE = "DECADE"
    KIND = "KIND"
    CHANNEL = "CHANNEL"
    CATEGORY = "CATEGORY"
    LANGUAGE = "LANGUAGE"
    RATING = "RATING"


@dataclass(frozen=True, slots=True)
class NounFacet:
    """The things of a noun that media carry (domain/memberships.py), each by its id."""

    noun: str

    @property
    def table(self) -> str:
        return f"media_{self.noun}"

    @property
    def columns(self) -> frozenset[str]:
        """The columns of conditions that concern it, as conditions write them."""
        return frozenset({f"f.{self.noun}_id"})


@dataclass(frozen=True, slots=True)
class NumberFacet:
    """A whole number of the media's own, or the first of `size` numbers that count as one value.

    `scale`: how many of the column's parts make one as clients say it."""

    column: str
    size: int = 1
    scale: int = 1
    suffix: str = ""

    @property
    def table(self) -> str:
        return ""

    @property
    def columns(self) -> frozenset[str]:
        return frozenset({self.column})


@dataclass(frozen=True, slots=True)
class WordFacet:
    """A word of the media's own: `column`."""

    column: str

    @property
    def table(self) -> str:
        return ""

    @property
    def columns(self) -> frozenset[str]:
        return frozenset({self.column})


@dataclass(frozen=True, slots=True)
class RowFacet:
    """A text of rows that hang on a media, and a second one that tells more where there is one.

    `repeats`: whether a media may have several rows with the same."""

    table: str
    text: str
    detail: str = ""
    repeats: bool = False

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(f"f.{name}" for name in (self.text, self.detail) if name)


FacetKind = NounFacet | NumberFacet | WordFacet | RowFacet

FACETS: Mapping[FacetField, FacetKind] = {
    **{FacetField(noun.upper()): NounFacet(noun) for noun in BY_NOUN if noun.upper() in FacetField.__members__},
    FacetField.YEAR: NumberFacet("m.year"),
    FacetField.DECADE: NumberFacet("m.year", size=10, suffix="s"),
    FacetField.KIND: WordFacet("m.kind"),
    FacetField.CATEGORY: RowFacet("categorisation", "category", "value"),
    FacetField.LANGUAGE: RowFacet("subtitle", "language", repeats=True),
    FacetField.RATING: NumberFacet("m.rating_tenths", size=10, scale=10),
}


@dataclass(frozen=True, slots=True)
class FacetArguments:
    """What facets are asked by, the same for every parent. `filter`: of the list; `multi`: whether each facet ignores
    the filter's conditions that concern it."""

    filter: Filter
    of: tuple[FacetField, ...]
    first: int
    multi: bool


@dataclass(slots=True)
class FacetValue:
    """A value of a facet: `number` is an id, or the first number of the value; `text` and `detail` are its words."""

    field: FacetField
    number: int | None
    text: str | None
    detail: str | None
    label: str
    count: int
    is_chosen: bool


@dataclass(slots=True)
class Facet:
    """The values of one facet: the most frequent ones, then those that the filter chooses."""

    field: FacetField
    values: list[FacetValue]
