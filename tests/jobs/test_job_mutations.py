"""Mutations of jobs: they queue runs with what their kinds declare, control them, and know who may do that."""

from __future__ import annotations

from typing import Any

import pytest

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.factories import add_library, add_row
from tests.support.job_shapes import JOB_EDITS, START_NAMES, STARTS, JobShape, prepare

ONE = 'mutation { %s(id: "job_run_%d"%s) { jobRun { status stopRequest priority } } }'


@pytest.mark.parametrize("shape", [*STARTS, *JOB_EDITS], ids=lambda shape: shape.name)
async def test_a_mutation_of_a_job_costs_its_published_statements(shape: JobShape, api: Api, connection: Any) -> None:
    await prepare(connection, shape)

    await api.run(shape.text)

    edit = api.statements[1 : api.statements.index("transaction", 1)]
    assert len(edit) == shape.statements, api.statements


def test_every_kind_has_its_mutation(api: Api) -> None:
    fields: Any = api.service.engine.schema.mutation_type.fields  # type: ignore[union-attr]

    assert {name for name in fields if name.startswith("start")} == START_NAMES
    assert {"startMaintenance", "startMarkProcessed", "startNormaliseNames"} <= START_NAMES


async def test_a_job_is_queued_with_its_parameters(api: Api, connection: Any) -> None:
    await add_library(connection, "a")

    data = await api.run(
        """mutation { startMarkProcessed(library: "library_1", process: "tagger", kind: CLIP, priority: 3) {
            jobRun { id type status priority parameters attempts maxAttempts percent counts { name } library { name }
                log { nodes { line } } } } }"""
    )

    assert data["startMarkProcessed"]["jobRun"] == {
        **{"id": "job_run_1", "type": "mark_processed", "status": "QUEUED", "priority": 3, "attempts": 0},
        **{"maxAttempts": 5, "percent": None, "counts": [], "library": {"name": "a"}, "log": {"nodes": []}},
        "parameters": {"library": "library_1", "process": "tagger", "kind": "CLIP"},
    }
    row = await connection.fetchrow("SELECT exclusive_key, viewer_libraries, library_id FROM job_run")
    assert tuple(row) == ("mark_processed 1 tagger", None, 1)


@pytest.mark.parametrize(
    ("mutation", "code"),
    [
        ('startMarkProcessed(library: "library_9", process: "x")', "NOT_FOUND"),
        ('startMarkProcessed(library: "tag_1", process: "x")', "BAD_ID"),
        ('startMarkProcessed(library: "library_1", process: " ")', "BAD_ARGUMENT"),
        ('startMarkProcessed(library: "library_1", process: "x", priority: 101)', "BAD_ARGUMENT"),
        ("startMaintenance(priority: -101)", "BAD_ARGUMENT"),
        ('cancelJob(id: "job_run_77")', "NOT_FOUND"),
        ('cancelJob(id: "library_1")', "BAD_ID"),
        ('retryJob(id: "job_run_1")', "WRONG_STATE"),
        ('resumeJob(id: "job_run_2")', "WRONG_STATE"),
        ('setJobPriority(id: "job_run_1", priority: 1000)', "BAD_ARGUMENT"),
        ('setJobPriority(id: "job_run_2", priority: 1)', "WRONG_STATE"),
    ],
)
async def test_what_cannot_be_done_is_refused(mutation: str, code: str, api: Api, connection: Any) -> None:
    await add_library(connection, "a")
    await add_row(connection, "job_run", type="maintenance")
    await add_row(connection, "job_run", type="maintenance", status="SUCCEEDED")

    assert await api.codes(f"mutation {{ {mutation} {{ jobRun {{ id }} }} }}") == [code]
    assert await connection.fetchval("SELECT count(*) FROM job_run") == 2


async def test_runs_that_wait_and_that_run_are_controlled(api: Api, connection: Any) -> None:
    await add_row(connection, "job_run", type="maintenance")
    await add_row(connection, "job_run", type="maintenance", status="RUNNING", exclusive_key="x")

    async def changed(name: str, run: int, more: str = "") -> tuple[str, str | None, int]:
        found = (await api.run(ONE % (name, run, more)))[name]["jobRun"]
        return found["status"], found["stopRequest"], found["priority"]

    assert await changed("pauseJob", 1) == ("PAUSED", None, 0)
    assert await changed("resumeJob", 1) == ("QUEUED", None, 0)
    assert await changed("setJobPriority", 1, ", priority: -5") == ("QUEUED", None, -5)
    assert await changed("cancelJob", 1) == ("CANCELLED", None, -5)
    assert await changed("retryJob", 1, ", fromStart: true") == ("QUEUED", None, -5)
    assert await changed("pauseJob", 2) == ("RUNNING", "PAUSE", 0)
    assert await changed("resumeJob", 2) == ("RUNNING", None, 0)
    assert await changed("cancelJob", 2) == ("RUNNING", "CANCEL", 0)
    assert await changed("pauseJob", 2) == ("RUNNING", "CANCEL", 0)


async def test_a_full_queue_refuses_and_drops_nothing(api: Api, connection: Any) -> None:
    await connection.execute("INSERT INTO setting (key, value) VALUES ('jobs.queue_max', '3')")
    await add_row(connection, "job_run", type="maintenance", status="PAUSED")
    await add_row(connection, "job_run", type="maintenance", status="FAILED")
    start = "mutation { startMaintenance { jobRun { id } } }"

    assert [await api.codes(start) for _ in range(4)] == [[], [], ["QUEUE_FULL"], ["QUEUE_FULL"]]
    assert await api.codes('mutation { retryJob(id: "job_run_2") { jobRun { id } } }') == ["QUEUE_FULL"]
    assert await connection.fetchval("SELECT count(*) FROM job_run WHERE status = 'QUEUED'") == 2
    await api.run('mutation { cancelJob(id: "job_run_1") { jobRun { id } } }')
    assert await api.codes(start) == []


async def test_who_sees_some_libraries_starts_and_controls_jobs_on_these_alone(api: Api, connection: Any) -> None:
    for name in ("a", "b"):
        await add_library(connection, name)
    for library in (1, 2, None):
        await add_row(connection, "job_run", type="mark_processed", library_id=library)
    viewer = Viewer((1,))
    start = 'mutation {{ startMarkProcessed(library: "library_{}", process: "x") {{ jobRun {{ id }} }} }}'

    assert await api.codes(start.format(1), viewer) == []
    assert await api.codes(start.format(2), viewer) == ["NOT_FOUND"]
    assert await api.codes("mutation { startMaintenance { jobRun { id } } }", viewer) == ["FORBIDDEN"]
    for name, more in (("cancelJob", ""), ("pauseJob", ""), ("setJobPriority", ", priority: 1"), ("retryJob", "")):
        assert await api.codes(ONE % (name, 2, more), viewer) == ["NOT_FOUND"]
        assert await api.codes(ONE % (name, 3, more), viewer) == ["FORBIDDEN"]
    assert await api.codes(ONE % ("pauseJob", 1, ""), viewer) == []
    assert await connection.fetchval("SELECT viewer_libraries FROM job_run WHERE id = 4") == [1]
    status = await connection.fetch("SELECT status FROM job_run ORDER BY id")
    assert [row[0] for row in status] == ["PAUSED", "QUEUED", "QUEUED", "QUEUED"]
