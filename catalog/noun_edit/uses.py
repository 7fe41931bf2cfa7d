"""What carries some of a noun, and whether all of it may be changed."""

from __future__ import annotations

from catalog.noun_edit.declared import EditedNoun
from catalog.transaction import Writer
from domain.errors import CatalogError, Code

# How many rows name each, and how many of them are in libraries that the viewer may not change.
COUNT_USES = """
SELECT u.{noun}_id, count(*), count(*) FILTER (WHERE NOT u.library_id = any($2::bigint[]))
FROM {uses} u WHERE u.{noun}_id = any($1::bigint[]) GROUP BY u.{noun}_id
"""


async def count_uses(writer: Writer, noun: EditedNoun, ids: list[int]) -> dict[int, tuple[int, int]]:
    """By id how many rows name it, and how many of these are in libraries that may not be changed."""
    rows = await writer.fetch(noun.sql(COUNT_USES), ids, writer.libraries)
    return {row[0]: (row[1], row[2]) for row in rows}


def check_hidden_uses(noun: EditedNoun, number: int, hidden: int) -> None:
    """FORBIDDEN where some of what carries it may not be changed."""
    if hidden:
        raise CatalogError(
            Code.FORBIDDEN,
            f"{number} {noun.uses.things} have this {noun.words}, {hidden} of them in libraries that you may not"
            " change: somebody who may has to do it.",
        )
