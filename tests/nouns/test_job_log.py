"""Logs of runs of jobs: oldest line first, paged both ways, many runs by one statement."""

from __future__ import annotations

from typing import Any

from domain.viewer import Viewer
from tests.support.api import Api
from tests.support.factories import add_library, add_row

READ = """{ jobRuns { nodes { id log(last: 2) { totalCount nodes { level line } pageInfo { startCursor } } } } }"""


async def add_lines(connection: Any) -> None:
    library = await add_library(connection, "a")
    for place, lines in enumerate((3, 0, 1)):
        run = await add_row(connection, "job_run", type="scan", library_id=library if place == 2 else None)
        for number in range(lines):
            level = ("INFO", "WARNING", "ERROR")[number]
            await add_row(connection, "job_log", job_run_id=run, level=level, line=f"{run}.{number}")


async def test_the_last_lines_of_all_runs_are_read_by_one_statement(api: Api, connection: Any) -> None:
    await add_lines(connection)

    runs = (await api.run(READ))["jobRuns"]["nodes"]

    assert {run["id"]: [(one["level"], one["line"]) for one in run["log"]["nodes"]] for run in runs} == {
        "job_run_3": [("INFO", "3.0")],
        "job_run_2": [],
        "job_run_1": [("WARNING", "1.1"), ("ERROR", "1.2")],
    }
    assert [run["log"]["totalCount"] for run in runs] == [1, 0, 3]
    assert sorted(api.statements) == ["job_log_count_by_job_run_id", "job_log_pages_by_job_run_id", "job_run_pages"]
    cursor = runs[2]["log"]["pageInfo"]["startCursor"]
    before = await api.run(f'{{ jobRun(id: "job_run_1") {{ log(before: "{cursor}") {{ nodes {{ line }} }} }} }}')
    assert before["jobRun"]["log"]["nodes"] == [{"line": "1.0"}]


async def test_the_log_of_a_run_of_a_hidden_library_is_hidden_with_it(api: Api, connection: Any) -> None:
    await add_lines(connection)

    runs = (await api.run(READ, Viewer(())))["jobRuns"]["nodes"]

    assert [run["id"] for run in runs] == ["job_run_2", "job_run_1"]
