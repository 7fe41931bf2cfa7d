"""Statements of taxonomy edits, by noun: sets of rows, whatever the number of names and media.

{noun} is the noun's table. Pairs are arrays of ids: those that go, and what takes their places (NULL: nothing)."""

from __future__ import annotations

from functools import lru_cache

from catalog.derived.declared import COPIES, FEED
from catalog.derived.statements import new_pairs, noted, old_pairs, own
from catalog.taxonomy.noun import Noun

READ_NAMED = """
SELECT t.id, t.name, t.version FROM {noun} t WHERE $1::bigint[] IS NULL OR t.id = any($1::bigint[]) ORDER BY t.id
"""
READ_OWNERS = """
SELECT n.folded, n.{noun}_id AS id, n.is_primary FROM {noun}_name n
WHERE $1::bigint[] IS NULL OR n.{noun}_id = any($1::bigint[]) OR n.folded = any($2::text[])
"""
READ_PARENTS = "SELECT tag_id, parent_id FROM tag_parent ORDER BY tag_id, parent_id"
READ_EXTERNAL_IDS = """
SELECT x.source, x.value, x.{noun}_id FROM {noun}_external_id x WHERE x.{noun}_id = any($1::bigint[])
ORDER BY x.source, x.value
"""
READ_SETTING = "SELECT value FROM setting WHERE key = $1::text AND library_id IS NULL AND channel_id IS NULL"

# Names stand still, while media may still be given them; and nobody can be given them any longer, as those that go and
# those whose key, the folded name, changes. By ids, as everybody locks them, and before media.
LOCK_NAMES = "SELECT id, name, version FROM {noun} WHERE id = any($1::bigint[]) ORDER BY id FOR NO KEY UPDATE"
LOCK_ROWS = "SELECT id FROM {noun} WHERE id = any($1::bigint[]) ORDER BY id FOR UPDATE"

CHOSEN = "l.id = any($1::bigint[]) AND ($2::bigint[] IS NULL OR l.media_id = any($2::bigint[]))"

# What media have of each, as numbers that differ where the media do; of those of $4 how many are in libraries that may
# not be changed.
DIGEST = f"""
SELECT l.id, count(*) AS number, bit_xor(hashint8extended(l.media_id, 0)) AS mark,
       count(*) FILTER (WHERE l.id = any($4::bigint[]) AND NOT l.library_id = any($3::bigint[])) AS hidden
FROM ({{links}}) AS l WHERE {CHOSEN} GROUP BY l.id
"""
LOCK_LINKED_MEDIA = f"""
SELECT count(*) FROM (
    SELECT FROM media m WHERE m.id IN (SELECT l.media_id FROM ({{links}}) AS l WHERE {CHOSEN})
    ORDER BY m.id FOR NO KEY UPDATE
) AS locked
"""

ADD_OPERATION = """
INSERT INTO taxonomy_operation (noun, kind, origin, detail, renamed, merged, external_ids, undoable_until, undoes, who)
SELECT $1::text, $2::text, $3::text, $4::jsonb, $5::bigint, $6::bigint, $7::bigint,
       CASE WHEN $8::bigint IS NULL THEN now() + make_interval(days => coalesce(
           (SELECT s.value::text::integer FROM setting s WHERE s.key = 'taxonomy.undo_days'
                AND s.library_id IS NULL AND s.channel_id IS NULL), $9::integer)) END, $8::bigint, $10::text
RETURNING id
"""
SET_MOVED = "UPDATE taxonomy_operation SET moved = $2::bigint WHERE id = $1::bigint"

PAIR = "unnest($2::bigint[], $3::bigint[]) AS pair(old_id, new_id)"

