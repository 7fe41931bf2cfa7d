"""How many rows the lists of a parent have on average, by the planner's estimates: a list is priced by that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from database.protocols import ReadingSession
from database.row import Row
from database.statement import PlanMode, Statement
from loaders.core.batch_loader import Many
from loaders.registry import Loaders
from loaders.sql.page import Pages

LOADER_NAME = re.compile(r"\w+_by_(\w+)_id")

# The rows of some tables, as of their last VACUUM or ANALYZE; -1 before the first. $1: names.
ROWS_OF_TABLES = Statement(
    "rows_of_tables",
    """SELECT c.relname::text AS name, c.reltuples::float8 AS rows FROM pg_class c
    WHERE c.relname = any($1::text[]) AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)""",
    Row,
    PlanMode.GENERIC,
)


def list_loaders() -> Iterator[tuple[str, str, str]]:
    """Of each loader of lists: its name, the table of the lists, the table of what they hang on.

    Of pages those of media: what tags or people have differs too much."""
    for group in Loaders.__mro__:
        for name, ref in vars(group).items():
            if isinstance(ref, Many) and (parent := LOADER_NAME.fullmatch(name)) is not None:
                yield name, ref.statement.table, parent[1]
            if isinstance(ref, Pages) and name.endswith("_by_media_id"):
                yield name, ref.source.table.split()[0], "media"


LIST_LOADERS = tuple(list_loaders())


async def read_average_lengths(database: ReadingSession) -> dict[str, float]:
    """Rows a parent, by the loader's name; not those whose tables nobody has looked at yet. One statement."""
    tables = sorted({table for _, *both in LIST_LOADERS for table in both})
    rows = {row["name"]: row["rows"] for row in await database.fetch(ROWS_OF_TABLES, [tables])}
    return {
        name: rows[table] / rows[parent]
        for name, table, parent in LIST_LOADERS
        if rows.get(table, -1) >= 0 and rows.get(parent, -1) > 0
    }
