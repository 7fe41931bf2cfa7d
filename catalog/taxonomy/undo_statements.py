"""Statements that put back what the journal of an operation holds."""

from __future__ import annotations

from functools import lru_cache

from catalog.derived.declared import FEED
from catalog.derived.statements import copied, deleted_rows, noted
from catalog.taxonomy.noun import Noun
from catalog.taxonomy.statements import for_noun, of_reference, same_key

READ_OPERATION = """
SELECT o.id, o.noun, o.kind, o.undone_by, o.undoable_until, o.undoable_until > now() AS is_undoable
FROM taxonomy_operation o WHERE o.id = $1::bigint
"""
SET_UNDONE = "UPDATE taxonomy_operation SET undone_by = $2::bigint WHERE id = $1::bigint"

# Rows of a small table as they were, as they became, and as they are now.
READ_ROWS = """
SELECT r.old, r.new, to_jsonb(t) AS now FROM taxonomy_row r
CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, coalesce(r.old, r.new)) AS k
LEFT JOIN {table} t ON {same}
WHERE r.operation_id = $1::bigint AND r.table_name = '{table}'
ORDER BY coalesce(r.old, r.new)
"""

# The names that an operation has changed, or whose aliases and parents it has, and those that media had ($2): nobody
# else changes them from here on. Those who have the names and external ids by now, which may be taken from them, are
# among these. By ids, and before media.
LOCK_JOURNAL_NAMES = """
SELECT t.id FROM {noun} t WHERE t.id = any($2::bigint[]) OR t.id IN (
    SELECT (one.row ->> name)::bigint FROM taxonomy_row r, LATERAL (VALUES (r.old), (r.new)) AS one(row),
        (VALUES ('id'), ('{noun}_id'), ('parent_id')) AS names(name)
    WHERE r.operation_id = $1::bigint AND (r.table_name = '{noun}' OR r.table_name LIKE '{noun}\\_%')
{owners}) ORDER BY t.id FOR NO KEY UPDATE
"""

PRESENT_OWNERS = """    UNION ALL SELECT t.{noun}_id FROM taxonomy_row r
    CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, r.old) AS k JOIN {table} t ON {same}
    WHERE r.operation_id = $1::bigint AND r.table_name = '{table}'
"""

# The media of an operation, and those of what it has made ($3), in the order of their ids.
LOCK_JOURNAL_MEDIA = """
SELECT count(*), count(*) FILTER (WHERE NOT locked.library_id = any($2::bigint[])) FROM (
    SELECT m.library_id FROM media m WHERE m.id IN (
        SELECT media_id FROM taxonomy_link WHERE operation_id = $1::bigint {references}
        UNION ALL SELECT media_id FROM media_{noun} WHERE {noun}_id = any($3::bigint[])
    ) ORDER BY m.id FOR NO KEY UPDATE
) AS locked
"""
LOCK_REFERENCES = """
UNION ALL SELECT c.media_id FROM taxonomy_reference r JOIN {table} c ON c.{key} = r.row_id
WHERE r.operation_id = $1::bigint
UNION ALL SELECT (r.old ->> 'media_id')::bigint FROM taxonomy_row r
WHERE r.operation_id = $1::bigint AND r.table_name = '{table}'
"""

# What is to become of each link. GONE: the media is; NAME: what it had cannot be put back; DONE: it has been;
# EDITED: it has lost what it was given, or lost it and was given it again; FULL: it has too many by now.
LINK_STATES = """
SELECT l.media_id, l.old_id, l.new_id, l.is_added, l.tagged_at, CASE
    WHEN m.id IS NULL THEN 'GONE'
    WHEN l.old_id = any($2::bigint[]) THEN 'NAME'
    WHEN o.media_id IS NOT NULL THEN 'DONE'
    WHEN l.new_id IS NOT NULL AND (n.media_id IS NULL {retagged}) AND NOT $3::boolean THEN 'EDITED'
    WHEN (SELECT count(*) FROM media_{noun} a WHERE a.media_id = l.media_id)
         + count(*) FILTER (WHERE o.media_id IS NULL) OVER (PARTITION BY l.media_id)
         - count(*) FILTER (WHERE l.is_added AND n.media_id IS NOT NULL) OVER (PARTITION BY l.media_id) > {most}
    THEN 'FULL' ELSE 'OK' END AS state
FROM taxonomy_link l
LEFT JOIN media m ON m.id = l.media_id
LEFT JOIN media_{noun} n ON n.media_id = l.media_id AND n.{noun}_id = l.new_id
LEFT JOIN media_{noun} o ON o.media_id = l.media_id AND o.{noun}_id = l.old_id
WHERE l.operation_id = $1::bigint
"""
RETAGGED = "OR l.is_added AND n.tagged_at <> l.tagged_at"

