"""The batch report: what an answer has cost, as a client sees it in `extensions.marquee`."""

from __future__ import annotations

from typing import Any

from loaders.core.load_stats import BatchStats, LoadStats


def verdict(stats: LoadStats) -> str:
    """ "ok", or which fields' loads came apart, and how."""
    words = [
        f"{one.field} came apart into {len(one.batches)} batches: {one.late_loads} loads came "
        f"{one.late_by * 1000:.1f} ms after the first batch had been sent"
        for one in stats.splits
    ]
    words += [f"{name} was sent outside a loader" for name in stats.unbatched]
    return "; ".join(words) or "ok"


def batch_report(batch: BatchStats, started: float, *, is_split: bool) -> dict[str, Any]:
    """One batch; times in milliseconds, `startMs` from the start of the execution."""
    return {
        "loader": batch.loader,
        "wave": batch.wave,
        "split": is_split,
        "keys": batch.keys,
        "uniqueKeys": batch.unique,
        "cacheHits": batch.hits,
        "statements": sum(one.was_sent for one in batch.sent),
        "rows": batch.rows,
        "startMs": milliseconds(batch.first_load - started),
        "waitMs": milliseconds(batch.waited),
        "runMs": milliseconds(batch.ran),
        "fields": list(batch.fields),
        "sql": [one.text for one in batch.sent],
    }


def report(stats: LoadStats, started: float, elapsed: float, fallback: str | None = None) -> dict[str, Any]:
    """The whole report. Statements and rows are those that the database was asked for and gave.

    `fallback`: why the operation was left to the reference executor."""
    apart = stats.split_batches
    return {
        "engine": "compiled" if fallback is None else "reference",
        "fallback": fallback,
        "statements": sum(one.was_sent for batch in stats.batches for one in batch.sent) + len(stats.unbatched),
        "rows": sum(batch.rows for batch in stats.batches),
        "elapsedMs": milliseconds(elapsed),
        "verdict": verdict(stats),
        "batches": [batch_report(batch, started, is_split=place in apart) for place, batch in enumerate(stats.batches)],
    }


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
