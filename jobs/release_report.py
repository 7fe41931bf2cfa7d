"""The report of an analysis of releases: what is counted, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from catalog.releases.analysis import AnalysedRelease
from domain.errors import CatalogError

# The first categories; what is beyond is in the sums alone.
MOST_CATEGORIES = 50


@dataclass(slots=True)
class ReleaseReport:
    """Numbers of a run, all its attempts together. cache_hits: releases that the cache knew; calls: batches that the
    index was asked for, however often it took; groups: those whose score was stored; seconds: while it ran;
    categories: how many succeeded and failed in each."""

    succeeded: int = 0
    failed: int = 0
    groups: int = 0
    cache_hits: int = 0
    calls: int = 0
    seconds: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)
    categories: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        return cls(**state)

    def as_state(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def releases(self) -> int:
        return self.succeeded + self.failed

    def add(self, outcomes: Sequence[AnalysedRelease]) -> None:
        for one in outcomes:
            failed = isinstance(one.found, CatalogError)
            self.failed += failed
            self.succeeded += not failed
            if isinstance(one.found, CatalogError):
                code = str(one.found.extensions["code"])
                self.failures[code] = self.failures.get(code, 0) + 1
            category = one.release.category
            if category in self.categories or len(self.categories) < MOST_CATEGORIES:
                self.categories.setdefault(category, [0, 0])[failed] += 1

    def as_json(self) -> dict[str, Any]:
        """As clients have it: rates from 0 to 1 with three decimals, null where nothing was done."""
        return {
            "releases": self.releases,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "successRate": rate(self.succeeded, self.releases),
            "groups": self.groups,
            "cacheHits": self.cache_hits,
            "cacheHitRate": rate(self.cache_hits, self.releases),
            "calls": self.calls,
            "seconds": round(self.seconds, 1),
            "releasesPerMinute": round(60 * self.releases / self.seconds, 1) if self.seconds > 0 else None,
            "failures": [{"code": code, "releases": n} for code, n in sorted(self.failures.items())],
            "categories": [
                {"category": name, "releases": done + failed, "succeeded": done, "failed": failed}
                for name, (done, failed) in sorted(self.categories.items())
            ],
        }


def rate(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
