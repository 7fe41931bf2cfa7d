"""SQLite's FTS5."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from bench.search.documents import Document
from bench.search.engines.engine import BOOSTS, MOST, Engine, fields_of

TABLE = f'CREATE VIRTUAL TABLE movie USING fts5({", ".join(BOOSTS)}, tokenize = "unicode61 remove_diacritics 2")'
INSERT = f"INSERT INTO movie (rowid, {', '.join(BOOSTS)}) VALUES ({', '.join('?' * (len(BOOSTS) + 1))})"
RANK = f"bm25(movie, {', '.join(map(str, BOOSTS.values()))})"
SELECT = f"SELECT rowid FROM movie WHERE movie MATCH ? ORDER BY {RANK}, rowid LIMIT {MOST}"


def search(documents: Sequence[Document], queries: Sequence[str]) -> list[list[int]]:
    connection = sqlite3.connect(":memory:")
    connection.execute(TABLE)
    connection.executemany(INSERT, [(one.id, *fields_of(one).values()) for one in documents])
    found = [[row[0] for row in connection.execute(SELECT, [expression(query)])] for query in queries]
    connection.close()
    return found


def expression(query: str) -> str:
    """Each word in quotation marks, the last one as a prefix, joined by OR: AND finds nothing for a wrong letter."""
    words = [f'"{word}"' for word in re.findall(r"\w+", query)]
    return " OR ".join([*words[:-1], words[-1] + " *"])


FTS5 = Engine(
    "SQLite FTS5",
    sqlite3.sqlite_version,
    "`unicode61 remove_diacritics 2`; words joined by OR, the last one as a prefix; "
    f"`ORDER BY {RANK}`. It knows no wrong letters.",
    search,
)