# The links of media that go: the first of those that become one takes its place, with its time, unless it is there.
LINKS = """
SELECT j.media_id, j.library_id, j.{noun}_id AS old_id, pair.new_id, {time} AS tagged_at,
       pair.new_id IS NOT NULL
       AND row_number() OVER (PARTITION BY j.media_id, pair.new_id ORDER BY {time}, j.{noun}_id) = 1
       AND NOT EXISTS (SELECT FROM media_{noun} k WHERE k.media_id = j.media_id AND k.{noun}_id = pair.new_id)
       AS is_added
FROM media_{noun} j JOIN {pair} ON j.{noun}_id = pair.old_id
WHERE $4::bigint[] IS NULL OR j.media_id = any($4::bigint[])
"""
MOVE = """
WITH link AS MATERIALIZED ({links}), journal AS (
    INSERT INTO taxonomy_link (operation_id, media_id, old_id, new_id, is_added, tagged_at)
    SELECT $1::bigint, media_id, old_id, new_id, is_added, tagged_at FROM link
), moved AS (
    UPDATE media_{noun} j SET {noun}_id = l.new_id FROM link l
    WHERE l.is_added AND j.media_id = l.media_id AND j.{noun}_id = l.old_id
), dropped AS (
    DELETE FROM media_{noun} j USING link l
    WHERE NOT l.is_added AND j.media_id = l.media_id AND j.{noun}_id = l.old_id
), counted AS (
    INSERT INTO {noun}_media_count ({noun}_id, library_id, media_count)
    SELECT id, library_id, sum(number) FROM (
        SELECT old_id AS id, library_id, -1 AS number FROM link
        UNION ALL SELECT new_id, library_id, 1 FROM link WHERE is_added
    ) AS delta GROUP BY id, library_id HAVING sum(number) <> 0
){noted} SELECT count(*) FROM link
"""

# Rows that name another one now. Of those of a media that become equal the one that was there stays, else the first;
# what the others were goes into the journal as a whole. `changed`: all of them, as the pairs that follow read it.
MOVE_REFERENCES = """
WITH given AS MATERIALIZED (
    SELECT c.{key} AS id, c.media_id, pair.old_id, pair.new_id, {is_equal} AS is_equal
    FROM {table} c JOIN {pair} ON c.{noun}_id = pair.old_id
    WHERE $4::bigint[] IS NULL OR c.media_id = any($4::bigint[])
), changed AS (SELECT id, media_id, new_id AS {noun}_id, old_id FROM given), moved AS (
    UPDATE {table} c SET {noun}_id = g.new_id{raised} FROM given g WHERE c.{key} = g.id AND NOT g.is_equal
), dropped AS (
    DELETE FROM {table} c USING given g WHERE c.{key} = g.id AND g.is_equal
    RETURNING c.{key} AS id, to_jsonb(c) AS row
), journal AS (
    INSERT INTO taxonomy_reference (operation_id, row_id, old_id, new_id)
    SELECT $1::bigint, id, old_id, new_id FROM given WHERE NOT is_equal
), dropped_journal AS (
    INSERT INTO taxonomy_row (operation_id, table_name, old, new)
    SELECT $1::bigint, '{table}', d.row, jsonb_build_object('{noun}_id', g.new_id)
    FROM dropped d JOIN given g USING (id)
){pieces} SELECT count(DISTINCT (media_id, old_id)) FROM given
"""
IS_EQUAL = """
(row_number() OVER (PARTITION BY c.media_id, pair.new_id, {own} ORDER BY c.position, c.{key}) > 1
OR EXISTS (SELECT FROM {table} k WHERE k.media_id = c.media_id AND k.{noun}_id = pair.new_id AND {both}))
"""

# What a channel is set to goes along where the other has no such value.
MOVE_SETTINGS = """
WITH given AS (
    SELECT s.key, s.channel_id AS old_id, pair.new_id, to_jsonb(s) AS row,
           pair.new_id IS NOT NULL AND row_number() OVER (PARTITION BY s.key, pair.new_id ORDER BY s.channel_id) = 1
           AND NOT EXISTS (SELECT FROM setting k WHERE k.key = s.key AND k.channel_id = pair.new_id) AS is_added
    FROM setting s JOIN {pair} ON s.channel_id = pair.old_id
), journal AS (
    INSERT INTO taxonomy_row (operation_id, table_name, old, new)
    SELECT $1::bigint, 'setting', row, NULL FROM given
    UNION ALL SELECT $1::bigint, 'setting', NULL, row || jsonb_build_object('channel_id', new_id)
    FROM given WHERE is_added
), moved AS (
    UPDATE setting s SET channel_id = g.new_id FROM given g
    WHERE g.is_added AND s.key = g.key AND s.channel_id = g.old_id
)
DELETE FROM setting s USING given g WHERE NOT g.is_added AND s.key = g.key AND s.channel_id = g.old_id
"""

