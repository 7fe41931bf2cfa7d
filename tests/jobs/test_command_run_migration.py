"""Runs of commands in older databases: what they were told becomes parameters of the job, and none runs for ever."""

from __future__ import annotations

import json
from uuid import uuid4

import asyncpg
import pytest

from app.process.migrate import migrate
from jobs import import_places
from jobs.import_media import IMPORT
from jobs.parameters import from_values
from tests.support.databases import clone, drop, migrate_before
from tests.support.factories import add_library

OLD = """
INSERT INTO import_source (library_id, format, location, plan) VALUES (1, 'csv', '/media/a.csv',
    '{"options": {"map": "title=Name", "encoding": "latin-1"}, "match_by": ["PATH"], "on_conflict": "MERGE"}');
INSERT INTO job_run (type, library_id, status, parameters)
VALUES ('import', 1, 'FAILED', '{"location": "/media/a.csv", "format": "csv", "mode": "MERGE"}'),
    ('import', 1, 'RUNNING', '{"location": "/media/b.jsonl", "format": "jsonl", "mode": "REPLACE"}'),
    ('import', 1, 'QUEUED', '{"library": "library_1", "location": "/media/c.jsonl"}'),
    ('maintenance', NULL, 'SUCCEEDED', '{}');
INSERT INTO job_run (type, status, worker_id) VALUES ('maintenance', 'RUNNING', gen_random_uuid())
"""


async def test_old_runs_of_commands_can_be_tried_again(
    server_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(import_places.FOLDERS, "/media")
    name = f"{prefix}_{uuid4().hex[:8]}"
    args = await clone(server_url, "template0", name)
    await migrate_before(args, "0051")
    connection = await asyncpg.connect(**args.kwargs())
    await add_library(connection)
    await connection.execute(OLD)
    await connection.close()

    await migrate(args)

    connection = await asyncpg.connect(**args.kwargs())
    rows = await connection.fetch("SELECT * FROM job_run ORDER BY id")
    states = [(row["status"], row["is_command"], row["error_code"], row["max_attempts"]) for row in rows]
    assert states == [
        ("FAILED", True, None, 1),
        ("FAILED", True, "WORKER_LOST", 1),
        ("QUEUED", False, None, 5),
        ("SUCCEEDED", False, None, 5),
        ("RUNNING", False, None, 5),
    ]
    first, second = (from_values(IMPORT.parameters, json.loads(row["parameters"])) for row in rows[:2])
    IMPORT.check(first)
    assert (first.library_id, first.location, first.format, first.on_conflict) == (1, "/media/a.csv", "csv", "MERGE")
    assert (first.options, first.match_by) == (["encoding=latin-1", "map=title=Name"], ["PATH"])
    assert (second.location, second.options, second.match_by) == ("/media/b.jsonl", [], None)
    await connection.close()
    await drop(server_url, name)
