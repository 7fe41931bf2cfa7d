"""`python -m app import` and `export`: what they say, their statuses, stopping, and keeping a file in sync."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from app.cli import cli
from database.connect_args import ConnectArgs
from tests.support import serving
from tests.support.factories import add_library
from tests.support.import_command import Running, imported, write
from tests.support.importing import until


async def titles(connection: Any) -> list[str]:
    return [row[0] for row in await connection.fetch("SELECT title FROM media ORDER BY id")]


async def test_a_file_is_imported_and_what_failed_is_reported(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", ["A", "B", "C"], "{broken", '{"title": "D", "year": 99999}')
    report = tmp_path / "failed.jsonl"

    done = imported(writer, path, "--library", "Films", "--kind", "movie", "--report", report)

    assert done.returncode == 4, done.stderr
    first, second, *table, last = done.stdout.splitlines()
    assert first == "The format is jsonl: its lines are JSON objects."
    assert second.startswith("3 created, 0 updated, 0 unchanged, 2 failed in ")
    assert any("UNREADABLE" in line for line in table)
    assert last == f"What failed, and why: {report}"
    failures = [orjson.loads(line) for line in report.read_bytes().splitlines()]
    assert [(one["where"], one["code"], one["raw"]) for one in failures] == [
        ("line 4", "UNREADABLE", "{broken"),
        ("line 5", "UNREADABLE", '{"title": "D", "year": 99999}'),
    ]
    assert await titles(connection) == ["A", "B", "C"]
    [run] = await connection.fetch("SELECT type, status, succeeded, failed, counts, failures, library_id FROM job_run")
    assert [*run] == ["import", "SUCCEEDED", 3, 2, '{"created": 3}', '{"UNREADABLE": 2}', 1]
    assert await connection.fetchval("SELECT kind FROM library WHERE name = 'Films'") == "MOVIE"


async def test_a_report_replaces_neither_the_source_nor_a_device(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", ["A"], "{broken")
    told = path.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    for report in (path, tmp_path / "link.jsonl", tmp_path, tmp_path / "none" / "report.jsonl"):
        refused = imported(writer, path, "--library", "Films", "--report", report)
        assert (refused.returncode, "name another file with --report" in refused.stdout) == (2, True), refused.stderr
    assert (path.read_bytes(), await titles(connection)) == (told, [])

    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert imported(writer, path, "--library", "Films", "--report", tmp_path / "pipe").returncode == 4
    assert b'"where":"line 2"' in os.read(reader, 10_000)
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


async def test_a_run_whose_source_turns_out_unreadable_ends_with_that_code(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text("nothing")
    assert imported(writer, tmp_path / "a.json", "--library", "Films", "--format", "json").returncode == 3
    [run] = await connection.fetch("SELECT status, error_code, error FROM job_run")
    assert [run["status"], run["error_code"]] == ["FAILED", "SOURCE_UNREADABLE"]
    assert run["error"].endswith("This is no JSON: it begins with neither [ nor {.")


async def test_what_is_gone_is_pruned_within_limits(writer: ConnectArgs, connection: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", ["A", "B", "C", "D"])
    assert imported(writer, path, "--library", "Films").returncode == 0
    write(path, ["A", "C"])

    refused = imported(writer, path, "--library", "films", "--prune")
    assert (refused.returncode, "2 of 4 items are gone" in refused.stdout) == (5, True), refused.stdout
    preview = imported(writer, path, "--library", "Films", "--prune", "--max-prune", "50", "--dry-run")
    assert (preview.returncode, "2 pruned" in preview.stdout) == (0, True)
    assert await titles(connection) == ["A", "B", "C", "D"]
    pruned = imported(writer, path, "--library", "Films", "--prune", "--max-prune", "50")
    assert (pruned.returncode, "2 pruned" in pruned.stdout) == (0, True)
    assert await titles(connection) == ["A", "C"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nowhere.jsonl"], 3, "nowhere.jsonl is not there"),
        (["."], 3, "no format that is known"),
        ([".", "--format", "none"], 3, "There is no format none"),
        ([".", "--match", "TITLE,NAME"], 2, "--match is some of"),
        ([".", "--mode", "skip"], 2, "--mode is one of"),
        ([".", "--kind", "FILM"], 2, "--kind is one of"),
        ([".", "--option", "a"], 2, "an option is NAME=VALUE"),
        (["http://127.0.0.1:1/", "--watch"], 2, "--watch is for files"),
        ([""], 2, "The path or URL is empty"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    arguments: list[str], status: int, words: str, writer: ConnectArgs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("no media")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", writer.dsn)
    done = CliRunner().invoke(cli, ["import", *arguments, "--library", "Films"])
    assert done.exit_code == status, done.output
    assert words in " ".join(done.output.replace("│", " ").split())


async def test_a_second_import_of_a_library_is_told_of_the_first(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    await add_library(connection, "Films")
    await connection.execute(
        "INSERT INTO import_source (library_id, format, location, run, backend_pid, alive_at)"
        " VALUES (1, 'jsonl', '/elsewhere', 1, pg_backend_pid(), now())"
    )
    done = imported(writer, write(tmp_path / "a.jsonl", ["A"]), "--library", "Films")
    assert (done.returncode, "/elsewhere is being imported" in done.stdout) == (6, True), done.stdout


async def test_ctrl_c_stops_after_a_chunk_and_the_same_command_goes_on(
    writer: ConnectArgs, connection: Any, tmp_path: Path, running: list[Running]
) -> None:
    path = write(tmp_path / "a.jsonl", [f"Movie {number}" for number in range(3_000)])
    report = tmp_path / "failed.jsonl"
    running.append(Running(writer, path, "--library", "Films", "--report", report, MARQUEE_IMPORT_CHUNK="5"))
    await until(lambda: connection.fetchval("SELECT count(*) > 20 FROM media"), "some media")

    status, said = running[0].stop()

    assert (status, said.splitlines()[-1].startswith("Interrupted: give the same command again")) == (130, True), said
    stored = await connection.fetchval("SELECT count(*) FROM media")
    assert 20 < stored < 3_000
    again = imported(writer, path, "--library", "Films", "--report", report)
    assert again.returncode == 0
    assert f"Going on after {stored:,} items" in again.stdout
    assert "3,000 created, 0 updated, 0 unchanged, 0 failed" in again.stdout
    assert await connection.fetchval("SELECT count(*) FROM media") == 3_000
    states = "SELECT array_agg(status ORDER BY id) FROM job_run"
    assert await connection.fetchval(states) == ["CANCELLED", "SUCCEEDED"]


async def test_a_client_can_cancel_it_as_any_run_of_a_job(
    writer: ConnectArgs, connection: Any, tmp_path: Path, running: list[Running]
) -> None:
    path = write(tmp_path / "a.jsonl", [f"Movie {number}" for number in range(3_000)])
    running.append(Running(writer, path, "--library", "Films", MARQUEE_IMPORT_CHUNK="5"))
    await until(lambda: connection.fetchval("SELECT count(*) > 20 FROM media"), "some media")

    await connection.execute("UPDATE job_run SET stop_request = 'CANCEL'")

    said, _ = running[0].process.communicate(timeout=serving.WAIT_SECONDS)
    assert (running[0].process.returncode, "Interrupted" in said) == (130, True), said
    assert await connection.fetchval("SELECT count(*) FROM media") < 3_000
    assert await connection.fetchval("SELECT status FROM job_run") == "CANCELLED"


async def test_a_file_that_is_watched_is_kept_in_sync(
    writer: ConnectArgs, connection: Any, tmp_path: Path, running: list[Running]
) -> None:
    path = write(tmp_path / "a.jsonl", ["A", "B"])
    running.append(Running(writer, path, "--library", "Films", "--watch", "--prune", "--max-prune", "60"))
    await until(lambda: connection.fetchval("SELECT synced_at IS NOT NULL FROM import_source"), "the first import")
    stdout = running[0].process.stdout
    assert stdout is not None
    while not stdout.readline().startswith("Watching"):
        pass

    write(tmp_path / "new", ["B", "C"]).replace(path)
    await until(lambda: connection.fetchval("SELECT count(*) = 1 FROM media WHERE title = 'C'"), "the new one")
    await until(lambda: connection.fetchval("SELECT count(*) = 0 FROM media WHERE title = 'A'"), "the end of the old")
    status, said = running[0].stop()
    assert (status, "Traceback" in said) == (0, False)


async def test_a_library_is_exported(writer: ConnectArgs, connection: Any, tmp_path: Path) -> None:
    assert imported(writer, write(tmp_path / "a.jsonl", ["A", "B"]), "--library", "Films").returncode == 0

    shown = serving.run("export", "--library", "films", DATABASE_URL=writer.dsn)
    assert (shown.returncode, shown.stderr) == (0, "2 media written.\n")
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [(one["key"], one["title"], one["tags"]) for one in lines] == [
        ("media_1", "A", ["x"]),
        ("media_2", "B", ["x"]),
    ]
    wrong = serving.run("export", "--library", "Series", DATABASE_URL=writer.dsn)
    assert (wrong.returncode, wrong.stderr) == (1, "There is no library 'Series'. There are: Films.\n")


async def test_new_items_find_media_by_what_their_format_says(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "jig.mid").write_bytes(name.encode())

    done = imported(writer, tmp_path, "--library", "Tunes", "--option", "analyse=no")

    assert (done.returncode, "2 created" in done.stdout) == (0, True), done.stdout
    assert await titles(connection) == ["jig", "jig"]
    assert await connection.fetchval("SELECT plan -> 'match_by' FROM import_source") == '["PATH"]'
