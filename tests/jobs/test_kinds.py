"""The kinds of jobs: what each does, chunk by chunk, with counts and reasons, and once however often it is begun."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.process.job_commands import parser_of
from catalog.process import MAX_PROCESSES
from database.connect_args import ConnectArgs
from domain.enums import MediaKind, TaxonomyNoun
from domain.errors import CatalogError
from domain.viewer import UNRESTRICTED, Viewer
from jobs import mark_processed
from jobs.core.queue import pause, resume
from jobs.kind import JobKind
from jobs.kinds import KINDS
from jobs.maintenance import MAINTENANCE, Maintenance
from jobs.mark_processed import MARK_PROCESSED, MarkProcessed
from jobs.normalise_names import NORMALISE_NAMES, NormaliseNames
from jobs.parameters import from_values, parameters_of, to_json
from providers.services import OutsideServices
from tests.support import jobs
from tests.support.factories import add_library, add_media, add_name
from tests.support.jobs import control, queue, until_status, working
from tests.support.media_files import file_services
from tests.support.pgbouncer import behind, needs_pgbouncer, pgbouncer

FULL = """
INSERT INTO process_timestamp (media_id, process, processed_at)
SELECT $1, 'p' || n, now() FROM generate_series(1, $2) n
"""


@pytest.fixture(autouse=True)
def all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TEST_KINDS", KINDS)


async def run(
    args: ConnectArgs,
    connection: Any,
    kind: JobKind[Any],
    parameters: Any,
    viewer: Viewer = UNRESTRICTED,
    services: OutsideServices | None = None,
) -> Any:
    """The row of a run at its end."""
    number = await queue(args, kind, parameters, viewer=viewer)
    async with working(args, services=services):
        return await until_status(connection, number, "SUCCEEDED", "FAILED")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_is_declared_as_clients_need_it(kind: JobKind[Any]) -> None:
    assert kind.name == kind.name.lower()
    assert kind.name.replace("_", "").isalnum()
    assert kind.description.endswith(".")
    declared = parameters_of(kind.parameters)
    assert [one.name for one in declared] == [field.name for field in fields(kind.parameters)]
    assert all(one.description.endswith(".") for one in declared)
    assert kind.name.replace("_", "-") in parser_of(kind).format_help()
    assert "priority" not in {one.public_name for one in declared}
    if not any(one.is_required for one in declared):
        assert from_values(kind.parameters, to_json(kind.parameters())) == kind.parameters()


async def test_all_media_of_a_library_are_marked_chunk_by_chunk(
    writer: ConnectArgs, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mark_processed, "CHUNK", 2)
    first, second = await add_library(connection, "a"), await add_library(connection, "b")
    media = [await add_media(connection, first) for _ in range(5)]
    await add_media(connection, first, kind="CLIP")
    await add_media(connection, second)
    await connection.execute(FULL, media[3], MAX_PROCESSES)

    row = await run(writer, connection, MARK_PROCESSED, MarkProcessed(first, "tagger", MediaKind.MOVIE))

    assert (row["status"], row["succeeded"], row["failed"], row["total"]) == ("SUCCEEDED", 4, 1, 5)
    assert (json.loads(row["counts"]), json.loads(row["failures"])) == ({"marked": 4}, {"TOO_MANY": 1})
    marked = await connection.fetch("SELECT media_id, processed_at FROM process_timestamp WHERE process = 'tagger'")
    assert {one[0] for one in marked} == {*media} - {media[3]}
    assert len({one[1] for one in marked}) == 1


async def test_a_run_works_with_the_rights_of_who_queued_it(writer: ConnectArgs, connection: Any) -> None:
    library = await add_library(connection, "a")
    await add_media(connection, library)
    parameters = MarkProcessed(library, "tagger")
    assert (await run(writer, connection, MARK_PROCESSED, parameters, Viewer((library,))))["succeeded"] == 1
    await connection.execute("UPDATE job_run SET status = 'QUEUED', viewer_libraries = '{}', state = '{}'")
    async with working(writer):
        row = await until_status(connection, 1, "SUCCEEDED", "FAILED")

    assert (row["succeeded"], row["failed"], json.loads(row["failures"])) == (0, 1, {"NOT_FOUND": 1})


async def test_names_are_normalised_once(writer: ConnectArgs, connection: Any) -> None:
    for name in ("sci-fi", "sci fi", "robots"):
        await add_name(connection, "tag", name)
    parameters = NormaliseNames(TaxonomyNoun.TAG, separators=True, plurals=True)

    row = await run(writer, connection, NORMALISE_NAMES, parameters)
    await connection.execute("UPDATE job_run SET status = 'QUEUED'")
    async with working(writer):
        again = await until_status(connection, 1, "SUCCEEDED", "FAILED")

    assert json.loads(row["counts"]) == {"renamed": 1, "merged": 1, "moved": 0}
    assert (again["status"], again["attempts"]) == ("SUCCEEDED", 2)
    assert [row[0] for row in await connection.fetch("SELECT origin FROM taxonomy_operation")] == ["JOB"]
    names = await connection.fetch("SELECT name FROM tag ORDER BY 1")
    assert sorted(one[0] for one in names) == ["robot", "sci fi"]
    lines = await connection.fetch("SELECT line FROM job_log ORDER BY id")
    assert lines[0][0] == 'To undo it: undo(operation: "taxonomy_operation_1").'
    with pytest.raises(CatalogError):
        await queue(writer, NORMALISE_NAMES, parameters, viewer=Viewer((1,)))


async def test_maintenance_does_its_steps_and_tells_of_drift(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    library = await add_library(connection)
    media = await add_media(connection, library)
    tag = await add_name(connection, "tag", "x")
    await connection.execute(
        "INSERT INTO media_tag (media_id, tag_id, library_id, sort_title, added_at) "
        "SELECT $1, $2, library_id, 'wrong', added_at FROM media",
        media,
        tag,
    )

    async with file_services(tmp_path) as services:
        found = await run(writer, connection, MAINTENANCE, Maintenance(), services=services)
        repaired = Maintenance(analyse=False, repair=True)
        mended = await run(writer, connection, MAINTENANCE, repaired, services=services)

    assert [step["name"] for step in json.loads(found["steps"])] == [
        *("fold kept counts", "fold texts", "remove old journals", "remove old runs of jobs"),
        *("remove unused limits", "remove files", "analyse tables", "check for drift"),
    ]
    assert json.loads(found["counts"])["check for drift"] > 0
    assert json.loads(mended["counts"])["check for drift"] == 0
    assert (found["status"], found["succeeded"], found["total"]) == ("SUCCEEDED", 8, 8)
    warnings = await connection.fetch("SELECT line FROM job_log WHERE job_run_id = 1 AND level = 'WARNING'")
    assert any("media_tag" in line[0] for line in warnings)


async def test_maintenance_removes_limits_of_hosts_that_nobody_calls(
    writer: ConnectArgs, connection: Any, tmp_path: Path
) -> None:
    limits = """INSERT INTO provider_limit VALUES
        ('files old', ARRAY[now() - interval '9 days', now() - interval '3 days'], '-infinity'),
        ('files new', ARRAY[now() - interval '9 days', now() - interval '1 day'], '-infinity'),
        ('files blocked', '{}', now()), ('files unblocked', '{}', now() - interval '3 days')"""
    await connection.execute(limits)
    leases = """INSERT INTO provider_lease VALUES ('files old', 1, gen_random_uuid(), '-infinity'),
        ('files new', 1, gen_random_uuid(), now())"""
    await connection.execute(leases)

    async with file_services(tmp_path) as services:
        row = await run(writer, connection, MAINTENANCE, Maintenance(analyse=False, check=False), services=services)

    assert json.loads(row["counts"])["remove unused limits"] == 3
    kept = await connection.fetch("SELECT provider FROM provider_limit ORDER BY provider")
    assert [one["provider"] for one in kept] == ["files blocked", "files new"]
    assert await connection.fetchval("SELECT array_agg(provider) FROM provider_lease") == ["files new"]


@needs_pgbouncer
async def test_jobs_run_behind_a_pooler_in_transaction_mode(
    writer: ConnectArgs, connection: Any, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mark_processed, "CHUNK", 1)
    library = await add_library(connection)
    for _ in range(6):
        await add_media(connection, library)
    holder = await asyncpg.connect(**writer.kwargs())
    await holder.execute("BEGIN; SELECT FROM media WHERE id = 4 FOR UPDATE")  # what the run waits for in a chunk
    with pgbouncer(server_url) as url:
        args = behind(url, writer)
        number = await queue(args, MARK_PROCESSED, MarkProcessed(library, "tagger"))
        async with working(args), working(args):
            await until_status(connection, number, "RUNNING")
            await control(args, lambda writer: pause(writer, number))
            await holder.close()
            await until_status(connection, number, "PAUSED")
            await control(args, lambda writer: resume(writer, number))
            row = await until_status(connection, number, "SUCCEEDED", "FAILED")

    assert (row["status"], row["succeeded"]) == ("SUCCEEDED", 6)
