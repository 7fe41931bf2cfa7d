"""How a list is counted, and what its number is worth."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from loaders.sql.source import Filter


class CountMode(StrEnum):
    """How exact a count has to be."""

    EXACT = "EXACT"
    ESTIMATED = "ESTIMATED"
    AT_MOST = "AT_MOST"


class CountPrecision(StrEnum):
    """What a count says."""

    EXACT = "EXACT"
    ESTIMATED = "ESTIMATED"
    AT_LEAST = "AT_LEAST"


class MeasuredCount(NamedTuple):
    """A number and what it is worth. `error`: of an estimate, the part of it by which it differs from the truth at
    most, in 95 of 100 cases."""

    value: int
    precision: CountPrecision
    error: float | None = None


class CountArguments(NamedTuple):
    """What a count is asked by, the same for every parent. `limit`: where AT_MOST stops counting, else 0."""

    filter: Filter
    mode: CountMode
    limit: int
