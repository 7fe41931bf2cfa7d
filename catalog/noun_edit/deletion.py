"""People, collections and release groups deleted by hand, with what names them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from catalog.derived.declared import PAIRS
from catalog.derived.statements import deleted_rows
from catalog.edit import EditOutcome
from catalog.noun_edit.declared import EditedNoun
from catalog.transaction import Writer
from domain.errors import CatalogError, Code

# The media that carry some of a noun. Media are locked before what they carry, by everybody.
LOCK_USERS = """
SELECT count(*) FROM (
    SELECT FROM media m WHERE m.id IN (SELECT j.media_id FROM {uses} j WHERE j.{noun}_id = any($1::bigint[]))
    ORDER BY m.id FOR NO KEY UPDATE
) AS users
"""

# So that nothing names them anew until the end of the transaction.
LOCK_FOR_DELETION = "SELECT t.id FROM {noun} t WHERE t.id = any($1::bigint[]) ORDER BY t.id FOR UPDATE"

# How many rows name each, and how many of them are in libraries that the viewer may not change.
COUNT_USES = """
SELECT u.{noun}_id, count(*), count(*) FILTER (WHERE NOT u.library_id = any($2::bigint[]))
FROM {uses} u WHERE u.{noun}_id = any($1::bigint[]) GROUP BY u.{noun}_id
"""

DELETE_NOUN = "DELETE FROM {noun} t WHERE t.id = any($1::bigint[])"


@cache
def delete_linked_rows(noun: EditedNoun) -> str:
    """Deletes the links of some of a noun, or the rows that these follow from, with counts and feed."""
    table = next((pair.source for pair in PAIRS if pair.table == noun.uses.table), noun.uses.table)
    return deleted_rows(table, f"DELETE FROM {table} j WHERE j.{noun.table}_id = any($1::bigint[])", "j", feed=True)


async def delete_nouns(
    writer: Writer, noun: EditedNoun, places: Mapping[int, int], *, even_if_used: bool
) -> EditOutcome:
    """Deletes some of a noun. `places`: by id the place in what was given. NOT_FOUND; IN_USE unless `even_if_used`;
    FORBIDDEN where what the viewer may not change would be changed with it."""
    outcome = EditOutcome()
    ids = sorted(places)
    await lock_users(writer, noun, ids if even_if_used else [])
    there = {row[0] for row in await writer.fetch(noun.sql(LOCK_FOR_DELETION), ids)}
    uses = {row[0]: (row[1], row[2]) for row in await writer.fetch(noun.sql(COUNT_USES), ids, writer.libraries)}
    for id, place in places.items():
        try:
            if id not in there:
                raise CatalogError(Code.NOT_FOUND, f"There is no such {noun.words}.")
            check_uses(noun, *uses.get(id, (0, 0)), even_if_used=even_if_used)
            outcome.media.append(id)
        except CatalogError as error:
            outcome.fail(error, place, id)
    used = [id for id in outcome.media if id in uses]
    await lock_users(writer, noun, used)  # with those that have come meanwhile
    if noun.uses.links:
        await writer.fetch(delete_linked_rows(noun), used)
    await writer.fetch(noun.sql(DELETE_NOUN), outcome.media)
    return outcome


async def lock_users(writer: Writer, noun: EditedNoun, ids: list[int]) -> None:
    """Media are locked before what they carry, by everybody."""
    if noun.uses.links:
        await writer.fetch(noun.sql(LOCK_USERS), ids)


def check_uses(noun: EditedNoun, number: int, hidden: int, *, even_if_used: bool) -> None:
    """IN_USE, FORBIDDEN."""
    if hidden:
        raise CatalogError(
            Code.FORBIDDEN,
            f"{number} {noun.uses.things} have this {noun.words}, {hidden} of them in libraries that you may not"
            " change: somebody who may has to delete it.",
        )
    if number and not even_if_used:
        raise CatalogError(
            Code.IN_USE,
            f"{number} {noun.uses.things} have this {noun.words}: evenIfUsed deletes it nevertheless.",
        )
