"""The command line: its commands, and words in place of tracebacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.http.keys import AccessKey, read_keys
from app.postgres.embedded import EmbeddedPostgres
from database.connect_args import ConnectArgs
from tests.support import serving

# Nobody listens there.
CLOSED = "postgresql://me:secret@127.0.0.1:1/films"


@pytest.fixture
def state() -> Iterator[Path]:
    with serving.state_folder() as folder:
        yield folder


async def count(args: ConnectArgs) -> int:
    connection = await asyncpg.connect(**args.kwargs())
    try:
        return int(await connection.fetchval("SELECT count(*) FROM media"))
    finally:
        await connection.close()


def test_the_schema_is_printed() -> None:
    done = serving.run("schema")
    assert done.returncode == 0, done.stderr
    assert re.search("^type Query", done.stdout, re.MULTILINE)
    assert done.stderr == ""


async def test_migrate_and_demo_make_the_database_and_do_nothing_the_second_time(state: Path) -> None:
    for added in (50, 0):
        assert serving.run("migrate", MARQUEE_STATE_DIR=str(state)).returncode == 0
        done = serving.run("demo", "--scale", "50", MARQUEE_STATE_DIR=str(state))
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == f"Demo data: {added} media added, 50 in all."
    with EmbeddedPostgres(state) as args:
        assert await count(args) == 50


async def test_demo_fills_the_database_of_a_running_server(state: Path) -> None:
    with EmbeddedPostgres(state) as args:
        done = serving.run("demo", "--scale", "50", MARQUEE_STATE_DIR=str(state))
        assert done.returncode == 0, done.stderr
        assert await count(args) == 50


async def test_demo_fills_an_outside_database_when_asked(state: Path) -> None:
    with EmbeddedPostgres(state) as args:
        done = serving.run("demo", "--scale", "50", DATABASE_URL=args.dsn)
        assert done.returncode == 0, done.stderr
        assert await count(args) == 50


async def test_check_tells_drift_repairs_it_and_says_so_by_its_status(state: Path) -> None:
    with EmbeddedPostgres(state) as args:
        assert serving.run("demo", "--scale", "50", DATABASE_URL=args.dsn).returncode == 0
        right = serving.run("check", DATABASE_URL=args.dsn)
        assert (right.returncode, right.stderr) == (0, "")
        assert right.stdout == "Counts, copies, pairs, bounds, parents and the feed of changes are as they should be.\n"
        connection = await asyncpg.connect(**args.kwargs())
        await connection.execute("UPDATE media_genre SET year = 1 WHERE media_id = 7; DELETE FROM library_media_count")
        genres = await connection.fetchval("SELECT count(*) FROM media_genre WHERE media_id = 7")

        wrong = serving.run("check", DATABASE_URL=args.dsn)
        assert wrong.returncode == 1
        rows = [re.split(r"\s*│\s*", line.strip("│ ")) for line in wrong.stdout.splitlines() if line.startswith("│")]
        assert rows == [
            ["copies that differ", "media_genre", str(genres), "7", "--repair"],
            ["counts that differ", "library_media_count", "1", "1", "--repair"],
        ]
        assert serving.run("check", DATABASE_URL=args.dsn).returncode == 1
        assert serving.run("check", "--repair", DATABASE_URL=args.dsn).returncode == 0
        assert serving.run("check", DATABASE_URL=args.dsn).stdout == right.stdout

        await connection.execute("INSERT INTO external_id SELECT 'x', n::text, 7 FROM generate_series(1, 65) n")
        left = serving.run("check", "--repair", DATABASE_URL=args.dsn)
        assert left.returncode == 1
        assert "by hand" in left.stdout
        await connection.close()


@pytest.mark.parametrize("command", ["serve", "migrate", "demo", "check"])
def test_a_database_that_is_away_is_said_in_one_line_without_the_password(command: str) -> None:
    done = serving.run(command, DATABASE_URL=CLOSED)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("The database at postgresql://me:***@127.0.0.1:1/films cannot be ")


@pytest.mark.parametrize("command", ["serve", "migrate", "demo"])
def test_wrong_settings_are_said_one_a_line_with_status_2(command: str) -> None:
    done = serving.run(command, MARQUEE_HOST="0.0.0.0", MARQUEE_WORKERS="many")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "MARQUEE_HOST: got '0.0.0.0', wants a loopback address such as 127.0.0.1, ::1 or localhost; "
        "any other one only with a key: export MARQUEE_KEYS=$(make -s key)",
        "MARQUEE_WORKERS: got 'many', wants a whole number from 1 to 256",
    ]


def test_a_new_key_is_printed_alone_each_time() -> None:
    made = [serving.run("key") for _ in range(2)]
    assert [(done.returncode, done.stderr) for done in made] == [(0, "")] * 2
    keys = [done.stdout.removesuffix("\n") for done in made]
    assert keys[0] != keys[1]
    assert all(read_keys(key) == (AccessKey(key),) for key in keys)


def test_an_address_of_another_machine_is_said() -> None:
    done = serving.run("serve", MARQUEE_HOST="192.0.2.1", MARQUEE_KEYS="a-key-of-this-test", DATABASE_URL=CLOSED)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "MARQUEE_HOST: 192.0.2.1 is no address of this machine\n"


def test_a_misspelt_setting_is_pointed_out() -> None:
    done = serving.run("schema", MARQUEE_PROT="9000")
    assert done.returncode == 0
    assert done.stderr == "MARQUEE_PROT is no setting; is MARQUEE_PORT meant?\n"


def test_a_scale_out_of_range_is_refused() -> None:
    done = serving.run("demo", "--scale", "0", DATABASE_URL=CLOSED)
    assert done.returncode == 2
    assert "Invalid value for '--scale': Input should be greater than or equal to 1" in done.stderr


def test_a_foreign_major_version_is_refused_without_a_traceback(state: Path) -> None:
    (state / "postgres-version").write_text("9\n")
    done = serving.run("serve", MARQUEE_STATE_DIR=str(state))
    assert done.returncode == 1
    assert done.stderr.startswith(f"{state} was made by PostgreSQL 9, and this is PostgreSQL ")
    assert len(done.stderr.splitlines()) == 1


def test_the_commands_are_explained() -> None:
    done = serving.run("--help", COLUMNS="200", TERM="dumb", NO_COLOR="1")
    assert done.returncode == 0
    for command in ("serve", "migrate", "demo", "schema", "settings", "key"):
        assert re.search(rf"\b{command}\b", done.stdout)
