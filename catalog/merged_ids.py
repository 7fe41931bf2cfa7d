"""Ids of those that were merged into others of their noun: what is said of them where they are to be changed.

As references, in filters and in what media are given, they stand for what they became."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from catalog.taxonomy.noun import TAXONOMY_NOUNS
from catalog.transaction import Writer
from database.row import Row
from domain.errors import CatalogError, Code
from domain.ids import format_id

READ_REDIRECTS = "SELECT id, {noun}_id FROM {noun}_redirect WHERE id = any($1::bigint[])"

# A statement that locks some of a noun, with those that are not there any more and what they became.
LOCKED_OR_MERGED = """
WITH locked AS ({locks}) SELECT locked.*, NULL::bigint AS became FROM locked
UNION ALL SELECT r.id, {others}r.{noun}_id FROM {noun}_redirect r WHERE r.id = any($1::bigint[])
"""

MERGED_NOUNS = frozenset(noun.name for noun in TAXONOMY_NOUNS.values())


@cache
def locked_or_merged(noun: str, locks: str, others: tuple[str, ...]) -> str:
    text = LOCKED_OR_MERGED.replace("{locks}", locks).replace("{noun}", noun)
    return text.replace("{others}", "".join(f"NULL::{type}, " for type in others))


async def lock_by_id(
    writer: Writer, noun: str, locks: str, ids: Collection[int], *others: str
) -> tuple[dict[int, Row], dict[int, CatalogError]]:
    """By id the rows that a statement locks, and why one that is not there cannot be changed: MERGED with what it
    became, or NOT_FOUND. locks: the statement, whose first column is the id; others: the types of its other columns."""
    merges = noun in MERGED_NOUNS
    rows = await writer.fetch(locked_or_merged(noun, locks, others) if merges else locks, sorted(ids))
    became = {row["id"]: row["became"] for row in rows if row["became"] is not None} if merges else {}
    locked = {row["id"]: row for row in rows if row["id"] not in became}
    return locked, {id: error_of_missing(noun, id, became.get(id)) for id in ids if id not in locked}


async def error_of_first_missing(writer: Writer, noun: str, ids: Collection[int]) -> CatalogError:
    """MERGED, NOT_FOUND. ids: of those that are not there; the lowest one is told of."""
    first = min(ids)
    rows = await writer.fetch(READ_REDIRECTS.replace("{noun}", noun), [first])
    return error_of_missing(noun, first, rows[0][1] if rows else None)


def error_of_missing(noun: str, id: int, became: int | None) -> CatalogError:
    given = format_id(noun, id)
    if became is None:
        return CatalogError(Code.NOT_FOUND, f"There is no {noun.replace('_', ' ')} {given}.")
    return CatalogError(Code.MERGED, f"{given} was merged into {format_id(noun, became)} already: name that one.")
