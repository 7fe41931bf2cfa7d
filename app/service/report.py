"""The batch report: what an answer has cost, as a client sees it in `extensions.marquee`."""

from __future__ import annotations

from typing import Any

from loaders.core.load_stats import Batch, Ledger


def verdict(ledger: Ledger) -> str:
    """ "ok", or which fields' loads came apart, and how."""
    words = [
        f"{one.field} came apart into {len(one.batches)} batches: {one.late_loads} loads came "
        f"{one.late_by * 1000:.1f} ms after the first batch had been sent"
        for one in ledger.splits
    ]
    words += [f"{name} was sent outside a loader" for name in ledger.strays]
    return "; ".join(words) or "ok"


def batch_report(batch: Batch, started: float, *, is_split: bool) -> dict[str, Any]:
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


def report(ledger: Ledger, started: float, elapsed: float, fallback: str | None = None) -> dict[str, Any]:
    """The whole report. Statements and rows are those that the database was asked for and gave.

    `fallback`: why the operation was left to the reference executor."""
    apart = ledger.apart
    return {
        "engine": "compiled" if fallback is None else "reference",
        "fallback": fallback,
        "statements": sum(one.was_sent for batch in ledger.batches for one in batch.sent) + len(ledger.strays),
        "rows": sum(batch.rows for batch in ledger.batches),
        "elapsedMs": milliseconds(elapsed),
        "verdict": verdict(ledger),
        "batches": [
            batch_report(batch, started, is_split=place in apart) for place, batch in enumerate(ledger.batches)
        ],
    }


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
