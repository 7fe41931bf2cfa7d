"""The statements of an import beside those of the upsert; docs/statements.md says how many a chunk takes."""

from __future__ import annotations

# So that one import of a library begins at a time.
LOCK_TARGET = """
SELECT id FROM library WHERE id = $1::bigint AND ($2::bigint[] IS NULL OR id = any($2::bigint[])) FOR NO KEY UPDATE
"""
# Another import of the library whose connection lives. After a minute without a sign it counts as gone all the same:
# behind a pooler connections outlive those who used them.
RUNNING = """
SELECT s.location FROM import_source s JOIN pg_stat_activity a ON a.pid = s.backend_pid
WHERE s.library_id = $1::bigint AND s.alive_at > clock_timestamp() - interval '60 seconds' LIMIT 1
"""
ADD_SOURCE = """
INSERT INTO import_source (library_id, format, location) VALUES ($1::bigint, $2::text, $3::text)
ON CONFLICT (library_id, format, location) DO NOTHING
"""
SOURCE = """
SELECT id, run, checkpoint FROM import_source
WHERE library_id = $1::bigint AND format = $2::text AND location = $3::text
"""
BEGIN_RUN = """
UPDATE import_source SET run = $2::integer, plan = $3::jsonb, checkpoint = $4::jsonb, backend_pid = pg_backend_pid(),
    alive_at = clock_timestamp()
WHERE id = $1::bigint
"""
# How far a run has come; no row where another one has taken its place.
CHECKPOINT = """
UPDATE import_source SET checkpoint = $3::jsonb, backend_pid = pg_backend_pid(), alive_at = clock_timestamp()
WHERE id = $1::bigint AND run = $2::integer RETURNING id
"""
CURRENT_RUN = "SELECT run, checkpoint FROM import_source WHERE id = $1::bigint"
# A run that has ended; what is interrupted keeps its checkpoint.
END_RUN = """
UPDATE import_source SET backend_pid = NULL, alive_at = NULL,
    checkpoint = CASE WHEN $3::boolean THEN NULL ELSE checkpoint END,
    synced_at = CASE WHEN $3::boolean THEN clock_timestamp() ELSE synced_at END
WHERE id = $1::bigint AND run = $2::integer RETURNING id
"""
# What was imported into a library ($1), from a location ($2) where that is given.
SOURCES = """
SELECT s.id, s.format, s.location, s.plan FROM import_source s
WHERE s.library_id = $1::bigint AND ($2::text IS NULL OR s.location = $2::text)
  AND ($3::bigint[] IS NULL OR s.library_id = any($3::bigint[]))
ORDER BY s.id
"""

# What is known of keys of a source.
KNOWN = """
SELECT key, fingerprint, media_id, is_duplicate FROM import_item WHERE source_id = $1::bigint AND key = any($2::text[])
"""
# What a source that asks is told of keys.
KNOWN_READINGS = """
SELECT key, fingerprint, memo FROM import_item
WHERE source_id = $1::bigint AND key = any($2::text[]) AND NOT is_duplicate
"""
# Items as they were imported. $2: the run; then keys, fingerprints, media, whether they are duplicates, memos.
PUT_ITEMS = """
INSERT INTO import_item (source_id, run, key, fingerprint, media_id, is_duplicate, memo)
SELECT $1::bigint, $2::integer, key, fingerprint, media_id, is_duplicate, memo
FROM unnest($3::text[], $4::bytea[], $5::bigint[], $6::boolean[], $7::bytea[])
    AS given(key, fingerprint, media_id, is_duplicate, memo)
ORDER BY key
ON CONFLICT (source_id, key) DO UPDATE
SET run = excluded.run, fingerprint = excluded.fingerprint, media_id = excluded.media_id,
    is_duplicate = excluded.is_duplicate, memo = excluded.memo
"""
# Items that are there still, where a run is to find out which are gone.
SEE_ITEMS = """
UPDATE import_item SET run = $2::integer
WHERE source_id = $1::bigint AND key = any($3::text[]) AND run <> $2::integer
"""
# Other items of the source that have the media of new ones ($2: keys, $3: media): key, media, other key, its run.
SHARED = """
SELECT given.key, i.media_id, i.key, i.run
FROM unnest($2::text[], $3::bigint[]) AS given(key, media_id)
JOIN import_item i ON i.media_id = given.media_id AND i.source_id = $1::bigint AND i.key <> given.key
WHERE NOT i.is_duplicate
"""

# Media of the source that have a file of these sizes and hashes: key, media, path, size, hash.
SAME_FILES = """
SELECT i.key, i.media_id, f.path, f.size, f.hash
FROM unnest($2::bigint[], $3::text[]) AS given(size, hash)
JOIN media_file f ON f.hash = given.hash AND f.size = given.size
JOIN import_item i ON i.media_id = f.media_id AND i.source_id = $1::bigint AND NOT i.is_duplicate
ORDER BY i.key
"""
# Files moved, where nobody has the new path. $1: media, $2: old paths, $3: new ones, $4: new names.
MOVE_FILES = """
UPDATE media_file f SET path = given.new_path, name = given.name
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS given(media_id, path, new_path, name)
WHERE f.media_id = given.media_id AND f.path = given.path
  AND NOT EXISTS (SELECT FROM media_file o WHERE o.path = given.new_path)
"""
MOVE_ITEMS = """
UPDATE import_item i SET key = given.new_key
FROM unnest($2::text[], $3::text[]) AS given(key, new_key)
WHERE i.source_id = $1::bigint AND i.key = given.key
"""

# How many items of a source are known, and how many of them a run has not seen.
COUNT_GONE = """
SELECT count(*), count(*) FILTER (WHERE run <> $2::integer) FROM import_item WHERE source_id = $1::bigint
"""
# Those after a key that it has not seen: what hangs on others first. $3: how deep, $4: after which key, $5: how many.
# Whether another item, of this source or another one, has the media still.
GONE = """
SELECT i.key, i.media_id, m.title, EXISTS (
    SELECT FROM import_item o WHERE o.media_id = i.media_id AND NOT o.is_duplicate
      AND (o.source_id <> i.source_id OR (o.key <> i.key AND o.run = $2::integer))
) OR i.is_duplicate AS is_held
FROM import_item i JOIN media m ON m.id = i.media_id LEFT JOIN media p ON p.id = m.parent_id
WHERE i.source_id = $1::bigint AND i.run <> $2::integer AND i.key > $4::text
  AND (m.parent_id IS NOT NULL)::integer + (p.parent_id IS NOT NULL)::integer = $3::integer
ORDER BY i.key LIMIT $5::integer
"""
FORGET_ITEMS = "DELETE FROM import_item WHERE source_id = $1::bigint AND key = any($2::text[])"
