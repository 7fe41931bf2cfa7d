"""All engines, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.database import Database
from bench.machine import commit
from bench.search.engines import tantivy
from bench.search.engines.engine import Engine
from bench.search.engines.marquee import marquee
from bench.search.engines.minisearch import MINISEARCH
from bench.search.engines.postgres import full_text
from bench.search.engines.sqlite import FTS5

ENGINES = ("marquee", "minisearch", "tantivy", "fts5", "postgresql")


def engines(database: Database, folder: Path, version: str, asked: Sequence[str]) -> list[Engine]:
    """Marquee and its peers, those asked for. `version`: PostgreSQL's. Raises MissingEngineError."""
    made: dict[str, Callable[[], Engine]] = {
        "marquee": lambda: marquee(database, folder, commit()),
        "minisearch": lambda: MINISEARCH,
        "tantivy": tantivy.engine,
        "fts5": lambda: FTS5,
        "postgresql": lambda: full_text(database.args, version),
    }
    return [made[name]() for name in asked]
