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
    "artwork": """INSERT INTO artwork (media_id, type, url)
        SELECT id, 'POSTER', 'https://example.org/' || id || '.jpg' FROM media WHERE id <= $1""",
}


async def add_samples(connection: Any, media: int = MEDIA) -> None:
    """Gives the first media what hangs on media."""
    async with connection.transaction():
        for statement in SAMPLES.values():
            await connection.execute(statement, media)
    await connection.execute("ANALYZE")
