"""How an import tells what it has done, and who listens: a terminal, a job, a test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Protocol

from catalog.transaction import Writer

# Letters of what could not be imported that a report has.
RAW = 2_000


@dataclass(frozen=True, slots=True)
class Failure:
    """What was not imported. where: its place in the source; code, reason: why; raw: the item, shortened."""

    where: str
    code: str
    reason: str
    raw: str = ""


@dataclass(slots=True)
class ImportCounts:
    """What became of the items, from the start of a run, also where it was interrupted.

    moved: of those updated the ones whose file was moved or renamed. failed: by `reasons`, with codes; what could not
    be read is among them. pruned: media deleted; released: media that are gone from the source and stay, since others
    have them."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    moved: int = 0
    failed: int = 0
    pruned: int = 0
    released: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Items that were dealt with."""
        return self.created + self.updated + self.unchanged + self.failed

    @property
    def by_outcome(self) -> dict[str, int]:
        """Numbers of what was done, as runs of jobs have them."""
        names = ("created", "updated", "unchanged", "moved", "pruned", "released")
        return {name: number for name in names if (number := getattr(self, name))}

    def note_failures(self, failures: Sequence[Failure]) -> None:
        self.failed += len(failures)
        self.reasons = dict(Counter(self.reasons) + Counter(one.code for one in failures))

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @staticmethod
    def of(stored: Mapping[str, Any]) -> ImportCounts:
        return ImportCounts(**{**stored, "reasons": dict(stored.get("reasons", {}))})

    def copy(self) -> ImportCounts:
        return ImportCounts.of(self.stored())

    def plus(self, other: ImportCounts) -> ImportCounts:
        """Both together."""
        sums = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)[:-1]}
        return ImportCounts(**sums, reasons=dict(Counter(self.reasons) + Counter(other.reasons)))


class Progress(Protocol):
    """Who is told of an import. What it raises ends the import, which can go on from there."""

    async def begun(self, writer: Writer, counts: ImportCounts, is_resumed: bool) -> None:
        """Called in the transaction that begins the run, or goes on with the one that was interrupted."""
        ...

    async def save(self, writer: Writer, counts: ImportCounts, failures: Sequence[Failure]) -> None:
        """Called at the end of each chunk's transaction, to store something with it. It may be called again for the
        same chunk where the transaction is tried again."""
        ...

    def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
        """What has been stored by now; `item`: the last one. Whoever wants to stop the import raises here."""
        ...

    def gone(self, known: int, gone: int, examples: Sequence[str]) -> None:
        """How many of the known items the source no longer has, before any media is deleted; titles of some."""
        ...


class Silent:
    """Nobody looks."""

    async def begun(self, writer: Writer, counts: ImportCounts, is_resumed: bool) -> None:
        pass

    async def save(self, writer: Writer, counts: ImportCounts, failures: Sequence[Failure]) -> None:
        pass

    def told(self, counts: ImportCounts, total: int | None, item: str) -> None:
        pass

    def gone(self, known: int, gone: int, examples: Sequence[str]) -> None:
        pass
