"""Which titles of a service are likely to be the one that is looked for: candidates with scores from 0 to 1."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain.enums import MediaKind
from domain.text import fold
from providers.metadata.answers import FoundTitle
from providers.metadata.service import MetadataService

KINDS = (MediaKind.MOVIE, MediaKind.SERIES)
# Each year between them takes a tenth, up to a half; a candidate of no year counts as one of two years beside.
YEAR_STEP, MOST_YEARS, UNKNOWN_YEARS = 0.1, 5, 2
SOURCES = {MediaKind.MOVIE: "tmdb", MediaKind.SERIES: "tmdb_series"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """score: from 0 to 1, three decimals; poster: its whole address; external_ids: the service's own, and the one that
    was asked for."""

    found: FoundTitle
    score: float
    poster: str | None
    external_ids: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a title, of a year if one is given, or what another service calls by an id. kind: only of
    this one."""

    title: str | None = None
    year: int | None = None
    external_id: tuple[str, str] | None = None
    kind: MediaKind | None = None


async def find_candidates(
    service: MetadataService, wanted: Wanted, first: int, deadline: float | None
) -> list[Candidate]:
    """The best first; ProviderError. The service is asked for titles and for the address of its images at once.

    A search is not narrowed to the year, since that of a release elsewhere may be another one."""
    images, found = await asyncio.gather(service.images(deadline=deadline), find_titles(service, wanted, deadline))
    titles = {(one.kind, one.id): one for one in found}
    ranked = sorted(
        ((score(wanted, one), one) for one in titles.values()),
        key=lambda pair: (-pair[0], -pair[1].popularity, pair[1].kind, pair[1].id),
    )
    return [
        Candidate(one, points, one.poster_path and images.of(one.poster_path), ids_of(wanted, one))
        for points, one in ranked[:first]
    ]


async def find_titles(service: MetadataService, wanted: Wanted, deadline: float | None) -> list[FoundTitle]:
    """Unordered, of the kinds that are wanted; searches of several kinds are made at once."""
    kinds = KINDS if wanted.kind is None else (wanted.kind,)
    if wanted.external_id is not None:
        found = await service.find(*wanted.external_id, deadline=deadline)
        return [one for one in found if one.kind in kinds]
    title = wanted.title or ""
    searches = await asyncio.gather(*(service.search(kind, title, deadline=deadline) for kind in kinds))
    return [one for some in searches for one in some]


def ids_of(wanted: Wanted, found: FoundTitle) -> list[tuple[str, str]]:
    own = (SOURCES[found.kind], str(found.id))
    asked = [] if wanted.external_id in (None, own) else [wanted.external_id]
    return [own, *(one for one in asked if one is not None)]


def score(wanted: Wanted, found: FoundTitle) -> float:
    """How alike the titles are, the better of title and original title, times how near the years are. What was found by
    an id is what was meant: 1."""
    if wanted.title is None:
        return 1.0
    titles = [one for one in (found.title, found.original_title) if one is not None]
    alike = max(similarity(wanted.title, one) for one in titles)
    return round(alike * year_factor(wanted.year, found.year), 3)


def similarity(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1, once they are folded: twice the pairs of neighbouring letters that they
    share, by all their pairs (Dice's coefficient). "night", "nacht": share "ht" of 4 and 4 pairs, so 2 / 8."""
    first, second = fold(one), fold(other)
    if first == second:
        return 1.0
    pairs, others = pairs_of(first), pairs_of(second)
    total = pairs.total() + others.total()
    return 2 * (pairs & others).total() / total if total else 0.0


def pairs_of(text: str) -> Counter[str]:
    return Counter(text[place : place + 2] for place in range(len(text) - 1))


def year_factor(asked: int | None, found: int | None) -> float:
    """1 for the same year or where none is asked for."""
    if asked is None:
        return 1.0
    years = UNKNOWN_YEARS if found is None else min(abs(asked - found), MOST_YEARS)
    return 1 - YEAR_STEP * years
