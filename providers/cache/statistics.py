"""What there is in the cache, and how often it helped."""

from __future__ import annotations

from dataclasses import dataclass

from providers.cache.guarded_store import GuardedStore
from providers.cache.store import GroupStatistics


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """Of all processes that share the back end, but for `failures`, which are of this one.

    is_available: the back end answers; if not, there are no groups."""

    backend: str
    is_enabled: bool
    is_available: bool
    failures: int
    max_entries: int
    max_bytes: int
    groups: list[GroupStatistics]

    def total(self, name: str) -> int:
        """The sum over the groups of one of their numbers."""
        return sum(getattr(group, name) for group in self.groups)


def statistics_of(store: GuardedStore, groups: list[GroupStatistics] | None, *, is_enabled: bool) -> CacheStatistics:
    """`groups`: None where the back end does not answer, or was not asked."""
    bounds = store.store.bounds
    return CacheStatistics(
        backend=store.store.name,
        is_enabled=is_enabled,
        is_available=groups is not None,
        failures=store.failures,
        max_entries=bounds.entries,
        max_bytes=bounds.bytes,
        groups=groups or [],
    )
