"""A level's lists as they come from the database: their rows, one after the other, not put into lists yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from database.row import Row

K = TypeVar("K")
R = TypeVar("R", bound=Row)
V = TypeVar("V")


class GroupedRows(Sequence[list[R]], Generic[K, R]):
    """The rows of each key, which is their first column. They are put into lists only where somebody wants them so.

    repeats: some keys were asked for several times, and have the same list each time."""

    __slots__ = ("_asked", "_keys", "_made", "rows")

    def __init__(self, keys: Sequence[K], rows: list[R], asked: Sequence[K] | None = None) -> None:
        self._keys = keys
        self._asked = asked
        self._made: list[list[R]] | None = None
        self.rows = rows

    def repeated(self, asked: Sequence[K]) -> GroupedRows[K, R]:
        """The same for keys that are asked for several times."""
        return GroupedRows(self._keys, self.rows, asked)

    @property
    def repeats(self) -> bool:
        return self._asked is not None

    def share(self, values: Iterable[V]) -> Iterable[list[V]]:
        """One value a row, as the list of each key, in the order of the keys."""
        # A dictionary of lists: measured against groupby, slices and a last key, this is the least work for a row.
        found: dict[K, list[V]] = {key: [] for key in self._keys}
        for row, value in zip(self.rows, values, strict=True):
            found[row[0]].append(value)
        return found.values() if self._asked is None else map(found.__getitem__, self._asked)

    def __len__(self) -> int:
        return len(self._keys if self._asked is None else self._asked)

    def __iter__(self) -> Iterator[list[R]]:
        return iter(self._lists)

    def __getitem__(self, place: Any) -> Any:
        return self._lists[place]

    @property
    def _lists(self) -> list[list[R]]:
        if self._made is None:
            self._made = list(self.share(self.rows))
        return self._made
