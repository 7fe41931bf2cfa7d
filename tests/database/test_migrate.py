"""Migrations: one runner at a time, a lock that is not waited for in silence, databases and roles that do not fit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from rich.console import Console

from app.process.maintenance import keep_counts_folded
from app.process.migrate import migrate
from app.process.provision import DatabaseError, bring_up_to_date
from database import migrations
from database.connect_args import ConnectArgs
from database.migrations import LOCK, MigrationError
from database.refusal import why
from domain.text import FOLD_VERSION
from tests.support.databases import clone, database_url, drop, migrate_before
from tests.support.derived import assert_no_drift
from tests.support.http_client import is_json, open_http, post

CREATE = 'mutation { createLibrary(name: "Films") { library { name } } }'
FIRST = f"CREATE TABLE a (x int); CREATE TABLE text_folding AS SELECT {FOLD_VERSION} AS version"
ONLY_READ = "The server may only read its database: nothing was changed."


@pytest.fixture
async def bare(server_url: str, prefix: str) -> AsyncIterator[ConnectArgs]:
    """A database without a schema."""
    name = f"{prefix}_unmigrated_{uuid4().hex[:8]}"
    yield await clone(server_url, "template0", name)
    await drop(server_url, name)


# Written by SQL under the triggers of the first 33 migrations, which filled copies, counts, pairs and feed.
UNDER_TRIGGERS = """
INSERT INTO library (name, folded_name) VALUES ('a', 'a'), ('b', 'b');
INSERT INTO media (library_id, kind, title, folded_title, sort_title, year)
SELECT 1 + n % 2, 'MOVIE', 'M' || n, 'm' || n, 'm' || n, n FROM generate_series(1, 1000) n;
INSERT INTO tag (name, folded_name, slug) SELECT n::text, n::text, n::text FROM generate_series(1, 7) n;
INSERT INTO genre (name, folded_name, slug) SELECT name, folded_name, slug FROM tag;
INSERT INTO channel (name, folded_name, slug) SELECT name, folded_name, slug FROM tag;
INSERT INTO tag_name (folded, tag_id, is_primary) SELECT folded_name, id, true FROM tag;
INSERT INTO genre_name (folded, genre_id, is_primary) SELECT folded_name, id, true FROM genre;
INSERT INTO channel_name (folded, channel_id, is_primary) SELECT folded_name, id, true FROM channel;
INSERT INTO person (name, folded_name) SELECT name, folded_name FROM tag;
INSERT INTO collection (kind, name, folded_name) SELECT 'OTHER', name, folded_name FROM tag;
INSERT INTO media_tag (media_id, tag_id) SELECT id, 1 + id % 7 FROM media;
INSERT INTO media_genre (media_id, genre_id) SELECT id, 1 + id % 7 FROM media;
INSERT INTO media_channel (media_id, channel_id) SELECT id, 1 + id % 7 FROM media;
INSERT INTO media_collection (media_id, collection_id) SELECT id, 1 + id % 7 FROM media;
INSERT INTO credit (media_id, person_id, role)
SELECT id, 1 + id % 7, role FROM media, unnest(ARRAY['ACTOR', 'WRITER']) AS role;
INSERT INTO release (media_id, name, category) SELECT id, 'R' || id, 'movies' FROM media;
INSERT INTO history_event (media_id, type) SELECT id, 'IMPORTED' FROM media;
INSERT INTO external_id SELECT 'imdb', n::text, 1 FROM generate_series(1, 64) n;
UPDATE media SET library_id = 3 - library_id, year = NULL WHERE id % 5 = 0;
DELETE FROM credit WHERE role = 'ACTOR' OR id % 3 = 0;
DELETE FROM media_tag WHERE tag_id = 3;
DELETE FROM media WHERE id > 900;
"""


def names() -> list[str]:
    return [path.name for path in migrations.files()]


async def test_of_two_runners_each_migration_is_applied_by_one(bare: ConnectArgs) -> None:
    first, second = await asyncio.gather(migrate(bare), migrate(bare))
    assert sorted(first + second) == names()
    assert await migrate(bare) == []


async def test_what_was_written_under_triggers_has_not_drifted_without_them(bare: ConnectArgs) -> None:
    await migrate_before(bare, "0034")
    connection = await asyncpg.connect(**bare.kwargs())
    await connection.execute(UNDER_TRIGGERS)
    triggers = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
    before = await connection.fetchval(triggers)

    assert await migrate(bare) == [name for name in names() if name >= "0034"]

    assert (before, await connection.fetchval(triggers)) == (111, 11)
    await assert_no_drift(connection)
    assert await connection.fetchval("SELECT count(*) FROM media_person") > 0
    await connection.close()


@pytest.mark.parametrize("lock", ["pg_advisory_lock", "pg_advisory_xact_lock"])
async def test_a_lock_that_another_connection_keeps_is_told_with_its_holder(bare: ConnectArgs, lock: str) -> None:
    holder = await asyncpg.connect(**bare.kwargs(), server_settings={"application_name": "left behind"})
    await holder.execute(f"BEGIN; SELECT {lock}({LOCK})")
    with pytest.raises(MigrationError) as raised:
        await migrate(bare, patience=0.1)
    assert f"(process {holder.get_server_pid()}, left behind, since 20" in str(raised.value)
    await holder.close()
    assert await migrate(bare, patience=0.1) == names()


async def test_what_cannot_run_in_a_transaction_is_applied_beside_the_lock(
    bare: ConnectArgs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_a.sql").write_text(FIRST)
    (tmp_path / "0002_b.sql").write_text(
        "-- no transaction\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nCREATE INDEX CONCURRENTLY a_y ON a ((x + 1));\n"
    )
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    first, second = await asyncio.gather(migrate(bare), migrate(bare))
    assert sorted(first + second) == ["0001_a.sql", "0002_b.sql"]


async def test_a_file_that_fails_leaves_nothing_of_itself(
    bare: ConnectArgs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_a.sql").write_text(FIRST)
    (tmp_path / "0002_b.sql").write_text("CREATE TABLE b (x int); SELECT 1 / 0")
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    for _ in range(2):
        with pytest.raises(MigrationError, match=r"^0002_b.sql failed: division by zero$"):
            await migrate(bare)
    (tmp_path / "0002_b.sql").write_text("CREATE TABLE b (x int)")
    assert await migrate(bare) == ["0002_b.sql"]


async def test_a_database_of_another_encoding_is_refused_before_anything_is_made(server_url: str, prefix: str) -> None:
    name = f"{prefix}_latin"
    admin = await asyncpg.connect(server_url)
    await admin.execute(f"CREATE DATABASE \"{name}\" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    await admin.close()
    latin = ConnectArgs(database_url(server_url, name))
    words = "The database's encoding is LATIN1, which cannot hold every title"
    with pytest.raises(DatabaseError, match=words):
        await bring_up_to_date(latin, Console(file=StringIO()))
    connection = await asyncpg.connect(**latin.kwargs())
    assert await connection.fetchval("SELECT to_regclass('schema_migration')") is None
    await connection.close()
    async with open_http(latin) as http:
        assert (await http.get("/readyz")).json()["reason"].startswith(words)
    await drop(server_url, name)


@pytest.fixture
async def reader(writer: ConnectArgs, connection: Any) -> AsyncIterator[ConnectArgs]:
    """The writer's database for a role that may only read it."""
    role = f"reader_of_{writer.dsn.split('/')[3].split('?')[0]}"
    await connection.execute(f'CREATE ROLE "{role}"; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{role}"')
    yield ConnectArgs(f"{writer.dsn}{'&' if '?' in writer.dsn else '?'}role={role}")
    await connection.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')


