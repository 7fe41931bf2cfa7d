"""What a source of media is: an async iterator of items, and of what it could not read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from catalog.upsert.item import Item


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A media as its source tells it.

    key: what tells it apart within the source, the same at each reading (a relative path, an id); at most 1,000
    characters. item: as an upsert takes it; `place`, the library and the parent are set by the import.
    parent: the key of the media of the same source that it hangs on, which comes before it. fingerprint: changes
    whenever the item does, where the source knows it for less than the item itself (a file's size and time); without
    it the import makes one of the item. position: where reading goes on after it. memo: what the source wants to know
    of it at its next reading (`Known`), at most MAX_MEMO bytes."""

    key: str
    item: Item
    parent: str | None = None
    fingerprint: bytes | None = None
    position: str = ""
    memo: bytes = b""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An item that is as the last import found it, by `Known`: what it is was not read."""

    key: str
    position: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What cannot be read. where: a line, row, path or page; reason: for people; raw: the text, shortened.

    stops: what comes after it cannot be read either, so that what is missed may be there still."""

    where: str
    reason: str
    raw: str = ""
    position: str = ""
    stops: bool = False


Reading: TypeAlias = "SourceItem | Unchanged | Unreadable"


@dataclass(frozen=True, slots=True)
class KnownReading:
    """What is known of an item of earlier imports.

    memo: as its SourceItem had it. is_same: whether an item with this parent and fingerprint would be skipped; then the
    source may give `Unchanged` in its place, and leave unread what it is."""

    memo: bytes
    is_same: Callable[[str | None, bytes], bool]


# What is known of some keys, by key, of those of which something is; in the first run of a source nothing. A source
# asks for some hundreds at a time.
Known: TypeAlias = Callable[[Sequence[str]], Awaitable[Mapping[str, KnownReading]]]


async def nothing_known(keys: Sequence[str]) -> Mapping[str, KnownReading]:
    """As for a source that is read for the first time."""
    return {}


MAX_MEMO = 8_000


class Source(Protocol):
    """Where media come from. Nothing is held in memory but what is being read."""

    @property
    def total(self) -> int | None:
        """How many items there are, where that is known before the end."""
        ...

    def read(self, position: str = "", known: Known = nothing_known) -> AsyncIterator[Reading]:
        """The items from the start, or after the one of this `position`, always in the same order.

        known: for a source whose items cost much to read; others pass it over. SourceError where
        nothing can be read at all."""
        ...

    async def has(self, key: str) -> bool | None:
        """Whether an item of this key is there still; None where only reading all tells."""
        ...


class SourceError(Exception):
    """The source cannot be read: it is not there, not allowed, or of another format. The message says what to do."""


@runtime_checkable
class Warned(Protocol):
    """A source that notices what keeps no item out: fields that nothing reads, say.

    warnings: sentences for people, each once and at most MAX_WARNINGS; complete when all is read."""

    @property
    def warnings(self) -> Sequence[str]: ...


def warnings_of(source: Source) -> Sequence[str]:
    """What it has noticed; nothing of one that is not Warned."""
    return source.warnings if isinstance(source, Warned) else ()


MAX_WARNINGS = 100