# Links put back. What a media was given goes where all that it stood for comes back.
RESTORE = """
WITH link AS MATERIALIZED ({states}), cleared AS (
    DELETE FROM media_{noun} j USING (
        SELECT media_id, new_id FROM link WHERE new_id IS NOT NULL GROUP BY media_id, new_id
        HAVING bool_or(is_added) AND bool_and(state IN ('OK', 'DONE')) AND bool_or(state = 'OK')
    ) AS l WHERE j.media_id = l.media_id AND j.{noun}_id = l.new_id RETURNING j.media_id, j.{noun}_id, j.library_id
), restored AS (
    INSERT INTO media_{noun} (media_id, {noun}_id, {names}{time})
    SELECT m.id, l.old_id, {copies}{value} FROM link l JOIN media m ON m.id = l.media_id
    WHERE l.state = 'OK' ORDER BY m.id, l.old_id RETURNING media_id, {noun}_id, library_id
), counted AS (
    INSERT INTO {noun}_media_count ({noun}_id, library_id, media_count)
    SELECT {noun}_id, library_id, sum(number) FROM (
        SELECT {noun}_id, library_id, -1 AS number FROM cleared
        UNION ALL SELECT {noun}_id, library_id, 1 FROM restored
    ) AS delta GROUP BY {noun}_id, library_id HAVING sum(number) <> 0
){noted} SELECT state, count(*), (array_agg(DISTINCT media_id))[1:20] FROM link GROUP BY state
"""
LOOK = """
WITH link AS MATERIALIZED ({states})
SELECT state, count(*), (array_agg(DISTINCT media_id))[1:20] FROM link GROUP BY state
"""

# Credits and clips that name what they named before; those that name something else by now are counted. Those that had
# become equal to others come back where the other one is there.
REFERENCES = """
WITH given AS (
    SELECT r.row_id, r.old_id, c.media_id, c.{noun}_id AS now_id
    FROM taxonomy_reference r JOIN {table} c ON c.{key} = r.row_id
    WHERE r.operation_id = $1::bigint AND NOT r.old_id = any($2::bigint[])
      AND (c.{noun}_id IS NOT DISTINCT FROM r.new_id OR $3::boolean) AND c.{noun}_id IS DISTINCT FROM r.old_id
), dropped AS MATERIALIZED (
    SELECT c.{key} AS id, c.media_id, c.{noun}_id AS old_id, r.old || jsonb_build_object({copies}) AS row, CASE
        WHEN EXISTS (SELECT FROM {table} t WHERE t.{key} = c.{key}) THEN 'DONE'
        WHEN m.id IS NOT NULL AND ($3::boolean OR EXISTS (
            SELECT FROM {table} k WHERE k.media_id = c.media_id AND k.{noun}_id = (r.new ->> '{noun}_id')::bigint
                AND {both}
        )) THEN 'OK' ELSE 'EDITED' END AS state
    FROM taxonomy_row r CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, r.old) AS c
    LEFT JOIN media m ON m.id = c.media_id
    WHERE r.operation_id = $1::bigint AND r.table_name = '{table}' AND NOT c.{noun}_id = any($2::bigint[])
), edited AS (
    SELECT (SELECT count(*) FROM dropped WHERE state = 'EDITED') + count(*) AS number FROM taxonomy_reference r
    LEFT JOIN {table} c ON c.{key} = r.row_id
    WHERE r.operation_id = $1::bigint
      AND c.{noun}_id IS DISTINCT FROM r.new_id AND c.{noun}_id IS DISTINCT FROM r.old_id
)"""
RESTORE_REFERENCES = (
    REFERENCES
    + """, moved AS (
    UPDATE {table} c SET {noun}_id = g.old_id{raised} FROM given g
    WHERE c.{key} = g.row_id RETURNING c.{key} AS id, c.media_id, c.{noun}_id, g.now_id AS old_id
), returned AS (
    INSERT INTO {table} SELECT o.* FROM dropped d, jsonb_populate_record(NULL::{table}, d.row) AS o
    WHERE d.state = 'OK' ORDER BY d.id RETURNING {key} AS id, media_id, {noun}_id
), changed AS (
    SELECT * FROM moved UNION ALL SELECT id, media_id, {noun}_id, NULL FROM returned
){pieces} SELECT (SELECT count(DISTINCT (media_id, {noun}_id)) FROM changed), number FROM edited
"""
)
LOOK_REFERENCES = (
    REFERENCES
    + """
SELECT (SELECT count(DISTINCT (media_id, old_id)) FROM (
    SELECT media_id, old_id FROM given UNION ALL SELECT media_id, old_id FROM dropped WHERE state = 'OK'
) AS changed), number FROM edited
"""
)

