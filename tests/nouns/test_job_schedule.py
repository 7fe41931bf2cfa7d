"""Schedules of jobs: made, changed and deleted by whom they concern; due at the times of their cron expression."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import CatalogError
from domain.viewer import Viewer
from jobs.core.schedule import next_time
from tests.support.api import Api
from tests.support.factories import add_library, add_row

FIELDS = "id type cron timeZone isEnabled priority parameters version error nextRunAt library { name } lastRun { id }"
CREATE = f"""mutation ($type: String!, $cron: String!, $parameters: JSON, $zone: String!) {{
    createJobSchedule(type: $type, cron: $cron, parameters: $parameters, timeZone: $zone) {{
        jobSchedule {{ {FIELDS} }}
    }}
}}"""
MARK = {"type": "mark_processed", "cron": "30 4 * * 1-5", "zone": "Europe/Berlin"}


def given(**changed: Any) -> dict[str, Any]:
    return {**MARK, "parameters": {"library": "library_1", "process": "x"}, **changed}


async def test_a_schedule_is_made_changed_listed_and_deleted(api: Api, connection: Any) -> None:
    await add_library(connection, "a")
    await add_row(connection, "job_schedule", type="maintenance", cron="* * * * *", next_run_at=datetime.now(UTC))

    made = (await api.run(CREATE, **given()))["createJobSchedule"]["jobSchedule"]

    assert made.pop("nextRunAt") > datetime.now(UTC).isoformat()
    assert made == {
        **{"id": "job_schedule_2", "type": "mark_processed", "cron": "30 4 * * 1-5", "timeZone": "Europe/Berlin"},
        **{"isEnabled": True, "priority": 0, "version": 1, "error": None, "lastRun": None, "library": {"name": "a"}},
        "parameters": {"library": "library_1", "process": "x", "kind": None},
    }
    changed = await api.run(
        """mutation { updateJobSchedule(id: "job_schedule_2", isEnabled: false, priority: 9, version: 1) {
            jobSchedule { isEnabled nextRunAt priority version cron } } }"""
    )
    assert changed["updateJobSchedule"]["jobSchedule"] == {
        **{"isEnabled": False, "nextRunAt": None, "priority": 9, "version": 2, "cron": "30 4 * * 1-5"}
    }
    stale = 'mutation { updateJobSchedule(id: "job_schedule_2", version: 1) { jobSchedule { id } } }'
    assert await api.codes(stale) == ["VERSION_CONFLICT"]
    listed = await api.run(
        """{ jobSchedules { totalCount nodes { id } } library: jobSchedules(library: ["library_1"]) { nodes { id } }
        type: jobSchedules(type: ["maintenance"]) { nodes { id } } node(id: "job_schedule_1") { id } }"""
    )
    assert listed == {
        "jobSchedules": {"totalCount": 2, "nodes": [{"id": "job_schedule_1"}, {"id": "job_schedule_2"}]},
        "library": {"nodes": [{"id": "job_schedule_2"}]},
        "type": {"nodes": [{"id": "job_schedule_1"}]},
        "node": {"id": "job_schedule_1"},
    }
    deleted = await api.run('mutation { deleteJobSchedule(id: "job_schedule_2") { deletedId } }')
    assert deleted == {"deleteJobSchedule": {"deletedId": "job_schedule_2"}}
    assert await api.run('{ jobSchedule(id: "job_schedule_2") { id } }') == {"jobSchedule": None}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"type": "x"}, "BAD_ARGUMENT"),
        ({"cron": "every day"}, "BAD_ARGUMENT"),
        ({"cron": "* * * * * *"}, "BAD_ARGUMENT"),
        ({"cron": "61 * * * *"}, "BAD_ARGUMENT"),
        ({"cron": "0 0 30 2 *"}, "BAD_ARGUMENT"),
        ({"cron": "* " * 200}, "BAD_ARGUMENT"),
        ({"zone": "Mars/Olympus"}, "BAD_ARGUMENT"),
        ({"zone": "../../etc/passwd"}, "BAD_ARGUMENT"),
        ({"zone": ""}, "BAD_ARGUMENT"),
        ({"parameters": None}, "BAD_ARGUMENT"),
        ({"parameters": [1]}, "BAD_ARGUMENT"),
        ({"parameters": {"library": "library_1", "process": " "}}, "BAD_ARGUMENT"),
        ({"parameters": {"library": "library_7", "process": "x"}}, "NOT_FOUND"),
        ({"parameters": {"library": 1, "process": "x"}}, "BAD_ID"),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused(
    changed: dict[str, Any], code: str, api: Api, connection: Any
) -> None:
    await add_library(connection, "a")

    assert await api.codes(CREATE, **given(**changed)) == [code]
    assert await connection.fetchval("SELECT count(*) FROM job_schedule") == 0


async def test_what_is_wrong_with_a_cron_expression_is_said(api: Api) -> None:
    [error] = (await api.answer(CREATE, **given(cron="61 * * * *"))).body["errors"]
    assert error["message"] == '`cron` needs another minute; "30 4 * * 1-5" is half past four on weekdays.'


async def test_who_sees_some_libraries_touches_schedules_of_these_alone(api: Api, connection: Any) -> None:
    for name in ("a", "b"):
        await add_library(connection, name)
    for library in (1, 2, None):
        row = {"type": "maintenance", "cron": "* * * * *", "next_run_at": datetime.now(UTC), "library_id": library}
        await add_row(connection, "job_schedule", **row)
    viewer = Viewer((1,))
    delete = 'mutation {{ deleteJobSchedule(id: "job_schedule_{}") {{ deletedId }} }}'

    listed = await api.run("{ jobSchedules { nodes { id } } }", viewer)
    assert [node["id"] for node in listed["jobSchedules"]["nodes"]] == ["job_schedule_1", "job_schedule_3"]
    assert [await api.codes(delete.format(number), viewer) for number in (1, 2, 3)] == [
        [],
        ["NOT_FOUND"],
        ["FORBIDDEN"],
    ]
    assert await api.codes(CREATE, viewer, **given()) == []
    assert await api.codes(CREATE, viewer, **given(parameters={"library": "library_2", "process": "x"})) == [
        "NOT_FOUND"
    ]
    assert await api.codes(CREATE, viewer, **given(type="maintenance", parameters=None)) == ["FORBIDDEN"]


def test_times_are_those_of_the_time_zone_also_when_clocks_change() -> None:
    before = datetime(2024, 3, 30, 12, tzinfo=UTC)

    assert next_time("30 4 * * *", "Europe/Berlin", before) == datetime(2024, 3, 31, 2, 30, tzinfo=UTC)
    assert next_time("30 4 * * *", "UTC", before) == datetime(2024, 3, 31, 4, 30, tzinfo=UTC)
    assert next_time("0 0 29 2 *", "UTC", before) == datetime(2028, 2, 29, tzinfo=UTC)
    with pytest.raises(CatalogError):
        next_time("0 0 31 2 *", "UTC", before)