async def assert_reads_alone(http: httpx.AsyncClient) -> None:
    assert (await http.get("/readyz")).status_code == 200
    answer = is_json(await post(http, {"query": "{ libraries { nodes { name } } media { totalCount } }"}), 200)
    assert answer == {"data": {"libraries": {"nodes": []}, "media": {"totalCount": 0}}}
    [error] = is_json(await post(http, {"query": CREATE}), 200)["errors"]
    assert (error["message"], error["extensions"]) == (ONLY_READ, {"code": "READ_ONLY"})


async def test_a_role_that_may_only_read_serves_reads_and_is_told_of_edits(reader: ConnectArgs) -> None:
    assert await migrate(reader) == []
    await keep_counts_folded(reader, every=0)  # ends: this is for those who may
    async with open_http(reader) as http:
        await assert_reads_alone(http)


async def test_a_database_that_is_only_read_serves_reads_and_is_told_of_edits(
    writer: ConnectArgs, connection: Any
) -> None:
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    assert await migrate(writer) == []
    await keep_counts_folded(writer, every=0)
    async with open_http(writer) as http:
        await assert_reads_alone(http)


async def test_a_role_that_may_not_apply_what_lacks_is_told_so(reader: ConnectArgs, connection: Any) -> None:
    await connection.execute("DELETE FROM schema_migration WHERE name = $1", names()[-1])
    words = r"^migrations are pending, and this role may not apply them \(.*(denied|owner)"
    with pytest.raises(MigrationError, match=words):
        await migrate(reader)


def test_what_a_connection_was_lost_by_is_told_and_not_what_came_of_it() -> None:
    def fail() -> None:
        try:
            raise asyncpg.DiskFullError("could not extend file")
        finally:
            raise asyncpg.InterfaceError("cannot call Transaction.__aexit__(): the underlying connection is closed")

    with pytest.raises(asyncpg.InterfaceError) as raised:
        fail()
    assert why(raised.value) == "could not extend file"
