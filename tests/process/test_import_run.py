"""The run of a job that `python -m app import` is: whatever ends the process, the run ends too, and a worker can do it
again."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from database.connect_args import ConnectArgs
from jobs import import_places
from jobs.kinds import KINDS
from tests.support import serving
from tests.support.api import Api
from tests.support.backends import given_up, until_alone
from tests.support.import_command import Running, imported, write
from tests.support.importing import until
from tests.support.jobs import QUICK, WORKERS_GONE, until_status, working

MOVIES = [f"Movie {number}" for number in range(3_000)]
ROUNDS = int(os.environ.get("MARQUEE_TEST_ROUNDS", "1"))
SOME = "SELECT count(*) > 20 FROM media"
# As if nothing had been heard of it for long.
HEARD = "SELECT heartbeat_at > clock_timestamp() - interval '1 minute' FROM job_worker"
RETRY = 'mutation { retryJob(id: "job_run_1") { jobRun { status isLost: errorCode actions parameters } } }'
ACTIONS = '{ jobRun(id: "job_run_1") { actions } }'
WATCHING = replace(QUICK, slots=0, lost_after=60.0)  # takes nothing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "a.jsonl", MOVIES)


def begun(running: list[Running], writer: ConnectArgs, path: Path, *options: str, library: str = "Films") -> Running:
    running.append(Running(writer, path, "--library", library, *options, MARQUEE_IMPORT_CHUNK="5"))
    return running[-1]


async def run_of(connection: Any, number: int = 1) -> Any:
    return await connection.fetchrow("SELECT * FROM job_run WHERE id = $1", number)


async def test_a_command_has_a_heartbeat_and_leaves_nothing_where_it_ends(
    writer: ConnectArgs, connection: Any, path: Path, running: list[Running]
) -> None:
    command = begun(running, writer, path)
    await until(lambda: connection.fetchval(SOME), "some media")
    row = await run_of(connection)
    assert (row["status"], row["is_command"], row["max_attempts"]) == ("RUNNING", True, 1)
    assert row["worker_id"] == await connection.fetchval("SELECT id FROM job_worker")
    await connection.execute(WORKERS_GONE)
    await until(lambda: connection.fetchval(HEARD), "another heartbeat")
    command.stop()
    assert await connection.fetchval("SELECT count(*) FROM job_worker") == 0
    row = await run_of(connection)
    assert (row["status"], row["worker_id"], row["state"] != "{}") == ("CANCELLED", None, True)


@pytest.mark.parametrize("who", ["a worker", "a command on another library"])
async def test_the_run_of_a_killed_command_is_ended_by_whoever_misses_its_heartbeat(
    who: str, writer: ConnectArgs, connection: Any, path: Path, tmp_path: Path, running: list[Running]
) -> None:
    command = begun(running, writer, path)
    await until(lambda: connection.fetchval(SOME), "some media")
    command.end()
    await until_alone(connection)
    assert (await run_of(connection))["status"] == "RUNNING"
    await connection.execute(WORKERS_GONE)

    if who == "a worker":
        async with working(writer, WATCHING):
            row = await until_status(connection, 1, "FAILED")
    else:
        assert imported(writer, write(tmp_path / "b.jsonl", ["B"]), "--library", "Others").returncode == 0
        row = await run_of(connection)

    assert (row["status"], row["error_code"], row["worker_id"]) == ("FAILED", "WORKER_LOST", None)
    assert "ended without a word: the same import goes on after the last chunk" in row["error"]
    assert row["ended_at"] is not None
    assert await connection.fetchval("SELECT line FROM job_log WHERE job_run_id = 1 ORDER BY id DESC") == row["error"]
    stored = await connection.fetchval("SELECT count(*) FROM media WHERE library_id = 1")
    again = imported(writer, path, "--library", "Films")
    assert f"Going on after {stored:,} items" in again.stdout, again.stdout


async def test_the_next_import_of_the_library_ends_it_at_once(
    writer: ConnectArgs, connection: Any, path: Path, running: list[Running]
) -> None:
    command = begun(running, writer, path)
    await until(lambda: connection.fetchval(SOME), "some media")
    command.end()
    await until_alone(connection)

    assert imported(writer, path, "--library", "Films").returncode == 0

    rows = await connection.fetch("SELECT status, error_code, worker_id, exclusive_key FROM job_run ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("FAILED", "WORKER_LOST", None, "import:1"),
        ("SUCCEEDED", None, None, "import:1"),
    ]


async def test_a_command_that_slept_and_was_given_up_goes_on_with_its_run(
    writer: ConnectArgs, connection: Any, path: Path, running: list[Running]
) -> None:
    command = begun(running, writer, path)
    await until(lambda: connection.fetchval(SOME), "some media")
    command.process.send_signal(signal.SIGSTOP)
    try:
        async with given_up(writer, connection, command.process.pid), working(writer, WATCHING):
            await until_status(connection, 1, "FAILED")
    finally:
        command.process.send_signal(signal.SIGCONT)

    said, _ = command.process.communicate(timeout=serving.WAIT_SECONDS)

    assert command.process.returncode == 0, said
    row = await run_of(connection)
    assert (row["status"], row["error_code"], row["succeeded"]) == ("SUCCEEDED", None, 3_000)


@pytest.mark.parametrize("signals", [2, 3, 6])
async def test_its_run_ends_however_often_ctrl_c_is_pressed(
    signals: int, writer: ConnectArgs, connection: Any, path: Path, running: list[Running]
) -> None:
    for number in range(1, ROUNDS + 1):
        command = begun(running, writer, path)
        begins = partial(connection.fetchval, "SELECT status = 'RUNNING' FROM job_run WHERE id = $1", number)
        await until(begins, "a run")
        await asyncio.sleep(random.uniform(0, 0.3))
        for _ in range(signals):
            command.process.send_signal(signal.SIGINT)
            await asyncio.sleep(random.uniform(0, 0.05))
        said, _ = command.process.communicate(timeout=serving.WAIT_SECONDS)
        assert command.process.returncode == 130, said
        row = await run_of(connection, number)
        assert (row["status"], row["worker_id"]) == ("CANCELLED", None), row["error"]
        assert await connection.fetchval("SELECT count(*) FROM job_worker") == 0


async def test_a_worker_goes_on_with_what_a_command_has_begun(
    writer: ConnectArgs,
    connection: Any,
    api: Api,
    path: Path,
    running: list[Running],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = begun(running, writer, path, "--mode", "merge", "--match", "TITLE", "--prune")
    await until(lambda: connection.fetchval(SOME), "some media")
    command.stop()
    stored = await connection.fetchval("SELECT count(*) FROM media")
    assert stored < 3_000
    assert await api.run(ACTIONS) == {"jobRun": {"actions": []}}
    answer = (await api.answer(RETRY)).body
    assert answer["errors"][0]["extensions"]["code"] == "WRONG_STATE"
    assert "MARQUEE_IMPORT_FOLDERS" in answer["errors"][0]["message"]

    monkeypatch.setenv(import_places.FOLDERS, str(path.parent))
    assert await api.run(ACTIONS) == {"jobRun": {"actions": ["RETRY"]}}
    run = (await api.run(RETRY))["retryJob"]["jobRun"]
    assert (run["status"], run["actions"]) == ("QUEUED", ["PAUSE", "CANCEL"])
    assert run["parameters"] == {
        **{"library": "library_1", "location": str(path), "format": "jsonl", "options": [], "matchBy": ["TITLE"]},
        **{"onConflict": "MERGE", "prune": True, "maxPrune": 20, "dryRun": False},
    }
    async with working(writer, kinds=KINDS):
        row = await until_status(connection, 1, "SUCCEEDED", "FAILED")

    assert (row["status"], row["succeeded"], row["is_command"], row["max_attempts"]) == ("SUCCEEDED", 3_000, False, 5)
    assert await connection.fetchval("SELECT count(*) FROM media") == 3_000
    lines = [line[0] for line in await connection.fetch("SELECT line FROM job_log WHERE job_run_id = 1 ORDER BY id")]
    assert f"Going on after {stored} items of an import that was interrupted." in lines


async def test_a_run_of_a_command_is_cancelled_but_not_paused_by_clients(
    writer: ConnectArgs, connection: Any, api: Api, path: Path, running: list[Running]
) -> None:
    command = begun(running, writer, path)
    await until(lambda: connection.fetchval(SOME), "some media")
    assert await api.run(ACTIONS) == {"jobRun": {"actions": ["CANCEL"]}}
    assert await api.codes('mutation { pauseJob(id: "job_run_1") { jobRun { id } } }') == ["WRONG_STATE"]
    await api.run('mutation { cancelJob(id: "job_run_1") { jobRun { id } } }')
    said, _ = command.process.communicate(timeout=serving.WAIT_SECONDS)
    assert (command.process.returncode, "Interrupted" in said) == (130, True), said
    assert (await run_of(connection))["status"] == "CANCELLED"


async def test_what_a_command_may_not_leave_to_a_worker_is_not_offered(
    writer: ConnectArgs, connection: Any, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(import_places.FOLDERS, str(tmp_path))
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "Heat (1995).mkv").write_bytes(b"film")
    done = imported(writer, tmp_path / "films", "--library", "Films", "--option", "ffprobe=off")
    assert done.returncode == 0, done.stdout
    await connection.execute("UPDATE job_run SET status = 'FAILED'")
    assert await api.run(ACTIONS) == {"jobRun": {"actions": []}}
    answer = (await api.answer(RETRY)).body
    assert "ffprobe can only be given to the command" in answer["errors"][0]["message"]
    parameters = json.loads((await run_of(connection))["parameters"])
    assert parameters["options"] == ["ffprobe=off"]