# Rows of a small table taken away and put in, as JSON, with the journal.
REPLACE_OLD = """
WITH given AS (SELECT old, new FROM jsonb_to_recordset($2::text::jsonb) AS given(old jsonb, new jsonb)), journal AS (
    INSERT INTO taxonomy_row (operation_id, table_name, old, new) SELECT $1::bigint, '{table}', old, new FROM given
)
DELETE FROM {table} t USING given g, LATERAL jsonb_populate_record(NULL::{table}, g.old) AS o
WHERE g.old IS NOT NULL AND {same}
"""
REPLACE_NEW = """
INSERT INTO {table} SELECT o.* FROM jsonb_populate_recordset(NULL::{table}, $1::text::jsonb) AS o
"""

REDIRECT = """
WITH pair AS (SELECT old_id, new_id FROM {pair}), followed AS (
    UPDATE {noun}_redirect r SET {noun}_id = pair.new_id FROM pair
    WHERE r.{noun}_id = pair.old_id AND pair.new_id IS NOT NULL RETURNING r.id, pair.old_id, pair.new_id
), added AS (
    INSERT INTO {noun}_redirect (id, {noun}_id) SELECT old_id, new_id FROM pair WHERE new_id IS NOT NULL
    RETURNING id, {noun}_id
), lost AS (
    DELETE FROM {noun}_redirect r USING pair WHERE r.{noun}_id = pair.old_id AND pair.new_id IS NULL
    RETURNING r.id, r.{noun}_id
)
INSERT INTO taxonomy_row (operation_id, table_name, old, new)
SELECT $1::bigint, '{noun}_redirect', jsonb_build_object('id', id, '{noun}_id', old_id),
       jsonb_build_object('id', id, '{noun}_id', new_id) FROM followed
UNION ALL SELECT $1::bigint, '{noun}_redirect', NULL, jsonb_build_object('id', id, '{noun}_id', {noun}_id) FROM added
UNION ALL SELECT $1::bigint, '{noun}_redirect', jsonb_build_object('id', id, '{noun}_id', {noun}_id), NULL FROM lost
"""

# Those that have gone, and those that get another name: these make room for each other first.
DELETE_NAMED_ROWS = """
WITH gone AS (DELETE FROM {noun} t WHERE t.id = any($2::bigint[]) RETURNING to_jsonb(t) AS row)
INSERT INTO taxonomy_row (operation_id, table_name, old) SELECT $1::bigint, '{noun}', row FROM gone
"""
LEAVE_FOLDED = """
WITH given AS (SELECT * FROM jsonb_to_recordset($2::text::jsonb) AS given(id bigint, columns jsonb)), journal AS (
    INSERT INTO taxonomy_row (operation_id, table_name, old, new)
    SELECT $1::bigint, '{noun}', to_jsonb(t), to_jsonb(t) || g.columns || jsonb_build_object('version', t.version + 1)
    FROM {noun} t JOIN given g ON g.id = t.id
)
UPDATE {noun} t SET folded_name = chr(1) || t.id FROM given g WHERE t.id = g.id
"""
# A version counts the changes of a name, of aliases, of parents and of external ids: where only these have changed,
# columns are {}.
WRITE_ROWS = """
UPDATE {noun} t SET {sets}, version = t.version + 1
FROM jsonb_to_recordset($1::text::jsonb) AS given(id bigint, columns jsonb) WHERE t.id = given.id
"""
CREATE_NAMED = """
WITH made AS (
    INSERT INTO {noun} ({columns}) SELECT {values} FROM jsonb_populate_record(NULL::{noun}, $2::jsonb) AS r
    RETURNING {noun}.*
), journal AS (
    INSERT INTO taxonomy_row (operation_id, table_name, new) SELECT $1::bigint, '{noun}', to_jsonb(made) FROM made
)
SELECT id FROM made
"""


