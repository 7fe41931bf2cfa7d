"""Ids of those that were merged into others of their noun: what is said of them where they are to be changed.

As references, in filters and in what media are given, they stand for what they became."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.taxonomy.noun import TAXONOMY_NOUNS
from catalog.transaction import Writer
from domain.errors import CatalogError, Code
from domain.ids import format_id

READ_REDIRECTS = "SELECT id, {noun}_id FROM {noun}_redirect WHERE id = any($1::bigint[])"

MERGED_NOUNS = frozenset(noun.name for noun in TAXONOMY_NOUNS.values())


async def errors_of_missing(writer: Writer, noun: str, ids: Iterable[int]) -> dict[int, CatalogError]:
    """By id why one that is not there cannot be changed: MERGED with what it became, or NOT_FOUND. One statement where
    any is missing, none else."""
    missing = sorted(ids)
    is_merged = noun in MERGED_NOUNS and missing
    rows = await writer.fetch(READ_REDIRECTS.replace("{noun}", noun), missing) if is_merged else []
    merged = {row[0]: row[1] for row in rows}
    return {id: error_of_missing(noun, id, merged.get(id)) for id in missing}


def error_of_missing(noun: str, id: int, became: int | None) -> CatalogError:
    given = format_id(noun, id)
    if became is None:
        return CatalogError(Code.NOT_FOUND, f"There is no {noun.replace('_', ' ')} {given}.")
    return CatalogError(Code.MERGED, f"{given} was merged into {format_id(noun, became)} already: name that one.")
