"""How well known items are found: the place of the first right document of each answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bench.search.engines.engine import MOST
from bench.search.known_items import Known

OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Quality:
    """Of queries: the shares whose first document is right, and that have a right one among the first ten; the mean
    reciprocal rank (1 for a right first document, 1/2 for a right second one, 0 for none among ten)."""

    queries: int
    first: float
    ten: float
    mrr: float


def rank(found: Sequence[int], right: Collection[int]) -> int | None:
    """The place from 1 of the first right document; None where there is none among the first ten."""
    return next((place for place, one in enumerate(found[:MOST], 1) if one in right), None)


def quality(ranks: Sequence[int | None]) -> Quality:
    """Of at least one query."""
    count = len(ranks)
    found = [one for one in ranks if one is not None]
    return Quality(count, found.count(1) / count, len(found) / count, sum(1 / one for one in found) / count)


def by_class(items: Sequence[Known], answers: Sequence[Sequence[int]]) -> Mapping[str, Quality]:
    """Of each class of queries, and of all queries."""
    ranks: dict[str, list[int | None]] = {}
    for item, found in zip(items, answers, strict=True):
        for kind in (item.kind, OVERALL):
            ranks.setdefault(kind, []).append(rank(found, item.right))
    return {kind: quality(of) for kind, of in sorted(ranks.items(), key=lambda pair: pair[0] == OVERALL)}
