"""The journal of operations kept as long as the settings say: then it goes, and they can no longer be undone."""

from __future__ import annotations

from catalog.taxonomy.operation import DAYS
from catalog.transaction import Writer, transact
from database.protocols import WritingSession
from domain.settings import KNOWN
from domain.viewer import UNRESTRICTED

OPERATIONS = KNOWN["taxonomy.undo_operations"].default

# Those that are too old, too many, or undone. Nobody waits for who undoes one of them right now.
EXPIRED = """
SELECT o.id FROM taxonomy_operation o WHERE o.undoable_until IS NOT NULL AND (
    o.undone_by IS NOT NULL
    OR o.at < now() - make_interval(days => {days})
    OR o.id <= (
        SELECT k.id FROM taxonomy_operation k WHERE k.undoable_until IS NOT NULL
        ORDER BY k.id DESC LIMIT 1 OFFSET {operations}
    )
) ORDER BY o.id FOR UPDATE SKIP LOCKED
"""
SETTING = """
coalesce((SELECT s.value::text::integer FROM setting s
          WHERE s.key = '{key}' AND s.library_id IS NULL AND s.channel_id IS NULL), {default})
"""
PRUNE = """
WITH expired AS ({expired}), links AS (
    DELETE FROM taxonomy_link l USING expired e WHERE l.operation_id = e.id
), small AS (
    DELETE FROM taxonomy_row r USING expired e WHERE r.operation_id = e.id
), others AS (
    DELETE FROM taxonomy_reference r USING expired e WHERE r.operation_id = e.id
)
UPDATE taxonomy_operation o SET undoable_until = NULL FROM expired e WHERE o.id = e.id RETURNING o.id
""".replace(
    "{expired}",
    EXPIRED.replace("{days}", SETTING.replace("{key}", "taxonomy.undo_days").replace("{default}", str(DAYS))).replace(
        "{operations}",
        SETTING.replace("{key}", "taxonomy.undo_operations").replace("{default}", str(OPERATIONS)),
    ),
)


async def prune_journal(session: WritingSession) -> int:
    """How many operations can no longer be undone."""

    async def prune(writer: Writer) -> int:
        return len(await writer.fetch(PRUNE))

    return await transact(session, UNRESTRICTED, "prune_taxonomy_journal", prune)
