"""Filtering by what stands in a column: a state, a language, a role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from loaders.statement import Composer


@dataclass(frozen=True, slots=True)
class OneOf:
    """That a column has one of these texts or numbers; sorted: equal conditions are equal. `column`: its SQL."""

    column: str
    values: tuple[str | int, ...]
    type: Literal["text", "bigint"] = "text"


@dataclass(frozen=True, slots=True)
class ColumnFilter:
    """Rows of which every one of these holds."""

    wanted: tuple[OneOf, ...]

    def conditions(self, composer: Composer) -> Iterator[str]:
        for one in self.wanted:
            if len(one.values) == 1:
                # Rows that are equal in the column keep the order of an index that begins with it.
                yield f"{one.column} = {composer.parameter(one.values[0])}::{one.type}"
                continue
            yield f"{one.column} = any({composer.parameter(one.values)}::{one.type}[])"
