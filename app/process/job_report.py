"""The report of a run as tables: its numbers, and one table for each list in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

# The database keeps no order of names: these come first, in this order.
ORDER = (
    *("code", "category", "releases", "succeeded", "failed", "successRate", "groups"),
    *("cacheHits", "cacheHitRate", "calls", "releasesPerMinute", "seconds"),
)


def ordered(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def report_tables(report: Mapping[str, Any]) -> list[Table]:
    """Of whatever kind of job: its keys are the words."""
    numbers = Table("Report", "")
    lists = []
    for name in ordered(report):
        value = report[name]
        if isinstance(value, list):
            lists += [list_table(name, value)] if value else []
        else:
            numbers.add_row(words_of(name), cell(name, value))
    return [numbers, *lists]


def list_table(name: str, rows: list[Mapping[str, Any]]) -> Table:
    columns = ordered(rows[0])
    table = Table(*map(words_of, columns), title=words_of(name), title_justify="left")
    for row in rows:
        table.add_row(*(cell(column, row.get(column)) for column in columns))
    return table


def words_of(name: str) -> str:
    """ "cacheHitRate" -> "Cache hit rate"."""
    return escape(re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower().capitalize())


def cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return escape(value)
    if name.endswith("Rate"):
        return f"{100 * value:.1f} %"
    return f"{value:,}"
