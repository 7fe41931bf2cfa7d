"""The demo through the import: the same catalogue as ever, once, going on where it was killed, and nobody else's."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from rich.console import Console

from app.cli import DEMO_MOVIES
from app.postgres.embedded import EmbeddedPostgres
from app.process.demo import MOVIES, OTHER_PARTS, import_demo
from app.settings import CHECKOUT
from bench.generated.load import load_generated
from database.connect_args import ConnectArgs
from database.open_session import open_session
from sources.demo.catalogue import ForeignCatalogueError
from sources.demo.facts import read_facts
from tests.support import serving
from tests.support.databases import clone, drop
from tests.support.factories import add_media
from tests.support.sessions import session_over

QUIET = Console(quiet=True)
MEDIA_WITH_ALL_THAT_HANGS_ON_THEM = """
SELECT m.id, l.name, l.kind, m.kind, m.title, m.folded_title, m.sort_title, m.year, m.rating_tenths, m.runtime_minutes,
    m.added_at,
    ARRAY(SELECT t.name FROM media_tag j JOIN tag t ON t.id = j.tag_id WHERE j.media_id = m.id ORDER BY 1),
    ARRAY(SELECT g.name FROM media_genre j JOIN genre g ON g.id = j.genre_id WHERE j.media_id = m.id ORDER BY 1),
    ARRAY(SELECT p.name || ':' || c.role FROM credit c JOIN person p ON p.id = c.person_id
          WHERE c.media_id = m.id ORDER BY c.position),
    ARRAY(SELECT x.source || ':' || x.value FROM external_id x WHERE x.media_id = m.id ORDER BY 1),
    ARRAY(SELECT concat_ws(' ', a.type, a.url, a.width, a.height) FROM artwork a WHERE a.media_id = m.id)
FROM media m JOIN library l ON l.id = m.library_id ORDER BY m.id
"""
NAMES_WITH_COUNTS = """
SELECT noun, name, sum(media_count)::integer FROM (
    SELECT 'tag' AS noun, name, media_count FROM tag JOIN tag_media_count ON tag_id = id
    UNION ALL SELECT 'genre', name, media_count FROM genre JOIN genre_media_count ON genre_id = id
    UNION ALL SELECT 'person', name, media_count FROM person JOIN person_media_count ON person_id = id
    UNION ALL SELECT 'library', name, media_count FROM library JOIN library_media_count ON library_id = id
) AS counted GROUP BY 1, 2 ORDER BY 1, 2
"""
# What a load that changes nothing leaves as it is.
STATE = """
SELECT (SELECT array_agg(version ORDER BY id) FROM media), (SELECT count(*) FROM history_event),
    (SELECT array_agg(c::text ORDER BY media_id) FROM media_change c)
