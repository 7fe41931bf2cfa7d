"""What is measured: each filter counted exactly, and estimated in three ways."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bench.counting.filters import Names, random_filters
from database.row import Row
from domain.viewer import UNRESTRICTED
from loaders.core.read_session import ReadSession
from loaders.media import MediaLoaders
from loaders.sql.condition import All
from loaders.sql.count_mode import CountArguments, CountMode, CountPrecision
from loaders.sql.facet import FacetArguments, FacetField
from loaders.sql.facets import Facets
from loaders.sql.measured_count import MeasuredCounts
from loaders.sql.source import where
from loaders.sql.statement import Composer

SEED = 14
COUNTS: MeasuredCounts = vars(MediaLoaders)["media_measured_count"]
FACETS: Facets = vars(MediaLoaders)["media_facets"]
ROOT = [0]
NAMES = """
SELECT t.folded_name FROM {noun} t JOIN {noun}_media_count c ON c.{noun}_id = t.id
GROUP BY t.id ORDER BY sum(c.media_count) DESC, t.id LIMIT 60
"""
WORDS = """
SELECT word FROM (SELECT regexp_split_to_table(folded_title, '[^a-z]+') AS word FROM media WHERE id % 50 = 0) AS words
WHERE length(word) > 3 GROUP BY word ORDER BY count(*) DESC, word LIMIT 60
"""
# Whole pages of the table, as PostgreSQL samples: about as many rows as the product's own sample has.
PAGES = """
SELECT count(*) AS seen, count(*) FILTER (WHERE {hits}) AS hits
FROM media m TABLESAMPLE SYSTEM ({share}) REPEATABLE (1)
"""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of counting one filter: the number, whether it is exact, and how long it took."""

    value: int
    is_exact: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One filter: the truth, and what each way said."""

    exact: Way
    sample: Way
    error: float | None  # what the sample's answer said of itself
    planner: Way
    pages: Way

    def off(self, way: Way) -> float:
        """By which part of the truth a way is off."""
        return abs(way.value - self.exact.value) / self.exact.value


class NoDatabase:
    """For statements that are composed here and sent over a connection of the benchmark's own."""

    async def fetch(self, statement: Any, values: Any, *, timeout: float | None = None, sent: Any = None) -> Any:
        raise NotImplementedError


def reader() -> ReadSession:
    return ReadSession(NoDatabase(), UNRESTRICTED)


def on_processor(pid: int) -> float:
    """For how many milliseconds a process has run on a processor; waiting for one does not count."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1_000_000


async def timed(connection: Any, text: str, values: Sequence[object]) -> tuple[list[Any], float]:
    """The rows, and the milliseconds that the server's process ran for, of the shorter of two runs."""
    pid = connection.get_server_pid()
    best = float("inf")
    rows: list[Any] = []
    for _ in range(2):
        started = on_processor(pid)
        rows = await connection.fetch(text, *values)
        best = min(best, on_processor(pid) - started)
    return rows, best


async def names_of(connection: Any) -> Names:
    async def listed(text: str) -> list[str]:
        return [row[0] for row in await connection.fetch(text)]

    genres, tags, channels = [await listed(NAMES.format(noun=noun)) for noun in ("genre", "tag", "channel")]
    return Names(genres, tags, channels, await listed(WORDS))


async def measure_counts(connection: Any, filters: int) -> list[Measured]:
    """So many filters that find something."""
    media = await connection.fetchval("SELECT count(*) FROM media")
    found: list[Measured] = []
    for filter in random_filters(SEED, await names_of(connection)):
        measured = await measure_one(connection, filter, media)
        if measured is not None:
            found.append(measured)
        if len(found) == filters:
            break
    return found


async def measure_one(connection: Any, filter: All, media: int) -> Measured | None:
    """None where nothing is found."""
    text, values = composed(COUNTS, CountArguments(filter, CountMode.EXACT, 0))
    [exact], took = await timed(connection, text, values)
    if not exact["count"]:
        return None
    truth = Way(exact["count"], True, took)
    arguments = CountArguments(filter, CountMode.ESTIMATED, 0)
    [row], took = await timed(connection, *composed(COUNTS, arguments))
    count = COUNTS.measured(row, arguments)
    sample = Way(count.value, count.precision is CountPrecision.EXACT, took)
    planner, pages = await by_planner(connection, filter), await by_pages(connection, filter, media)
    return Measured(truth, sample, count.error, planner, pages)


def composed(ref: Any, arguments: Any) -> tuple[str, list[object]]:
    """The statement for the root, and its values."""
    statement, values = ref.compose(reader(), arguments, ROOT)
    return statement.text, values


async def by_planner(connection: Any, filter: All) -> Way:
    """What EXPLAIN says of the rows of the filter."""
    composer = Composer(reader(), Row)
    conditions = where(COUNTS.source, filter, composer)
    text = composer.finish(f"EXPLAIN (FORMAT JSON) SELECT m.id FROM media m WHERE {conditions}")
    rows, took = await timed(connection, text, composer.values)
    [plan] = json.loads(rows[0][0])
    return Way(plan["Plan"]["Plan Rows"], False, took)


async def by_pages(connection: Any, filter: All, media: int) -> Way:
    """What a sample of the table's pages says."""
    composer = Composer(reader(), Row)
    hits = " AND ".join(filter.conditions(composer))
    text = composer.finish(PAGES.format(hits=hits, share=min(100.0, 1_000_000 / media)))
    rows, took = await timed(connection, text, composer.values)
    seen, hits_found = rows[0]
    return Way(round(media * hits_found / max(1, seen)), False, took)


USUAL = (FacetField.GENRE, FacetField.TAG, FacetField.YEAR)


@dataclass(frozen=True, slots=True)
class FacetTime:
    """What facets of one filter took; `matched`: media that it finds."""

    matched: int
    milliseconds: float


async def measure_facets(connection: Any, filters: int, of: tuple[FacetField, ...] = USUAL) -> list[FacetTime]:
    """The times of facets within random filters."""
    found = []
    for filter in islice(random_filters(SEED + 1, await names_of(connection)), filters):
        counted, values = composed(COUNTS, CountArguments(filter, CountMode.EXACT, 0))
        number = (await connection.fetchrow(counted, *values))["count"] or 0
        _, took = await timed(connection, *composed(FACETS, FacetArguments(filter, of, 10, True)))
        found.append(FacetTime(number, took))
    return found
