"""Filtering named things: tags, genres, channels, people, libraries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.sql.condition import Condition, Like, StartsWith, one_of
from loaders.sql.statement import Composer


@dataclass(frozen=True, slots=True)
class NameFilter:
    """Folded names that contain or start with a folded text, or are one of some. `column`: the folded name's."""

    column: str
    contains: str | None = None
    starts_with: str | None = None
    folded_names: tuple[tuple[str, ...], ...] = ()

    @property
    def parts(self) -> Iterator[Condition]:
        """Its conditions, all of which hold."""
        if self.contains:
            yield Like(self.column, self.contains)
        if self.starts_with:
            yield StartsWith(self.column, self.starts_with)
        for names in self.folded_names:
            yield one_of(self.column, names)

    def conditions(self, composer: Composer) -> Iterator[str]:
        for part in self.parts:
            yield part.sql(composer)
