"""Processes that run jobs: those of `serve`, and `python -m app work`; the command line's jobs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.limits import job_workers
from app.settings import Settings
from database.connect_args import ConnectArgs
from tests.support import serving
from tests.support.factories import add_library, add_media
from tests.support.jobs import until_status

CHECKOUT = Path(__file__).resolve().parents[2]


def environment(args: ConnectArgs, folder: Path) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": args.dsn, "MARQUEE_STATE_DIR": str(folder), "COLUMNS": "200"}


async def command(args: ConnectArgs, folder: Path, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *words),
        cwd=CHECKOUT,
        env=environment(args, folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return int(process.returncode or 0), said.decode()


def ask(served: serving.Served, query: str) -> Any:
    answer = httpx.post(f"{served.address}/graphql", json={"query": query}, timeout=serving.WAIT_SECONDS).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def test_jobs_are_queued_listed_and_changed_by_commands_and_run_by_work(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    library = await add_library(connection)
    for _ in range(3):
        await add_media(connection, library)
    start = ("jobs", "start", "mark-processed", "--library", "library_1")

    started = await command(writer, tmp_path, *start, "--process", "tagger", "--priority", "4")
    refused = await command(writer, tmp_path, *start, "--process", " ")
    wrong = await command(writer, tmp_path, *start, "--proces", "x")
    unknown = await command(writer, tmp_path, "jobs", "start", "mark")
    paused = await command(writer, tmp_path, "jobs", "pause", "job_run_1")
    resumed = await command(writer, tmp_path, "jobs", "resume", "1")
    missing = await command(writer, tmp_path, "jobs", "cancel", "job_run_9")
    process = subprocess.Popen([sys.executable, "-m", "app", "work"], cwd=CHECKOUT, env=environment(writer, tmp_path))
    try:
        row = await until_status(connection, 1, "SUCCEEDED")
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(serving.WAIT_SECONDS)
    listed = await command(writer, tmp_path, "jobs", "list")

    assert started == (0, "Queued as job_run_1.\n")
    assert [done[0] for done in (refused, wrong, unknown, paused, resumed, missing)] == [1, 2, 1, 0, 0, 1]
    assert "A process has a name" in refused[1]
    assert "mark-processed" in unknown[1]
    assert missing[1].startswith("NOT_FOUND")
    assert (row["succeeded"], row["priority"], status) == (3, 4, 0)
    assert await connection.fetchval("SELECT count(*) FROM process_timestamp WHERE process = 'tagger'") == 3
    assert await connection.fetchval("SELECT count(*) FROM job_worker") == 0
    assert "job_run_1" in listed[1]
    assert "SUCCEEDED" in listed[1]


def test_the_server_runs_jobs_and_starts_a_killed_process_of_them_anew() -> None:
    with serving.state_folder() as state, serving.serving(state, MARQUEE_JOB_WORKERS="1") as served:

        def job_processes() -> list[Any]:
            return [child for child in served.family() if "app.process.job_worker" in serving.command(child)]

        def until_done(number: int) -> Callable[[], bool]:
            query = "{ jobRuns(status: [SUCCEEDED]) { totalCount } }"
            return lambda: ask(served, query)["jobRuns"]["totalCount"] == number

        start = "mutation { startMaintenance(check: false) { jobRun { id } } }"
        ask(served, start)
        serving.until(until_done(1), "the end of the run")
        [victim] = job_processes()
        victim.kill()
        serving.until(lambda: job_processes() not in ([], [victim]), "a new process")
        ask(served, start)
        serving.until(until_done(2), "the end of another run")


@pytest.mark.parametrize(
    ("given", "number"),
    [({"job_workers": 3}, 3), ({"job_workers": 0}, 0), ({"database_url": "postgresql://x"}, 0), ({}, 2)],
)
def test_processes_follow_from_the_processors_unless_set(
    given: dict[str, Any], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 4)

    assert job_workers(Settings(**given)) == number