# Links of what an operation has made that are not of its own.
OTHERS = """
SELECT j.{noun}_id AS id, count(*) AS number, count(*) FILTER (WHERE NOT j.library_id = any($3::bigint[])) AS hidden
FROM media_{noun} j WHERE j.{noun}_id = any($2::bigint[]) AND {other} GROUP BY j.{noun}_id
"""
OF_LINKS = """
NOT EXISTS (
    SELECT FROM taxonomy_link l
    WHERE l.operation_id = $1::bigint AND l.media_id = j.media_id AND l.new_id = j.{noun}_id AND l.is_added
)
"""
OF_REFERENCES = """
EXISTS (
    SELECT FROM {table} c WHERE c.media_id = j.media_id AND c.{noun}_id = j.{noun}_id AND NOT EXISTS (
        SELECT FROM taxonomy_reference r WHERE r.operation_id = $1::bigint AND r.row_id = c.{key}
    )
)
"""
DELETE_LINKS = "DELETE FROM media_{noun} j WHERE j.{noun}_id = any($1::bigint[])"

OLD_IDS = """
SELECT old_id FROM taxonomy_link WHERE operation_id = $1::bigint
UNION SELECT old_id FROM taxonomy_reference WHERE operation_id = $1::bigint {dropped}
"""
OLD_IDS_OF_DROPPED = """
UNION SELECT (r.old ->> '{noun}_id')::bigint FROM taxonomy_row r
WHERE r.operation_id = $1::bigint AND r.table_name = '{table}'
"""
# What was renamed and what was made, as far as it is there: nobody is given these from here on.
LOCK_CHANGED = """
SELECT t.id, r.old IS NULL AS is_made FROM taxonomy_row r JOIN {noun} t ON t.id = (r.new ->> 'id')::bigint
WHERE r.operation_id = $1::bigint AND r.table_name = '{noun}' ORDER BY t.id FOR UPDATE OF t
"""

# How many media that may not be changed carry some of a noun.
COUNT_HIDDEN = """
SELECT count(*) FROM ({links}) AS l WHERE l.id = any($1::bigint[]) AND NOT l.library_id = any($2::bigint[])
"""

LEAVE_NAMES = "UPDATE {noun} t SET folded_name = chr(1) || t.id WHERE t.id = any($1::bigint[])"
DELETE_NAMED = "DELETE FROM {noun} WHERE id = any($1::bigint[])"

TAKE_AWAY = """
DELETE FROM {table} t USING jsonb_populate_recordset(NULL::{table}, $1::text::jsonb) AS o WHERE {same}
"""


def of_table(text: str, noun: Noun, table: str) -> str:
    return text.replace("{same}", same_key(noun.tables[table], "t", "k")).replace("{table}", table)


def take_away(noun: Noun, table: str) -> str:
    return TAKE_AWAY.replace("{same}", same_key(noun.tables[table], "t", "o")).replace("{table}", table)


def lock_journal_names(noun: Noun) -> str:
    owners = "".join(of_table(PRESENT_OWNERS, noun, table) for table in noun.owned_tables)
    return for_noun(noun, LOCK_JOURNAL_NAMES.replace("{owners}", owners))


def lock_journal_media(noun: Noun) -> str:
    references = "" if noun.reference is None else of_reference(noun, LOCK_REFERENCES)
    return for_noun(noun, LOCK_JOURNAL_MEDIA.replace("{references}", references))


def old_ids(noun: Noun) -> str:
    dropped = "" if noun.reference is None else of_reference(noun, OLD_IDS_OF_DROPPED)
    return OLD_IDS.replace("{dropped}", dropped)


def others(noun: Noun) -> str:
    if noun.is_paired:
        return of_reference(noun, OTHERS.replace("{other}", OF_REFERENCES))
    return for_noun(noun, OTHERS.replace("{other}", OF_LINKS))


@lru_cache
def restore_links(noun: Noun, *, is_preview: bool) -> str:
    """What becomes of links, and how many media and which first ones, by state."""
    names, copies = copied(f"media_{noun.name}")
    rows = (
        "SELECT id, library_id, 'UPDATED' FROM media WHERE id IN"
        " (SELECT media_id FROM restored UNION SELECT media_id FROM cleared) ORDER BY id"
    )
    text = (LOOK if is_preview else RESTORE).replace("{states}", LINK_STATES)
    for marker, value in {
        "{retagged}": RETAGGED if noun.has_times else "",
        "{most}": str(noun.most),
        "{names}": names,
        "{copies}": copies,
        "{time}": ", tagged_at" if noun.has_times else "",
        "{value}": ", l.tagged_at" if noun.has_times else "",
        "{noted}": f", noted AS ({noted(rows).text})" if f"media_{noun.name}" in FEED else "",
    }.items():
        text = text.replace(marker, value)
    return for_noun(noun, text)


@lru_cache
def delete_links(noun: Noun) -> str:
    return deleted_rows(f"media_{noun.name}", for_noun(noun, DELETE_LINKS), "j", feed=True)
