"""The databases of this benchmark: one for each size, filled once and kept for the next run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from app.postgres.embedded import EmbeddedPostgres
from app.process.migrate import migrate
from bench.database import OPTIONS, Database
from bench.generated.load import load_generated
from catalog.derived.statements import deleted_media, deleted_rows
from catalog.refold import fold_pending
from catalog.search_vocabulary import learn_words
from database.connect_args import ConnectArgs
from database.open_session import open_session

Progress = Callable[[str], None]

# In the database a statement costs its plan too: those of filters are made anew each time.
WATCHED = {**OPTIONS, "pg_stat_statements.track_planning": "on"}

# Where the edits of the benchmark make their media; all that is in it goes when the benchmark begins and ends.
LIBRARY = "Benchmark"
TAG = "benchmark"
NOTE = "Seen by the benchmark"

MAKE_LIBRARY = """
INSERT INTO library (name, folded_name, kind) VALUES ($1, lower($1), 'MOVIE') ON CONFLICT (folded_name) DO NOTHING
"""
LIBRARY_ID = "SELECT id FROM library WHERE name = $1"
MEDIA_MADE = deleted_media("library_id = (SELECT id FROM library WHERE name = $1)")
TAGS_GIVEN = deleted_rows(
    "media_tag", "DELETE FROM media_tag j USING tag t WHERE t.id = j.tag_id AND t.folded_name = $1", "j", feed=True
)
TAGS_MADE = "DELETE FROM tag WHERE folded_name = $1"
NOTES_MADE = "UPDATE media SET overview = NULL, folded_overview = NULL WHERE starts_with(overview, $1)"

# What the demo has none of, for some media each. Foreign keys are not checked: a million rows go in at once.
EXTRAS = (
    """
    UPDATE media SET metadata = jsonb_build_object(
        'release', jsonb_build_object('group', 'group ' || id % 997, 'score', id % 100), 'seen', id % 3 = 0
    ) WHERE id % 10 = 0
    """,
    """
    INSERT INTO channel (name, folded_name, slug)
    SELECT 'Channel ' || n, 'channel ' || n, 'channel-' || n FROM generate_series(1, 40) AS n
    """,
    "INSERT INTO channel_name (folded, channel_id, is_primary) SELECT folded_name, id, true FROM channel",
    """
    INSERT INTO media_channel (media_id, channel_id, library_id, sort_title, year, rating_tenths, added_at)
    SELECT m.id, c.id, m.library_id, m.sort_title, m.year, m.rating_tenths, m.added_at
    FROM media m JOIN channel c ON c.id IN (1 + m.id % 7, 1 + m.id % 40) WHERE m.id % 2 = 0
    """,
    """
    INSERT INTO channel_media_count (channel_id, library_id, media_count)
    SELECT channel_id, library_id, count(*) FROM media_channel GROUP BY channel_id, library_id
    """,
    "INSERT INTO tagline (media_id, text) SELECT id, 'In a world of ' || title FROM media WHERE id % 2 = 0",
    """
    INSERT INTO process_timestamp (media_id, process, processed_at)
    SELECT id, 'tagger', timestamptz '2024-01-01 00:00Z' + id * 7919 % 10000 * interval '1 hour'
    FROM media WHERE id % 20 > 0
    """,
    """
    INSERT INTO music (media_id, tempo_hundredths, key_signature, time_signature, track_count)
    SELECT id, 4000 + id * 7919 % 16000, (ARRAY['C major', 'A minor', 'G major', 'E minor', 'F# minor'])[1 + id % 5],
        (ARRAY['4/4', '3/4', '6/8'])[1 + id % 3], id % 17 FROM media
    """,
    """
    INSERT INTO media_file (media_id, path, name, size, modified_at, manufacturer, collection, created_at)
    SELECT id, '/library/' || id % 1000 || '/' || id || '.mid', id || '.mid', 1000 + id % 90000, added_at,
        (ARRAY['Roland', 'Yamaha', 'Korg', 'Casio'])[1 + id % 4], 'Box ' || id % 50, added_at FROM media
    """,
)
HAS_EXTRAS = "SELECT EXISTS (SELECT FROM music)"


@contextmanager
def running(folder: Path, media: int, progress: Progress) -> Iterator[Database]:
    """The database of so many media, for as long as the context lasts. Raises PostgresError."""
    state = folder / f"catalogue-{media}"
    server = EmbeddedPostgres(state, WATCHED)
    with server as args:
        assert server.pid is not None
        asyncio.run(fill(args, media, progress))
        yield Database(args, server.pid)
        asyncio.run(clear(args))


async def fill(args: ConnectArgs, media: int, progress: Progress) -> None:
    """Brings schema and data up to date, without what an earlier run has left behind."""
    progress("schema")
    await migrate(args)
    connection = await asyncpg.connect(**args.kwargs())
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    await connection.execute(MAKE_LIBRARY, LIBRARY)
    await forget_edits(connection)
    async with open_session(args) as session:
        await load_generated(session, media, lambda phase, done, total: progress(f"{phase} {done:,} of {total or 0:,}"))
        if not await connection.fetchval(HAS_EXTRAS):
            await add_extras(connection, progress)
            await fold_pending(session)
        progress("words")
        while await learn_words(session):
            pass
    progress("vacuum")
    await connection.execute("VACUUM (ANALYZE)")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def add_extras(connection: asyncpg.Connection, progress: Progress) -> None:
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL statement_timeout = 0")
        for done, statement in enumerate(EXTRAS):
            progress(f"extras {done} of {len(EXTRAS)}")
            await connection.execute(statement)


async def forget_edits(connection: asyncpg.Connection) -> None:
    """Takes back what edits of the benchmark have made."""
    await connection.execute(MEDIA_MADE, LIBRARY)
    await connection.execute(TAGS_GIVEN, TAG)
    await connection.execute(TAGS_MADE, TAG)
    await connection.execute(NOTES_MADE, NOTE)


async def clear(args: ConnectArgs) -> None:
    connection = await asyncpg.connect(**args.kwargs())
    await forget_edits(connection)
    await connection.close()
