"""How far a run has come, where items or batches of them end in another order than they were begun in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Range: TypeAlias = tuple[int, int]  # the first and the last id


class JobPosition:
    """All items up to `after` are done, and those of `ranges` behind it. What is under way counts as not done.

    Ranges that have nothing under way between them become one, so that there are never many."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.after: int = state.get("after", 0)
        self.ranges: list[Range] = [(first, last) for first, last in state.get("ranges", ())]
        self._under_way: set[Range] = set()
        self._begun_to = self.after

    def begin(self, ids: Sequence[int]) -> None:
        """A batch is under way. Batches are begun in the order of their ids."""
        self._under_way.add((ids[0], ids[-1]))
        self._begun_to = ids[-1]

    def end(self, ids: Sequence[int]) -> None:
        """A batch is done."""
        self._under_way.remove((ids[0], ids[-1]))
        ranges: list[Range] = []
        for first, last in sorted([*self.ranges, (ids[0], ids[-1])]):
            if ranges and self._is_done_between(ranges[-1][1], first):
                ranges[-1] = ranges[-1][0], max(ranges[-1][1], last)
            else:
                ranges.append((first, last))
        if self._is_done_between(self.after, ranges[0][0]):
            self.after = ranges.pop(0)[1]
        self.ranges = ranges

    def _is_done_between(self, id: int, next_id: int) -> bool:
        return next_id <= self._begun_to and not any(first < next_id and last > id for first, last in self._under_way)

    def is_done(self, id: int) -> bool:
        return id <= self.after or any(first <= id <= last for first, last in self.ranges)

    def as_state(self) -> dict[str, Any]:
        """As JSON."""
        return {"after": self.after, "ranges": [list(one) for one in self.ranges]}
