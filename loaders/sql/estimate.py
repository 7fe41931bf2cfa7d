"""Estimates of counts: a sample of a list is looked at, and what rules of statistics say of the whole.

Of all media the sample has one id of each of SAMPLE stretches of the same length, chosen by a hash: media that stand
together, as the episodes of a series do, are not taken together, and ids that repeat a pattern do no harm. Of what
hangs on a parent the sample has those whose ids' hashes leave no rest. It is the same each time.

Where few of a sample are matched its error is large, and counting them all is cheap: then they are counted, in the same
statement. docs/counts.md has how far estimates are from the truth."""

from __future__ import annotations

from math import sqrt
from typing import Any

from database.row import Row
from loaders.core.read_session import ReadSession
from loaders.sql.count import count_sql, sum_of_counts_sql
from loaders.sql.count_mode import CountPrecision, MeasuredCount
from loaders.sql.source import Filter, Source, drive_from_join, where
from loaders.sql.statement import Composer

SAMPLE = 10_000
# Lists that are not longer are counted, which takes no longer than looking at a sample.
MOST_COUNTED = 200_000
# Fewer hits in a sample are not trusted: the error of so many is a fifth.
LEAST_HITS = 100
# Standard deviations within which 95 of 100 estimates are: 1.96 by the normal distribution, were samples independent of
# each other. They are one and the same; over a thousand filters it takes so many (docs/counts.md).
IN_95_OF_100 = 2.3

# One id of each stretch.
SAMPLE_IDS = (
    "m.id = any(ARRAY(SELECT start + abs(hashint8extended(start, 0) % ids.step)"
    f" FROM (SELECT greatest(1, max(id) / {SAMPLE}) AS step, max(id) AS most FROM media) AS ids,"
    " generate_series(0, ids.most, ids.step) AS start))"
)
SAMPLE_OF_PARENT = f"hashint8extended({{id}}, 0) % (1 + whole.n / {SAMPLE}) = 0"


def estimate_sql(source: Source[Any], filter: Filter, reader: ReadSession, composer: Composer, parents: str) -> str:
    """The SELECT of an estimate for each parent: parent, whole, seen, hits, and counted, NULL where they were not.

    `parents`: a FROM item with the alias parent(id). The source has kept counts."""
    whole = sum_of_counts_sql(source, "any(ARRAY[parent.id])")
    sample = SAMPLE_OF_PARENT.format(id=source.id_sql) if source.parent else SAMPLE_IDS
    within = f"{source.parent} = parent.id" if source.parent else "true"
    visible = f"{{visible:{source.visible}}}" if source.visible else ""
    composer.copies = source.copies
    hits = " AND ".join(filter.conditions(composer))
    beside, rest = drive_from_join(source, filter)
    if beside is not source and not count_sql(beside, rest, Composer(reader, Row), [])[1]:
        beside, rest = source, filter
    table = beside.counted_table if beside is not source else source.table
    counted = where(beside, rest, composer, parent="parent.id")
    composer.checks += 1
    return (
        "SELECT parent.id AS parent, whole.n AS whole, sampled.seen, sampled.hits, counted.n AS counted"
        f" FROM {parents} CROSS JOIN LATERAL (SELECT coalesce(sum(n), 0)::bigint AS n FROM ({whole}) AS kept(id, n))"
        " AS whole CROSS JOIN LATERAL"
        f" (SELECT count(*) AS seen, count(*) FILTER (WHERE {hits}) AS hits FROM {source.table}"
        f" WHERE {within} AND {sample}{visible} AND whole.n > {MOST_COUNTED}) AS sampled CROSS JOIN LATERAL"
        f" (SELECT count(*) AS n FROM {table} WHERE sampled.hits < {LEAST_HITS} AND {counted}) AS counted"
    )


def estimated(row: Any) -> MeasuredCount:
    """What a row of an estimate says."""
    whole, seen, hits = row["whole"], row["seen"], row["hits"]
    if hits < LEAST_HITS:
        return MeasuredCount(row["counted"], CountPrecision.EXACT)
    return MeasuredCount(round(whole * hits / seen), CountPrecision.ESTIMATED, round(error_of(whole, seen, hits), 4))


def error_of(whole: int, seen: int, hits: int) -> float:
    """The relative error of an estimate that 95 of 100 keep within, by the sample's size."""
    unseen = max(0.0, 1 - seen / whole) if whole else 0.0
    return IN_95_OF_100 * sqrt((1 - hits / seen) / hits * unseen)
