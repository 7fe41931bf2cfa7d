"""People, collections and release groups deleted by hand, with what names them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from catalog.derived.declared import PAIRS
from catalog.derived.statements import deleted_rows
from catalog.edit import EditOutcome, add_events
from catalog.merged_ids import lock_by_id
from catalog.noun_edit.declared import EditedNoun
from catalog.noun_edit.uses import check_hidden_uses, count_uses
from catalog.transaction import Writer
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code

# So that nothing names them anew until the end of the transaction. Names are locked before media, by everybody.
LOCK_FOR_DELETION = "SELECT t.id FROM {noun} t WHERE t.id = any($1::bigint[]) ORDER BY t.id FOR UPDATE"

# The media that carry some of a noun, locked, with the number of rows by which they do.
LOCK_USERS = """
SELECT m.id, m.library_id, (
    SELECT count(*) FROM {rows} j WHERE j.media_id = m.id AND j.{noun}_id = any($1::bigint[])
) AS number
FROM media m WHERE m.id IN (SELECT j.media_id FROM {uses} j WHERE j.{noun}_id = any($1::bigint[]))
ORDER BY m.id FOR NO KEY UPDATE OF m
"""

DELETE_NOUN = "DELETE FROM {noun} t WHERE t.id = any($1::bigint[])"


def linked_table(noun: EditedNoun) -> str:
    """The table of a noun's links, or of the rows that these follow from."""
    return next((pair.source for pair in PAIRS if pair.table == noun.uses.table), noun.uses.table)


@cache
def delete_linked_rows(noun: EditedNoun) -> str:
    """Deletes the links of some of a noun, or the rows that these follow from, with counts and feed."""
    table = linked_table(noun)
    return deleted_rows(table, f"DELETE FROM {table} j WHERE j.{noun.table}_id = any($1::bigint[])", "j", feed=True)


async def delete_nouns(
    writer: Writer, noun: EditedNoun, places: Mapping[int, int], *, even_if_used: bool
) -> EditOutcome:
    """Deletes some of a noun. `places`: by id the place in what was given. NOT_FOUND; MERGED; IN_USE unless
    `even_if_used`; FORBIDDEN where what the viewer may not change would be changed with it."""
    outcome = EditOutcome()
    ids = sorted(places)
    _, missing = await lock_by_id(writer, noun.table, noun.sql(LOCK_FOR_DELETION), ids)
    uses = await count_uses(writer, noun, ids)
    for id, place in places.items():
        try:
            if id in missing:
                raise missing[id]
            check_uses(noun, *uses.get(id, (0, 0)), even_if_used=even_if_used)
            outcome.media.append(id)
        except CatalogError as error:
            outcome.fail(error, place, id)
    if noun.uses.links:
        await take_from_media(writer, noun, [id for id in outcome.media if id in uses])
    await writer.fetch(noun.sql(DELETE_NOUN), outcome.media)
    return outcome


async def take_from_media(writer: Writer, noun: EditedNoun, ids: list[int]) -> None:
    """Takes some of a noun from all media that carry them, with an event for each of these."""
    users = await writer.fetch(noun.sql(LOCK_USERS).replace("{rows}", linked_table(noun)), ids)
    await writer.fetch(delete_linked_rows(noun), ids)
    none = {"added": 0, "changed": 0}
    events: dict[int, Any] = {row["id"]: {noun.uses.list: {**none, "removed": row["number"]}} for row in users}
    await add_events(writer, HistoryEventType.UPDATED, {row["id"]: row for row in users}, events)


def check_uses(noun: EditedNoun, number: int, hidden: int, *, even_if_used: bool) -> None:
    """IN_USE, FORBIDDEN."""
    check_hidden_uses(noun, number, hidden)
    if number and not even_if_used:
        raise CatalogError(
            Code.IN_USE,
            f"{number} {noun.uses.things} have this {noun.words}: evenIfUsed deletes it nevertheless.",
        )
