"""A row or more of every noun that hangs on media, so that each loader, type and field has something to answer.

One statement a table: it gives rows to the media with small ids, whatever they are. A noun of its own adds its line."""

from __future__ import annotations

from typing import Any

MEDIA = 90

# By table; $1: the highest id of a media that is given rows.
SAMPLES = {
    "media": """UPDATE media SET kind = 'EPISODE', season_number = 1, episode_number = media.id, parent_id = series.id
        FROM (SELECT library_id, min(id) AS id FROM media WHERE kind = 'SERIES' GROUP BY 1) AS series
        WHERE media.kind = 'CLIP' AND series.library_id = media.library_id AND media.id <= $1""",
    "external_id": """INSERT INTO external_id (media_id, source, value)
        SELECT id, 'demo', id::text FROM media WHERE id <= $1 ON CONFLICT DO NOTHING""",
    "artwork": """INSERT INTO artwork (media_id, type, url)
        SELECT id, 'POSTER', 'https://example.org/' || id || '.jpg' FROM media WHERE id <= $1""",
    "media_alias": """INSERT INTO media_alias (media_id, title, folded_title, language)
        SELECT id, title || ' ' || n, folded_title || ' ' || n, (ARRAY['fr', 'de', 'pt-BR', NULL])[1 + (id + n) % 4]
        FROM media, generate_series(1, 2) AS n WHERE id <= $1 AND id % 3 < n""",
    "tagline": """INSERT INTO tagline (media_id, text, position)
        SELECT id, 'In a world of ' || title, n FROM media, generate_series(0, 1) AS n
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
    """Gives the first media what hangs on media."""
    async with connection.transaction():
        for statement in SAMPLES.values():
            await connection.execute(statement, media)
    await connection.execute("ANALYZE")
