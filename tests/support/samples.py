"""A row or more of every noun that hangs on media, so that each loader, type and field has something to answer.

One statement a table: it gives rows to the media with small ids, whatever they are. A noun of its own adds its line; a
plain list of a media needs one only where its columns have checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.refold import fold_pending
from domain.media_lists import MEDIA_LISTS
from domain.memberships import MEMBERSHIPS
from tests.support.derived import selected_rows, settle
from tests.support.sessions import session_over

MEDIA = 90

# Nouns that the demo's media carry already.
OF_THE_DEMO = ("tag", "genre")


def samples_of(noun: str) -> Iterator[tuple[str, str]]:
    """Thirty of a noun that media carry, the third with the alias "c3" for a channel, two for each media."""
    yield (
        noun,
        f"""INSERT INTO {noun} (name, folded_name, slug)
        SELECT '{noun.capitalize()} ' || n, '{noun} ' || n, '{noun}-' || n
        FROM generate_series(1, 30) n WHERE n <= $1 ON CONFLICT DO NOTHING""",
    )
    yield (
        f"{noun}_name",
        f"""INSERT INTO {noun}_name (folded, {noun}_id, is_primary)
        SELECT folded_name, id, true FROM {noun} WHERE id <= $1
        UNION ALL SELECT '{noun[0]}' || id, id, false FROM {noun} WHERE id <= $1 ON CONFLICT DO NOTHING""",
    )
    yield (
        f"media_{noun}",
        f"""INSERT INTO media_{noun}
            (media_id, {noun}_id, library_id, sort_title, year, rating_tenths, added_at)
        SELECT m.id, t.id, m.library_id, m.sort_title, m.year, m.rating_tenths, m.added_at
        FROM media m JOIN {noun} t ON t.id IN (1 + m.id % 5, 1 + m.id % 30)
        WHERE m.id <= $1 ON CONFLICT DO NOTHING""",
    )


# By table; $1: the highest id of a media that is given rows.
SAMPLES = {
    "media": """UPDATE media SET kind = 'EPISODE', season_number = 1, episode_number = media.id, parent_id = series.id
        FROM (SELECT library_id, min(id) AS id FROM media WHERE kind = 'SERIES' GROUP BY 1) AS series
        WHERE media.kind = 'CLIP' AND series.library_id = media.library_id AND media.id <= $1""",
    "facts": """UPDATE media SET season_number = id % 50, episode_number = id % 240 / 10,
            metadata = jsonb_build_object('genres', jsonb_build_array('g' || id % 1000, 'h' || id % 7), 'number', id)
        WHERE id <= $1 AND id % 5 = 0""",
    **{table: text for one in MEMBERSHIPS if one.noun not in OF_THE_DEMO for table, text in samples_of(one.noun)},
    "external_id": """INSERT INTO external_id (media_id, source, value)
        SELECT id, 'demo', id::text FROM media WHERE id <= $1 ON CONFLICT DO NOTHING""",
    "person_external_id": """INSERT INTO person_external_id (person_id, source, value)
        SELECT id, source, id::text FROM person, unnest(ARRAY['imdb', 'tmdb']) AS source WHERE id <= $1""",
    "collection": """INSERT INTO collection (kind, name, folded_name, description)
        SELECT (ARRAY['MANUFACTURER', 'BOX_SET', 'PLAYLIST', 'SERIES', 'OTHER'])[1 + n % 5],
            'Collection ' || n / 2, 'collection ' || n / 2, CASE WHEN n % 3 > 0 THEN 'Number ' || n END
        FROM generate_series(1, 21 + $1::int / 100) AS n""",
    "media_collection": """INSERT INTO media_collection
            (media_id, collection_id, position, library_id, sort_title, year, rating_tenths, added_at)
        SELECT id, collection_id, id * 7 % 1000, library_id, sort_title, year, rating_tenths, added_at
        FROM media, unnest(ARRAY[1 + id % 20, 21 + id % (1 + $1::int / 100)]) AS collection_id WHERE id <= $1""",
    "music": """INSERT INTO music (media_id, tempo_hundredths, key_signature, time_signature, track_count, duration_ms,
            programs, tempo_changes)
        SELECT id, 6000 + id * 37 % 14000, (ARRAY['C major', 'F# minor', 'Bb major'])[1 + id % 4],
            (ARRAY['4/4', '3/4', '6/8'])[1 + id % 4], id % 17, id * 1001,
            ARRAY[(id % 128)::int], jsonb_build_array(jsonb_build_array(0, 6000)) FROM media WHERE id <= $1""",
    "release_group": """INSERT INTO release_group (name, folded_name, score_thousandths, analysed_at)
        SELECT 'Group ' || n, 'group ' || n, CASE WHEN n % 10 > 0 THEN n * 271 % 1001 END, timestamptz '2024-01-01'
        FROM generate_series(1, 30 + $1::int / 50) AS n""",
    "release": """INSERT INTO release
            (media_id, library_id, release_group_id, name, folded_name, category, size, state, failure, published_at)
        SELECT CASE WHEN id % 10 > 0 THEN id END, CASE WHEN id % 10 > 0 THEN library_id END,
            CASE WHEN id % 7 > 0 THEN 1 + id % (30 + $1::int / 50) END, title || ' ' || n, folded_title || ' ' || n,
            (ARRAY['movies', 'music', 'games'])[1 + id % 3], id * 1000003, (ARRAY['NEW', 'ANALYSED', 'FAILED'])[1 + n],
            CASE n WHEN 2 THEN 'No answer' END, CASE WHEN id % 13 > 0 THEN added_at + id % 100 * interval '1 h' END
        FROM media, generate_series(0, 2) AS n WHERE id <= $1 AND (n = 0 OR id % 5 = n)""",
    "job_run": """INSERT INTO job_run (type, library_id, status, total, succeeded, worker_id)
        SELECT 'job ' || n % 12, (ARRAY(SELECT id FROM library ORDER BY id))[1 + n % 6],
            CASE n % 50 WHEN 0 THEN 'FAILED' WHEN 1 THEN 'QUEUED' WHEN 2 THEN 'RUNNING' ELSE 'SUCCEEDED' END, n, n / 2,
            CASE n % 50 WHEN 2 THEN gen_random_uuid() END
        FROM generate_series(1, 80 + $1::int / 5) AS n""",
    "history_event": """INSERT INTO history_event (media_id, library_id, type, at, detail)
        SELECT id + CASE WHEN n = 2 THEN 1000000000 ELSE 0 END, library_id,
            CASE n WHEN 0 THEN 'CREATED' WHEN 2 THEN 'DELETED'
                ELSE (ARRAY['UPDATED', 'TAGGED', 'FAILED'])[1 + id % 3] END,
            added_at + n * interval '1 h', jsonb_build_object('n', n)
        FROM media, generate_series(0, 2) AS n WHERE id <= $1 AND (n < 2 OR id % 50 = 0)""",
    "artwork": """INSERT INTO artwork (media_id, type, url, state, path)
        SELECT id, (ARRAY['POSTER', 'POSTER', 'BACKDROP', 'LOGO'])[1 + id % 4], 'https://example.org/' || id || '.jpg',
            state, CASE state WHEN 'DOWNLOADED' THEN 'artwork/' || id END
        FROM media, LATERAL (SELECT (ARRAY['DOWNLOADED', 'WANTED', 'DOWNLOADING', 'FAILED'])[id % 40 + 1] AS state) AS s
        WHERE id <= $1""",
    "clip": """INSERT INTO clip (media_id, channel_id, duration_ms, size, source_url)
        SELECT id, (SELECT c.id FROM channel c WHERE c.id = 1 + media.id % 35), nullif(id % 7, 0) * 12345,
            id * 1000003, 'https://example.org/' || id || '.mp4' FROM media WHERE id % 2 = 1 AND id <= $1""",
    "thumbnail": """INSERT INTO thumbnail (media_id, state, offset_ms, path, width, height, error)
        SELECT id, state, 1500 * at, CASE state WHEN 'READY' THEN 'thumbnails/' || id || '-' || at END,
            CASE state WHEN 'READY' THEN 320 END, CASE state WHEN 'READY' THEN 180 END,
            CASE state WHEN 'FAILED' THEN 'The file ends early.' END
        FROM media, generate_series(2, 1, -1) AS at,
            LATERAL (SELECT CASE id % 50 + at WHEN 1 THEN 'PENDING' WHEN 2 THEN 'FAILED' ELSE 'READY' END AS state) AS s
        WHERE id <= $1""",
    "subtitle": """INSERT INTO subtitle
            (media_id, language, format, path, url, is_forced, is_for_hearing_impaired, state)
        SELECT id, language, CASE WHEN id % 3 > 0 THEN 'srt' END,
            CASE state WHEN 'DOWNLOADED' THEN 'subtitles/' || id END, 'https://example.org/' || id,
            id % 10 = 0, id % 9 = 0, state
        FROM media, unnest(ARRAY['pt-BR', 'en', 'de']) AS language,
            LATERAL (SELECT CASE id % 20 WHEN 0 THEN 'WANTED' WHEN 1 THEN 'DOWNLOADING' WHEN 2 THEN 'FAILED'
                ELSE 'DOWNLOADED' END AS state) AS s
        WHERE id <= $1 AND (id % 100 < 40 OR language <> 'de')""",
    "credit": "UPDATE credit SET job = 'Head of ' || lower(role) WHERE media_id % 2 = 1 AND media_id <= least($1, 90)",
    "media_alias": """INSERT INTO media_alias (media_id, title, folded_title, language)
        SELECT id, title || ' ' || n, folded_title || ' ' || n, (ARRAY['fr', 'de', 'pt-BR', NULL])[1 + (id + n) % 4]
        FROM media, generate_series(1, 2) AS n WHERE id <= $1 AND id % 3 < n""",
    "tagline": """INSERT INTO tagline (media_id, text, folded_text, position)
        SELECT id, 'In a world of ' || title, 'in a world of ' || folded_title, n FROM media, generate_series(0, 1) AS n
        WHERE id <= $1 AND id % 3 >= n""",
    "categorisation": """INSERT INTO categorisation (media_id, category, value)
        SELECT id, category, category || ' ' || id % size
        FROM media, (VALUES ('mood', 7), ('audience', 3), ('shelf', 1000)) AS one (category, size) WHERE id <= $1""",
    "process_timestamp": """INSERT INTO process_timestamp (media_id, process, processed_at)
        SELECT id, process, timestamptz '2024-01-01 00:00Z' + id % 1000 * interval '1 hour'
        FROM media, unnest(ARRAY['tagger', 'thumbnails']) AS process
        WHERE id <= $1 AND (process = 'thumbnails' OR id % 10 > 0)""",
    "media_file": """INSERT INTO media_file
        (media_id, path, name, size, modified_at, hash, container, codecs, width, height, duration_ms, manufacturer,
         collection, created_at)
        SELECT id, '/library/' || id || '/' || id % 5000 || '.mkv', id % 5000 || '.mkv', id * 1000000000, updated_at,
            md5(id::text), (ARRAY['mkv', 'mp4', NULL])[1 + id % 3], (ARRAY['h264', 'aac', 'dts'])[1:id % 4],
            1920, 1080, id * 10, (ARRAY['Roland', 'Yamaha', 'Korg', NULL])[1 + id % 4], 'Box ' || id % 50,
            timestamptz '2024-01-01 00:00Z' + id * interval '1 minute'
        FROM media WHERE id <= $1""",
    "tag": "UPDATE tag SET category = (ARRAY['era', 'style', NULL])[1 + id % 3] WHERE id <= $1",
    "tag_parent": "INSERT INTO tag_parent (tag_id, parent_id) SELECT id, 1 + id % 3 FROM tag WHERE id BETWEEN 4 AND $1",
    "setting": """INSERT INTO setting (key, library_id, value)
        SELECT 'retag.after_days', id, to_jsonb(id) FROM library WHERE id <= $1
        UNION ALL SELECT 'retag.after_days', NULL, '14' UNION ALL SELECT 'artwork.types', NULL, '["LOGO"]'""",
}


async def add_samples(connection: Any, media: int = MEDIA) -> None:
    """Gives the first media what hangs on media, and the planner its statistics."""
    await insert_samples(connection, media)
    await settle(connection)
    await connection.execute("ANALYZE")


async def insert_samples(connection: Any, media: int) -> None:
    """Gives the first media what hangs on media, all texts folded; what is derived of it stays behind."""
    async with connection.transaction():
        for statement in SAMPLES.values():
            await connection.execute(statement, media)
        for table in [one.table for one in MEDIA_LISTS if one.table not in SAMPLES]:
            rows = await selected_rows(connection, table)
            numbers = "media m, generate_series(1, 2) AS n"
            await connection.execute(f"INSERT INTO {table} {rows} FROM {numbers} WHERE m.id <= $1", media)
    await fold_pending(session_over(connection))
