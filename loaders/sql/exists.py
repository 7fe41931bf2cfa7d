"""How it is looked up that a media has a row in a table: beginning with the rows, or row by row along a walk."""

from __future__ import annotations

import re

# The alias of the rows that belong to a media, in conditions about them; that of the second ones of two.
ATTACHED, JOINED = "f", "f_2"
ATTACHED_COLUMN = re.compile(rf"\b{ATTACHED}\.")

# Rows that one thing may have for their media to be kept in memory.
FEW_ROWS = 5_000


def exists_sql(table: str, where: str, *, fenced: bool = False) -> str:
    """`where`: " AND ..." or nothing."""
    return f"EXISTS (SELECT FROM {table} f WHERE f.media_id = m.id{where}{' OFFSET 0' if fenced else ''})"


def joined_sql(table: str, where: str, other: str, other_where: str) -> str:
    """That a media has a row in either table, as one EXISTS, which the planner joins before it looks at the media."""
    there = ATTACHED_COLUMN.sub(f"{JOINED}.", other_where)
    return exists_sql(f"{other} {JOINED}, {table}", f"{where} AND {JOINED}.media_id = f.media_id{there}")


def checked_sql(table: str, where: str) -> str:
    """As it is checked for each row of a walk: the media of few rows are kept in memory, those of many looked up.

    Left to itself PostgreSQL reads all rows of a common thing, since it does not know how soon the walk ends."""
    rows = f"FROM {table} f WHERE true{where}"
    few = f"SELECT count(*) < {FEW_ROWS} FROM (SELECT {rows} LIMIT {FEW_ROWS}) AS few"
    return f"CASE WHEN ({few}) THEN m.id IN (SELECT f.media_id {rows}) ELSE {exists_sql(table, where, fenced=True)} END"
