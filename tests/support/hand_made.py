"""Rows for what the real collections do not have: channels, categories, series, clips, tunes, releases, jobs.

They hang on the media of real_load.py; media of their own have ids from 20,001. All titles are made up."""

from __future__ import annotations

from typing import Any

from catalog.refold import fold_pending
from tests.support.derived import settle
from tests.support.sessions import session_over

# A media by an id of IMDb.
BY_IMDB = "(SELECT media_id FROM external_id WHERE source = 'imdb' AND value = '{}')"
MATRIX = BY_IMDB.format("tt0133093")
RELOADED = BY_IMDB.format("tt0234215")
REVOLUTIONS = BY_IMDB.format("tt0242653")

SERIES = """
INSERT INTO library (id, name, folded_name, kind)
VALUES (3, 'Series', 'series', 'SERIES'), (4, 'Clips', 'clips', 'CLIP'), (5, 'Tunes', 'tunes', 'TRACK');

INSERT INTO media
    (id, library_id, kind, title, folded_title, sort_title, year, parent_id, season_number, episode_number)
SELECT id, 3, kind, title, lower(title), lower(title), year, parent, season, episode
FROM (VALUES
    (20001, 'SERIES', 'Harbour Lights', 2015, NULL::int, NULL::int, NULL::int),
    (20003, 'SEASON', 'Harbour Lights, second season', 2016, 20001, 2, NULL),
    (20002, 'SEASON', 'Harbour Lights, first season', 2015, 20001, 1, NULL),
    (20006, 'EPISODE', 'Fog', 2015, 20002, 1, 3), (20005, 'EPISODE', 'Low Tide', 2015, 20002, 1, 2),
    (20004, 'EPISODE', 'Arrival', 2015, 20002, 1, 1), (20007, 'EPISODE', 'Return', 2016, 20003, 2, 1),
    (20008, 'EPISODE', 'Storm', 2016, 20003, 2, 2)
) AS made (id, kind, title, year, parent, season, episode)
"""

CHANNELS = """
INSERT INTO channel (id, name, folded_name, slug)
VALUES (1, 'Night Cinema', 'night cinema', 'night-cinema'), (2, 'Space One', 'space one', 'space-one'),
    (3, 'Shorts', 'shorts', 'shorts');
INSERT INTO channel_name (folded, channel_id, is_primary)
SELECT folded_name, id, true FROM channel UNION ALL SELECT 'noir', 1, false;

INSERT INTO media_channel (media_id, channel_id, library_id, sort_title, year, rating_tenths, added_at)
SELECT media_id, CASE folded WHEN 'noir' THEN 1 ELSE 2 END, library_id, sort_title, year, rating_tenths, added_at
FROM media_genre JOIN genre_name USING (genre_id)
WHERE folded = 'noir' OR folded = 'science fiction' AND year < 2000;

INSERT INTO categorisation (media_id, category, value)
SELECT id, 'decade', year / 10 * 10 || 's' FROM media WHERE year IS NOT NULL AND kind = 'MOVIE'
UNION ALL
SELECT media_id, 'audience', 'children' FROM media_genre JOIN genre_name USING (genre_id) WHERE folded = 'children';

INSERT INTO subtitle (media_id, language, format, path, state)
SELECT media_id, 'en', 'srt', 'subtitles/' || media_id || '.srt', 'DOWNLOADED' FROM media_channel
WHERE channel_id = 2 AND media_id % 2 = 0;
INSERT INTO tagline (media_id, text)
SELECT id, 'Tonight: ' || title FROM media JOIN media_channel ON media_id = id WHERE channel_id = 2;
INSERT INTO tag_name (folded, tag_id, is_primary)
SELECT 'chronoportation', id, false FROM tag WHERE folded_name = 'time travel'
"""

CLIPS = """
INSERT INTO media (id, library_id, kind, title, folded_title, sort_title)
SELECT 20010 + place, 4, 'CLIP', title, lower(title), lower(title)
FROM unnest(ARRAY['Boats', 'Bread', 'Bridges', 'Clouds', 'Dunes', 'Foxes']) WITH ORDINALITY AS made (title, place);
INSERT INTO clip (media_id, channel_id, duration_ms, size, source_url)
SELECT id, CASE WHEN id < 20016 THEN 3 END, (id - 20010) * 15500, (id - 20010) * 4000000000,
    'https://clips.example/' || id || '.mp4' FROM media WHERE kind = 'CLIP';
INSERT INTO thumbnail (media_id, state, offset_ms, path, width, height, error)
VALUES (20011, 'READY', 1000, 'thumbnails/20011-1.jpg', 320, 180, NULL),
    (20011, 'READY', 9000, 'thumbnails/20011-9.jpg', 320, 180, NULL), (20012, 'PENDING', 1000, NULL, NULL, NULL, NULL),
    (20013, 'FAILED', 1000, NULL, NULL, NULL, 'The file ends early.'), (20014, 'PENDING', 1000, NULL, NULL, NULL, NULL);

INSERT INTO setting (key, channel_id, value) VALUES ('thumbnails.frames', NULL, '3'), ('clips.batch_size', 3, '25')
"""

