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
    "channel": """INSERT INTO channel (name, folded_name, slug)
        SELECT 'Channel ' || n, 'channel ' || n, 'channel-' || n FROM generate_series(1, 30) n WHERE n <= $1
        ON CONFLICT DO NOTHING""",
    "channel_name": """INSERT INTO channel_name (folded, channel_id, is_primary)
        SELECT folded_name, id, true FROM channel WHERE id <= $1
        UNION ALL SELECT 'c' || id, id, false FROM channel WHERE id <= $1 ON CONFLICT DO NOTHING""",
    "media_channel": """INSERT INTO media_channel
            (media_id, channel_id, library_id, sort_title, year, rating_tenths, added_at)
        SELECT m.id, c.id, m.library_id, m.sort_title, m.year, m.rating_tenths, m.added_at
        FROM media m JOIN channel c ON c.id IN (1 + m.id % 5, 1 + m.id % 30)
        WHERE m.id <= $1 ON CONFLICT DO NOTHING""",
    "external_id": """INSERT INTO external_id (media_id, source, value)
        SELECT id, 'demo', id::text FROM media WHERE id <= $1 ON CONFLICT DO NOTHING""",
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
}


async def add_samples(connection: Any, media: int = MEDIA) -> None:
    """Gives the first media what hangs on media."""
    async with connection.transaction():
        for statement in SAMPLES.values():
            await connection.execute(statement, media)
    await connection.execute("ANALYZE")
