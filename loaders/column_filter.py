"""Filtering by what stands in a column: a state, a language, a role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.statement import Composer


@dataclass(frozen=True, slots=True)
class OneOf:
    """That a column has one of these texts; sorted, so that equal conditions are equal. `column`: its SQL."""

    column: str
    values: tuple[str, ...]

    def condition(self, composer: Composer) -> str:
        """One text is compared by `=`, which lets an index that begins with the column keep its order."""
        if len(self.values) == 1:
            return f"{self.column} = {composer.parameter(self.values[0])}::text"
        return f"{self.column} = any({composer.parameter(self.values)}::text[])"


@dataclass(frozen=True, slots=True)
class ColumnFilter:
    """Rows of which every one of these holds."""

    wanted: tuple[OneOf, ...]

    def conditions(self, composer: Composer) -> Iterator[str]:
        for one in self.wanted:
            yield one.condition(composer)
