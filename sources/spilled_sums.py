"""Sums by key in flat memory: what has come together goes to a temporary file from time to time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

MAX_HELD = 50_000

CREATE = "CREATE TABLE sums (thing TEXT, word TEXT, total REAL, count INTEGER, PRIMARY KEY (thing, word)) WITHOUT ROWID"
ADD = """
INSERT INTO sums VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET total = total + excluded.total, count = count + excluded.count
"""
OF_A_THING = "SELECT word, total, count FROM sums WHERE thing = ? ORDER BY count DESC, word"


class SpilledSums:
    """How often words were said of things, and the sums of numbers that came with them. To be closed."""

    def __init__(self) -> None:
        # A database without a name is a file of its own that goes with it. Its users are threads, one after the other.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(CREATE)
        self._held: dict[tuple[str, str], list[float]] = {}

    def add(self, thing: str, word: str, number: float = 0) -> None:
        held = self._held.setdefault((thing, word), [0, 0])
        held[0] += number
        held[1] += 1
        if len(self._held) > MAX_HELD:
            self._spill()

    def _spill(self) -> None:
        if self._held:
            self._database.execute("BEGIN")
            self._database.executemany(ADD, ((*key, *held) for key, held in sorted(self._held.items())))
            self._database.execute("COMMIT")
            self._held.clear()

    def of(self, thing: str) -> Iterator[tuple[str, float, int]]:
        """Words, sums and how often, the most frequent first."""
        self._spill()
        yield from self._database.execute(OF_A_THING, (thing,))

    def close(self) -> None:
        self._database.close()
