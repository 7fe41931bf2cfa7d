"""What a back end of the cache does. All behave alike: tests/providers/cache/test_store.py is run over each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from providers.cache.entry import Entry


class Group(NamedTuple):
    """What entries are counted by."""

    namespace: str
    provider: str


class KeyParts(NamedTuple):
    """A key, taken apart."""

    namespace: str
    provider: str
    call: str

    @property
    def group(self) -> Group:
        return Group(self.namespace, self.provider)


def parts_of(key: str) -> KeyParts:
    """A key is `namespace/provider/call/digest`, where the call may have slashes of its own."""
    namespace, provider, rest = key.split("/", 2)
    return KeyParts(namespace, provider, rest.rpartition("/")[0])


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a back end may hold. An entry counts for `size_of` bytes."""

    entries: int
    bytes: int

    @property
    def entry_bytes(self) -> int:
        """The largest entry that is kept: one must not push out all others."""
        return self.bytes // 4


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries: those of a namespace, of a provider, whose call begins with something, that have expired; all
    where nothing is given."""

    namespace: str | None = None
    provider: str | None = None
    prefix: str = ""
    only_expired: bool = False

    def has(self, key: str) -> bool:
        """Whether a key is among them, whenever it expires."""
        parts = parts_of(key)
        return (
            self.namespace in (None, parts.namespace)
            and self.provider in (None, parts.provider)
            and parts.call.startswith(self.prefix)
        )


@dataclass(slots=True)
class Counts:
    """How often entries of a group were asked for, or made room for others."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0

    def add(self, more: Counts) -> None:
        self.hits += more.hits
        self.misses += more.misses
        self.evictions += more.evictions


@dataclass(slots=True)
class GroupStatistics:
    """What there is of a group. active: entries that have not expired; bytes: of all of them."""

    group: Group
    entries: int = 0
    active: int = 0
    bytes: int = 0
    hits: int = 0
    misses: int = 0
    evictions: int = 0


class Store(Protocol):
    """A back end. Whatever goes wrong is raised, of whatever class: the cache does without it then.

    `now`: seconds since 1970; keys are as `parts_of` describes them."""

    name: str
    bounds: Bounds

    async def read(self, key: str) -> Entry | None:
        """The entry, whether it has expired or not; None too where it is damaged."""
        ...

    async def write(self, key: str, entry: Entry, now: float) -> None:
        """Keeps an entry in the place of an older one. Before, those make room that were used least recently, as far as
        the bounds want it, so that these are never passed."""
        ...

    async def note(self, uses: Mapping[str, float], counts: Mapping[Group, Counts]) -> None:
        """Notes when entries were last used, and adds to the counts."""
        ...

    async def take_lease(self, key: str, holder: str, now: float, seconds: float) -> bool:
        """Whether nobody else loads this key; for so many seconds nobody else does then."""
        ...

    async def release_lease(self, key: str, holder: str) -> None:
        """Ends a lease, if it is still the holder's."""
        ...

    async def clear(self, selection: Selection, now: float) -> int:
        """Deletes entries; how many there were. Leases that have ended go too."""
        ...

    async def statistics(self, now: float) -> list[GroupStatistics]:
        """All groups, by name, of all processes."""
        ...

    async def close(self) -> None: ...
