"""Processes that run jobs: those of `serve`, and `python -m app work`; the command line's jobs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from app.limits import job_workers
from app.process.job_commands import JobCommandError, change_job, list_jobs, read_start, show_report, start_job
from app.settings import Settings
from database.connect_args import ConnectArgs
from tests.support import serving
from tests.support.factories import add_library, add_media, add_row
from tests.support.jobs import until_status

CHECKOUT = Path(__file__).resolve().parents[2]


def environment(args: ConnectArgs, folder: Path) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": args.dsn, "MARQUEE_STATE_DIR": str(folder), "COLUMNS": "200"}


async def start(args: ConnectArgs, console: Console, *words: str) -> None:
    queue_it = read_start(console, words[0], words[1:])
    assert queue_it is not None
    await start_job(args, console, queue_it)


def ask(served: serving.Served, query: str) -> Any:
    answer = httpx.post(f"{served.address}/graphql", json={"query": query}, timeout=serving.WAIT_SECONDS).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def test_jobs_are_queued_listed_and_changed_by_commands_and_run_by_work(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    console = Console(record=True, width=200, file=StringIO())
    library = await add_library(connection)
    for _ in range(3):
        await add_media(connection, library)

    await start(writer, console, "mark-processed", "--library", "library_1", "--process", "tagger", "--priority", "4")
    await change_job(writer, console, "pause", "job_run_1")
    await change_job(writer, console, "resume", "1")
    process = subprocess.Popen([sys.executable, "-m", "app", "work"], cwd=CHECKOUT, env=environment(writer, tmp_path))
    try:
        row = await until_status(connection, 1, "SUCCEEDED")
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(serving.WAIT_SECONDS)
    await list_jobs(writer, console, 5)

    assert (row["succeeded"], row["priority"], status) == (3, 4, 0)
    assert await connection.fetchval("SELECT count(*) FROM process_timestamp WHERE process = 'tagger'") == 3
    assert await connection.fetchval("SELECT count(*) FROM job_worker") == 0
    said = console.export_text()
    for words in ("Queued as job_run_1.", "job_run_1: pause was asked for.", "SUCCEEDED", "3 of 3"):
        assert words in said


REPORT = {"releases": 1234, "successRate": 0.95, "seconds": None, "categories": [{"category": "[b]x", "failed": 7}]}


async def test_the_report_of_a_run_is_shown_as_tables_or_as_json(writer: ConnectArgs, connection: Any) -> None:
    for report in (json.dumps(REPORT), None):
        await add_row(connection, "job_run", type="analyse_releases", status="SUCCEEDED", report=report)
    console = Console(record=True, width=100, file=StringIO())
    await show_report(writer, console, "job_run_1", as_json=False)
    said = console.export_text()
    for words in ("job_run_1: analyse_releases, SUCCEEDED", "1,234", "Success rate", "95.0 %", "Categories", "[b]x"):
        assert words in said
    await show_report(writer, console, "1", as_json=True)
    assert json.loads(console.export_text()) == REPORT
    for run, message in [("2", "has no report"), ("3", "There is no run job_run_3"), ("x", "no id of a run")]:
        with pytest.raises(JobCommandError, match=message):
            await show_report(writer, console, run, as_json=True)


async def test_commands_say_what_cannot_be_done(
    writer: ConnectArgs, connection: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await add_library(connection)
    console = Console(quiet=True)
    mark = ("mark-processed", "--library", "library_1")

    for words, message in [
        (("mark",), "there are analyse, "),
        ((*mark, "--process", " "), "A process has a name"),
        ((*mark, "--process", "x", "--priority", "200"), "A priority is"),
        (("mark-processed", "--library", "tag_1", "--process", "x"), "library is the id of a library"),
        (("mark-processed", "--library", "library_7", "--process", "x"), "NOT_FOUND: There is no library library_7"),
    ]:
        with pytest.raises(JobCommandError, match=message):
            await start(writer, console, *words)
    for words in (mark, (*mark, "--proces", "x"), (*mark, "--process", "x", "--kind", "BOOK")):
        with pytest.raises(SystemExit):
            read_start(console, words[0], words[1:])
    assert "--kind" in capsys.readouterr().err
    for verb, run, message in [
        ("cancel", "job_run_9", "NOT_FOUND"),
        ("retry", "library_1", "no id of a run"),
        ("pause", "9" * 30, "no id of a run"),
    ]:
        with pytest.raises(JobCommandError, match=message):
            await change_job(writer, console, verb, run)
    assert read_start(console, "", []) is None
    assert await connection.fetchval("SELECT count(*) FROM job_run") == 0


def test_the_server_runs_jobs_and_starts_a_killed_process_of_them_anew(writer: ConnectArgs, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": writer.dsn, "MARQUEE_JOB_WORKERS": "1"}
    with serving.serving(tmp_path, **settings) as served:

        def job_processes() -> list[Any]:
            return [child for child in served.family() if "app.process.job_worker" in serving.command(child)]

        def until_done(number: int) -> Callable[[], bool]:
            query = "{ jobRuns(status: [SUCCEEDED]) { totalCount } }"
            return lambda: ask(served, query)["jobRuns"]["totalCount"] == number

        mutation = "mutation { startMaintenance(check: false) { jobRun { id } } }"
        ask(served, mutation)
        serving.until(until_done(1), "the end of the run")
        [victim] = job_processes()
        victim.kill()
        serving.until(lambda: job_processes() not in ([], [victim]), "a new process")
        ask(served, mutation)
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