"""
RUNS = "SELECT status, coalesce(counts->>'created', '0'), coalesce(counts->>'unchanged', '0') FROM job_run ORDER BY id"
BUSY = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


@pytest.fixture
async def copied(server_url: str, prefix: str, template: str) -> AsyncIterator[Any]:
    """A connection to another database, with movies that COPY has brought in."""
    name = f"{prefix}_{uuid4().hex[:8]}"
    connection = await asyncpg.connect(**(await clone(server_url, template, name)).kwargs())
    await load_generated(session_over(connection), 300)
    yield connection
    await connection.close()
    await drop(server_url, name)


@pytest.fixture
def state() -> Iterator[Path]:
    with serving.state_folder() as folder:
        yield folder


async def test_imported_movies_are_those_that_copy_brings_in_with_the_same_ids(
    writer: ConnectArgs, connection: Any, copied: Any, tmp_path: Path
) -> None:
    assert await import_demo(writer, QUIET, tmp_path, [MOVIES], 300) == (300, 300)

    for text in (MEDIA_WITH_ALL_THAT_HANGS_ON_THEM, NAMES_WITH_COUNTS):
        assert [tuple(row) for row in await connection.fetch(text)] == [tuple(row) for row in await copied.fetch(text)]


async def test_each_part_is_a_run_of_a_job_and_a_second_load_changes_nothing(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    found: list[Any] = []
    for _ in range(2):
        await import_demo(writer, QUIET, tmp_path, [MOVIES, *OTHER_PARTS], 40)
        found.append(tuple(await connection.fetchrow(STATE)))

    assert found[0] == found[1]
    runs = [tuple(row) for row in await connection.fetch(RUNS)]
    assert {status for status, _, _ in runs} == {"SUCCEEDED"}
    assert [(made, same) for _, made, same in runs[5:]] == [("0", str(n)) for n in (40, 25, 50, 10, 8)]
    assert [made for _, made, _ in runs[:5]] == ["40", runs[1][1], "50", "10", "8"]


async def test_movies_that_copy_brought_in_stay_and_the_others_follow(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    async with open_session(writer) as session:
        await load_generated(session, 300)
        await connection.execute("UPDATE media SET rating_tenths = 99 WHERE id = 1")
        before = await connection.fetch("SELECT id, title, version FROM media ORDER BY id")

        assert await import_demo(writer, QUIET, tmp_path, [MOVIES], 310) == (10, 310)

    assert await connection.fetch("SELECT id, title, version FROM media ORDER BY id LIMIT 300") == before
    assert await connection.fetchval("SELECT rating_tenths FROM media WHERE id = 1") == 99
    titles = [row[0] for row in await connection.fetch("SELECT title FROM media ORDER BY id")]
    assert titles == [movie.title for movie in read_facts().movies[:310]]


@pytest.mark.parametrize("is_imported", [False, True], ids=["copied", "imported"])
async def test_a_catalogue_with_media_of_others_is_refused_untouched(
    writer: ConnectArgs, connection: Any, tmp_path: Path, *, is_imported: bool
) -> None:
    async with open_session(writer) as session:
        if is_imported:
            await import_demo(writer, QUIET, tmp_path, [MOVIES, *OTHER_PARTS], 30)
        else:
            await load_generated(session, 30)
        await add_media(connection, 1)
        before = await connection.fetch("SELECT id, version FROM media ORDER BY id")

        with pytest.raises(ForeignCatalogueError, match=f"holds {len(before)} media that are not just the demo's"):
            await import_demo(writer, QUIET, tmp_path, [MOVIES], 50)

    assert await connection.fetch("SELECT id, version FROM media ORDER BY id") == before


async def test_a_movie_of_the_demo_that_another_import_brought_in_is_not_the_demos(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    async with open_session(writer) as session:
        await load_generated(session, 3)
        await connection.execute(
            """INSERT INTO import_source (library_id, format, location) SELECT id, 'json', '/mine' FROM library;
            INSERT INTO import_item (source_id, key, media_id, run, fingerprint)
            SELECT 1, id::text, id, 1, repeat('x', 16)::bytea FROM media"""
        )
        with pytest.raises(ForeignCatalogueError):
            await import_demo(writer, QUIET, tmp_path, [MOVIES], 3)


async def media_of(args: ConnectArgs, text: str = "SELECT count(*) FROM media") -> Any:
    connection = await asyncpg.connect(**args.kwargs())
    try:
        return [tuple(row) for row in await connection.fetch(text)]
    finally:
        await connection.close()


# What keeps an import busy at a place of which the test knows.
HANG = """
CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END'"""
HANG_AT_THE_THIRD_CHUNK = """
CREATE TRIGGER hang BEFORE INSERT ON media FOR EACH ROW WHEN (NEW.id > 2000) EXECUTE FUNCTION hang()"""
HANGING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
END_HANGING = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


async def wait_for(args: ConnectArgs, text: str, least: int, most: int) -> None:
    """Until what is counted is between these."""
    deadline = time.monotonic() + serving.WAIT_SECONDS
    while not least <= (await media_of(args, text))[0][0] <= most:
        assert time.monotonic() < deadline, text


async def test_a_load_that_was_killed_goes_on_from_its_checkpoint(state: Path) -> None:
    movies = 2_500
    with EmbeddedPostgres(state) as args:
        assert serving.run("migrate", DATABASE_URL=args.dsn).returncode == 0
        env = serving.environment(DATABASE_URL=args.dsn, MARQUEE_STATE_DIR=str(state / "files"))
        command = [sys.executable, "-m", "app", "demo", "--scale", str(movies)]
        await media_of(args, HANG)
        await media_of(args, HANG_AT_THE_THIRD_CHUNK)
        with subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=subprocess.DEVNULL) as killed:
            await wait_for(args, HANGING, 1, 1)
            killed.send_signal(signal.SIGKILL)
        await media_of(args, END_HANGING)
        await wait_for(args, BUSY, 0, 0)
        await media_of(args, "DROP TRIGGER hang ON media")
        stored = 2_000
        assert await media_of(args) == [(stored,)]

        again = serving.run(*command[3:], DATABASE_URL=args.dsn, MARQUEE_STATE_DIR=str(state / "files"))

        assert again.returncode == 0, again.stderr
        assert f"Going on after {stored:,} items of an import that was interrupted." in again.stdout
        assert again.stdout.splitlines()[-1] == f"Demo data: {movies - stored} media added, {movies} in all."
        titles = await media_of(args, "SELECT title, year FROM media ORDER BY id")
        assert titles == [(one.title, one.year) for one in read_facts().movies[:movies]]


def test_the_command_knows_how_many_movies_there_are() -> None:
    assert len(read_facts().movies) == DEMO_MOVIES
