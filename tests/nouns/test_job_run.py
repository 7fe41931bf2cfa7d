"""Runs of jobs: fields, newest first both ways, by status, type and library, and who sees them."""

from __future__ import annotations

from datetime import UTC, datetime
from json import dumps
from typing import Any

import pytest

from domain.viewer import Viewer
from loaders.registry import Loaders
from loaders.sql.condition import All, OneOf
from loaders.sql.page_sql import PageArguments
from loaders.sql.source import NoFilter
from tests.loaders.test_contract import silent_reader
from tests.loaders.test_plans import SIZE, Place, assert_flat, pages, place
from tests.support.api import Api
from tests.support.factories import add_library, add_row
from tests.support.plans import MODES, explain, indexes


async def add_runs(connection: Any) -> None:
    for name in ("a", "b"):
        await add_library(connection, name)
    for type_, library, status in [
        ("import", 1, "SUCCEEDED"),
        ("scan", 2, "RUNNING"),
        ("scan", None, "QUEUED"),
        ("import", 2, "FAILED"),
        ("scan", 1, "QUEUED"),
    ]:
        await add_row(connection, "job_run", type=type_, library_id=library, status=status)


def ids(found: Any) -> list[int]:
    return [int(node["id"].removeprefix("job_run_")) for node in found["nodes"]]


async def test_runs_come_newest_first_and_page_both_ways(api: Api, connection: Any) -> None:
    await add_runs(connection)

    data = await api.run(
        """{ first: jobRuns(first: 2) { totalCount nodes { id } pageInfo { endCursor hasNextPage } }
        last: jobRuns(last: 2) { nodes { id } pageInfo { startCursor hasPreviousPage } } }"""
    )

    assert (ids(data["first"]), ids(data["last"]), data["first"]["totalCount"]) == ([5, 4], [2, 1], 5)
    assert data["first"]["pageInfo"]["hasNextPage"] is data["last"]["pageInfo"]["hasPreviousPage"] is True
    assert sorted(api.statements) == ["job_run_count", "job_run_pages", "job_run_pages"]
    after, before = data["first"]["pageInfo"]["endCursor"], data["last"]["pageInfo"]["startCursor"]
    await add_row(connection, "job_run", type="new")
    await connection.execute("DELETE FROM job_run WHERE id IN (2, 4)")
    rest = await api.run(
        f"""{{ after: jobRuns(after: "{after}", first: 1) {{ nodes {{ id }} pageInfo {{ hasNextPage }} }}
        before: jobRuns(before: "{before}", last: 2) {{ nodes {{ id }} pageInfo {{ hasPreviousPage }} }}
        between: jobRuns(after: "{after}", before: "{before}") {{ nodes {{ id }} }} }}"""
    )
    assert {name: ids(found) for name, found in rest.items()} == {"after": [3], "before": [5, 3], "between": [3]}
    assert rest["after"]["pageInfo"]["hasNextPage"] is rest["before"]["pageInfo"]["hasPreviousPage"] is True


async def test_runs_are_chosen_by_status_type_and_library_together(api: Api, connection: Any) -> None:
    await add_runs(connection)

    data = await api.run(
        """{ status: jobRuns(status: [QUEUED, RUNNING]) { nodes { id } }
        type: jobRuns(type: ["import"]) { nodes { id } }
        library: jobRuns(library: ["library_2", "library_9"]) { totalCount nodes { id } }
        all: jobRuns(status: [QUEUED], type: ["scan"], library: ["library_1"]) { totalCount nodes { id } }
        none: jobRuns(library: []) { totalCount nodes { id } } }"""
    )

    assert {name: ids(found) for name, found in data.items()} == {
        "status": [5, 3, 2],
        "type": [4, 1],
        "library": [4, 2],
        "all": [5],
        "none": [],
    }
    assert [data[name]["totalCount"] for name in ("library", "all", "none")] == [2, 1, 0]
    assert await api.codes('{ jobRuns(library: ["tag_1"]) { nodes { id } } }') == ["BAD_ID"]


