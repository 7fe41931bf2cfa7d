"""Fair shares of the database: statements that run long are few at a time, so that short ones find connections and
processors free; what costs too much is refused before it runs.

A statement that a request composes of its filter is priced by rules first: its checks of one media, times the media.
Where that is not cheap the planner is asked, once in a while for statements of one text."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from database.statement import Statement
from domain.errors import CatalogError, Code

# Checks that take no more than some 50 ms together: nobody asks the planner about them.
CHEAP_CHECKS = 100_000
# In the planner's units, of which 1,000 take 5 to 30 ms.
LONG_COST = 5_000.0
# A statement that was taken for a short one and ran for so many seconds is a long one from then on.
LONG_SECONDS = 0.25
REMEMBERED_SECONDS = 600.0
MAX_REMEMBERED = 5_000
MAX_PATTERN_LENGTH = 8  # letters from which on the length of a pattern makes no difference


@dataclass(frozen=True, slots=True)
class ShareLimits:
    """`long`: statements that run at once; `waiting`: how many may wait, and for how many `seconds`; `cost`: what a
    statement may cost, in the planner's units."""

    long: int = 1
    waiting: int = 500
    seconds: float = 8.0
    cost: float = 5_000_000.0


class Lane:
    """The turns of long statements, in the order in which they were asked for."""

    def __init__(self, limits: ShareLimits) -> None:
        self._limits = limits
        self._turns = asyncio.Semaphore(limits.long)
        self.running = 0
        self.waiting = 0

    @property
    def is_free(self) -> bool:
        return not self._turns.locked()

    async def enter(self) -> None:
        """Waits for a turn; DATABASE_BUSY where too many wait, or where it does not come in time."""
        limits = self._limits
        if not self.is_free and self.waiting >= limits.waiting:
            raise CatalogError(Code.DATABASE_BUSY, f"{self.waiting} long statements wait already: try again later.")
        self.waiting += 1
        try:
            async with asyncio.timeout(limits.seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise CatalogError(
                Code.DATABASE_BUSY,
                f"Long statements run {limits.long} at a time, and none ended in {limits.seconds:g} s: "
                "try again, or use a simpler filter or order.",
            ) from None
        finally:
            self.waiting -= 1
        self.running += 1

    def leave(self) -> None:
        self.running -= 1
        self._turns.release()


class Shares:
    """The prices of a pool's statements, and the turns of the long ones.

    `media`: how many the database has, None before the first connection."""

    def __init__(self, limits: ShareLimits | None = None) -> None:
        self._limits = limits or ShareLimits()
        self._costs: dict[int, tuple[float, float]] = {}  # cost and when it is forgotten, by shape
        self.lane = Lane(self._limits)
        self.estimating = asyncio.Lock()
        self.media: int | None = None

    def may_be_long(self, statement: Statement[Any]) -> bool:
        """Whether rules do not know that it is cheap."""
        return statement.checks * (self.media or 0) > CHEAP_CHECKS

    def cost(self, statement: Statement[Any], values: Sequence[object]) -> float | None:
        """What the planner said of it, or of one like it; None where it was not asked lately."""
        cost, until = self._costs.get(shape(statement, values), (0.0, 0.0))
        return cost if until > monotonic() else None

    def remember(self, statement: Statement[Any], values: Sequence[object], cost: float) -> None:
        if len(self._costs) >= MAX_REMEMBERED:
            self._costs.clear()
        self._costs[shape(statement, values)] = (cost, monotonic() + REMEMBERED_SECONDS)

    def ran(self, statement: Statement[Any], values: Sequence[object], seconds: float) -> None:
        """A statement that was taken for a short one has run."""
        if seconds > LONG_SECONDS:
            self.remember(statement, values, LONG_COST)

    def is_long(self, statement: Statement[Any], cost: float) -> bool:
        """Whether it has to wait for its turn; TOO_EXPENSIVE for what may not run."""
        if cost > self._limits.cost:
            raise CatalogError(
                Code.TOO_EXPENSIVE,
                f"The database estimates the cost of this at {cost:,.0f}, and {self._limits.cost:,.0f} is allowed: it "
                f"makes up to {statement.checks} checks of each of {self.media or 0:,} media. Use fewer conditions, "
                "ids or whole names in place of parts of names, longer parts, or ask for no totalCount.",
            )
        return cost >= LONG_COST


def shape(statement: Statement[Any], values: Sequence[object]) -> int:
    """What statements that cost about the same have in common: their text and the length of what they look for."""
    return hash((statement.text, tuple(map(magnitude, values))))


def magnitude(value: object) -> Hashable:
    """What of a value decides on how much it finds."""
    if isinstance(value, str):
        return min(len(value), MAX_PATTERN_LENGTH)
    return len(value).bit_length() if isinstance(value, list | tuple) else None
