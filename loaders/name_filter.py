"""Filtering named things: tags, genres, channels, people, libraries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.statement import Composer


def contains_pattern(folded: str) -> str:
    """A LIKE pattern for texts that contain this one, letter by letter."""
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


@dataclass(frozen=True, slots=True)
class NameFilter:
    """Folded names that contain or start with a folded text. `column`: the folded name's, set by the noun."""

    column: str
    contains: str | None = None
    starts_with: str | None = None

    def conditions(self, composer: Composer) -> Iterator[str]:
        if self.contains:
            yield f"{self.column} LIKE {composer.parameter(contains_pattern(self.contains))}::text"
        if self.starts_with:
            # A range of the "C" collated index: every text from this prefix to the last one that can follow it.
            start, end = composer.parameter(self.starts_with), composer.parameter(self.starts_with + "\U0010ffff")
            yield f"{self.column} >= {start}::text AND {self.column} < {end}::text"
