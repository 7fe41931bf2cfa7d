"""`python -m app serve`: what it starts, what it starts anew, and that nothing of it stays."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from app.postgres.embedded import EmbeddedPostgres
from app.process import demo, supervisor
from app.process.provision import CommandDatabase
from app.process.workers import WorkerError, Workers
from app.settings import Settings
from tests.support import serving

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def served_before() -> Iterator[Path]:
    """The state folder of a server that has run once."""
    with serving.state_folder() as folder:
        done = serving.run("migrate", MARQUEE_STATE_DIR=str(folder))
        assert done.returncode == 0, done.stderr
        yield folder


@pytest.fixture
def state(served_before: Path) -> Iterator[Path]:
    """A copy of it."""
    with serving.state_folder() as folder:
        serving.copy(served_before, folder)
        yield folder


def test_an_empty_folder_ends_in_a_banner_with_addresses_that_answer() -> None:
    with serving.state_folder() as state, serving.serving(state) as served:
        assert served.said.splitlines()[-8:] == [
            "Marquee is ready.",
            f"  Browse    {served.address}/browse",
            f"  GraphiQL  {served.address}/graphql",
            f"  Traces    {served.address}/traces",
            f"  Jobs      {served.address}/jobs",
            f"  Health    {served.address}/healthz",
            f"  Database  {state}",
            "  Stop      Ctrl-C",
        ]
        assert served.get("/healthz") == 200
        assert served.get("/readyz") == 200


@pytest.mark.parametrize("request_to_stop", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_stop_ends_all_processes_without_a_complaint(state: Path, request_to_stop: signal.Signals) -> None:
    with serving.serving(state, MARQUEE_WORKERS="2") as served:
        assert len(served.workers()) == 2
        family, said = served.family(), served.said
        served.process.send_signal(request_to_stop)
        assert served.process.wait(serving.WAIT_SECONDS) == 0
        assert all(map(serving.is_gone, family))
        assert served.said == said
    assert not (state / "postgres" / "data" / "postmaster.pid").exists()


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_recovers(state: Path) -> None:
    with serving.serving(state, MARQUEE_WORKERS="2") as served:
        family = served.family()
        served.process.kill()
        served.process.wait()
        serving.until(lambda: all(map(serving.is_gone, family)), "the end of all processes")
    with serving.serving(state) as served:
        assert served.get("/readyz") == 200


def test_a_killed_worker_is_replaced(state: Path) -> None:
    with serving.serving(state, MARQUEE_WORKERS="2") as served:
        victim, other = served.workers()
        victim.kill()
        serving.until(lambda: len({*served.workers()} - {victim}) == 2, "a new worker")
        assert other in served.workers()
        assert "A worker was ended by signal 9; another is started." in served.said
        other.kill()
        serving.until(
            lambda: other not in served.workers() and served.get("/readyz") == 200, "an answer of a new worker"
        )


def test_a_killed_database_is_started_again_and_readiness_returns(state: Path) -> None:
    with serving.serving(state) as served:
        [victim] = served.databases()
        victim.kill()
        serving.until(lambda: served.databases() not in ([], [victim]), "a new database server")
        serving.until(lambda: served.get("/readyz") == 200, "readiness")
        assert "PostgreSQL has ended; it is started again." in served.said


def test_a_second_server_on_the_same_folder_is_refused(state: Path) -> None:
    with serving.serving(state) as served:
        refused = serving.run("serve", MARQUEE_STATE_DIR=str(state))
        assert refused.returncode == 1
        assert refused.stderr == (
            f"{state} is in use by another running Marquee: "
            "stop that one first, or set MARQUEE_STATE_DIR to another folder.\n"
        )
        assert served.get("/readyz") == 200


def test_a_port_that_is_taken_is_said(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = serving.run("serve", MARQUEE_STATE_DIR=str(state), MARQUEE_PORT=str(port))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"MARQUEE_PORT: port {port} is taken by another program; choose another one, as in `make PORT=8001 serve`\n"
    )


def test_more_connections_than_the_database_allows_are_refused_at_start(state: Path) -> None:
    refused = serving.run("serve", MARQUEE_STATE_DIR=str(state), MARQUEE_WORKERS="4", MARQUEE_POOL_MAX="24")
    assert refused.returncode == 1
    assert refused.stderr == (
        "MARQUEE_WORKERS (4) x MARQUEE_POOL_MAX (24), one more for each worker, and 7 for jobs make 107 connections, "
        "and the database allows 97: lower one of them, or raise the database's max_connections.\n"
    )


def test_with_an_outside_database_no_server_is_started(state: Path) -> None:
    with (
        EmbeddedPostgres(state) as outside,
        serving.state_folder() as other,
        serving.serving(other, DATABASE_URL=outside.dsn) as served,
    ):
        assert served.get("/readyz") == 200
        assert "  Database  outside (DATABASE_URL)" in served.said
        assert served.databases() == []
        assert [path.name for path in other.iterdir()] == ["output"]


async def test_a_worker_that_cannot_start_ends_the_server(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQUEE_PORT", "none")
    with EmbeddedPostgres(state) as args, socket.create_server(("127.0.0.1", 0)) as listener:
        workers = Workers(1, listener, {"DATABASE_URL": args.dsn}, QUIET)
        with pytest.raises(WorkerError, match="A worker ended with status 1 before it could serve"):
            await workers.keep_one()
        workers.close()


async def test_an_interrupted_first_load_of_the_demo_is_done_at_the_next_start(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Any] = []

    async def interrupted(*arguments: Any) -> None:
        loads.append(arguments)
        if len(loads) == 1:
            raise asyncio.CancelledError

    monkeypatch.setattr(demo, "fill", interrupted)
    settings = Settings(state_dir=state, demo=True)
    server = EmbeddedPostgres(state)
    with server as args:
        with pytest.raises(asyncio.CancelledError):
            await supervisor._prepare(settings, CommandDatabase(args, server), QUIET)
        await supervisor._prepare(settings, CommandDatabase(args, server), QUIET)
        await supervisor._prepare(settings, CommandDatabase(args, server), QUIET)
    assert len(loads) == 2


async def test_the_demo_is_never_loaded_unasked_into_a_database_that_started_without_it(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unwanted(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(demo, "fill", unwanted)
    server = EmbeddedPostgres(state)
    with server as args:
        await supervisor._prepare(Settings(demo=False), CommandDatabase(args, server), QUIET)
        await supervisor._prepare(Settings(demo=True), CommandDatabase(args, server), QUIET)
        server.end_first_start()
        await supervisor._prepare(Settings(demo=True), CommandDatabase(args, None), QUIET)
