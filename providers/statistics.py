"""What is counted of the calls of this process, for each provider: by the client and by caches, for metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(slots=True)
class ProviderStatistics:
    """calls: requests that were sent, each attempt and redirect; seconds: until their answers had been read; failures:
    of those that failed; retries: attempts after the first; refusals: calls that were not sent, because of a limit, an
    open circuit or an address; limited: answers with status 429; waited: seconds for limits; received: bytes of
    answers, decompressed."""

    calls: int = 0
    seconds: float = 0.0
    failures: int = 0
    retries: int = 0
    refusals: int = 0
    limited: int = 0
    waited: float = 0.0
    received: int = 0
    cache_hits: int = 0
    cache_misses: int = 0


class Statistics:
    """Of all providers that this process has called. What is called by host, as `files example.org`, counts together as
    `files`: there may be any number of hosts."""

    def __init__(self) -> None:
        self._by_provider: dict[str, ProviderStatistics] = {}

    def of(self, provider: str) -> ProviderStatistics:
        return self._by_provider.setdefault(provider.partition(" ")[0], ProviderStatistics())

    def snapshot(self) -> Mapping[str, ProviderStatistics]:
        """As they are now; from any thread."""
        return {name: replace(found) for name, found in list(self._by_provider.items())}