def links_of(noun: Noun) -> str:
    """Which media have to do with which of a noun, and their libraries."""
    text = f"SELECT {noun.key} AS id, media_id, library_id FROM media_{noun.name}"
    if noun.reference is not None and not noun.is_paired:
        table = noun.reference.table
        text += (
            f" UNION ALL SELECT c.{noun.key}, c.media_id, m.library_id FROM {table} c JOIN media m ON m.id = c.media_id"
        )
    return text


def for_noun(noun: Noun, text: str) -> str:
    """A statement's text for a noun."""
    columns = ("name", "folded_name", "slug") if noun.has_aliases else ("name", "folded_name")
    own_columns = own("r", columns)
    sets = f"({', '.join(columns)}) = (SELECT {own_columns} FROM jsonb_populate_record(t, given.columns) AS r)"
    return (
        text.replace("{links}", links_of(noun))
        .replace("{pair}", PAIR)
        .replace("{sets}", sets)
        .replace("{columns}", ", ".join(columns))
        .replace("{values}", own_columns)
        .replace("{noun}", noun.name)
    )


@lru_cache
def move_links(noun: Noun) -> str:
    """MOVE of a noun: gives the number of links."""
    links = LINKS.replace("{time}", "j.tagged_at" if noun.has_times else "NULL::timestamptz")
    rows = "SELECT DISTINCT media_id, library_id, 'UPDATED' FROM link ORDER BY media_id"
    feed = f", noted AS ({noted(rows).text})" if f"media_{noun.name}" in FEED else ""
    return for_noun(noun, MOVE.replace("{links}", links).replace("{noted}", feed))


@lru_cache
def move_references(noun: Noun) -> str:
    """MOVE_REFERENCES of a noun, with the pairs that follow: gives the number of links."""
    assert noun.reference is not None
    return of_reference(noun, MOVE_REFERENCES)


def of_reference(noun: Noun, text: str) -> str:
    """A statement about the table whose rows name some of a noun."""
    assert noun.reference is not None
    reference = noun.reference
    for marker, value in {
        "{is_equal}": IS_EQUAL.replace("{own}", own("c", reference.same)) if reference.same else "false",
        "{both}": " AND ".join(f"k.{name} IS NOT DISTINCT FROM c.{name}" for name in reference.same) or "true",
        "{copies}": ", ".join(f"'{name}', m.{name}" for name in COPIES.get(reference.table, ())),
        "{raised}": ", version = c.version + 1" if reference.has_version else "",
        "{table}": reference.table,
        "{key}": reference.key,
        "{pieces}": pairs_follow(noun),
    }.items():
        text = text.replace(marker, value)
    return for_noun(noun, text)


def pairs_follow(noun: Noun) -> str:
    """Pairs of rows in `changed` that had old_id: those that have gone, and those that are new."""
    if noun.reference is None or not noun.is_paired:
        return ""
    table = noun.reference.table
    gone = [
        piece._replace(
            text=piece.text.replace(f"DISTINCT media_id, {noun.key}", f"DISTINCT media_id, old_id AS {noun.key}")
        )
        for piece in old_pairs(table)
    ]
    parts = [piece._replace(name=f"{piece.name}_{place}") for place, piece in enumerate(gone)]
    parts = [part._replace(text=part.text.replace(f"FROM {gone[0].name} ", f"FROM {parts[0].name} ")) for part in parts]
    return "".join(f", {part.name} AS ({part.text})" for part in (*parts, *new_pairs(table)))


def replace_old(table: str, keys: tuple[str, ...]) -> str:
    return REPLACE_OLD.replace("{same}", same_key(keys, "t", "o")).replace("{table}", table)


def replace_new(table: str) -> str:
    return REPLACE_NEW.replace("{table}", table)


def same_key(keys: tuple[str, ...], one: str, other: str) -> str:
    """NULL equals NULL where a key may be NULL."""
    sign = "IS NOT DISTINCT FROM" if "library_id" in keys else "="
    return " AND ".join(f"{one}.{key} {sign} {other}.{key}" for key in keys)
