"""Releases that the cache does not know, asked of a release index: in batches, some of them at once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from catalog.releases.analysis import ReleaseFacts
from catalog.releases.due import DueRelease
from domain.errors import CatalogError, Code
from jobs.kind import JobContext
from jobs.waits import Waits, all_done, patiently
from providers.errors import ProviderError
from providers.releases.service import Finding, ReleaseIndex

# Category and name of a release: what it is known by outside.
ReleaseKey: TypeAlias = tuple[str, str]
Findings: TypeAlias = dict[ReleaseKey, Finding]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is asked by one call."""

    category: str
    names: Sequence[str]


def key_of(release: DueRelease) -> ReleaseKey:
    return release.category, release.name


def by_category(keys: Iterable[ReleaseKey]) -> Mapping[str, list[str]]:
    """The names of each category, in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for category, name in keys:
        found[category].append(name)
    return found


class BatchPlan:
    """Batches that are filled one release after the other. size: names in one; most: batches."""

    def __init__(self, size: int, most: int) -> None:
        self._size = size
        self._most = most
        self._number = 0
        self._names: dict[str, dict[str, None]] = {}

    @property
    def is_full(self) -> bool:
        return sum(map(len, self._names.values())) == self._most * self._size

    def take(self, releases: Iterable[DueRelease], known: Collection[ReleaseKey]) -> Iterator[DueRelease]:
        """The releases up to the first one that would make one batch too many. Those that are known are in none."""
        for one in releases:
            if key_of(one) not in known and not self._takes(*key_of(one)):
                return
            yield one

    def _takes(self, category: str, name: str) -> bool:
        names = self._names.setdefault(category, {})
        if name in names:
            return True
        if len(names) % self._size == 0:
            if self._number == self._most:
                return False
            self._number += 1
        names[name] = None
        return True

    def batches(self) -> list[Batch]:
        return [
            Batch(category, list(names)[at : at + self._size])
            for category, names in self._names.items()
            for at in range(0, len(names), self._size)
        ]


async def kept_findings(index: ReleaseIndex, releases: Iterable[DueRelease]) -> Findings:
    """What the cache knows of releases."""
    found: Findings = {}
    for category, names in by_category(key_of(one) for one in releases).items():
        kept = await index.kept(category, names)
        found |= {(category, name): finding for name, finding in kept.items()}
    return found


async def ask_batches(context: JobContext, index: ReleaseIndex, batches: Sequence[Batch]) -> Findings:
    """What the index says, or why it says nothing. JobStopped as soon as the run is to stop, ProviderError where the
    index does not answer for too long: what was answered by then is kept."""
    waits, turn = Waits(context), asyncio.Semaphore(index.parallel)

    async def ask(batch: Batch) -> Findings:
        async with turn:  # who waits here asks for no lease
            findings = await ask_patiently(index, waits, batch)
        return {(batch.category, name): finding for name, finding in findings.items()}

    found = await all_done(context, [ask(batch) for batch in batches])
    return {key: finding for one in found for key, finding in one.items()}


async def ask_patiently(index: ReleaseIndex, waits: Waits, batch: Batch) -> Mapping[str, Finding]:
    """Waits while the index is not to be called: no release is to blame for that. ProviderError where it has not
    answered for too long. How often a call is tried is the index's own setting."""
    try:
        return await patiently(waits, lambda: index.analyse(batch.category, batch.names), most=1)
    except ProviderError as error:
        if waits.is_over:
            raise
        return dict.fromkeys(batch.names, error)


def facts_of_release(finding: Finding) -> ReleaseFacts | CatalogError:
    if finding is None:
        return CatalogError(Code.NOT_FOUND, "The release index does not know it.")
    if isinstance(finding, ProviderError):
        return finding
    return ReleaseFacts(finding.group, finding.size, finding.published_at, finding.completeness, finding.nuke_reason)
