"""Media deleted: many in one transaction, by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.derived.statements import deleted_media
from catalog.edit import EditOutcome, add_events, lock_media, no_such_media
from catalog.transaction import Writer
from database.row import Row
from domain.enums import HistoryEventType
from domain.errors import CatalogError, Code

# Media with all that hang on them, at most two levels down; by whom they were asked for. Which of them may be changed.
FAMILIES = """
WITH RECURSIVE family AS (
    SELECT id, id AS root, library_id FROM media WHERE id = any($1::bigint[])
    UNION ALL SELECT m.id, f.root, m.library_id FROM media m JOIN family f ON m.parent_id = f.id
)
SELECT id, root, $2::bigint[] IS NULL OR library_id = any($2::bigint[]) FROM family
"""

DELETE = deleted_media("id = any($1::bigint[])")


async def delete_media(
    writer: Writer, media: Mapping[int, int], *, with_children: bool
) -> tuple[EditOutcome, list[int]]:
    """Deletes media: a tombstone stays in media_change, and their history. The ids of all that are gone.

    With each media its place. One on which others hang fails with HAS_CHILDREN unless these are to go with it."""
    outcome = EditOutcome()
    families = await writer.fetch(FAMILIES, list(media), writer.libraries)
    members: dict[int, set[int]] = {}
    for one, root, _ in families:
        members.setdefault(root, set()).add(one)
    hidden = {row[0] for row in families if not row[2]}
    locked = await lock_media(writer, [row[0] for row in families])
    gone: dict[int, dict[str, Any]] = {}
    for one, place in media.items():
        try:
            if one not in locked:
                raise no_such_media()
            family = current_family(one, members[one], locked, hidden)
            if len(family) > 1 and not with_children and not family <= {*media}:
                raise CatalogError(Code.HAS_CHILDREN, "Other media hang on this one: delete them too, or before.")
            if not family <= locked.keys():
                raise CatalogError(Code.NOT_FOUND, "Some media that hang on this one cannot be deleted by you.")
            gone |= {member: {"title": locked[member]["row"]["title"]} for member in family}
            outcome.media.append(one)
        except CatalogError as error:
            outcome.fail(error, place, one)
    await add_events(writer, HistoryEventType.DELETED, locked, gone)
    await writer.fetch(DELETE, list(gone))
    return outcome, sorted(gone)


def current_family(root: int, family: set[int], locked: Mapping[int, Row], hidden: set[int]) -> set[int]:
    """A media and those of its family that still hang on it now that they are locked: others may have been moved or
    deleted since they were found. Hidden ones cannot be looked at, and count as they were found."""
    kept = {root}
    while more := {
        one for one in family - kept if one in hidden or (one in locked and locked[one]["row"]["parent_id"] in kept)
    }:
        kept |= more
    return kept