async def test_a_run_is_found_with_all_that_is_known_of_it(api: Api, connection: Any) -> None:
    library = await add_library(connection, "a")
    times = [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    await add_row(
        connection,
        "job_run",
        **{"type": "scan", "library_id": library, "status": "FAILED", "total": 9, "succeeded": 2, "failed": 1},
        **{"error": "No disk", **dict(zip(("queued_at", "started_at", "ended_at"), times, strict=True))},
    )
    await add_row(connection, "job_run", type="scan")

    data = await api.run(
        """{ one: jobRun(id: "job_run_1") { type status total succeeded failed error queuedAt startedAt endedAt
            library { name } }
        other: jobRun(id: "job_run_2") { status total succeeded failed error startedAt endedAt library { name } }
        none: jobRun(id: "job_run_3") { id } node(id: "job_run_1") { ... on JobRun { type } }
        _entities(representations: [{ __typename: "JobRun", id: "job_run_1" }]) { ... on JobRun { type } } }"""
    )

    assert data["one"] == {
        **{"type": "scan", "status": "FAILED", "total": 9, "succeeded": 2, "failed": 1, "error": "No disk"},
        **{f"{name}At": f"2024-01-0{day}T00:00:00+00:00" for day, name in enumerate(("queued", "started", "ended"), 1)},
        "library": {"name": "a"},
    }
    empty = dict.fromkeys(("total", "error", "startedAt", "endedAt", "library"))
    assert data["other"] == {"status": "QUEUED", "succeeded": 0, "failed": 0, **empty}
    assert (data["none"], data["node"], data["_entities"]) == (None, {"type": "scan"}, [{"type": "scan"}])
    assert sorted(api.statements) == ["job_run_by_id", "library_by_id"]
    assert await api.codes('{ jobRun(id: "library_1") { id } }') == ["BAD_ID"]


async def test_progress_counts_failures_and_steps_are_told(api: Api, connection: Any) -> None:
    steps = [
        {"name": "read", "startedAt": "2024-01-01T00:00:00+00:00", "endedAt": "2024-01-01T00:01:00+00:00"},
        {"name": "write", "startedAt": "2024-01-01T00:01:00+00:00", "endedAt": None},
    ]
    await add_row(
        connection,
        "job_run",
        **{"type": "import", "status": "RUNNING", "total": 8, "succeeded": 2, "failed": 1, "stop_request": "PAUSE"},
        **{"counts": dumps({"created": 1, "updated": 1, "unchanged": 5}), "failures": dumps({"DUPLICATE": 1})},
        **{"steps": dumps(steps), "parameters": dumps({"library": "library_1"}), "current_item": "a.mkv"},
    )
    for total, status in ((0, "RUNNING"), (2, "RUNNING"), (None, "SUCCEEDED"), (None, "FAILED")):
        row = {"type": "x", "status": status, "total": total, "succeeded": 3}
        await add_row(connection, "job_run", **row)

    data = await api.run(
        """{ jobRun(id: "job_run_1") { percent currentItem stopRequest parameters attempts maxAttempts priority
            counts { name count } failures { name count } steps { name startedAt endedAt } errorCode }
        }"""
    )

    assert data["jobRun"] == {
        **{"percent": 37.5, "currentItem": "a.mkv", "stopRequest": "PAUSE", "parameters": {"library": "library_1"}},
        **{"attempts": 0, "maxAttempts": 5, "priority": 0, "errorCode": None, "steps": steps},
        "counts": [{"name": "unchanged", "count": 5}, {"name": "created", "count": 1}, {"name": "updated", "count": 1}],
        "failures": [{"name": "DUPLICATE", "count": 1}],
    }
    percents = (await api.run("{ jobRuns(first: 4) { nodes { percent } } }"))["jobRuns"]["nodes"]
    assert [one["percent"] for one in percents] == [None, 100.0, 100.0, None]


async def test_runs_of_a_hidden_library_are_hidden_and_go_with_it(api: Api, connection: Any) -> None:
    await add_runs(connection)
    asked = "{ jobRuns { totalCount nodes { id library { id } } } }"

    for libraries, seen in [((1,), [5, 3, 1]), ((), [3])]:
        data = await api.run(asked, Viewer(libraries))
        assert (ids(data["jobRuns"]), data["jobRuns"]["totalCount"]) == (seen, len(seen))
    hidden = await api.run('{ jobRun(id: "job_run_2") { id } node(id: "job_run_2") { id } }', Viewer((1,)))
    assert hidden == {"jobRun": None, "node": None}
    await connection.execute("DELETE FROM library WHERE id = 2")
    assert ids((await api.run(asked))["jobRuns"]) == [5, 3, 1]


async def test_newest_first_walks_the_primary_key_wherever_the_page_stands(large_reader: Any) -> None:
    ref = pages("job_run_pages")
    order = ref.source.default
    for at in (Place(), *[await place(large_reader, ref, order, 0, share) for share in (0.5, 0.99)]):
        for backward, left in ((False, at.behind), (True, at.before)):
            ends = (None, at.position) if backward else (at.position, None)
            asked = PageArguments(SIZE, backward, NoFilter(), order, *ends)
            for mode in MODES:
                steps = await explain(large_reader, *ref.compose(silent_reader(), asked, [0]), mode)
                assert_flat(steps, "job_run_pkey", (mode, at), rows_left=left)


@pytest.mark.parametrize(
    ("column", "value", "index"),
    [
        (OneOf("r.library_id", (1,), "bigint"), "FAILED", "job_run_library_id_status"),
        (OneOf("r.type", ("job 2",)), "RUNNING", "job_run_type_status"),
    ],
)
async def test_a_rare_status_of_a_library_or_a_type_is_found_by_its_index(
    column: OneOf, value: str, index: str, large_reader: Any
) -> None:
    filter = All((column, OneOf("r.status", (value,))))
    count, listed = Loaders.job_run_count, pages("job_run_pages")
    asked = PageArguments(SIZE, False, filter, listed.source.default, None, None)

    for statement, values in (
        count.compose(silent_reader(), filter, [0]),
        listed.compose(silent_reader(), asked, [0]),
    ):
        assert indexes(await explain(large_reader, statement, values, "force_custom_plan")) == {index}