TUNES = """
INSERT INTO media (id, library_id, kind, title, folded_title, sort_title)
SELECT 20020 + place, 5, 'TRACK', title, lower(title), lower(title)
FROM unnest(ARRAY['Amber Reel', 'Barley Jig', 'Cuckoo Waltz', 'Drover Reel', 'Ember Jig', 'Ferry Waltz', 'Gorse Reel',
    'Heron Jig']) WITH ORDINALITY AS made (title, place);
INSERT INTO music (media_id, tempo_hundredths, key_signature, time_signature, track_count, note_count, duration_ms,
    programs, tempo_changes)
SELECT id, 9000 + (id - 20020) * 500, (ARRAY['G major', 'D major'])[1 + id % 2],
    (ARRAY['4/4', '6/8', '3/4'])[1 + (id - 20021) % 3], 2, 100 * (id - 20020), 61250,
    ARRAY[(ARRAY[40, 73, 21])[1 + id::int % 3]], jsonb_build_array(jsonb_build_array(0, 9000 + (id - 20020) * 500))
FROM media WHERE kind = 'TRACK';
INSERT INTO media_file (media_id, path, name, size, modified_at, container, manufacturer, collection, created_at)
SELECT id, '/tunes/' || replace(folded_title, ' ', '-') || '.mid', replace(folded_title, ' ', '-') || '.mid', 3000 + id,
    '2024-01-01Z', 'mid', (ARRAY['Roland', 'Yamaha'])[1 + id % 2], 'Dances',
    timestamptz '2024-02-01Z' + (id * 7 % 11) * interval '1 day' FROM media WHERE kind = 'TRACK'
"""

RELEASES = f"""
INSERT INTO release_group (name, folded_name, score_thousandths, analysed_at)
VALUES ('Tidewater', 'tidewater', 912, '2024-03-01Z'), ('Lanterns', 'lanterns', 640, '2024-03-01Z'),
    ('Nobody Yet', 'nobody yet', NULL, NULL);
INSERT INTO release (media_id, library_id, release_group_id, name, category, size, state, failure, published_at)
VALUES ({MATRIX}, 1, 1, 'The.Matrix.1999.1080p-Tidewater', 'movies', 8000000000, 'ANALYSED', NULL, '2024-02-01Z'),
    ({MATRIX}, 1, 2, 'Matrix.1999.720p-Lanterns', 'movies', 3000000000, 'ANALYSED', NULL, '2024-02-03Z'),
    ({RELOADED}, 1, 1, 'The.Matrix.Reloaded.2003-Tidewater', 'movies', NULL, 'FAILED', 'No answer.', '2024-02-05Z'),
    (NULL, NULL, 2, 'Unknown.Thing-Lanterns', 'movies', NULL, 'NEW', NULL, NULL);

INSERT INTO collection (kind, name, folded_name) VALUES ('BOX_SET', 'The Matrix Collection', 'the matrix collection');
INSERT INTO media_collection
    (collection_id, media_id, position, library_id, sort_title, year, rating_tenths, added_at)
SELECT 1, id, position, library_id, sort_title, year, rating_tenths, added_at
FROM (VALUES ({REVOLUTIONS}, 3), ({MATRIX}, 1), ({RELOADED}, 2)) AS one (id, position) JOIN media USING (id);

INSERT INTO history_event (media_id, library_id, type, at, detail)
VALUES ({MATRIX}, 1, 'CREATED', '2024-01-01Z', '{{}}'),
    ({MATRIX}, 1, 'DOWNLOADED', '2024-01-03Z', '{{"what": "artwork"}}'),
    ({MATRIX}, 1, 'FAILED', '2024-01-02Z', '{{"what": "subtitle", "error": "HTTP 404"}}'),
    (19999, 1, 'DELETED', '2024-01-04Z', '{{}}');
INSERT INTO job_run (type, library_id, status, total, succeeded, failed, error, queued_at, started_at, ended_at)
VALUES ('import', 1, 'SUCCEEDED', 11216, 11216, 0, NULL, '2024-01-01Z', '2024-01-01Z', '2024-01-01 00:01Z'),
    ('import', 2, 'FAILED', 9742, 4767, 1, 'Line 4768 has two fields.', '2024-01-02Z', '2024-01-02Z', '2024-01-02Z'),
    ('thumbnails', 4, 'FAILED', NULL, 0, 0, 'No space left on the disk.', '2024-01-03Z', '2024-01-03Z', '2024-01-03Z');
INSERT INTO job_run (type, status, succeeded, queued_at, started_at, worker_id)
VALUES ('tagger', 'RUNNING', 12, '2024-01-04Z', '2024-01-04Z', gen_random_uuid())
"""


async def add_hand_made(connection: Any) -> None:
    """Adds them all, in one transaction."""
    async with connection.transaction():
        for statements in (SERIES, CHANNELS, CLIPS, TUNES, RELEASES):
            await connection.execute(statements)
        for table in ("library", "media", "channel"):
            await connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    await settle(connection)
    await fold_pending(session_over(connection))
